#!/usr/bin/env python3
"""The program beside floors and peers, on the same captures in the same run.

    tests/bench/peers.py NAMEPLATE PATHS CAPTURE... [--runs N] [--cpu N]

PATHS is the program of `cargo bench --bench paths`, for the floors. Commands take turns (A B C A B C ...), so that a busy machine
hits all alike, on one processor. Shown are the least CPU time (user and system) of all runs, packets per second of it, how many
times that of the libpcap loop it is, and the largest resident memory. Peers that are not installed are named, not shown.
"""

import argparse
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description="The program beside floors and peers.")
    parser.add_argument("nameplate")
    parser.add_argument("paths")
    parser.add_argument("captures", nargs="+")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--cpu", type=int, default=0)
    arguments = parser.parse_args()
    commands = {
        "libpcap loop": [arguments.paths, "--runs", "1", "libpcap", "{f}"],
        "etherparse loop": [arguments.paths, "--runs", "1", "etherparse", "{f}"],
        "nameplate scan": [arguments.nameplate, "scan", "{f}", "-o", "ndjson=/dev/null"],
        "nameplate scan --store": [arguments.nameplate, "scan", "{f}", "--store", "{o}/store", "-o", "ndjson=/dev/null"],
        "tcpdump -w /dev/null": ["tcpdump", "-r", "{f}", "-w", "/dev/null"],
        "tshark, protocols only": ["tshark", "-n", "-r", "{f}", "-q", "-z", "io,phs"],
        "suricata": ["suricata", "-r", "{f}", "-l", "{o}", "--runmode", "single"],
        "zeek": ["zeek", "-C", "-r", "{f}"],
        "p0f": ["p0f", "-r", "{f}"],
    }
    missing = [name for name, command in commands.items() if not shutil.which(command[0])]
    present = {name: command for name, command in commands.items() if name not in missing}
    if missing:
        print("Not installed here, and so not shown: " + ", ".join(missing) + ".\n")
    for capture in arguments.captures:
        table(arguments, present, Path(capture).resolve())


def table(arguments, commands, capture):
    measured = {name: [] for name in commands}
    for turn in range(arguments.runs):
        for name, command in commands.items():
            measured[name].append(run(command, capture, arguments.cpu))
    packets = int(re.search(r"frames=(\d+)", measured["libpcap loop"][0][2]).group(1))
    floor = min(cpu for cpu, _, _ in measured["libpcap loop"])
    print(f"{capture.stem}: {packets:,} packets, {capture.stat().st_size:,} bytes, {arguments.runs} runs\n")
    print("| | CPU s | M packets/CPU s | times the libpcap loop | peak, MiB |")
    print("|---|---|---|---|---|")
    for name, runs in measured.items():
        cpu, peak = min(cpu for cpu, _, _ in runs), max(peak for _, peak, _ in runs)
        rate = packets / max(cpu, 1e-6) / 1e6
        print(f"| {name} | {cpu:.3f} | {rate:.2f} | {cpu / max(floor, 1e-6):.1f} | {peak / 2**20:,.0f} |", flush=True)
    print()


def run(command, capture, cpu):
    """CPU seconds, peak of memory in bytes, and what was printed, of one run in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        words = [word.replace("{f}", str(capture)).replace("{o}", folder) for word in command]
        with open(Path(folder) / "printed", "w+") as printed:
            process = subprocess.Popen(words, cwd=folder, stdout=printed, stderr=subprocess.DEVNULL,
                                       preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                raise SystemExit(f"{words}: exit code {process.returncode}")
            printed.seek(0)
            return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, printed.read()


main()
