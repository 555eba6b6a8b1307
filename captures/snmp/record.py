#!/usr/bin/env python3
"""Record snmp/: snmpd answering as switches, a UPS and a printer do; the tools of net-snmp ask, set and notify."""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

NET_SNMP = "net-snmp 5.9.3: snmpd, snmpget, snmpgetnext, snmpbulkwalk, snmpset, snmptrap, snmptrapd"
CASES = {
    "system-group.pcap": ("Six agents are asked who they are: the system group, and objects of their makers' MIBs (Siemens, Hirschmann classic and "
                          "HiOS, Moxa, APC), of UPS-MIB, BRIDGE-MIB and Printer-MIB. Version 2c, each with a community of its own.", NET_SNMP, ["snmp"]),
    "entity-mib.pcap": ("A switch whose entPhysicalTable is walked column by column: a chassis, two modules, a port and a power supply; old Cisco "
                        "chassis identification.", NET_SNMP, ["snmp"]),
    "versions.pcap": ("One agent, versions 1, 2c and 3 with each level of protection, over UDP and TCP: gets, a set that is done and one that is "
                      "refused, a wrong community; traps of version 1 (one through another address), 2c and 3, and an inform.", NET_SNMP, ["snmp"]),
}

COMMUNITY = "r4n0-m0nitor"
SYSTEM, ENTITY, PRIVATE = "1.3.6.1.2.1.1", "1.3.6.1.2.1.47.1.1.1.1", "1.3.6.1.4.1"

AGENTS = {
    "sn-scalance": {
        "descr": "Siemens, SIMATIC NET, SCALANCE XC208, 6GK5 208-0BA00-2AC2, HW: Version 2, FW: Version V04.02.00, SVPM3132015",
        "object": f"{PRIVATE}.4329.6.1.2", "name": "SW-CELL7-01", "location": "Halle 7, =A1+S04", "contact": "instandhaltung@plant.example",
        "objects": {f"{PRIVATE}.4329.6.3.2.1.1.2.0": "6GK5 208-0BA00-2AC2", f"{PRIVATE}.4329.6.3.2.1.1.3.0": "SVPM3132015",
                    f"{PRIVATE}.4329.6.3.2.1.1.4.0": "2", f"{PRIVATE}.4329.6.3.2.1.1.5.0": "V04.02.00"}},
    "sn-rs20": {
        "descr": "Hirschmann RS20-0800M2M2SDAE", "object": f"{PRIVATE}.248.14.10.28", "name": "RS-20-1", "location": "Hirschmann Railswitch", "contact": "plant IT",
        "objects": {f"{PRIVATE}.248.14.1.1.2.0": "SW: L2P-09.0.04 CH: 1.10 BP: 000", f"{PRIVATE}.248.14.1.1.9.1.10.1": "943434019000000042",
                    "1.3.6.1.2.1.17.1.1.0": "0x00806320111d"}},
    "sn-bobcat": {
        "descr": "Hirschmann BOBCAT - SW: HiOS-2A-09.0.02", "object": f"{PRIVATE}.248.11.2.1.18", "name": "BRS-UTIL-2", "location": "Pumpwerk 3", "contact": "",
        "objects": {f"{PRIVATE}.248.11.10.1.1.2.0": "BRS50-8TX", f"{PRIVATE}.248.11.10.1.1.3.0": "942170004000000017",
                    f"{PRIVATE}.248.11.10.1.3.1.10.1.5.1.1": "HiOS-2A-09.0.02 2023-04-14 11:02"}},
    "sn-eds": {
        "descr": "MOXA EDS-G508E", "object": f"{PRIVATE}.8691.7.69", "name": "Managed Redundant Switch 00017", "location": "Switch Location", "contact": "",
        "objects": {f"{PRIVATE}.8691.7.69.1.2.0": "EDS-G508E", f"{PRIVATE}.8691.7.69.1.4.0": "V5.3 build 18112316"}},
    "sn-ups": {
        "descr": "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.7.2 PN:apc_hw05_aos_672.bin AF1:v6.7.2 AN1:apc_hw05_sumx_672.bin MN:AP9631 HR:05 "
                 "SN: ZA1843002211 MD:10/24/2018)",
        "object": f"{PRIVATE}.318.1.3.27", "name": "UPS-MCC-3", "location": "MCC 3", "contact": "electrical",
        "objects": {f"{PRIVATE}.318.1.1.1.1.1.1.0": "Smart-UPS 1500", f"{PRIVATE}.318.1.1.1.1.2.1.0": "UPS 09.3 (ID18)",
                    f"{PRIVATE}.318.1.1.1.1.2.3.0": "AS1843262118", "1.3.6.1.2.1.33.1.1.1.0": "American Power Conversion",
                    "1.3.6.1.2.1.33.1.1.2.0": "Smart-UPS 1500", "1.3.6.1.2.1.33.1.1.3.0": "UPS 09.3", "1.3.6.1.2.1.33.1.1.4.0": "v6.7.2"}},
    "sn-printer": {
        "descr": "HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD153,EEPROM JSI25040100,CIDATE 09/06/2021",
        "object": f"{PRIVATE}.11.2.3.9.1", "name": "PRN-OFFICE-2", "location": "", "contact": "",
        "objects": {"1.3.6.1.2.1.25.3.2.1.3.1": "HP LaserJet M607", "1.3.6.1.2.1.43.5.1.1.17.1": "CNBVL7K0QD"}},
    "sn-ie4000": {
        "descr": "Cisco IOS Software, IE4000 Software (IE4000-UNIVERSALK9-M), Version 15.2(4)EA1, RELEASE SOFTWARE (fc1)",
        "object": f"{PRIVATE}.9.1.2210", "name": "IE4K-RING1", "location": "Ring 1", "contact": "",
        "objects": {f"{PRIVATE}.9.3.6.3.0": "FDO2051U0AB"}},
    "sn-linux": {"descr": "Linux historian-7 5.10.0-28-amd64 #1 SMP Debian 5.10.209-2 (2024-01-31) x86_64", "object": f"{PRIVATE}.8072.3.2.10",
                 "name": "historian-7", "location": "Server room", "contact": "root@plant.example", "objects": {}},
}

# Row: class, contained in, description, name, hardware, firmware, software, serial, maker, model, asset, type.
ROWS = {
    1001: (3, 0, "IE-4000-8GT4G-E", "Chassis", "V02", "15.2(3r)EA", "15.2(4)EA1", "FDO2051U0AB", "Cisco Systems, Inc", "IE-4000-8GT4G-E", "K7-0117", f"{PRIVATE}.9.12.3.1.3.1736"),
    1005: (6, 1001, "Power supply 1", "Power Supply 1", "", "", "", "", "", "", "", f"{PRIVATE}.9.12.3.1.6.442"),
    1010: (10, 1001, "GigabitEthernet1/1", "Gi1/1", "", "", "", "", "", "", "", f"{PRIVATE}.9.12.3.1.10.150"),
    1021: (9, 1001, "1000BaseSX SFP", "GigabitEthernet1/1 SFP", "V03", "", "", "FNS19320XYZ", "CISCO-FINISAR", "GLC-SX-MM-RGD", "", f"{PRIVATE}.9.12.3.1.9.11.50"),
    1030: (9, 1001, "Expansion module", "Module 2", "1.0", "1.2", "1.2.3", "FDO2051U0CD", "Cisco Systems, Inc", "IEM-4000-8T", "", f"{PRIVATE}.9.12.3.1.9.2.77"),
}
COLUMNS = {5: 0, 4: 1, 2: 2, 7: 3, 8: 4, 9: 5, 10: 6, 11: 7, 12: 8, 13: 9, 15: 10, 3: 11}


def start(net, name, extra="", listen="udp:161"):
    agent, home = AGENTS[name], net.home / name
    home.mkdir()
    lines = [f"rocommunity {COMMUNITY}", f'sysDescr {agent["descr"]}', f'sysObjectID {agent["object"]}', "sysServices 2",
             "engineIDType 3", "engineIDNic eth0", extra]
    for word in ("name", "location", "contact"):
        if agent[word] and not (name == "sn-linux" and word == "location"):
            lines.append(f"sys{word.capitalize()} {agent[word]}")
    lines += [f'override {number} octet_str {value if value.startswith("0x") else chr(34) + value + chr(34)}' for number, value in agent["objects"].items()]
    if name == "sn-ie4000":
        for row, fields in ROWS.items():
            for column, at in COLUMNS.items():
                kind = "integer" if column in (4, 5) else "object_id" if column == 3 else "octet_str"
                value = f'"{fields[at]}"' if kind == "octet_str" else fields[at]
                lines.append(f"override {ENTITY}.{column}.{row} {kind} {value}")
    (home / "snmpd.conf").write_text("\n".join(lines) + "\n")
    # What is in the files of this machine's own agent is left alone.
    command = ["env", f"SNMP_PERSISTENT_DIR={home}", f"SNMPCONFPATH={home}", "snmpd", "-f", "-C", "-c", home / "snmpd.conf", "-LE", "0", "-p", home / "pid"]
    net.start(name, *command, *listen.split())
    net.listens(name, 161, "udp")


def asker(net):
    def ask(tool, *words, check=True):
        return net.run("sn-manager", "env", f"SNMPCONFPATH={net.home}", f"SNMP_PERSISTENT_DIR={net.home}", "MIBS=", tool, "-r", "0", "-t", "2", *words, check=check)
    return ask


def record_system():
    import lab

    names = ["sn-scalance", "sn-rs20", "sn-bobcat", "sn-eds", "sn-ups", "sn-printer"]
    with lab.Lab("snmp/system-group.pcap", ["sn-manager", *names]) as net:
        ask = asker(net)
        for name in names:
            start(net, name)
        for name in names:
            address = lab.plan.device(name).ip
            ask("snmpget", "-v2c", "-c", COMMUNITY, address, *(f"{SYSTEM}.{number}.0" for number in (1, 2, 3, 4, 5, 6, 7)))
            ask("snmpget", "-v2c", "-c", COMMUNITY, address, *AGENTS[name]["objects"])
        ask("snmpbulkwalk", "-v2c", "-c", COMMUNITY, lab.plan.device("sn-rs20").ip, SYSTEM)


def record_entity():
    import lab

    with lab.Lab("snmp/entity-mib.pcap", ["sn-manager", "sn-ie4000"]) as net:
        start(net, "sn-ie4000")
        ask, address = asker(net), lab.plan.device("sn-ie4000").ip
        ask("snmpget", "-v2c", "-c", COMMUNITY, address, *(f"{SYSTEM}.{number}.0" for number in (1, 2, 5)))
        ask("snmpbulkwalk", "-v2c", "-c", COMMUNITY, address, ENTITY)
        ask("snmpget", "-v2c", "-c", COMMUNITY, address, f"{PRIVATE}.9.3.6.3.0")


V3 = {"noAuthNoPriv": ["-u", "nms-open"], "authNoPriv": ["-u", "nms-auth", "-a", "SHA", "-A", "a-l0ng-phrase-1"],
      "authPriv": ["-u", "nms-full", "-a", "SHA", "-A", "a-l0ng-phrase-2", "-x", "AES", "-X", "a-l0ng-phrase-3"]}


def record_versions():
    import lab

    users = ("createUser nms-open\ncreateUser nms-auth SHA a-l0ng-phrase-1\ncreateUser nms-full SHA a-l0ng-phrase-2 AES a-l0ng-phrase-3\n"
             "rouser nms-open noauth\nrouser nms-auth auth\nrouser nms-full priv\nrwcommunity wr1te-me-n0t\nrocommunity public")
    with lab.Lab("snmp/versions.pcap", ["sn-manager", "sn-linux"]) as net:
        start(net, "sn-linux", users, "udp:161 tcp:161")
        ask, address = asker(net), lab.plan.device("sn-linux").ip
        descr, name, location = f"{SYSTEM}.1.0", f"{SYSTEM}.5.0", f"{SYSTEM}.6.0"
        ask("snmpget", "-v1", "-c", "public", address, descr, f"{SYSTEM}.2.0", f"{SYSTEM}.3.0")
        ask("snmpgetnext", "-v2c", "-c", "public", f"tcp:{address}", SYSTEM)
        ask("snmpget", "-v2c", "-c", "public", f"tcp:{address}", name, f"{SYSTEM}.4.0")
        ask("snmpget", "-v2c", "-c", "n0t-the-one", address, descr, check=False)
        ask("snmpset", "-v2c", "-c", "public", address, location, "s", "Nowhere", check=False)
        ask("snmpset", "-v2c", "-c", "wr1te-me-n0t", address, location, "s", "Server room, rack 3")
        ask("snmpget", "-v2c", "-c", "public", address, "1.3.6.1.2.1.2.1.0", "1.3.6.1.6.3.10.2.1.1.0")
        for level, words in V3.items():
            ask("snmpget", "-v3", "-l", level, *words, address, descr, location)
        (net.home / "snmptrapd.conf").write_text("authCommunity log public\n")
        net.start("sn-manager", "env", f"SNMP_PERSISTENT_DIR={net.home}", "snmptrapd", "-f", "-C", "-c", net.home / "snmptrapd.conf", "-LE", "0", "udp:162")
        net.listens("sn-manager", 162, "udp")
        manager = lab.plan.device("sn-manager").ip

        def tell(*words):
            net.run("sn-linux", "env", f"SNMPCONFPATH={net.home}", f"SNMP_PERSISTENT_DIR={net.home}/sn-linux", "MIBS=", *words)

        tell("snmptrap", "-v1", "-c", "public", manager, f"{PRIVATE}.8072.3.2.10", address, "0", "0", "42")
        tell("snmptrap", "-v1", "-c", "public", manager, f"{PRIVATE}.8691.7.69", "192.168.127.253", "6", "3", "4200")
        tell("snmptrap", "-v2c", "-c", "public", manager, "4242", "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.2", "i", "2")
        tell("snmptrap", "-Ci", "-v2c", "-c", "public", manager, "4300", "1.3.6.1.6.3.1.1.5.4", name, "s", "historian-7")
        tell("snmptrap", "-v3", "-l", "noAuthNoPriv", "-u", "nms-open", "-e", "0x80001f8804706c616e742d37", manager, "4400", "1.3.6.1.6.3.1.1.5.5")
        tell("snmptrap", "-v3", "-l", "noAuthNoPriv", "-u", "nms-open", "-e", "0x80001f88010a14111b", manager, "4500", "1.3.6.1.6.3.1.1.5.1")
        time.sleep(0.5)


RECORDINGS = {"system-group": record_system, "entity-mib": record_entity, "versions": record_versions}

if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
