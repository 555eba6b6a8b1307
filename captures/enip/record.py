#!/usr/bin/env python3
"""Record enip/: cpppo's EtherNet/IP servers with configured identities, asked by cpppo, pycomm3 and nmap."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "cpppo-list-identity.pcap": (
        "ListIdentity over UDP and TCP, ListServices and ListInterfaces of a CompactLogix, asked by two client programs.",
        "cpppo 5.2.5 server; cpppo 5.2.5 and pycomm3 1.2.16 as clients", ["enip"]),
    "cpppo-attributes.pcap": (
        "A MicroLogix without routing: Get_Attributes_All and Get_Attribute_Single 1 to 8 of its Identity object, and attributes it lacks.",
        "cpppo 5.2.5 server and client", ["enip"]),
    "cpppo-tags.pcap": (
        "Tags read and written through Unconnected Send to slot 0, single and in Multiple Service Packets.", "cpppo 5.2.5 server and client", ["enip"]),
    "pycomm3-session.pcap": (
        "An engineering session: RegisterSession, Identity through Unconnected Send and direct, Large Forward_Open, connected tag reads, Forward_Close.",
        "cpppo 5.2.5 server; pycomm3 1.2.16 client", ["enip"]),
    "discovery.pcap": (
        "ListIdentity by broadcast, answered by nine products of three vendors; then one question to each over TCP.",
        "nine cpppo 5.2.5 servers; pycomm3 1.2.16 client", ["arp", "enip"]),
    "nmap-enip-info.pcap": ("nmap's enip-info asks an M580 over TCP and UDP.", "cpppo 5.2.5 server; nmap 7.93 client", ["enip"]),
}

DISCOVERED = ["en-ml1400", "en-5069", "en-1734b", "en-1794", "en-pvp7", "en-pf525", "en-pf755", "en-nx102", "en-noc"]


def configuration(net, name):
    """cpppo's configuration of one device: its Identity and TCP/IP objects."""
    device = plan.device(name)
    says = device.says
    revision = says["major"] | says["minor"] << 8  # cpppo stores the two bytes as one little-endian word
    file = net.home / f"{name}.cfg"
    file.write_text(f"""[Identity]
Vendor Number = {says['vendor']}
Device Type = {says['type']}
Product Code Number = {says['code']}
Product Revision = {revision}
Status Word = {says['status']}
Serial Number = {says['serial']}
Product Name = {says['name']}
State = {says['state']}

[TCPIP]
Interface Configuration = {{
        "ip_address":           "{device.ip}",
        "network_mask":         "255.255.255.0",
        "gateway_address":      "0.0.0.0",
        "dns_primary":          "0.0.0.0",
        "dns_secondary":        "0.0.0.0",
        "domain_name":          ""
    }}
Host Name = {name}
""")
    return file


def serve(net, name, *options):
    command = [sys.executable, "-m", "cpppo.server.enip", "-c", configuration(net, name), "-a", "0.0.0.0:44818", "--no-print", *options,
               "LINE_SPEED=REAL", "BATCH=DINT[10]", "RECIPE=INT[20]"]
    net.start(name, *command, cwd=net.home)
    net.listens(name, 44818)
    net.listens(name, 44818, "udp")


def lab_for(file, servers):
    import lab

    # pycomm3 looks its own host name up to find the address to broadcast from; an address needs no looking up.
    return lab.Lab(f"enip/{file}", ["en-client", *servers], hostnames={"en-client": plan.device("en-client").ip})


def client(net, *command, check=True):
    print(net.run("en-client", sys.executable, *command, check=check, cwd=net.home))


def record_list_identity():
    with lab_for("cpppo-list-identity.pcap", ["en-1769"]) as net:
        serve(net, "en-1769")
        address = plan.device("en-1769").ip
        client(net, "-m", "cpppo.server.enip.client", "-a", address, "--udp", "--list-identity", "--print")
        client(net, "-m", "cpppo.server.enip.client", "-a", address, "--list-services", "--list-identity", "--list-interfaces", "--print")
        client(net, __file__, "ask", "ask_list_identity", address)


def record_attributes():
    with lab_for("cpppo-attributes.pcap", ["en-ml1400"]) as net:
        serve(net, "en-ml1400", "--simple")
        ask = ("-m", "cpppo.server.enip.get_attribute", "-S", "-a", plan.device("en-ml1400").ip)
        client(net, *ask, "@1/1", *(f"@1/1/{n}" for n in range(1, 9)), "@0xF5/1/5", "@0xF5/1/6")
        # An attribute that the object lacks, and a class that is not there: the client ends with an error.
        client(net, *ask, "@1/1/15", check=False)
        client(net, *ask, "@0x99/1", check=False)


def record_tags():
    with lab_for("cpppo-tags.pcap", ["en-1769"]) as net:
        serve(net, "en-1769")
        address = plan.device("en-1769").ip
        client(net, "-m", "cpppo.server.enip.client", "-a", address, "--print", "LINE_SPEED", "BATCH[0-4]", "RECIPE[0-2]=(INT)3,4,5")
        client(net, "-m", "cpppo.server.enip.client", "-a", address, "--print", "--multiple", "LINE_SPEED", "BATCH[0]", "RECIPE[1]", "NO_SUCH_TAG", check=False)


def record_session():
    with lab_for("pycomm3-session.pcap", ["en-1769"]) as net:
        serve(net, "en-1769")
        client(net, __file__, "ask", "ask_session", plan.device("en-1769").ip)


def record_discovery():
    with lab_for("discovery.pcap", DISCOVERED) as net:
        for name in DISCOVERED:
            serve(net, name)
        client(net, __file__, "ask", "ask_discover", "10.20.2.255")
        for name in DISCOVERED:
            client(net, __file__, "ask", "ask_list_identity", plan.device(name).ip)


def record_nmap():
    with lab_for("nmap-enip-info.pcap", ["en-m580"]) as net:
        serve(net, "en-m580")
        for scan in ("-sT", "-sU"):
            print(net.run("en-client", "nmap", "-n", "-Pn", scan, "-p", "44818", "--script", "enip-info", plan.device("en-m580").ip))


def ask_list_identity(address):
    from pycomm3 import CIPDriver

    print(CIPDriver.list_identity(address))


def ask_discover(broadcast):
    from pycomm3 import CIPDriver

    for found in CIPDriver.discover(broadcast):
        print(found)


def ask_session(address):
    from pycomm3 import CIPDriver, ClassCode, LogixDriver, Services

    with CIPDriver(f"{address}/bp/0") as driver:
        print(driver.get_module_info(0))
        for attribute in (1, 2, 3, 4, 6, 7):
            print(driver.generic_message(service=Services.get_attribute_single, class_code=ClassCode.identity_object, instance=1,
                                         attribute=attribute, connected=False, unconnected_send=True, route_path=True))
    with LogixDriver(f"{address}/0", init_info=False, init_tags=False, init_program_tags=False) as driver:
        print(driver.generic_message(service=Services.get_attributes_all, class_code=ClassCode.identity_object, instance=1, connected=True))
        print(driver.generic_message(service=Services.get_attribute_single, class_code=ClassCode.identity_object, instance=1, attribute=7, connected=True))


RECORDINGS = {
    "cpppo-list-identity": record_list_identity,
    "cpppo-attributes": record_attributes,
    "cpppo-tags": record_tags,
    "pycomm3-session": record_session,
    "discovery": record_discovery,
    "nmap-enip-info": record_nmap,
}


if __name__ == "__main__":
    if sys.argv[1:2] == ["ask"]:
        globals()[sys.argv[2]](*sys.argv[3:])
    else:
        import lab

        lab.main(RECORDINGS)
