#!/usr/bin/env python3
"""Instructions per packet of each part of the way of a packet, counted by callgrind.

    cargo bench --bench paths --no-run            # says where it put the program
    tests/bench/paths.py PROGRAM CAPTURE...

One row for each path of paths.rs, with what it adds to the path before it. What a start costs does not count: only what
happens in `measured` does. The digest of the input is told apart: valgrind has no SHA instructions, and the software form
that is then used would hide all else. Instructions are the same on a machine that is busy; waiting for memory is not among
them, and has to be timed.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

PATHS = ["libpcap", "etherparse", "capture", "packet", "flow", "dissect", "memo", "ledger", "store", "steady"]
BEFORE = {"packet": "capture", "flow": "packet", "dissect": "flow", "memo": "dissect", "ledger": "memo", "store": "ledger"}


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    program, captures = sys.argv[1], sys.argv[2:]
    print("| capture | packets | " + " | ".join(PATHS) + " | digest |")
    print("|---" * (len(PATHS) + 3) + "|")
    for capture in captures:
        counted = {path: count(program, path, capture) for path in PATHS}
        packets = counted["capture"][0]
        cells = []
        for path in PATHS:
            # `steady` takes a part of the packets only.
            taken, total, digest = counted[path]
            cell = f"{(total - digest) / taken:,.0f}"
            if path in BEFORE:
                _, before, of_before = counted[BEFORE[path]]
                cell += f" (+{(total - digest - before + of_before) / packets:,.0f})"
            cells.append(cell)
        print(f"| {Path(capture).stem} | {packets:,} | " + " | ".join(cells) + f" | {counted['capture'][2] / packets:,.0f} |", flush=True)


def count(program, path, capture):
    """Packets, instructions, and those of the digest among them."""
    with tempfile.TemporaryDirectory() as folder:
        calls = Path(folder) / "calls"
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={calls}", "--toggle-collect=paths::measured",
                   program, "--runs", "1", path, capture]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        report = subprocess.run(["callgrind_annotate", "--auto=no", "--threshold=100", calls],
                                check=True, capture_output=True, text=True).stdout
    total = digest = 0
    for line in report.splitlines():
        number = line.strip().split(" ", 1)[0].replace(",", "")
        if "PROGRAM TOTALS" in line:
            total = int(number)
        elif "sha2::sha256" in line and number.isdigit():
            digest += int(number)
    return int(re.search(r"frames=(\d+)", told).group(1)), total, digest


main()
