#!/usr/bin/env python3
"""Writes a list of devices for `nameplate assets import`, to time judging against a whole corpus of advisories.

    devices.py FILE [DEVICES] [KINDS]

So many devices, of so many kinds (as many as devices unless told): a kind is a model with a firmware version. Models are those
of makers of whom advisories are published. The same bytes each time.
"""

import csv
import sys

# Vendor, models, and how the maker writes versions: three counters that run.
MAKERS = [
    ("Rockwell Automation", ["1756-L83E", "1756-L73", "1756-L81ES", "1756-EN2T", "1756-EN2TR", "1769-L33ER", "5069-L320ER",
                             "5069-L306ERM", "1766-L32BXB", "1763-L16BWA", "1734-AENTR", "2080-LC50-24QWB", "1783-BMS10CGL"],
     lambda n: f"{n % 37 + 1}.{n // 37 % 60 + 1:03}"),
    ("Siemens", ["6ES7315-2EH14-0AB0", "6ES7412-2EK07-0AB0", "6ES7214-1AG40-0XB0", "6ES7516-3AN02-0AB0", "6ES7512-1DK01-0AB0",
                 "6GK5204-2BC10-2AA3", "6GK7443-1GX30-0XE0", "6ED1052-1MD08-0BA1", "6SL3040-1MA01-0AA0", "7KM4212-0BA00-3AA0",
                 "6ES7155-6AU01-0BN0", "6GK5328-4FS00-2AR3", "6AV2124-0GC01-0AX0"],
     lambda n: f"V{n % 9 + 1}.{n // 9 % 10}.{n // 90 % 30}"),
    ("Schneider Electric", ["BMXP342020", "BMEP584040", "BMEH582040S", "140CPU65160", "TSXP57204M", "TM221CE24R", "TM241CE40R",
                            "BMXNOE0100", "BMENOC0301", "METSEPM5560", "171CBU98090", "ATV340U07N4"],
     lambda n: f"{n % 6 + 1}.{n // 6 % 100:02}"),
    ("Mitsubishi Electric", ["R04CPU", "R08SFCPU", "Q03UDECPU", "FX5U-32MT/ES", "FX5UC-32MT/D", "L26CPU-BT", "FX3U-ENET-ADP"],
     lambda n: f"{n % 90 + 1:02}"),
    ("Omron", ["NJ501-1300", "NX701-1600", "NX1P2-1040DT", "CJ2M-CPU31", "CS1G-CPU44H", "CP1L-EM40DT-D"],
     lambda n: f"{n % 3 + 1}.{n // 3 % 60:02}"),
    ("WAGO", ["750-881", "750-8202", "750-362", "762-4301"], lambda n: f"{n % 27 + 1:02}"),
    ("Phoenix Contact", ["AXC F 2152", "ILC 191 ETH 2TX", "FL SWITCH 2208", "TC MGUARD RS2000 3G VPN"],
     lambda n: f"{n % 9 + 1}.{n // 9 % 10}.{n // 90 % 20}"),
    ("Moxa", ["EDS-408A", "EDS-G516E", "NPort 5110A", "MGate MB3170", "ioLogik E2210", "OnCell G3150A-LTE", "AWK-3131A"],
     lambda n: f"{n % 6 + 1}.{n // 6 % 30}"),
    ("ABB", ["AC500 PM573-ETH", "REF615", "ACS880", "RELION 670"], lambda n: f"{n % 5 + 1}.{n // 5 % 10}.{n // 50 % 9}"),
    ("Delta Electronics", ["DVP-12SE", "AS332T-A", "DVP-ES3"], lambda n: f"{n % 3 + 1}.{n // 3 % 80:02}"),
]


def main():
    devices = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    kinds = int(sys.argv[3]) if len(sys.argv) > 3 else devices
    rows = [(vendor, model, firmware) for vendor, models, firmware in MAKERS for model in models]
    with open(sys.argv[1], "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["ip", "vendor", "model", "firmware"])
        for device in range(devices):
            kind = device % kinds
            vendor, model, firmware = rows[kind % len(rows)]
            address = f"10.{device >> 16 & 255}.{device >> 8 & 255}.{device & 255}"
            out.writerow([address, vendor, model, firmware(kind // len(rows))])


main()
