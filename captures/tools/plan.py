"""The address plan: every device that appears anywhere in captures/.

One address is one device over the whole folder, because `nameplate scan captures/` merges all files into
one inventory. The recording scripts take names, addresses and identities from here; `tools/index.py` prints
the table in README.md from here. 10.20.0.0/16 belongs to the protocol folders (third byte = protocol),
10.10.0.0/16 to the demonstration plant (third byte = cell), 10.70.0.0/16 to 10.74.0.0/16 to the protocols that came last, 10.30.0.0/16 to the scenarios of identity (third byte =
scenario), where devices share addresses on purpose.
"""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Device:
    name: str            # key for the scripts
    ip: str              # "" for a module in a rack slot
    mac: str
    vendor: str
    model: str           # as the vendor's catalogue writes it
    firmware: str        # as the device says it; "" when it never does
    where: str           # files, relative to captures/
    note: str = ""
    says: dict = field(default_factory=dict)   # identity in the protocol's own words
    ttl: int = 0         # of its packets where they are captured; 0 as its system starts
    router: object = None  # the device whose MAC address its packets bear, as `behind` makes it
    card: str = ""       # MAC address that its packets come from, where they are sent to another


def modbus(vendor, code, revision, url="", product="", model="", application="", private=None):
    """Objects 0 to 6 and private ones of Modbus function 43/14."""
    objects = {0: vendor, 1: code, 2: revision, 3: url, 4: product, 5: model, 6: application}
    objects.update(private or {})
    return {"objects": {n: text for n, text in objects.items() if text}}


def cip(vendor, kind, code, major, minor, serial, name, status=0x0030, state=0x03):
    """The CIP Identity object, attributes 1 to 8."""
    return {"vendor": vendor, "type": kind, "code": code, "major": major, "minor": minor,
            "status": status, "serial": serial, "name": name, "state": state}


def windows(name, domain, version, native_os="", manager="", dialects=(0x0202, 0x0210), dns="plant.example"):
    """What a Windows host says of itself in SMB and NTLMSSP; an empty native OS means that it speaks no SMB1."""
    return {"name": name, "domain": domain, "dns": dns, "version": version, "os": native_os, "manager": manager, "dialects": dialects}


SMB_2012R2, SMB_311 = (0x0202, 0x0210, 0x0300, 0x0302), (0x0202, 0x0210, 0x0300, 0x0302, 0x0311)
XP = ("Windows 5.1", "Windows 2000 LAN Manager")
WIN7 = ("Windows 7 Professional 7601 Service Pack 1", "Windows 7 Professional 6.1")
R2_2012 = ("Windows Server 2012 R2 Standard 9600", "Windows Server 2012 R2 Standard 6.3")
S2016 = ("Windows Server 2016 Standard 14393", "Windows Server 2016 Standard 6.3")
LINUX = ("Unix", "Samba 4.17.12-Debian")
ROCKWELL, OMRON, SCHNEIDER = 1, 47, 243
ADAPTER, CONTROLLER, HMI, DRIVE_525, DRIVE_755, DISCRETE, ANALOG = 12, 14, 24, 150, 143, 7, 10
SE, SE_URL = "Schneider Electric", "www.se.com"

DEVICES = [
    # ---- modbus/ : 10.20.1.0/24 ------------------------------------------------------------------------------
    Device("mb-client", "10.20.1.10", "f8:b1:56:20:01:0a", "Dell", "engineering station", "", "modbus/*",
           "every Modbus client of the folder"),
    Device("mb-pm5560", "10.20.1.20", "00:80:f4:20:01:14", SE, "PowerLogic PM5560", "2.5.3", "modbus/pymodbus-device-identification",
           "objects 0-6 and private object 0x80", modbus(SE, "METSEPM5560", "2.5.3", SE_URL, "PowerLogic PM5560", "PM5560", "Main feeder A",
                                                  {0x80: "2018-06-12"})),
    Device("mb-wago", "10.20.1.21", "00:30:de:20:01:15", "WAGO", "750-8212", "03.05.10(17)", "modbus/pymodbus-more-follows",
           "identity needs three answers", modbus("WAGO Kontakttechnik GmbH & Co. KG", "750-8212", "03.05.10(17)",
           "https://www.wago.com/global/plcs-%E2%80%93-controllers/controller-pfc200/p/750-8212",
           "WAGO 750-8212 PFC200 G2 2ETH RS", "PFC200", "Waste water lift station 4, pump group north",
           {0x80: "commissioned 2019-11-04 by integrator; parameter set 7 of 12; revised 2021-02-18",
            0x81: "rack: 750-8212, 750-430, 750-430, 750-530, 750-455, 750-555, 750-652, 750-600",
            0x82: "site drawing E-4711 sheet 12; cabinet =A1+S04; fuse 4F2; supply 24 V DC 5 A; spare slot 8"})),
    Device("mb-m340", "10.20.1.22", "00:80:f4:20:01:16", SE, "BMXP342020", "v2.70", "modbus/pymodbus-functions",
           "every common function code, and exceptions", modbus(SE, "BMX P34 2020", "v2.70")),
    Device("mb-atv320", "10.20.1.23", "00:80:f4:20:01:17", SE, "ATV320U15N4C", "V2.1IE34", "modbus/pymodbus-port-1502",
           "port 1502", modbus(SE, "ATV320U15N4C", "V2.1IE34", "", "Altivar Machine ATV320", "ATV320", "Conveyor 2")),
    Device("mb-pac3200", "10.20.1.24", "28:63:36:20:01:18", "Siemens", "SENTRON PAC3200", "V2.4.2", "modbus/pymodbus-udp",
           "Modbus over UDP", modbus("SIEMENS AG", "SENTRON PAC3200", "V2.4.2", "www.siemens.com", "SENTRON PAC3200", "7KM2112-0BA00-3AA0")),
    Device("mb-iologik", "10.20.1.25", "00:90:e8:20:01:19", "Moxa", "ioLogik E1212", "V3.2", "modbus/pymodbus-rtu-over-tcp",
           "RTU frames in TCP, ports 4001 and 502", modbus("Moxa", "ioLogik E1212", "V3.2", "www.moxa.com", "ioLogik E1212")),
    Device("mb-ilc151", "10.20.1.26", "00:a0:45:20:01:1a", "Phoenix Contact", "ILC 151 ETH", "4.42", "modbus/pymodbustcp",
           "second server program: pyModbusTCP", modbus("Phoenix Contact", "ILC 151 ETH", "4.42", "www.phoenixcontact.com",
                                                        "Inline controller", "2700974", "Screen 3")),
    Device("mb-wago-kbus", "10.20.1.27", "00:30:de:20:01:1b", "WAGO", "unknown", "", "modbus/modbus-tk", "third server program: modbus-tk; says no identity"),
    Device("mb-silent", "10.20.1.28", "00:80:f4:20:01:1c", SE, "unknown", "", "modbus/umodbus", "fourth server program: uModbus; answers exceptions to 43/14 and 17"),
    Device("mb-m580", "10.20.1.29", "00:80:f4:20:01:1d", SE, "BMEP582040", "v02.20", "modbus/nmap-modbus-discover",
           "asked by nmap", modbus(SE, "BME P58 2040", "v02.20")),
    Device("mb-m221", "10.20.1.30", "00:80:f4:20:01:1e", SE, "TM221CE40R", "1.6.2.0", "modbus/mbpoll", "asked by mbpoll (libmodbus)",
           modbus(SE, "TM221CE40R", "1.6.2.0")),
    Device("mb-gateway", "10.20.1.40", "00:90:e8:20:01:28", "Moxa", "MGate MB3170 (by MAC only)", "", "modbus/gateway-32-units",
           "gateway; units 1-16 Schneider ATV320U07M2C V1.7IE32, units 17-32 Siemens PAC3200 V2.4.2, 33-40 absent (0x0B)"),
    Device("mb-nport", "10.20.1.41", "00:90:e8:20:01:29", "Moxa", "NPort (by MAC only)", "", "modbus/rtu-over-udp",
           "RTU frames in UDP; units 1 and 2 Siemens PAC3200 V2.4.2, 3 absent"),
    Device("mb-moxa", "10.20.1.42", "00:90:e8:20:01:2a", "Moxa", "NPort (by MAC only)", "", "modbus/rtu-over-tcp-several",
           "RTU frames in TCP, port 26; unit 4 Siemens PAC3200 V2.4.2"),
    Device("mb-station", "10.20.1.11", "f8:b1:56:20:01:0b", "Dell", "engineering station", "", "modbus/umas-session", "asks in vain for a reservation"),
    Device("mb-umas", "10.20.1.43", "00:80:f4:20:01:2b", SE, "BMXP342020", "2.70", "modbus/umas-session",
           "UMAS: project Pump station 4, card BMXRMS008MP; stopped, programmed, started"),
    Device("mb-recorder", "10.20.1.44", "00:0a:8d:20:01:2c", "Eurotherm", "6180A", "V4.10", "modbus/files-and-diagnostics, identification-partial",
           "file records, FIFO, diagnostics; identity with an answer missing"),
    Device("mb-secured", "10.20.1.45", "00:80:f4:20:01:2d", SE, "unknown", "", "modbus/security-802", "Modbus security on port 802"),

    # ---- enip/ : 10.20.2.0/24 --------------------------------------------------------------------------------
    Device("en-client", "10.20.2.10", "f8:b1:56:20:02:0a", "Dell", "engineering station", "", "enip/*", "every EtherNet/IP client of the folder"),
    Device("en-1769", "10.20.2.20", "00:1d:9c:20:02:14", "Rockwell Automation", "1769-L30ER/A", "30.14", "enip/cpppo-list-identity, cpppo-tags, pycomm3-session",
           "CompactLogix 5370", cip(ROCKWELL, CONTROLLER, 106, 30, 14, 0x6020_2014, "1769-L30ER/A LOGIX5330ER", 0x3160)),
    Device("en-ml1400", "10.20.2.21", "00:1d:9c:20:02:15", "Rockwell Automation", "1766-L32BXB", "C/21.02", "enip/cpppo-attributes, enip/discovery",
           "MicroLogix 1400", cip(ROCKWELL, CONTROLLER, 90, 21, 2, 0x6020_2015, "1766-L32BXB C/21.02", 0x0004, 0x00)),
    Device("en-5069", "10.20.2.22", "f4:54:33:20:02:16", "Rockwell Automation", "5069-L320ER", "32.11", "enip/discovery", "CompactLogix 5380",
           cip(ROCKWELL, CONTROLLER, 217, 32, 11, 0x6020_2016, "5069-L320ER", 0x3060)),
    Device("en-1734b", "10.20.2.23", "00:00:bc:20:02:17", "Rockwell Automation", "1734-AENT/B", "5.17", "enip/discovery", "Point I/O adapter",
           cip(ROCKWELL, ADAPTER, 108, 5, 17, 0x6020_2017, "1734-AENT/B")),
    Device("en-1794", "10.20.2.24", "00:00:bc:20:02:18", "Rockwell Automation", "1794-AENT/B", "4.3", "enip/discovery", "Flex I/O adapter",
           cip(ROCKWELL, ADAPTER, 90, 4, 3, 0x6020_2018, "1794-AENT/B")),
    Device("en-pvp7", "10.20.2.25", "f4:54:33:20:02:19", "Rockwell Automation", "PanelView Plus 7", "11.0", "enip/discovery", "",
           cip(ROCKWELL, HMI, 82, 11, 0, 0x6020_2019, "PanelView Plus_7 Perf 1000")),
    Device("en-pf525", "10.20.2.26", "f4:54:33:20:02:1a", "Rockwell Automation", "PowerFlex 525", "5.1", "enip/discovery", "",
           cip(ROCKWELL, DRIVE_525, 9, 5, 1, 0x6020_201A, "PowerFlex 525 1P 230V .50HP")),
    Device("en-pf755", "10.20.2.27", "f4:54:33:20:02:1b", "Rockwell Automation", "PowerFlex 755", "14.3", "enip/discovery", "",
           cip(ROCKWELL, DRIVE_755, 2192, 14, 3, 0x6020_201B, "PowerFlex 755")),
    Device("en-nx102", "10.20.2.28", "00:00:0a:20:02:1c", "Omron", "NX102-1200", "1.46", "enip/discovery", "",
           cip(OMRON, ADAPTER, 1660, 1, 46, 0x6020_201C, "NX102-1200")),
    Device("en-noc", "10.20.2.29", "00:00:54:20:02:1d", SE, "BMENOC0301", "2.17", "enip/discovery", "M580 communication module, vendor 243",
           cip(SCHNEIDER, ADAPTER, 2049, 2, 17, 0x6020_201D, "BME NOC 0301")),
    Device("en-m580", "10.20.2.30", "00:00:54:20:02:1e", SE, "BMEP584040", "4.10", "enip/nmap-enip-info", "asked by nmap",
           cip(SCHNEIDER, CONTROLLER, 2056, 4, 10, 0x6020_201E, "BME P58 4040")),
    Device("en-chassis", "10.20.2.40", "00:1d:9c:20:02:28", "Rockwell Automation", "1756-EN2T/D", "11.2", "enip/chassis-13-slots",
           "the bridge in slot 1; other slots below", cip(ROCKWELL, ADAPTER, 166, 11, 2, 0x6020_2801, "1756-EN2T/D")),
    Device("en-micro", "10.20.2.41", "00:1d:9c:20:02:29", "Rockwell Automation", "1766-L32BWA", "B/15.04", "enip/pccc-micrologix",
           "identity in PCCC diagnostic status and ListIdentity", cip(ROCKWELL, CONTROLLER, 90, 15, 4, 0x6020_2029, "1766-L32BWA B/15.04", 0x0004, 0x00)),
    Device("en-nat", "10.20.2.42", "f4:54:33:20:02:2a", "Rockwell Automation", "1783-NATR in front of 1734-AENTR/C", "7.13", "enip/list-identity-nat",
           "the address inside ListIdentity is 192.168.1.42", cip(ROCKWELL, ADAPTER, 196, 7, 13, 0x6020_202A, "1734-AENTR/C")),
    Device("en-l85", "10.20.2.43", "f4:54:33:20:02:2b", "Rockwell Automation", "1756-L85E/B", "33.14", "enip/connected-explicit",
           "Identity read over a class 3 connection; electronic key in Forward_Open", cip(ROCKWELL, CONTROLLER, 168, 33, 14, 0x6020_202B, "1756-L85E/B", 0x3060)),
    Device("en-scanner", "10.20.2.200", "f4:54:33:20:02:c8", "Rockwell Automation", "unknown", "", "enip/io-multicast, connection-routes",
           "a controller that opens I/O connections: only its vendor and serial number are in them"),
    Device("en-tls", "10.20.2.201", "5c:88:16:20:02:c9", "Rockwell Automation", "1756-EN4TR", "4.1", "enip/services-and-security, cip-security",
           "CIP Security: TLS and DTLS on port 2221", cip(ROCKWELL, ADAPTER, 419, 4, 1, 0x6020_2C90, "1756-EN4TR/A")),
    Device("en-refuses", "10.20.2.202", "00:00:bc:20:02:ca", "Rockwell Automation", "1761-NET-ENI", "3.21", "enip/services-and-security",
           "refuses a version, a command and a service on this port", cip(ROCKWELL, ADAPTER, 72, 3, 21, 0x6020_2CA0, "1761-NET-ENI/D")),
    Device("en-point", "10.20.2.203", "5c:88:16:20:02:cb", "Rockwell Automation", "1734-AENTR/C", "7.12", "enip/io-multicast",
           "produces to a group", cip(ROCKWELL, ADAPTER, 196, 7, 12, 0x6020_2CB0, "1734-AENTR/C PointIO")),
    Device("en-bridge", "10.20.2.204", "00:1d:9c:20:02:cc", "Rockwell Automation", "1756-EN2TR/C", "10.10", "enip/connection-routes",
           "connections through it to slots 0 and 3, and to a chassis beyond", cip(ROCKWELL, ADAPTER, 200, 10, 10, 0x6020_2CC1, "1756-EN2TR/C")),
    Device("en-objects", "10.20.2.100", "f4:54:33:20:02:64", "Rockwell Automation", "1756-L83E/B", "33.11", "enip/objects-*, enip/events-controller",
           "names, states and modes in its objects; started, stopped, updated",
           cip(ROCKWELL, CONTROLLER, 166, 33, 11, 0x6020_2A00, "1756-L83E/B", 0x3070)),
    Device("en-ring", "10.20.2.101", "00:1d:9c:20:02:65", "Rockwell Automation", "1783-BMS10CGN", "15.2", "enip/objects-network",
           "switch: ring supervisor, firmware in the Base Switch object", cip(ROCKWELL, 44, 1021, 15, 2, 0x6020_2A01, "1783-BMS10CGN")),
    Device("en-secure", "10.20.2.102", "f4:54:33:20:02:66", "Rockwell Automation", "1756-EN4TR/A", "4.1", "enip/objects-network",
           "CIP Security objects", cip(ROCKWELL, ADAPTER, 500, 4, 1, 0x6020_2A02, "1756-EN4TR/A")),
    Device("en-rack", "10.20.2.103", "00:1d:9c:20:02:67", "Rockwell Automation", "1756-EN2TR/C", "10.7", "enip/chassis-empty-slots",
           "bridge; slots below; slots 2 and 5 are empty, slot 4 is silent", cip(ROCKWELL, ADAPTER, 200, 10, 7, 0x6020_2A11, "1756-EN2TR/C")),
    Device("en-plc5", "10.20.2.104", "00:00:bc:20:02:68", "Rockwell Automation", "1785-L40E", "series F, revision C", "enip/pccc-processors",
           "PLC-5/40E, PCCC only"),
    Device("en-slc", "10.20.2.105", "00:00:bc:20:02:69", "Rockwell Automation", "SLC 5/05", "series C", "enip/pccc-processors", "PCCC only"),
    Device("en-ml1100", "10.20.2.106", "00:1d:9c:20:02:6a", "Rockwell Automation", "1763-L16BWA", "series B", "enip/pccc-processors",
           "PCCC only; programmed and reconfigured"),

    # ---- smb/ : 10.20.3.0/24 ---------------------------------------------------------------------------------
    Device("sm-client", "10.20.3.10", "00:50:56:20:03:0a", "VMware", "Linux, smbclient and impacket", "", "smb/*", "every SMB client of the folder",
           windows("ENG-LINUX", "WORKGROUP", (6, 1, 0), *LINUX, SMB_311, "")),
    Device("sm-samba", "10.20.3.20", "00:11:32:20:03:14", "Synology (MAC)", "Samba 4.17.12", "", "smb/samba-*", "FILESRV; NTLM says 6.1 build 0"),
    Device("sm-xp", "10.20.3.31", "00:0c:29:20:03:1f", "Microsoft", "Windows XP", "5.1.2600", "smb/windows-xp", "HMI-XP01, SMB1",
           windows("HMI-XP01", "WORKGROUP", (5, 1, 2600), *XP, (), "")),
    Device("sm-win7", "10.20.3.32", "00:0c:29:20:03:20", "Microsoft", "Windows 7 Professional SP1", "6.1.7601", "smb/windows-7", "OPC-W7, SMB1 and SMB2",
           windows("OPC-W7", "PLANT", (6, 1, 7601), *WIN7)),
    Device("sm-2012r2", "10.20.3.33", "00:0c:29:20:03:21", "Microsoft", "Windows Server 2012 R2", "6.3.9600", "smb/windows-server-2012r2", "HIST01",
           windows("HIST01", "PLANT", (6, 3, 9600), *R2_2012, SMB_2012R2)),
    Device("sm-2016", "10.20.3.34", "00:15:5d:20:03:22", "Microsoft", "Windows Server 2016", "10.0.14393", "smb/windows-server-2016", "SCADA-A",
           windows("SCADA-A", "PLANT", (10, 0, 14393), *S2016, SMB_311)),
    Device("sm-win10", "10.20.3.35", "f8:b1:56:20:03:23", "Microsoft", "Windows 10 (20H1-22H2)", "10.0.19041", "smb/windows-10", "ENG-W10",
           windows("ENG-W10", "PLANT", (10, 0, 19041), dialects=SMB_311)),
    Device("sm-2022", "10.20.3.36", "00:15:5d:20:03:24", "Microsoft", "Windows Server 2022", "10.0.20348", "smb/windows-server-2022", "DC01",
           windows("DC01", "PLANT", (10, 0, 20348), dialects=SMB_311)),
    Device("sm-win11", "10.20.3.37", "18:66:da:20:03:25", "Microsoft", "Windows 11", "10.0.22621", "smb/windows-11", "ENG-W11; SMB 3.1.1, signing required",
           windows("ENG-W11", "PLANT", (10, 0, 22621), dialects=SMB_311)),
    Device("sm-dc", "10.20.3.40", "00:15:5d:20:03:28", "Microsoft (MAC)", "Samba 4.17.12", "", "smb/samba-kerberos", "DC01, an Active Directory domain controller"),
    Device("sm-links", "10.20.3.41", "00:11:32:20:03:29", "Synology (MAC)", "Samba 4.17.12", "", "smb/samba-interfaces", "LINKSRV; a second address 10.20.3.42 on the same interface"),
    Device("sm-old", "10.20.3.43", "00:11:32:20:03:2b", "Synology (MAC)", "Samba 4.17.12", "", "smb/samba-old-dialects", "OLDSRV; core protocol, LAN Manager 1 and 2, NT LM 0.12 without extended security"),
    Device("sm-2025", "10.20.3.44", "00:15:5d:20:03:2c", "Microsoft", "Windows Server 2025 or Windows 11 24H2", "10.0.26100", "smb/multi-channel", "HV01, asked by sm-win11; answers on 10.20.3.45 too",
           windows("HV01", "PLANT", (10, 0, 26100), dialects=SMB_311)),
    Device("sm-2025-b", "10.20.3.45", "00:15:5d:20:03:2d", "Microsoft", "Windows Server 2025 or Windows 11 24H2", "10.0.26100", "smb/multi-channel", "HV01's second interface",
           windows("HV01", "PLANT", (10, 0, 26100), dialects=SMB_311)),
    Device("sm-2003", "10.20.3.46", "00:0c:29:20:03:2e", "Microsoft", "Windows Server 2003", "5.2.3790", "smb/windows-server-2003",
           "BATCH03; its SPNEGO hint is its principal", windows("BATCH03", "PLANT", (5, 2, 3790), "Windows Server 2003 3790 Service Pack 2", "Windows Server 2003 5.2", ())),
    Device("sm-celerra", "10.20.3.50", "00:60:16:20:03:32", "EMC (MAC)", "Celerra", "T6.0.70", "smb/not-windows", "NAS; native OS EMC-SNAS:T6.0.70"),
    Device("sm-netapp", "10.20.3.51", "00:a0:98:20:03:33", "NetApp (MAC)", "Data ONTAP GX", "", "smb/not-windows", "FILER; native OS SpinStream2"),
    Device("sm-jcifs", "10.20.3.52", "f8:b1:56:20:03:34", "Dell (MAC)", "Java program with jCIFS", "", "smb/not-windows", "client; native OS Linux, LAN manager jCIFS"),
    Device("sm-kernel", "10.20.3.53", "f8:b1:56:20:03:35", "Dell (MAC)", "Linux 6.1, cifs.ko 2.40", "", "smb/not-windows", "client; NTLM version is that of its kernel; offers POSIX extensions"),
    Device("sm-ce", "10.20.3.54", "00:0c:29:20:03:36", "VMware (MAC)", "Windows 98", "", "smb/not-windows", "client of LAN Manager's days: ASCII under a header that promises UTF-16"),

    # ---- dhcp/ : 10.20.4.0/24 --------------------------------------------------------------------------------
    Device("dh-server", "10.20.4.1", "28:63:36:20:04:01", "Siemens (MAC)", "dnsmasq 2.90", "", "dhcp/*", "DHCP server"),
    Device("dh-winhmi", "10.20.4.101", "f8:b1:56:20:04:65", "Dell (MAC)", "vendor class MSFT 5.0", "", "dhcp/dhclient", "HMI-LINE4, FQDN hmi-line4.plant.example"),
    Device("dh-panel", "10.20.4.102", "28:63:36:20:04:66", "Siemens (MAC)", "vendor class SIMATIC HMI", "", "dhcp/dhclient", "panel-07"),
    Device("dh-udhcpc", "10.20.4.103", "00:30:de:20:04:67", "WAGO (MAC)", "vendor class udhcp 1.35", "", "dhcp/udhcpc", "PFC200-42F1A3; lease and release"),

    # ---- lldp/ : layer 2 only; management addresses 10.20.5.0/24 ----------------------------------------------
    Device("ll-scalance", "10.20.5.1", "28:63:36:20:05:01", "Siemens", "SCALANCE XC208", "V04.02.00", "lldp/lldpd", "system name and description"),
    Device("ll-et200", "10.20.5.3", "28:63:36:20:05:03", "Siemens", "IM155-6PN/3 HF", "V04.02.01", "lldp/profinet", "PROFINET TLVs"),
    Device("ll-fl2208", "10.20.5.2", "00:a0:45:20:05:02", "Phoenix Contact", "FL SWITCH 2208", "3.10", "lldp/lldpd", "LLDP-MED inventory"),

    # ---- arp/ : 10.20.6.0/24 ---------------------------------------------------------------------------------
    Device("ar-router", "10.20.6.1", "00:90:e8:20:06:01", "Moxa (MAC)", "EDR (by MAC only)", "", "arp/*", "answers by proxy ARP for 10.20.7.0/24"),
    Device("ar-plc", "10.20.6.20", "00:80:f4:20:06:14", "Schneider Electric (MAC)", "unknown", "", "arp/*", "announces itself (gratuitous ARP)"),
    Device("ar-station", "10.20.6.10", "f8:b1:56:20:06:0a", "Dell (MAC)", "unknown", "", "arp/*", "asks"),
    Device("ar-twin", "10.20.6.20", "00:a0:45:20:06:63", "Phoenix Contact (MAC)", "unknown", "", "arp/address-conflict", "claims 10.20.6.20 too"),

    # ---- dcerpc/ : 10.20.7.0/24 ------------------------------------------------------------------------------
    Device("dc-client", "10.20.7.10", "00:50:56:20:07:0a", "VMware", "Linux, rpcclient and impacket", "", "dcerpc/*", "scanner"),
    Device("dc-ews", "10.20.7.11", "f8:b1:56:20:07:0b", "Microsoft", "Windows 10 (20H1-22H2)", "10.0.19041", "dcerpc/windows-*", "ENG-W10B; asks and prints",
           windows("ENG-W10B", "PLANT", (10, 0, 19041), dialects=SMB_311)),
    Device("dc-samba", "10.20.7.20", "00:11:32:20:07:14", "Synology (MAC)", "Samba 4.17.12", "", "dcerpc/samba-*", "PRINTSRV; all its services"),
    Device("dc-2019", "10.20.7.30", "00:15:5d:20:07:1e", "Microsoft", "Windows Server 2019", "10.0.17763.4252", "dcerpc/windows-server-2019-*", "BATCH-01; two networks",
           windows("BATCH-01", "PLANT", (10, 0, 17763), dialects=SMB_311)),
    Device("dc-2008r2", "10.20.7.31", "00:0c:29:20:07:1f", "Microsoft", "Windows Server 2008 R2 SP1", "6.1.7601.24214", "dcerpc/windows-server-2008r2-*", "RECIPE-DB; SMB1 pipes",
           windows("RECIPE-DB", "PLANT", (6, 1, 7601), "Windows Server 2008 R2 Standard 7601 Service Pack 1", "Windows Server 2008 R2 Standard 6.1")),
    Device("dc-et200", "10.20.7.40", "28:63:36:20:07:28", "Siemens", "6ES7 155-6AU01-0BN0", "V4.2.0", "pn_io/endpoint-mapper", "ET 200SP"),
    # ---- http/ : 10.20.8.0/24 --------------------------------------------------------------------------------
    Device("ht-client", "10.20.8.10", "f8:b1:56:20:08:0a", "Dell", "engineering station", "", "http/*", "every HTTP client of the folder: curl, python-requests",
           windows("ENG-HTTP", "PLANT", (10, 0, 19041), dialects=SMB_311)),
    Device("ht-nginx", "10.20.8.20", "00:0c:29:20:08:14", "VMware (MAC)", "nginx 1.22.1", "", "http/nginx", "pages, ranges, chunks, a password"),
    Device("ht-busybox", "10.20.8.21", "00:30:de:20:08:15", "WAGO (MAC)", "BusyBox httpd", "", "http/busybox-httpd", "a page behind a password"),
    Device("ht-iis", "10.20.8.30", "00:15:5d:20:08:1e", "Microsoft", "Windows Server 2019", "10.0.17763", "http/ntlm, http/winrm", "REPORT01; asks for NTLM",
           windows("REPORT01", "PLANT", (10, 0, 17763), dialects=SMB_311)),
    Device("ht-s7", "10.20.8.40", "28:63:36:20:08:28", "Siemens", "S7-1200", "", "http/device-web-servers", "page title of the CPU's web server"),
    Device("ht-moxa", "10.20.8.41", "00:90:e8:20:08:29", "Moxa", "unknown", "", "http/device-web-servers", "MoxaHttp/1.0"),
    Device("ht-m340", "10.20.8.42", "00:80:f4:20:08:2a", SE, "unknown", "", "http/device-web-servers", "Schneider-WEB; realm of the web server"),
    Device("ht-goahead", "10.20.8.43", "00:1d:9c:20:08:2b", "Rockwell Automation (MAC)", "unknown", "", "http/device-web-servers", "GoAhead-Webs, as many makers have it"),
    Device("ht-proxy", "10.20.8.50", "00:50:56:20:08:32", "VMware (MAC)", "squid 5.7", "", "http/proxy", "proxy that asks for a password"),

    # ---- s7/ : 10.20.17.0/24 ---------------------------------------------------------------------------------
    Device("s7-station", "10.20.17.10", "f8:b1:56:20:11:0a", "Dell", "engineering station", "", "s7/*", "every S7 client of the folder but the panel"),
    Device("s7-snap7", "10.20.17.20", "00:50:56:20:11:14", "Snap7", "Snap7 server 1.4", "", "s7/snap7-session", "a program that plays a CPU 315-2 PN/DP"),
    Device("s7-snap7-nmap", "10.20.17.21", "00:50:56:20:11:15", "Snap7", "Snap7 server 1.4", "", "s7/nmap-s7-info", "asked by nmap"),
    Device("s7-panel", "10.20.17.30", "28:63:36:20:11:1e", "Siemens (MAC)", "operator panel", "", "s7/panel-polls", "polls and writes"),
    Device("s7-300", "10.20.17.40", "00:1b:1b:20:11:28", "Siemens", "6ES7315-2EH14-0AB0", "V3.2.10", "s7/programming, panel-polls",
           "CPU 315-2 PN/DP, rack 0 slot 2; read out, programmed, stopped, started"),
    Device("s7-cp", "10.20.17.41", "00:0e:8c:20:11:29", "Siemens", "6GK7443-1EX30-0XE0", "V3.2.17", "s7/cp-and-rack",
           "CP 443-1 in slot 5, CPU 414-3 in slot 3 behind it"),
    Device("s7-1500", "10.20.17.42", "28:63:36:20:11:2a", "Siemens", "6ES7511-1AK02-0AB0", "V2.8", "s7/plus-session", "session of S7comm-plus; stopped, started"),
    Device("s7-1200", "10.20.17.43", "28:63:36:20:11:2b", "Siemens", "6ES7214-1AG40-0XB0", "V4.4.1", "s7/both-generations",
           "S7comm-plus says V4.4, S7comm V4.4.1"),
    Device("s7-tls", "10.20.17.44", "28:63:36:20:11:2c", "Siemens (MAC)", "unknown", "", "s7/plus-over-tls", "S7comm-plus inside TLS 1.3"),
    Device("s7-vipa", "10.20.17.45", "00:20:d5:20:11:2d", "Yaskawa", "VIPA 315-4NE13", "V3.6.8", "s7/compatible", "CPU of another maker that speaks S7comm"),
    Device("s7-honeypot", "10.20.17.46", "00:50:56:20:11:2e", "Conpot", "Conpot", "", "s7/compatible", "a honeypot that plays an S7-200"),
    # ---- pn_dcp/, pn_io/ : 10.20.18.0/24 ---------------------------------------------------------------------
    Device("pn-station", "10.20.18.10", "f8:b1:56:20:12:0a", "Dell", "engineering station", "", "pn_dcp/*, pn_io/read-out", "asks, names, reads out"),
    Device("pn-cpu", "10.20.18.20", "28:63:36:20:12:14", "Siemens", "S7-1500", "", "pn_dcp/*, pn_io/start-up", "plc-1: IO controller, sync master"),
    Device("pn-et200sp", "10.20.18.21", "28:63:36:20:12:15", "Siemens", "6ES7155-6AU01-0BN0", "V4.2.0", "pn_dcp/*, pn_io/*", "et200sp-1, with modules"),
    Device("pn-scalance", "10.20.18.22", "28:63:36:20:12:16", "Siemens", "SCALANCE X-200", "", "pn_dcp/*", "sw-line-1"),
    Device("pn-drive", "10.20.18.23", "28:63:36:20:12:17", "Siemens", "SINAMICS G120D", "", "pn_dcp/*", "drive-1"),
    Device("pn-axl", "10.20.18.24", "00:a0:45:20:12:18", "Phoenix Contact", "AXL F BK PN", "", "pn_dcp/*, pn_io/start-up", "axl-1; its device number is illustrative"),
    Device("pn-wago", "10.20.18.25", "00:30:de:20:12:19", "WAGO", "750-375", "", "pn_dcp/line, pn_io/start-up", "io-750; refuses a connection"),
    Device("pn-unnamed", "10.20.18.26", "28:63:36:20:12:1a", "Siemens", "ET200SP", "", "pn_dcp/*", "gets its name and address"),

    # ---- mrp/ : 10.20.19.0/24 --------------------------------------------------------------------------------
    Device("mr-manager", "10.20.19.20", "28:63:36:20:13:14", "Siemens (MAC)", "unknown", "", "mrp/ring", "manager of the ring"),
    Device("mr-client", "10.20.19.21", "28:63:36:20:13:15", "Siemens (MAC)", "unknown", "", "mrp/ring", "client in the ring"),

    # ---- ads/ and other automation protocols : 10.74.0.0/16, third byte = protocol ----------------------------
    Device("ad-station", "10.74.1.10", "02:74:01:00:00:0a", "Dell", "engineering station", "", "ads/*", "TwinCAT XAE: searches, adds routes, stops, starts"),
    Device("ad-panel", "10.74.1.11", "02:74:01:00:00:0b", "", "operator panel", "", "ads/pyads", "pyads 3.6.0: reads and writes"),
    Device("ad-test", "10.74.1.20", "02:74:01:00:00:14", "", "pyads test server", "", "ads/pyads", "a program that plays a runtime"),
    Device("ad-cx", "10.74.1.21", "02:74:01:00:00:15", "Beckhoff", "CX9020", "2.11.2228", "ads/commissioning", "TwinCAT 2 on Windows CE; a runtime, NetId of an EtherCAT master behind it"),
    Device("ad-ipc", "10.74.1.22", "02:74:01:00:00:16", "Beckhoff", "C6920", "3.1.4024", "ads/commissioning", "TwinCAT 3 on Windows 10; refuses a route"),

    Device("fx-workbench", "10.74.2.10", "02:74:02:00:00:0a", "Dell", "engineering station", "", "fox/*", "Workbench"),
    Device("fx-jace6", "10.74.2.20", "02:74:02:00:00:14", "Tridium", "JACE-6", "3.8.111", "fox/stations", "station of NiagaraAX"),
    Device("fx-jace8", "10.74.2.21", "02:74:02:00:00:15", "Tridium", "JACE-8000", "4.10.0.154", "fox/stations", "station of Niagara 4"),
    Device("fx-webs", "10.74.2.22", "02:74:02:00:00:16", "Honeywell", "unknown", "", "fox/stations", "a supervisor under another brand, on Windows"),

    Device("ec-master", "10.74.3.10", "00:01:05:74:03:0a", "Beckhoff (MAC)", "EtherCAT master", "", "ethercat/line", "no local address: the first slave would set that bit"),

    Device("cd-station", "10.74.4.10", "02:74:04:00:00:0a", "Dell", "engineering station", "", "codesys/*", "searches, logs in, stops, loads, starts"),
    Device("cd-wago", "10.74.4.20", "02:74:04:00:00:14", "WAGO", "750-8212", "5.14.0.0", "codesys/controllers", "PFC200-7"),
    Device("cd-m241", "10.74.4.21", "02:74:04:00:00:15", SE, "TM241CE40R", "5.1.9.34", "codesys/controllers", "spoken to in secured messages"),
    Device("cd-cpx", "10.74.4.22", "02:74:04:00:00:16", "Festo", "CPX-E-CEC-C1-PN", "3.5.12.30", "codesys/controllers", ""),
    Device("cd-old", "10.74.4.23", "02:74:04:00:00:17", "WAGO", "758-870", "", "codesys/version-2", "CODESYS V2"),
    Device("px-station", "10.74.5.10", "02:74:05:00:00:0a", "Dell", "engineering station", "", "pcworx/*, proconos/*", "asks, stops, starts"),
    Device("px-ilc330", "10.74.5.20", "02:74:05:00:00:14", "Phoenix Contact", "ILC 330 ETH", "3.95T", "pcworx/ilc", ""),
    Device("px-ilc390", "10.74.5.21", "02:74:05:00:00:15", "Phoenix Contact", "ILC 390 PN 2TX-IB", "3.95", "pcworx/ilc, proconos/runtimes", "PCWorx and ProConOS"),
    Device("px-adam", "10.74.5.22", "02:74:05:00:00:16", "Advantech", "ADAM5510KW", "", "proconos/runtimes", ""),

    # ---- ldap/ : 10.20.9.0/24 --------------------------------------------------------------------------------
    Device("ld-client", "10.20.9.10", "f8:b1:56:20:09:0a", "Dell", "engineering station", "", "ldap/*", "every LDAP client of the folder",
           windows("ENG-LDAP", "PLANT", (10, 0, 19041), dialects=SMB_311)),
    Device("ld-slapd", "10.20.9.20", "00:0c:29:20:09:14", "VMware (MAC)", "OpenLDAP 2.5.13", "", "ldap/slapd", ""),
    Device("ld-samba", "10.20.9.21", "00:11:32:20:09:15", "Synology (MAC)", "Samba 4.17.12 domain controller", "", "ldap/samba-domain-controller", "DC1 of plant.example"),
    Device("ld-389", "10.20.9.22", "00:0c:29:20:09:16", "VMware (MAC)", "389 Directory Server 2.4.5", "", "ldap/other-directory", "names its maker and version"),
    Device("ld-2016", "10.20.9.30", "00:15:5d:20:09:1e", "Microsoft", "Windows Server 2016 domain controller", "10.0.14393", "ldap/active-directory", "PLANT-DC2",
           windows("PLANT-DC2", "PLANT", (10, 0, 14393), dialects=SMB_311)),

    # ---- rdp/ : 10.20.10.0/24 --------------------------------------------------------------------------------
    Device("rd-client", "10.20.10.10", "f8:b1:56:20:0a:0a", "Dell", "engineering station", "", "rdp/*", "every RDP client of the folder",
           windows("ENG-RDP", "PLANT", (10, 0, 19041), dialects=SMB_311)),
    Device("rd-xrdp", "10.20.10.20", "00:0c:29:20:0a:14", "VMware (MAC)", "xrdp 0.9.21", "", "rdp/xrdp", "standard RDP security, then TLS"),
    Device("rd-2019", "10.20.10.30", "00:15:5d:20:0a:1e", "Microsoft", "Windows Server 2019", "10.0.17763", "rdp/windows", "JUMP01; demands CredSSP",
           windows("JUMP01", "PLANT", (10, 0, 17763), dialects=SMB_311)),
    # ---- packet/ : 10.20.16.0/24; .1 and .2 are the ends of tunnels -------------------------------------------
    Device("pk-client", "10.20.16.10", "f8:b1:56:20:10:0a", "Dell", "engineering station", "", "packet/*", "every client of the folder"),
    Device("pk-meter", "10.20.16.20", "28:63:36:20:10:14", "Siemens", "SENTRON PAC3200", "V2.4.2", "packet/*", "inside every tunnel",
           modbus("SIEMENS AG", "SENTRON PAC3200", "V2.4.2", "www.siemens.com", "SENTRON PAC3200", "7KM2112-0BA00-3AA0")),
    Device("pk-drive", "10.20.16.21", "00:90:e8:20:10:15", "Moxa", "ioLogik E1212", "V3.2", "packet/mirror-two-vlans", "in VLAN 31, and its copies in VLAN 32",
           modbus("Moxa", "ioLogik E1212", "V3.2", "www.moxa.com", "ioLogik E1212")),
    Device("pk-trunk", "10.20.16.22", "00:30:de:20:10:16", "WAGO", "750-8212", "03.05.10(17)", "packet/erspan-ii", "on a trunk, VLAN 30",
           modbus("WAGO Kontakttechnik GmbH & Co. KG", "750-8212", "03.05.10(17)")),
    Device("pk-nested", "10.20.16.23", "00:a0:45:20:10:17", "Phoenix Contact", "ILC 151 ETH", "4.42", "packet/erspan-iii", "in VLAN 30 inside VLAN 40",
           modbus("Phoenix Contact", "ILC 151 ETH", "4.42")),

    # ---- plant-demo/ : cell 1, 10.10.1.0/24, EtherNet/IP ------------------------------------------------------
    Device("c1-switch", "10.10.1.1", "f4:54:33:10:01:01", "Rockwell Automation", "Stratix 5700 1783-BMS10CGP", "15.2(7)E3", "plant-demo/cell1-filling", "LLDP"),
    Device("c1-plc", "10.10.1.10", "00:1d:9c:10:01:0a", "Rockwell Automation", "1756-EN2T/D", "11.2", "plant-demo/cell1-filling",
           "bridge in slot 1 of chassis FILL-PLC1; other slots below", cip(ROCKWELL, ADAPTER, 166, 11, 2, 0x6110_1001, "1756-EN2T/D")),
    Device("c1-pack", "10.10.1.11", "f4:54:33:10:01:0b", "Rockwell Automation", "5069-L320ER", "32.11", "plant-demo/cell1-filling", "PACK-PLC2",
           cip(ROCKWELL, CONTROLLER, 217, 32, 11, 0x6110_1002, "5069-L320ER", 0x3060)),
    Device("c1-wash", "10.10.1.12", "00:1d:9c:10:01:0c", "Rockwell Automation", "1766-L32BXB", "C/21.02", "plant-demo/cell1-filling", "WASH-PLC3",
           cip(ROCKWELL, CONTROLLER, 90, 21, 2, 0x6110_1003, "1766-L32BXB C/21.02", 0x0004, 0x00)),
    Device("c1-rio1", "10.10.1.20", "00:00:bc:10:01:14", "Rockwell Automation", "1734-AENT/B", "5.17", "plant-demo/cell1-filling", "remote I/O, old firmware",
           cip(ROCKWELL, ADAPTER, 108, 5, 17, 0x6110_1004, "1734-AENT/B")),
    Device("c1-rio2", "10.10.1.21", "00:00:bc:10:01:15", "Rockwell Automation", "1734-AENT/B", "5.20", "plant-demo/cell1-filling", "its twin: above the last affected, below the first fixed",
           cip(ROCKWELL, ADAPTER, 108, 5, 20, 0x6110_1005, "1734-AENT/B")),
    Device("c1-flex", "10.10.1.22", "00:00:bc:10:01:16", "Rockwell Automation", "1794-AENT/B", "4.3", "plant-demo/cell1-filling", "",
           cip(ROCKWELL, ADAPTER, 90, 4, 3, 0x6110_1006, "1794-AENT/B")),
    Device("c1-drive1", "10.10.1.30", "f4:54:33:10:01:1e", "Rockwell Automation", "PowerFlex 525", "5.1", "plant-demo/cell1-filling", "conveyor 1",
           cip(ROCKWELL, DRIVE_525, 9, 5, 1, 0x6110_1007, "PowerFlex 525 1P 230V .50HP")),
    Device("c1-drive2", "10.10.1.31", "f4:54:33:10:01:1f", "Rockwell Automation", "PowerFlex 525", "7.1", "plant-demo/cell1-filling", "conveyor 2, patched twin",
           cip(ROCKWELL, DRIVE_525, 9, 7, 1, 0x6110_1008, "PowerFlex 525 1P 230V .50HP")),
    Device("c1-drive3", "10.10.1.32", "f4:54:33:10:01:20", "Rockwell Automation", "PowerFlex 755", "14.3", "plant-demo/cell1-filling", "mixer",
           cip(ROCKWELL, DRIVE_755, 2192, 14, 3, 0x6110_1009, "PowerFlex 755")),
    Device("c1-omron", "10.10.1.40", "00:00:0a:10:01:28", "Omron", "NX102-1200", "1.46", "plant-demo/cell1-filling", "labeller",
           cip(OMRON, ADAPTER, 1660, 1, 46, 0x6110_100A, "NX102-1200")),
    Device("c1-panel", "10.10.1.50", "f4:54:33:10:01:32", "Rockwell Automation", "PanelView Plus 7", "11.0", "plant-demo/cell1-filling", "operator panel, polls FILL-PLC1",
           cip(ROCKWELL, HMI, 82, 11, 0, 0x6110_100B, "PanelView Plus_7 Perf 1000")),
    Device("c1-hmi", "10.10.1.51", "f8:b1:56:10:01:33", "Microsoft", "Windows 7 Professional SP1", "6.1.7601", "plant-demo/cell1-filling",
           "FILL-VIEW; visualisation, polls PACK-PLC2 and WASH-PLC3; speaks SMB1",
           windows("FILL-VIEW", "PLANT", (6, 1, 7601), *WIN7)),
    Device("c1-ews", "10.10.1.200", "f8:b1:56:10:01:c8", "Microsoft", "Windows 10 (20H1-22H2)", "10.0.19041", "plant-demo/cell1-filling",
           "ENG-FILL; engineering station; sweeps identities once, at 10:12",
           windows("ENG-FILL", "PLANT", (10, 0, 19041), dialects=SMB_311)),

    # ---- plant-demo/ : cell 2, 10.10.2.0/24, Modbus -----------------------------------------------------------
    Device("c2-switch", "10.10.2.1", "00:90:e8:10:02:01", "Moxa", "EDS-518A", "V3.8", "plant-demo/cell2-utilities", "LLDP"),
    Device("c2-m340", "10.10.2.10", "00:80:f4:10:02:0a", SE, "BMXP342020", "v2.70", "plant-demo/cell2-utilities", "boiler",
           modbus(SE, "BMX P34 2020", "v2.70")),
    Device("c2-m580", "10.10.2.11", "00:80:f4:10:02:0b", SE, "BMEP582040", "v02.20", "plant-demo/cell2-utilities", "water treatment, old firmware",
           modbus(SE, "BME P58 2040", "v02.20")),
    Device("c2-m580b", "10.10.2.12", "00:80:f4:10:02:0c", SE, "BMEP582040", "v04.20", "plant-demo/cell2-utilities", "compressed air, patched twin",
           modbus(SE, "BME P58 2040", "v04.20")),
    Device("c2-m221", "10.10.2.13", "00:80:f4:10:02:0d", SE, "TM221CE40R", "1.6.2.0", "plant-demo/cell2-utilities", "chiller",
           modbus(SE, "TM221CE40R", "1.6.2.0")),
    Device("c2-wago", "10.10.2.14", "00:30:de:10:02:0e", "WAGO", "750-8212", "03.05.10(17)", "plant-demo/cell2-utilities", "tank farm",
           modbus("WAGO Kontakttechnik GmbH & Co. KG", "750-8212", "03.05.10(17)")),
    Device("c2-gateway", "10.10.2.15", "00:90:e8:10:02:0f", "Moxa", "MGate MB3170 (by MAC only)", "", "plant-demo/cell2-utilities",
           "gateway; units 1-4 Schneider ATV320U07M2C V1.7IE32, 5-6 Siemens PAC3200 V2.4.2, 7 absent"),
    Device("c2-meter1", "10.10.2.20", "00:80:f4:10:02:14", SE, "PowerLogic PM5560", "2.5.3", "plant-demo/cell2-utilities", "main feeder A",
           modbus(SE, "METSEPM5560", "2.5.3", SE_URL, "PowerLogic PM5560", "PM5560", "Main feeder A")),
    Device("c2-meter2", "10.10.2.21", "00:80:f4:10:02:15", SE, "PowerLogic PM5560", "2.7.4", "plant-demo/cell2-utilities", "main feeder B, patched twin",
           modbus(SE, "METSEPM5560", "2.7.4", SE_URL, "PowerLogic PM5560", "PM5560", "Main feeder B")),
    Device("c2-pac", "10.10.2.22", "28:63:36:10:02:16", "Siemens", "SENTRON PAC3200", "V2.4.2", "plant-demo/cell2-utilities", "compressor meter",
           modbus("SIEMENS AG", "SENTRON PAC3200", "V2.4.2", "www.siemens.com", "SENTRON PAC3200", "7KM2112-0BA00-3AA0")),
    Device("c2-hmi", "10.10.2.50", "00:15:5d:10:02:32", "Microsoft", "Windows Server 2016", "10.0.14393", "plant-demo/cell2-utilities", "UTIL-SCADA; polls every controller",
           windows("UTIL-SCADA", "PLANT", (10, 0, 14393), *S2016, SMB_311)),
    Device("c2-ews", "10.10.2.200", "f8:b1:56:10:02:c8", "Microsoft", "Windows 7 Professional SP1", "6.1.7601", "plant-demo/cell2-utilities",
           "ENG-UTIL; engineering station; sweeps identities once, at 14:30",
           windows("ENG-UTIL", "PLANT", (6, 1, 7601), *WIN7)),

    # ---- plant-demo/ : cell 3, 10.10.3.0/24, plant IT, 802.1Q VLAN 103 ----------------------------------------
    Device("c3-switch", "10.10.3.1", "28:63:36:10:03:01", "Siemens", "SCALANCE XM408-8C", "V06.04.00", "plant-demo/cell3-plant-it", "LLDP; DHCP server and gateway of the VLAN"),
    Device("c3-dc", "10.10.3.10", "00:15:5d:10:03:0a", "Microsoft", "Windows Server 2012 R2", "6.3.9600", "plant-demo/cell3-plant-it", "PLANT-DC1",
           windows("PLANT-DC1", "PLANT", (6, 3, 9600), *R2_2012, SMB_2012R2)),
    Device("c3-hist", "10.10.3.11", "00:15:5d:10:03:0b", "Microsoft", "Windows Server 2022", "10.0.20348", "plant-demo/cell3-plant-it", "PLANT-HIST",
           windows("PLANT-HIST", "PLANT", (10, 0, 20348), dialects=SMB_311)),
    Device("c3-xp", "10.10.3.20", "00:0c:29:10:03:14", "Microsoft", "Windows XP", "5.1.2600", "plant-demo/cell3-plant-it", "LAB-XP; SMB1 only",
           windows("LAB-XP", "PLANT", (5, 1, 2600), *XP, ())),
    Device("c3-office", "10.10.3.101", "18:66:da:10:03:65", "Microsoft", "Windows 11", "10.0.22621", "plant-demo/cell3-plant-it", "SHIFT-LEAD; address by DHCP",
           windows("SHIFT-LEAD", "PLANT", (10, 0, 22621), dialects=SMB_311)),

    # ---- nbns/ : 10.20.11.0/24 -------------------------------------------------------------------------------
    Device("nb-samba", "10.20.11.20", "f8:b1:56:20:0b:14", "Dell (MAC)", "Samba 4.17", "", "nbns/samba, nbns/samba-node-status, nbns/nbtscan", "HIST-LINUX in PLANT"),
    Device("nb-client", "10.20.11.10", "f8:b1:56:20:0b:0a", "Dell (MAC)", "Samba 4.17", "", "nbns/*", "nmblookup and nbtscan"),
    Device("nb-wins", "10.20.11.2", "f8:b1:56:20:0b:02", "Dell (MAC)", "Samba 4.17", "", "nbns/samba-wins", "name server"),
    Device("nb-winhmi", "10.20.11.30", "f8:b1:56:20:0b:1e", "Microsoft", "Windows XP", "", "nbns/windows-*", "HMI-MIX3; a user is logged on"),
    Device("nb-windc", "10.20.11.31", "f8:b1:56:20:0b:1f", "Microsoft", "Windows Server 2003", "", "nbns/windows-*", "PLANT-DC1, domain controller; second address 172.20.11.31"),
    Device("nb-winwins", "10.20.11.32", "f8:b1:56:20:0b:20", "Microsoft", "Windows Server 2003", "", "nbns/windows-name-server", "WINS"),

    # ---- browser/ : 10.20.12.0/24 ----------------------------------------------------------------------------
    Device("br-samba", "10.20.12.20", "f8:b1:56:20:0c:14", "Dell (MAC)", "Samba 4.17", "", "browser/samba", "GAUGE-SRV in PLANT; master browser"),
    Device("br-samba2", "10.20.12.21", "f8:b1:56:20:0c:15", "Dell (MAC)", "Samba 4.17", "", "browser/samba", "LABELS in PLANT"),
    Device("br-xp", "10.20.12.30", "f8:b1:56:20:0c:1e", "Microsoft", "Windows XP", "", "browser/windows-announcements", "HMI-PACK1"),
    Device("br-win7", "10.20.12.31", "f8:b1:56:20:0c:1f", "Microsoft", "Windows 7", "", "browser/windows-announcements", "ENG-WS2"),
    Device("br-2008r2", "10.20.12.32", "f8:b1:56:20:0c:20", "Microsoft", "Windows Server 2008 R2", "", "browser/windows-announcements", "HISTORIAN2"),
    Device("br-2012", "10.20.12.33", "f8:b1:56:20:0c:21", "Microsoft", "Windows Server 2012", "", "browser/windows-announcements, browser/windows-log-on", "PLANT-DC2; domain controller, master browser"),
    Device("br-win10", "10.20.12.34", "f8:b1:56:20:0c:22", "Microsoft", "Windows 10", "", "browser/windows-announcements, browser/windows-log-on", "ENG-WS3"),
    Device("br-nt4", "10.20.12.35", "f8:b1:56:20:0c:23", "Microsoft", "Windows NT 4.0", "", "browser/windows-log-on", "PLANT-PDC"),
    Device("br-nat", "10.20.12.36", "f8:b1:56:20:0c:24", "Microsoft", "Windows 2000", "", "browser/windows-announcements", "BATCH4, behind address translation; 192.168.1.36 inside"),
    Device("br-oldsamba", "10.20.12.37", "f8:b1:56:20:0c:25", "Dell (MAC)", "Samba 3.0", "", "browser/windows-announcements", "NAS-OLD, announces 4.9"),

    # ---- llmnr/ : 10.20.13.0/24 ------------------------------------------------------------------------------
    Device("lm-linux", "10.20.13.20", "f8:b1:56:20:0d:14", "Dell (MAC)", "systemd-resolved 252", "", "llmnr/systemd-resolved", "scada-web1"),
    Device("lm-client", "10.20.13.10", "f8:b1:56:20:0d:0a", "Dell (MAC)", "systemd-resolved 252", "", "llmnr/systemd-resolved", "eng-laptop5"),
    Device("lm-win", "10.20.13.30", "f8:b1:56:20:0d:1e", "Microsoft", "Windows 7", "", "llmnr/windows", "ENG-WS7; second address 192.168.13.30"),
    Device("lm-twin", "10.20.13.31", "f8:b1:56:20:0d:1f", "Microsoft", "Windows 7", "", "llmnr/windows", "another that answers to ENG-WS7"),
    Device("lm-asker", "10.20.13.32", "f8:b1:56:20:0d:20", "Microsoft", "Windows 10", "", "llmnr/windows", "asks for names"),

    # ---- mdns/ : 10.20.14.0/24 -------------------------------------------------------------------------------
    Device("md-edge", "10.20.14.20", "00:30:de:20:0e:14", "WAGO (MAC)", "Avahi 0.8", "", "mdns/avahi", "edge-gw1: workstation, SSH, web and OPC UA services"),
    Device("md-client", "10.20.14.10", "f8:b1:56:20:0e:0a", "Dell (MAC)", "Avahi 0.8", "", "mdns/avahi", "avahi-browse"),
    Device("md-printer", "10.20.14.30", "f8:b1:56:20:0e:1e", "Zebra", "ZT411", "V92.21.17Z", "mdns/devices", "label printer"),
    Device("md-camera", "10.20.14.31", "00:40:8c:20:0e:1f", "Axis Communications", "P1468-LE", "11.8.64", "mdns/devices", "camera"),
    Device("md-mac", "10.20.14.32", "f8:b1:56:20:0e:20", "Apple", "Macmini9,1", "", "mdns/devices", "answers for the sleeping md-asleep, too"),
    Device("md-asleep", "10.20.14.33", "f8:b1:56:20:0e:21", "Apple", "MacBookPro17,1", "", "mdns/devices", "says nothing itself"),
    # ---- snmp/ : 10.20.17.0/24 -------------------------------------------------------------------------------
    Device("sn-manager", "10.20.17.11", "f8:b1:56:20:11:0b", "Dell", "network management station", "", "snmp/*", "asks, sets, takes notifications"),
    Device("sn-scalance", "10.20.17.28", "28:63:36:20:11:1c", "Siemens", "SCALANCE XC208", "V04.02.00", "snmp/system-group",
           "AUTOMATION-SYSTEM-MIB"),
    Device("sn-rs20", "10.20.17.29", "00:80:63:20:11:1d", "Hirschmann", "RS20-0800M2M2SDAE", "L2P-09.0.04", "snmp/system-group", "HMPRIV-MGMT-SNMP-MIB"),
    Device("sn-bobcat", "10.20.17.22", "00:80:63:20:11:16", "Hirschmann", "BRS50-8TX", "HiOS-2A-09.0.02", "snmp/system-group", "HM2-DEVMGMT-MIB"),
    Device("sn-eds", "10.20.17.23", "00:90:e8:20:11:17", "Moxa", "EDS-G508E", "V5.3", "snmp/system-group", "MOXA-EDSG508E-MIB"),
    Device("sn-ups", "10.20.17.24", "00:c0:b7:20:11:18", "APC", "Smart-UPS 1500", "v6.7.2", "snmp/system-group", "PowerNet-MIB, UPS-MIB"),
    Device("sn-printer", "10.20.17.25", "00:17:08:20:11:19", "HP", "HP LaserJet M607", "", "snmp/system-group", "Printer-MIB"),
    Device("sn-ie4000", "10.20.17.26", "00:1e:f6:20:11:1a", "Cisco", "IE-4000-8GT4G-E", "15.2(4)EA1", "snmp/entity-mib",
           "chassis and two modules in ENTITY-MIB"),
    Device("sn-linux", "10.20.17.27", "08:00:27:20:11:1b", "", "Debian", "", "snmp/versions", "versions 1, 2c and 3, UDP and TCP, sets and traps"),
    # ---- cdp/ : 10.20.18.0/24; layer 2 only ------------------------------------------------------------------
    Device("cd-ie3300", "10.20.18.1", "00:1e:f6:20:12:01", "Cisco", "IE-3300-8T2S", "17.9.4", "cdp/lldpd", "software of three lines"),
    Device("cd-2901", "10.20.18.2", "00:1e:f6:20:12:02", "Cisco", "CISCO2901/K9", "15.4(3)M2", "cdp/lldpd", ""),
    Device("cd-stratix", "10.20.18.12", "00:1d:9c:20:12:0c", "Rockwell Automation", "1783-BMS10CGP", "15.2(4)EA3", "cdp/stratix", "two ports"),
    Device("cd-ie2000", "10.20.18.13", "00:1e:f6:20:12:0d", "Cisco", "IE-2000-8TC-G-E", "15.2(2)E5", "cdp/stratix", "an IPv6 address, too"),
    # ---- stp/ : layer 2 only; 10.20.19.0/24 for the sake of the table ----------------------------------------
    Device("st-root", "10.20.19.1", "00:80:63:20:13:01", "", "bridge of Linux", "", "stp/linux-bridge", "becomes the root"),
    Device("st-bridge", "10.20.19.2", "00:80:63:20:13:02", "", "bridge of Linux", "", "stp/linux-bridge", "gives way, and notifies a change"),
    Device("st-rs30", "10.20.19.3", "00:80:63:20:13:03", "Hirschmann", "unknown", "", "stp/rings", "root of an RSTP ring"),
    Device("st-eds", "10.20.19.4", "00:90:e8:20:13:04", "Moxa", "unknown", "", "stp/rings", "flags a change of topology"),
    Device("st-mstp", "10.20.19.5", "28:63:36:20:13:05", "Siemens", "unknown", "", "stp/rings", "region RING-7 of MSTP"),
    Device("st-cisco", "10.20.19.6", "00:1e:f6:20:13:06", "Cisco", "unknown", "", "stp/rings", "PVST+"),
    # ---- bacnet/ : 10.20.20.0/24 -----------------------------------------------------------------------------
    Device("ba-station", "10.20.20.10", "f8:b1:56:20:14:0a", "Dell", "building operator station", "", "bacnet/*", "asks, writes, restarts"),
    Device("ba-ahu", "10.20.20.20", "00:10:8d:20:14:14", "Johnson Controls", "NAE5510-2U", "9.0.7.3306", "bacnet/bacpypes3", "segmented answers, too"),
    Device("ba-pxc", "10.20.20.21", "00:a0:03:20:14:15", "Siemens", "PXC36-E.D", "FW=3.5.1.84", "bacnet/bacpypes3", "refuses to be restarted"),
    Device("ba-router", "10.20.20.30", "00:40:ae:20:14:1e", "Delta Controls", "DSM-RTR", "3.40.580706", "bacnet/internetwork", "router to MS/TP network 3, BBMD"),
    Device("ba-foreign", "10.20.20.31", "00:01:f0:20:14:1f", "Tridium", "JACE-8000", "4.10.0.154", "bacnet/internetwork", "foreign device at the BBMD"),
    Device("ba-far", "10.20.21.20", "00:50:db:20:15:14", "Distech Controls", "ECY-S1000", "1.16.21", "bacnet/internetwork", "heard through the BBMD only"),
    Device("ba-ethernet", "10.20.20.40", "00:e0:c9:20:14:28", "Automated Logic", "LGR25", "LGR6-08", "bacnet/internetwork", "BACnet over Ethernet"),
    # ---- opcua/ : 10.70.1.0/24 -------------------------------------------------------------------------------
    Device("ua-client", "10.70.1.10", "02:70:00:00:01:0a", "unknown", "engineering station", "", "opcua/*", "UaExpert, asyncua"),
    Device("ua-python", "10.70.1.20", "02:70:00:00:01:14", "FreeOpcUa", "opcua-asyncio server", "3.2.1", "opcua/asyncua-session",
           "BuildInfo of its own, a device with a nameplate"),
    Device("ua-secured", "10.70.1.21", "02:70:00:00:01:15", "FreeOpcUa", "opcua-asyncio server", "", "opcua/asyncua-secured",
           "signed and encrypted"),
    Device("ua-s7-1500", "10.70.1.30", "02:70:00:00:01:1e", "Siemens", "6ES7 515-2AM02-0AB0", "V2.9.4", "opcua/controller",
           "nameplate of the CPU, endpoints in two chunks"),
    Device("ua-kepware", "10.70.1.31", "02:70:00:00:01:1f", "PTC", "KEPServerEX", "6.14.263.0", "opcua/programs", "port 49320"),
    Device("ua-ignition", "10.70.1.32", "02:70:00:00:01:20", "Inductive Automation", "Ignition", "", "opcua/programs", "port 62541"),
    Device("ua-codesys", "10.70.1.33", "02:70:00:00:01:21", "CODESYS", "CODESYS Control", "3.5.19.20", "opcua/programs", "a runtime"),
    Device("ua-lds", "10.70.1.40", "02:70:00:00:01:28", "OPC Foundation", "UA Local Discovery Server", "", "opcua/discovery", "knows others"),
    Device("ua-press", "10.70.1.41", "02:70:00:00:01:29", "unknown", "press", "", "opcua/discovery", "registers itself; opens the connection itself"),
    # ---- iec104/ : 10.70.2.0/24 ------------------------------------------------------------------------------
    Device("ic-center", "10.70.2.10", "02:70:00:00:02:0a", "unknown", "control center", "", "iec104/*", "controlling station"),
    Device("ic-station", "10.70.2.20", "02:70:00:00:02:14", "unknown", "substation", "", "iec104/c104-session", "stations 47 and 48, library lib60870"),
    Device("ic-rtu", "10.70.2.21", "02:70:00:00:02:15", "unknown", "remote terminal unit", "", "iec104/files-and-resets", "stations 3 and 4"),
    # ---- dnp3/ : 10.71.1.0/24 --------------------------------------------------------------------------------
    Device("dn-master", "10.71.1.10", "02:71:01:00:01:0a", "", "SCADA front end", "", "dnp3/*", "master with link address 1"),
    Device("dn-relay", "10.71.1.20", "02:71:01:00:01:14", "SEL", "SEL-351S", "R516", "dnp3/attributes", "station 10"),
    Device("dn-gateway", "10.71.1.21", "02:71:01:00:01:15", "", "unknown", "", "dnp3/attributes",
           "stations behind it: 101 ABB REC615 1.1.4, 102 Schneider Electric SCADAPack 474 9.12.3, 103 Eaton EBR-3000 3.6.b"),
    Device("dn-logger", "10.71.1.22", "02:71:01:00:01:16", "Campbell Scientific", "CR6", "CR6.Std.12.02", "dnp3/attributes", "station 4, over UDP"),
    Device("dn-target", "10.71.1.23", "02:71:01:00:01:17", "", "unknown", "", "dnp3/deeds", "station 12; says no identity"),
    Device("dn-open-a", "10.71.1.30", "02:71:01:00:01:1e", "", "opendnp3", "", "dnp3/opendnp3", "station 1024"),
    Device("dn-open-b", "10.71.1.31", "02:71:01:00:01:1f", "", "opendnp3", "", "dnp3/opendnp3", "station 20"),
    # ---- fins/ : 10.71.2.0/24 --------------------------------------------------------------------------------
    Device("fn-client", "10.71.2.10", "02:71:02:00:02:0a", "", "engineering station", "", "fins/*", "node 99"),
    Device("fn-cp1l", "10.71.2.20", "02:71:02:00:02:14", "Omron", "CP1L-EM40DR-D", "01.10", "fins/identity", "node 20, over TCP"),
    Device("fn-cj2m", "10.71.2.21", "02:71:02:00:02:15", "Omron", "CJ2M-CPU31", "02.01", "fins/identity",
           "node 21; CJ1W-ETN21 V1.50, CJ1W-SCU41-V1 and CJ1W-MAD42 in its rack; CS1G-CPU44H V3.00 at node 5 of network 2 behind it"),
    Device("fn-cs1g", "10.71.2.22", "02:71:02:00:02:16", "Omron", "CS1H-CPU65H", "04.0", "fins/identity", "node 22"),
    Device("fn-target", "10.71.2.23", "02:71:02:00:02:17", "Omron", "unknown", "", "fins/changes", "node 23; says no identity"),
    # ---- hart_ip/ : 10.71.3.0/24 -----------------------------------------------------------------------------
    Device("ha-host", "10.71.3.10", "02:71:03:00:03:0a", "", "asset management host", "", "hart_ip/*", "primary master"),
    Device("ha-gateway", "10.71.3.20", "02:71:03:00:03:14", "Emerson", "gateway, type 0x264E", "", "hart_ip/gateway",
           "devices behind it: 0x2606 of maker 38, 0x118A of maker 17, 0x3751 of maker 55"),
    Device("ha-flow", "10.71.3.21", "02:71:03:00:03:15", "KROHNE", "type 0x45D5", "", "hart_ip/gateway", "a transmitter of its own, over TCP"),
    Device("ha-target", "10.71.3.22", "02:71:03:00:03:16", "", "unknown", "", "hart_ip/changes", "a positioner of maker 19 behind it"),
    # ---- slmp/ : 10.71.4.0/24 --------------------------------------------------------------------------------
    Device("sl-client", "10.71.4.10", "02:71:04:00:04:0a", "", "engineering station", "", "slmp/*", "asks, searches, changes"),
    Device("sl-panel", "10.71.4.11", "02:71:04:00:04:0b", "", "panel", "", "slmp/identity", "polls"),
    Device("sl-r04", "10.71.4.20", "02:71:04:00:04:14", "Mitsubishi Electric", "R04ENCPU", "", "slmp/identity", "station 5 of network 2 behind it: L02CPU-P"),
    Device("sl-q03", "10.71.4.21", "02:71:04:00:04:15", "Mitsubishi Electric", "Q03UDVCPU", "", "slmp/identity", "ASCII code, port 1280"),
    Device("sl-fx5", "10.71.4.22", "02:71:04:00:04:16", "Mitsubishi Electric", "FX5UC-32MT/D", "", "slmp/identity", "MELSOFT over UDP"),
    Device("sl-target", "10.71.4.23", "02:71:04:00:04:17", "Mitsubishi Electric", "unknown", "", "slmp/changes", "says no identity"),
    # ---- sbus/ : 10.71.5.0/24 --------------------------------------------------------------------------------
    Device("sb-client", "10.71.5.10", "02:71:05:00:05:0a", "", "engineering station", "", "sbus/pcd", "asks and changes"),
    Device("sb-pcd", "10.71.5.20", "02:71:05:00:05:14", "Saia-Burgess Controls", "PCD2.M480", "020", "sbus/pcd", "station 10, module PCD7.F655"),
    # ---- mms/ : 10.70.3.0/24 ---------------------------------------------------------------------------------
    Device("mm-station", "10.70.3.10", "02:70:00:00:03:0a", "unknown", "station computer", "", "mms/*", "every MMS client of the folder"),
    Device("mm-feeder", "10.70.3.20", "02:70:00:00:03:14", "ACME Protection", "FP-200", "3.12", "mms/substation", "feeder relay FEEDER4; polled, set, operated"),
    Device("mm-transformer", "10.70.3.21", "02:70:00:00:03:15", "ACME Protection", "TP-600", "5.01", "mms/substation", "transformer relay"),
    Device("mm-bay", "10.70.3.22", "02:70:00:00:03:16", "ACME Protection", "BC-100", "2.4", "mms/under-way", "bay controller BAY7"),
    Device("mm-gateway", "10.70.3.23", "02:70:00:00:03:17", "ACME Protection", "GW-10", "1.8", "mms/selectors-of-s7", "asked by a selector of S7"),
    # ---- goose/ and sv/ : layer 2 only; 10.70.4.0/24 for the sake of the table -------------------------------
    Device("go-feeder", "10.70.4.1", "02:70:00:00:04:01", "unknown", "feeder relay", "", "goose/trips", ""),
    Device("go-bay", "10.70.4.2", "02:70:00:00:04:02", "unknown", "bay controller", "", "goose/trips", "two control blocks"),
    Device("go-tester", "10.70.4.3", "02:70:00:00:04:03", "unknown", "test set", "", "goose/trips", "simulates the relay"),
    Device("go-fresh", "10.70.4.4", "02:70:00:00:04:04", "unknown", "relay", "", "goose/trips", "not commissioned"),
    Device("sv-first", "10.70.4.11", "02:70:00:00:04:0b", "unknown", "merging unit", "", "sv/merging-units", "loses its clock"),
    Device("sv-second", "10.70.4.12", "02:70:00:00:04:0c", "unknown", "merging unit", "", "sv/merging-units", "two streams in a frame"),
    Device("sv-tester", "10.70.4.13", "02:70:00:00:04:0d", "unknown", "test set", "", "sv/merging-units", "simulates the first"),
    # ---- ftp/ : 10.73.1.0/24 ---------------------------------------------------------------------------------
    Device("ft-client", "10.73.1.10", "02:73:00:00:01:0a", "unknown", "engineering station", "", "ftp/*", "every FTP client of the folder"),
    Device("ft-vsftpd", "10.73.1.20", "02:73:00:00:01:14", "unknown", "vsftpd 3.0.3", "", "ftp/vsftpd, ftp-over-tls", "anonymous FTP, and FTP with TLS"),
    Device("ft-proftpd", "10.73.1.21", "02:73:00:00:01:15", "unknown", "ProFTPD 1.3.8", "", "ftp/proftpd", "FTP with passwords"),
    # ---- telnet/ : 10.73.2.0/24 ------------------------------------------------------------------------------
    Device("te-client", "10.73.2.10", "02:73:00:00:02:0a", "unknown", "engineering station", "", "telnet/*", "every Telnet client of the folder"),
    Device("te-linux", "10.73.2.20", "02:73:00:00:02:14", "unknown", "telnetd of GNU inetutils 2.4", "", "telnet/inetutils", "panel-srv7"),
    Device("te-serial", "10.73.2.21", "02:73:00:00:02:15", "unknown", "serial device server", "", "telnet/serial-server", "of no maker"),
    # ---- smtp/ : 10.73.3.0/24 --------------------------------------------------------------------------------
    Device("sm-ups", "10.73.3.10", "02:73:00:00:03:0a", "unknown", "mail client", "", "smtp/*", "every SMTP client of the folder"),
    Device("sm-open", "10.73.3.20", "02:73:00:00:03:14", "unknown", "OpenSMTPD 6.8.0p2", "", "smtp/opensmtpd", "mail7"),
    Device("sm-relay", "10.73.3.21", "02:73:00:00:03:15", "unknown", "aiosmtpd 1.4.6", "", "smtp/aiosmtpd", "relay7"),
    # ---- vnc/ : 10.73.4.0/24 ---------------------------------------------------------------------------------
    Device("vn-client", "10.73.4.10", "02:73:00:00:04:0a", "unknown", "viewer", "", "vnc/*", "every VNC client of the folder"),
    Device("vn-tiger", "10.73.4.20", "02:73:00:00:04:14", "unknown", "TigerVNC 1.12.0", "", "vnc/tigervnc", "panel-7, three desktops"),
    Device("vn-x11", "10.73.4.21", "02:73:00:00:04:15", "unknown", "x11vnc 0.9.16", "", "vnc/x11vnc", "scada-view2, port 5910"),
    # ---- ntp/ : 10.73.5.0/24 ---------------------------------------------------------------------------------
    Device("nt-client", "10.73.5.10", "02:73:00:00:05:0a", "unknown", "client", "", "ntp/*", "asks for the time and for variables"),
    Device("nt-ntpsec", "10.73.5.20", "02:73:00:00:05:14", "unknown", "NTPsec 1.2.2", "", "ntp/*", "server with a clock"),
    Device("nt-chrony", "10.73.5.21", "02:73:00:00:05:15", "unknown", "chronyd 4.3", "", "ntp/*", "client of nt-ntpsec, server of nt-client"),
    Device("nt-receiver", "10.73.5.22", "02:73:00:00:05:16", "unknown", "receiver with ntpd 4.2.8", "", "ntp/variables", "stratum 1, answers ntpq"),
    Device("nt-peer", "10.73.5.23", "02:73:00:00:05:17", "unknown", "switch", "", "ntp/variables", "a peer that broadcasts the time"),
    # ---- ptp/ : 10.73.6.0/24 ---------------------------------------------------------------------------------
    Device("pt-grandmaster", "10.73.6.20", "02:73:00:00:06:14", "unknown", "linuxptp 3.1.1", "", "ptp/*", "grandmaster, also without IP"),
    Device("pt-slave", "10.73.6.21", "02:73:00:00:06:15", "unknown", "linuxptp 3.1.1", "", "ptp/*", "slave, also without IP"),
    Device("pt-clock", "10.73.6.22", "02:73:00:00:06:16", "unknown", "TC-7", "", "ptp/described", "grandmaster that describes itself; version 1, too"),
    Device("pt-manager", "10.73.6.23", "02:73:00:00:06:17", "unknown", "manager", "", "ptp/described", "asks for descriptions"),
    # ---- ssdp/ : 10.73.7.0/24 --------------------------------------------------------------------------------
    Device("ss-client", "10.73.7.10", "02:73:00:00:07:0a", "unknown", "gssdp-discover", "", "ssdp/*", "looks for devices"),
    Device("ss-minidlna", "10.73.7.20", "02:73:00:00:07:14", "unknown", "MiniDLNA 1.3.0", "", "ssdp/minidlna", "Hall 7 screens"),
    # ---- ws_discovery/ : 10.73.8.0/24 ------------------------------------------------------------------------
    Device("wd-client", "10.73.8.10", "02:73:00:00:08:0a", "unknown", "client", "", "ws_discovery/wsdd", "looks for devices"),
    Device("wd-linux", "10.73.8.20", "02:73:00:00:08:14", "unknown", "wsdd 0.7.0", "", "ws_discovery/wsdd", "PANEL-SRV8"),
    Device("wd-recorder", "10.73.8.30", "02:73:00:00:08:1e", "unknown", "recorder", "", "ws_discovery/cameras", "looks for cameras"),
    Device("wd-camera", "10.73.8.31", "02:73:00:00:08:1f", "unknown", "AX-1615", "", "ws_discovery/cameras", "Gate 7 north"),
    Device("wd-camera2", "10.73.8.32", "02:73:00:00:08:20", "unknown", "CX-3", "", "ws_discovery/cameras", "Pump house"),
    Device("wd-proxy", "10.73.8.33", "02:73:00:00:08:21", "unknown", "discovery proxy", "", "ws_discovery/cameras", "answers for 10.73.8.99"),
    # ---- kerberos/ : 10.73.9.0/24 ----------------------------------------------------------------------------
    Device("kb-client", "10.73.9.10", "02:73:00:00:09:0a", "unknown", "MIT Kerberos 1.20.1", "", "kerberos/krb5kdc", "HMI9 and a person"),
    Device("kb-centre", "10.73.9.20", "02:73:00:00:09:14", "unknown", "krb5kdc 1.20.1", "", "kerberos/krb5kdc", "key distribution centre of PLANT.EXAMPLE"),
    Device("kb-windows", "10.73.9.30", "02:73:00:00:09:1e", "unknown", "Windows", "", "kerberos/windows-client", "PANEL9"),
    Device("kb-dc", "10.73.9.31", "02:73:00:00:09:1f", "unknown", "key distribution centre", "", "kerberos/windows-client", "of LINE9.EXAMPLE"),
    # ---- tls/ : 10.72.1.0/24 ---------------------------------------------------------------------------------
    Device("tl-client", "10.72.1.10", "02:72:00:00:01:0a", "", "engineering station", "", "tls/*", "every TLS client of the folder: openssl s_client, curl"),
    Device("tl-filler", "10.72.1.20", "02:72:00:00:01:14", "", "Filler 3000 (invented)", "", "tls/device-certificates", "a chain of the plant's own authority"),
    Device("tl-meter", "10.72.1.21", "02:72:00:00:01:15", "", "power meter (invented)", "", "tls/old-versions", "TLS 1.0 and an expired certificate"),
    Device("tl-panel", "10.72.1.22", "02:72:00:00:01:16", "", "nginx 1.22.1", "", "tls/nginx", "TLS 1.3"),
    Device("tl-node", "10.72.1.23", "02:72:00:00:01:17", "", "sensor node (invented)", "", "tls/datagrams", "DTLS 1.2"),
    Device("tl-hmi", "10.72.1.11", "02:72:00:00:01:0b", "", "old panel", "", "tls/ssl", "a client that says hello as SSL 2.0 does"),
    Device("tl-ssl", "10.72.1.24", "02:72:00:00:01:18", "", "old web server", "", "tls/ssl", "SSL 2.0 and 3.0"),
    # ---- ssh/ : 10.72.2.0/24 ---------------------------------------------------------------------------------
    Device("sh-client", "10.72.2.10", "02:72:00:00:02:0a", "", "engineering station", "", "ssh/*", "every SSH client of the folder: ssh, dbclient, PuTTY"),
    Device("sh-openssh", "10.72.2.20", "02:72:00:00:02:14", "", "Debian 12", "", "ssh/openssh", "OpenSSH 9.2p1"),
    Device("sh-dropbear", "10.72.2.21", "02:72:00:00:02:15", "", "small device", "", "ssh/dropbear", "dropbear 2022.83 on port 2222"),
    Device("sh-moxa", "10.72.2.22", "02:72:00:00:02:16", "Moxa", "unknown", "", "ssh/identifications", ""),
    Device("sh-cisco", "10.72.2.23", "02:72:00:00:02:17", "Cisco", "unknown", "", "ssh/identifications", "speaks version 1, too"),
    Device("sh-windows", "10.72.2.24", "02:72:00:00:02:18", "Microsoft", "Windows", "", "ssh/identifications", ""),
    Device("sh-old", "10.72.2.25", "02:72:00:00:02:19", "", "old host", "", "ssh/identifications", "version 1"),
    Device("sh-notice", "10.72.2.26", "02:72:00:00:02:1a", "", "Raspberry Pi", "", "ssh/identifications", "a notice in front"),
    # ---- tds/ : 10.72.4.0/24; mysql/ : 10.72.5.0/24 ----------------------------------------------------------
    Device("td-historian", "10.72.4.10", "02:72:00:00:04:0a", "Microsoft", "HISTORIAN-2", "", "tds/sql-server", "logs in at both servers"),
    Device("td-old", "10.72.4.20", "02:72:00:00:04:14", "Microsoft", "SQL Server 2000", "8.0.2039", "tds/sql-server", "encrypts nothing"),
    Device("td-new", "10.72.4.21", "02:72:00:00:04:15", "Microsoft", "SQL Server 2019 and 2016", "15.0.4322, 13.0.6435", "tds/sql-server", "two instances and their browser"),
    Device("my-client", "10.72.5.10", "02:72:00:00:05:0a", "", "workstation", "", "mysql/mariadb", ""),
    Device("my-server", "10.72.5.20", "02:72:00:00:05:14", "", "MariaDB 10.11", "", "mysql/mariadb", "greets, and turns away"),
    # ---- csp/ : 10.20.15.0/24 --------------------------------------------------------------------------------
    Device("cs-client", "10.20.15.10", "f8:b1:56:20:0f:0a", "Dell", "engineering station", "", "csp/*", "every CSP client of the folder"),
    Device("cs-slc", "10.20.15.20", "00:00:bc:20:0f:14", "Rockwell Automation", "SLC 5/05", "C/11", "csp/slc-5-05", "bulletin name 5/05"),
    Device("cs-plc5", "10.20.15.21", "00:00:bc:20:0f:15", "Rockwell Automation", "PLC-5", "F/B", "csp/plc-5",
           "no bulletin name in its status; a bridge to DH+"),
    Device("cs-eni", "10.20.15.22", "00:00:bc:20:0f:16", "Rockwell Automation", "MicroLogix 1500", "C/9", "csp/micrologix-eni",
           "1764-LRP behind a 1761-NET-ENI; conversation seen from its middle on"),
]

# Modules that no frame has as its sender: (chassis, slot, vendor, model, firmware, identity). Slots not listed are
# empty and answer an Unconnected Send with an error.
MODULES = [
    ("en-chassis", 0, cip(ROCKWELL, CONTROLLER, 166, 33, 11, 0x6020_2800, "1756-L83E/B", 0x3060)),
    ("en-chassis", 1, cip(ROCKWELL, ADAPTER, 166, 11, 2, 0x6020_2801, "1756-EN2T/D")),
    ("en-chassis", 2, cip(ROCKWELL, CONTROLLER, 148, 31, 11, 0x6020_2802, "1756-L73S/B LOGIX5573SAFETY", 0x3060)),
    ("en-chassis", 3, cip(ROCKWELL, CONTROLLER, 146, 31, 11, 0x6020_2803, "1756-L7SP/B LOGIX5570SAFETYPARTNER", 0x3060)),
    ("en-chassis", 4, cip(ROCKWELL, DISCRETE, 11, 3, 3, 0x6020_2804, "1756-IB16/A DCIN ISOL")),
    ("en-chassis", 5, cip(ROCKWELL, DISCRETE, 11, 3, 6, 0x6020_2805, "1756-IB16/A DCIN ISOL")),
    ("en-chassis", 7, cip(ROCKWELL, DISCRETE, 16, 3, 2, 0x6020_2807, "1756-OB16E/A DCOUT EFUSE")),
    ("en-chassis", 8, cip(ROCKWELL, ANALOG, 3, 1, 11, 0x6020_2808, "1756-IF8/A")),
    ("en-chassis", 10, cip(ROCKWELL, ANALOG, 3, 1, 13, 0x6020_280A, "1756-IF8/A")),
    ("en-chassis", 12, cip(ROCKWELL, ADAPTER, 200, 10, 7, 0x6020_280C, "1756-EN2TR/C")),
    ("en-bridge", 0, cip(ROCKWELL, CONTROLLER, 94, 20, 55, 0x6020_2CC0, "1756-L63/A LOGIX5563", 0x3060)),
    ("en-bridge", 3, cip(ROCKWELL, ADAPTER, 58, 6, 6, 0x6020_2CC3, "1756-ENBT/A")),
    ("en-rack", 0, cip(ROCKWELL, CONTROLLER, 96, 20, 19, 0x6020_2A10, "1756-L75/B LOGIX5575", 0x1060)),
    ("en-rack", 1, cip(ROCKWELL, ADAPTER, 200, 10, 7, 0x6020_2A11, "1756-EN2TR/C")),
    ("en-rack", 3, cip(ROCKWELL, DISCRETE, 11, 3, 6, 0x6020_2A13, "1756-IB16/A DCIN ISOL")),
    ("c1-plc", 0, cip(ROCKWELL, CONTROLLER, 166, 33, 11, 0x6110_1100, "1756-L83E/B", 0x3060)),
    ("c1-plc", 1, cip(ROCKWELL, ADAPTER, 166, 11, 2, 0x6110_1001, "1756-EN2T/D")),
    ("c1-plc", 2, cip(ROCKWELL, CONTROLLER, 148, 31, 11, 0x6110_1102, "1756-L73S/B LOGIX5573SAFETY", 0x3060)),
    ("c1-plc", 3, cip(ROCKWELL, DISCRETE, 11, 3, 6, 0x6110_1103, "1756-IB16/A DCIN ISOL")),
    ("c1-plc", 5, cip(ROCKWELL, ANALOG, 3, 1, 13, 0x6110_1105, "1756-IF8/A")),
]

# ---- scenarios/ : 10.30.N.0/24 for scenario N; 172.30.N.0/24 is the far side of its routers ---------------------------
# Who is who here is the question of each scenario: an address, a name or a MAC address may stand in two rows.
DELL, MICROSOFT, CISCO, SIEMENS, MOXA, WAGO = "Dell", "Microsoft", "Cisco", "Siemens", "Moxa", "WAGO"
SCENES_SINCE = 0x6030_0000


def scene(name, last, oui, vendor, model="", firmware="", note="", says=None, ip="", mac=""):
    """A device of scenario `int(name[1:3])` at its address that ends in `last`; its MAC ends in scenario and `last`."""
    number = int(name[1:3])
    here = ip or f"10.30.{number}.{last}"
    hardware = mac or f"{oui}:30:{number:02x}:{last:02x}"
    is_windows = bool(says) and "version" in says and model != "Samba"
    return Device(name, here, hardware, vendor, model, firmware, f"scenarios/{name[1:3]}-*", note, says or {}, 128 if is_windows else 0)


def atv320(text):
    return modbus(SE, "ATV320U07M2C", "V1.7IE32", "", "Altivar Machine ATV320", "ATV320", text)


def numbered(number, last):
    return SCENES_SINCE | number << 8 | last


def point_io(number, last, minor=17):
    return cip(ROCKWELL, ADAPTER, 108, 5, minor, numbered(number, last), "1734-AENT/B")


def en2t(number, last):
    return cip(ROCKWELL, ADAPTER, 166, 11, 2, numbered(number, last), "1756-EN2T/D")


def l73(number, last, minor=11):
    return cip(ROCKWELL, CONTROLLER, 94, 31, minor, numbered(number, last), "1756-L73/B LOGIX5573", 0x3060)


D, D2, R1, R2, SE1, SIE, MOX, CIS, JUN, VM, HV = ("f8:b1:56", "18:66:da", "f4:54:33", "00:1d:9c", "00:80:f4", "28:63:36", "00:90:e8",
                                                  "00:00:0c", "00:05:85", "00:0c:29", "00:15:5d")
RA = "Rockwell Automation"
PM5560 = modbus(SE, "METSEPM5560", "2.5.3", SE_URL, "PowerLogic PM5560", "PM5560")
W10, W2019, W2016 = (10, 0, 19041), (10, 0, 17763), (10, 0, 14393)

SCENES = [
    scene("s01-scada", 10, D, DELL, ip="172.30.1.10", note="polls every address of 10.30.1.0/24 through s01-router"),
    scene("s01-router", 1, CIS, CISCO, ip="172.30.1.1"),

    scene("s02-server", 1, SIE, SIEMENS, "SCALANCE XM408-8C", note="DHCP server and gateway"),
    scene("s02-files", 5, HV, MICROSOFT, says=windows("FILES2", "PLANT", W2019, dialects=SMB_311)),
    scene("s02-laptop-a", 100, D, DELL, note="LAPTOP-ADA, until 06:30", says=windows("LAPTOP-ADA", "PLANT", W10, dialects=SMB_311)),
    scene("s02-laptop-b", 101, D2, DELL, note="LAPTOP-BEN, from 14:00, with the address of LAPTOP-ADA", ip="10.30.2.100",
          says=windows("LAPTOP-BEN", "PLANT", W10, dialects=SMB_311)),
    scene("s02-dhcp", 7, VM, "VMware", note="DHCP server behind a relay", ip="172.30.2.5"),
    scene("s02-router", 3, CIS, CISCO, note="router and relay, 10.30.2.129 at its far side", ip="172.30.2.1"),
    scene("s02-portal", 8, HV, MICROSOFT, ip="172.30.2.9", says=windows("PORTAL2", "PLANT", W2019, dialects=SMB_311)),
    scene("s02-laptop-c", 200, D, DELL, note="LAPTOP-CLEO, behind the relay", says=windows("LAPTOP-CLEO", "PLANT", W10, dialects=SMB_311)),
    scene("s02-laptop-d", 201, D2, DELL, note="LAPTOP-DAN, behind the relay, later with the same address", ip="10.30.2.200",
          says=windows("LAPTOP-DAN", "PLANT", W10, dialects=SMB_311)),

    scene("s03-near", 10, D, DELL, note="in VLAN 10"),
    scene("s03-far", 140, D2, DELL, note="in VLAN 20"),
    scene("s03-router", 129, CIS, CISCO, note="between VLAN 10 and 20"),
    scene("s03-adapter", 20, R1, RA, "1734-AENT/B", "5.17", "in VLAN 10; seen in VLAN 20, too, behind the router", point_io(3, 20)),
    scene("s03-poller-a", 41, D, DELL, note="in cell VLAN 30", ip="10.30.3.41"),
    scene("s03-poller-b", 42, D, DELL, note="in cell VLAN 31; a clone of cell 30", ip="10.30.3.41"),
    scene("s03-meter-a", 43, SE1, SE, "PM5560", "2.5.3", "in cell VLAN 30", PM5560, ip="10.30.3.40"),
    scene("s03-meter-b", 44, SE1, SE, "PM5560", "2.5.3", "in cell VLAN 31; a clone of cell 30", PM5560, ip="10.30.3.40"),
    scene("s03-host-40", 60, VM, "VMware", note="one card in VLAN 40 and 41"),
    scene("s03-host-41", 190, VM, "VMware", note="the same card in VLAN 41", mac="00:0c:29:30:03:3c"),
    scene("s03-m340", 61, SE1, SE, "BMXP342020", "v2.70", "in VLAN 40", modbus(SE, "BMX P34 2020", "v2.70")),
    scene("s03-m221", 191, SE1, SE, "TM221CE40R", "1.6.2.0", "in VLAN 41", modbus(SE, "TM221CE40R", "1.6.2.0")),

    scene("s04-scanner-a", 10, D, DELL, note="at site A"),
    scene("s04-adapter-a", 20, R1, RA, "1734-AENT/B", "5.17", "at site A", point_io(4, 20)),
    scene("s04-scanner-b", 110, D2, DELL, note="at site B", ip="10.30.4.10"),
    scene("s04-adapter-b", 120, R1, RA, "1734-AENT/B", "5.20", "at site B", point_io(4, 120, 20), ip="10.30.4.20"),

    scene("s05-router-1", 2, CIS, CISCO, note="VRRP group 5, first master"),
    scene("s05-router-2", 3, JUN, "Juniper Networks", note="VRRP group 5, second master"),
    scene("s05-virtual", 1, CIS, "", note="address of VRRP group 5", mac="00:00:5e:00:01:05"),
    scene("s05-host", 20, D, DELL),
    scene("s05-far", 50, D, DELL, ip="172.30.5.50"),
    scene("s05-keeper-1", 132, D, DELL, note="keepalived, without a virtual MAC"),
    scene("s05-keeper-2", 133, D2, DELL, note="keepalived, without a virtual MAC"),
    scene("s05-client", 150, VM, "VMware"),

    scene("s06-station", 10, D, DELL),
    scene("s06-chassis-a", 20, R2, RA, "1756-EN2T/D", "11.2", "redundant pair; 10.30.6.21 after the switchover", en2t(6, 20)),
    scene("s06-chassis-b", 21, R2, RA, "1756-EN2T/D", "11.2", "redundant pair; 10.30.6.20 after the switchover", en2t(6, 21)),

    scene("s07-station", 10, D, DELL),
    scene("s07-machine-1", 42, R1, RA, "1734-AENT/B", "5.17", "192.168.1.42 behind a translation", point_io(7, 42)),
    scene("s07-machine-2", 43, R1, RA, "1734-AENT/B", "5.17", "192.168.1.42 behind another translation", point_io(7, 43)),
    scene("s07-cell-station", 70, D2, DELL, note="in VLAN 177", ip="192.168.1.10"),
    scene("s07-cell-adapter", 72, R1, RA, "1734-AENT/B", "5.20", "really at that address, in VLAN 177", point_io(7, 72, 20), ip="192.168.1.42"),

    scene("s08-client", 10, D, DELL),
    scene("s08-gateway", 20, MOX, MOXA, "MGate MB3170 (by MAC only)", note="units 1-16 ATV320 V1.7IE32, 17-32 PAC3200 V2.4.2"),

    scene("s09-station", 10, D, DELL),
    scene("s09-chassis", 20, R2, RA, "1756-EN2T/D", "11.2", "all 13 slots of a 1756-A13 answer", en2t(9, 1)),

    scene("s10-station", 10, D, DELL),
    scene("s10-adapter", 20, R1, RA, "1734-AENT/B", "5.17", "5.20 after the upgrade", point_io(10, 20)),
    scene("s10-chassis", 30, R2, RA, "1756-EN2T/D", "11.2", "1756-L73 in slot 0: 31.11, then 31.12", en2t(10, 30)),

    scene("s11-station", 10, D, DELL),
    scene("s11-adapter", 20, R1, RA, "1734-AENT/B", "5.17", "until 09:00", point_io(11, 20)),
    scene("s11-successor", 21, R1, RA, "1734-AENTR/C", "7.13", "from 11:00, in its place", ip="10.30.11.20",
          says=cip(ROCKWELL, ADAPTER, 196, 7, 13, numbered(11, 21), "1734-AENTR/C")),
    scene("s11-spare", 22, R1, RA, "1734-AENT/B", "5.17", "the same product in place of another", point_io(11, 22), ip="10.30.11.30"),
    scene("s11-twin", 30, R1, RA, "1734-AENT/B", "5.17", "until 09:00", point_io(11, 30)),
    scene("s11-far-station", 60, D, DELL, ip="172.30.11.60"),
    scene("s11-router", 61, CIS, CISCO, ip="172.30.11.1"),
    scene("s11-routed", 40, R1, RA, "1734-AENT/B", "5.17", "behind a router, until 09:00", point_io(11, 40)),
    scene("s11-routed-successor", 41, R1, RA, "1734-AENT/B", "5.20", "behind a router, from 11:00", point_io(11, 41, 20), ip="10.30.11.40"),

    scene("s12-switch-121", 1, SIE, SIEMENS, note="layer 3 switch, VLAN 121"),
    scene("s12-switch-122", 129, SIE, SIEMENS, note="the same switch, VLAN 122", mac="28:63:36:30:0c:01"),
    scene("s12-laptop-121", 20, D, DELL, note="ENG-LAPTOP12 in VLAN 121", says=windows("ENG-LAPTOP12", "PLANT", W10, dialects=SMB_311)),
    scene("s12-laptop-122", 150, D, DELL, note="ENG-LAPTOP12 in VLAN 122", mac="f8:b1:56:30:0c:14",
          says=windows("ENG-LAPTOP12", "PLANT", W10, dialects=SMB_311)),
    scene("s12-hmi-121", 30, HV, MICROSOFT, note="HMI-121", says=windows("HMI-121", "PLANT", W2016, *S2016, SMB_311)),
    scene("s12-hmi-122", 160, HV, MICROSOFT, note="HMI-122", says=windows("HMI-122", "PLANT", W2016, *S2016, SMB_311)),

    scene("s13-station", 10, D, DELL),
    scene("s13-gateway-near", 1, CIS, CISCO, note="a router's side towards the station"),
    scene("s13-gateway-far", 129, CIS, CISCO, note="its side towards the devices"),
    scene("s13-adapter", 148, R1, RA, "1734-AENT/B", "5.17", says=point_io(13, 148)),
    scene("s13-meter", 149, SE1, SE, "PM5560", "2.5.3", says=PM5560),

    scene("s14-client", 10, D, DELL),
    scene("s14-meter", 20, SE1, SE, "PM5560", "2.5.3", says=PM5560),
    scene("s14-adapter", 21, R1, RA, "1734-AENT/B", "5.17", says=point_io(14, 21)),

    scene("s16-station", 10, D, DELL),
    scene("s16-adapter", 20, R1, RA, "1734-AENT/B", "5.17", says=point_io(16, 20)),
    scene("s16-meter", 21, SE1, SE, "PM5560", "2.5.3", says=PM5560),
    scene("s16-server", 22, HV, MICROSOFT, says=windows("SCADA16", "PLANT", W2019, dialects=SMB_311)),
    scene("s16-client", 23, D2, DELL, says=windows("CLIENT16", "PLANT", W10, dialects=SMB_311)),

    scene("s17-client", 10, D, DELL, says=windows("ENG17", "PLANT", W10, dialects=SMB_311)),
    scene("s17-samba", 20, VM, "VMware", "Samba", "", "says NTLM version 6.1.0", windows("nas17", "NAS17", (6, 1, 0), dialects=SMB_311, dns="")),

    scene("s18-client", 10, D, DELL, says=windows("ENG18", "PLANT", W10, dialects=SMB_311)),
    scene("s18-server", 20, HV, MICROSOFT, "Windows Server 2016", "10.0.14393", says=windows("SCADA18", "PLANT", W2016, dialects=SMB_311)),

    scene("s19-client", 10, D, DELL, says=windows("ENG19", "PLANT", W10, dialects=SMB_311)),
    scene("s19-server", 20, HV, MICROSOFT, "Windows Server 2019", "10.0.17763", says=windows("HIST19", "PLANT", W2019, dialects=SMB_311)),

    scene("s20-station", 10, D, DELL),
    scene("s20-meter", 20, SE1, SE, "PM5560", "2.5.3", says=PM5560),
    scene("s20-adapter", 21, R1, RA, "1734-AENT/B", "5.17", says=point_io(20, 21)),
    scene("s20-switch", 1, SIE, SIEMENS, "SCALANCE XM408-8C", note="its name is longer than what was kept of it"),

    scene("s21-station", 10, D, DELL),
    scene("s21-meter", 20, SE1, SE, "PM5560", "2.5.3", says=PM5560),
    scene("s21-adapter", 21, R1, RA, "1734-AENT/B", "5.17", says=point_io(21, 21)),

    scene("s22-station", 10, D, DELL),
    scene("s22-adapter", 20, R1, RA, "1734-AENT/B", "5.17", "5.20 five years later", point_io(22, 20)),
    scene("s22-twin", 21, R1, RA, "1734-AENT/B", "5.17", "the same five years later", point_io(22, 21)),

    scene("s23-station", 10, D, DELL),
    scene("s23-adapter", 20, R1, RA, "1734-AENT/B", "5.17", says=point_io(23, 20)),
    scene("s23-meter", 21, SE1, SE, "PM5560", "2.5.3", says=PM5560),

    scene("s29-station", 10, D, DELL),
    scene("s29-first", 20, R1, RA, "1734-AENT/B", "5.17", says=point_io(29, 20)),
    scene("s29-second", 21, R1, RA, "1734-AENT/B", "5.20", "at the same time with the same address", point_io(29, 21, 20), ip="10.30.29.20"),

    scene("s30-station", 10, D, DELL),
    scene("s30-router", 1, CIS, CISCO, note="answers ARP for three hosts behind it"),
    scene("s30-host-1", 200, R1, RA, "1734-AENT/B", "5.17", says=point_io(30, 200)),
    scene("s30-host-2", 201, R1, RA, "1734-AENT/B", "5.17", says=point_io(30, 201)),
    scene("s30-host-3", 202, R1, RA, "1734-AENT/B", "5.20", says=point_io(30, 202, 20)),

    scene("s31-client", 10, D2, DELL, says=windows("ENG31", "PLANT", W10, dialects=SMB_311)),
    scene("s31-team-1", 20, D, DELL, note="first card of HIST31", says=windows("HIST31", "PLANT", W2019, dialects=SMB_311)),
    scene("s31-team-2", 21, D, DELL, note="second card of HIST31", ip="10.30.31.20", says=windows("HIST31", "PLANT", W2019, dialects=SMB_311)),

    scene("s32-station", 10, D, DELL),
    scene("s32-bridge", 1, MOX, MOXA, note="wireless bridge that puts its own MAC address on what it passes on"),
    scene("s32-agv-1", 21, R1, RA, "1734-AENT/B", "5.17", says=point_io(32, 21)),
    scene("s32-agv-2", 22, R1, RA, "1734-AENT/B", "5.17", says=point_io(32, 22)),
    scene("s32-agv-3", 23, SE1, SE, "PM5560", "2.5.3", says=PM5560),
]

# Slots of the chassis of scenarios 6, 9 and 10; of scenario 9, slots 4 and 5 hold one model in two revisions.
SCENE_MODULES = [
    ("s06-chassis-a", 0, l73(6, 0xA0)), ("s06-chassis-a", 1, en2t(6, 20)),
    ("s06-chassis-b", 0, l73(6, 0xB0)), ("s06-chassis-b", 1, en2t(6, 21)),
    ("s09-chassis", 0, cip(ROCKWELL, CONTROLLER, 166, 33, 11, numbered(9, 0), "1756-L83E/B", 0x3060)),
    ("s09-chassis", 1, en2t(9, 1)),
    ("s09-chassis", 2, l73(9, 2)),
    ("s09-chassis", 3, cip(ROCKWELL, ADAPTER, 58, 6, 6, numbered(9, 3), "1756-ENBT/A")),
    ("s09-chassis", 4, cip(ROCKWELL, DISCRETE, 11, 3, 3, numbered(9, 4), "1756-IB16/A DCIN ISOL")),
    ("s09-chassis", 5, cip(ROCKWELL, DISCRETE, 11, 3, 6, numbered(9, 5), "1756-IB16/A DCIN ISOL")),
    ("s09-chassis", 6, cip(ROCKWELL, DISCRETE, 11, 3, 6, numbered(9, 6), "1756-IB16/A DCIN ISOL")),
    ("s09-chassis", 7, cip(ROCKWELL, DISCRETE, 16, 3, 2, numbered(9, 7), "1756-OB16E/A DCOUT EFUSE")),
    ("s09-chassis", 8, cip(ROCKWELL, DISCRETE, 16, 3, 2, numbered(9, 8), "1756-OB16E/A DCOUT EFUSE")),
    ("s09-chassis", 9, cip(ROCKWELL, ANALOG, 3, 1, 11, numbered(9, 9), "1756-IF8/A")),
    ("s09-chassis", 10, cip(ROCKWELL, ANALOG, 3, 1, 13, numbered(9, 10), "1756-IF8/A")),
    ("s09-chassis", 11, cip(ROCKWELL, ANALOG, 3, 1, 13, numbered(9, 11), "1756-IF8/A")),
    ("s09-chassis", 12, cip(ROCKWELL, ADAPTER, 200, 10, 7, numbered(9, 12), "1756-EN2TR/C")),
    ("s10-chassis", 0, l73(10, 0x31)), ("s10-chassis", 1, en2t(10, 30)),
]

BY_NAME = {device.name: device for device in [*DEVICES, *SCENES]}


def device(name):
    return BY_NAME[name]


def slots(chassis):
    """The occupied slots of a chassis, as slot number to CIP identity."""
    return {slot: identity for name, slot, identity in [*MODULES, *SCENE_MODULES] if name == chassis}


def behind(device, router):
    """A device as it is seen through a router: the MAC address is the router's, and one hop is counted."""
    return replace(device, mac=router.mac, ttl=(device.ttl or (128 if device.vendor == MICROSOFT else 64)) - 1, router=router)


def at(device, ip):
    """The same device with another address."""
    return replace(device, ip=ip)


def check():
    """One name, one MAC, one address each; only the deliberate twin shares an address."""
    names = [d.name for d in DEVICES]
    macs = [d.mac for d in DEVICES]
    assert len(set(names)) == len(names) and len(set(macs)) == len(macs)
    addresses = [d.ip for d in DEVICES if d.name != "ar-twin"]
    assert len(set(addresses)) == len(addresses)
    serials = [(m[2]["vendor"], m[2]["serial"]) for m in MODULES]
    assert len(set(serials)) == len(serials)
    assert len(BY_NAME) == len(DEVICES) + len(SCENES)
    strangers = [d.name for d in SCENES if d.ip in addresses or d.mac in macs]
    assert not strangers, strangers


def table():
    """The device table of README.md, in Markdown."""
    rows = ["| address | vendor | model | firmware | capture | note |", "|---|---|---|---|---|---|"]
    for d in [*DEVICES, *SCENES]:
        rows.append(f"| {d.ip} | {d.vendor} | {d.model} | {d.firmware or '—'} | {d.where} | {d.note} |")
        for slot, m in sorted(slots(d.name).items()):
            if m["name"] != d.model:
                rows.append(f"| {d.ip} slot {slot} | {d.vendor} | {m['name']} | {m['major']}.{m['minor']:03d} | {d.where} | |")
    return "\n".join(rows)


if __name__ == "__main__":
    check()
    print(table())
