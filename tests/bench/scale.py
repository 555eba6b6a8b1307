#!/usr/bin/env python3
"""Time per packet, memory and store by number of assets, and memory under floods.

    scale.py NAMEPLATE [--dir DIR] [--packets N] [--assets N,N,...] [--no-store] [--flood N]

Plants of 100 to 100,000 assets with ten conversations each are made by plant.rs (rustc is needed) and scanned by the
program given, a release build. Prints a table in Markdown. What is measured:

  ns/packet     CPU time until the last byte of the capture was read, less that of an empty capture, per packet
  steady        the same of the second half of the packets alone, when nearly all was said: the cost of polling
  settle        CPU time from then on: devices and verdicts are worked out, and printed as NDJSON to /dev/null
  peak          peak resident memory; "per asset" is what it is above the smallest plant, per asset more
  store         bytes of the store of the same scan, per asset

Each figure is the median of three runs, of one where a run takes longer than a minute.
"""

import argparse
import csv
import os
import pathlib
import shutil
import statistics
import struct
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
EMPTY = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)
RUNS, LONG_SECONDS = 3, 60


def main():
    arguments = parse()
    work = pathlib.Path(arguments.dir or tempfile.mkdtemp(prefix="nameplate-scale-"))
    work.mkdir(parents=True, exist_ok=True)
    plant = work / "plant"
    subprocess.run(["rustc", "-O", "--edition", "2024", HERE / "plant.rs", "-o", plant], check=True)
    (work / "empty.pcap").write_bytes(EMPTY)
    empty = median(arguments.nameplate, work / "empty.pcap")
    print(f"Empty capture: {empty['all']:.2f} s of CPU time, {mib(empty['peak'])} MiB.\n")
    print("| assets | conversations | packets | packets/CPU s | ns/packet | steady | settle, s | peak, MiB | per asset, KiB | store per asset, KiB |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    smallest = None
    for assets in sorted(map(int, arguments.assets.split(","))):
        peak = row(arguments, work, plant, assets, empty, smallest)
        smallest = smallest or (assets, peak)
    if arguments.flood:
        flood(arguments, work, plant, empty)
    if not arguments.dir:
        shutil.rmtree(work)


def parse():
    parser = argparse.ArgumentParser(description="Time per packet, memory and store by number of assets.")
    parser.add_argument("nameplate")
    parser.add_argument("--dir", help="keep the captures here")
    parser.add_argument("--packets", type=int, default=4_000_000, help="at least so many, shared by the conversations")
    parser.add_argument("--assets", default="100,1000,10000,100000")
    parser.add_argument("--no-store", action="store_true")
    parser.add_argument("--flood", type=int, default=1_000_000, help="invented senders of one packet, mixed into a plant")
    return parser.parse_args()


def row(arguments, work, plant, assets, empty, smallest):
    packets = max(arguments.packets, assets * 10 * 14)
    capture = work / f"plant-{assets}.pcap"
    made = make(plant, assets, capture, "--packets", packets)
    whole = median(arguments.nameplate, capture)
    half = median(arguments.nameplate, capture, "-c", str(made // 2))
    reading = whole["reading"] - empty["reading"]
    steady = (whole["reading"] - half["reading"]) / (made - made // 2)
    store = "–"
    if not arguments.no_store:
        folder = work / "store"
        shutil.rmtree(folder, ignore_errors=True)
        run(arguments.nameplate, capture, "--store", folder)
        store = f"{sum(file.stat().st_size for file in folder.rglob('*') if file.is_file()) / assets / 1024:.1f}"
        shutil.rmtree(folder)
    settle = whole["all"] - whole["reading"] - (empty["all"] - empty["reading"])
    per_asset = f"{(whole['peak'] - smallest[1]) / (assets - smallest[0]) / 1024:.1f}" if smallest else "–"
    print(f"| {assets:,} | {assets * 10:,} | {made:,} | {made / reading:,.0f} | {reading / made * 1e9:.0f} | {steady * 1e9:.0f} "
          f"| {settle:.2f} | {mib(whole['peak'])} | {per_asset} | {store} |", flush=True)
    return whole["peak"]


def flood(arguments, work, plant, empty):
    """A plant of 1,000 assets alone, and in a flood: the same devices must be found."""
    quiet, loud = work / "quiet.pcap", work / "flood.pcap"
    make(plant, 1_000, quiet, "--packets", 200_000)
    made = make(plant, 1_000, loud, "--packets", 200_000, "--flood", arguments.flood)
    scanned = median(arguments.nameplate, loud)
    known, found = (addresses(arguments.nameplate, capture, work) for capture in (quiet, loud))
    reading = scanned["reading"] - empty["reading"]
    print(f"\nFlood of {arguments.flood:,} invented senders: peak {mib(scanned['peak'])} MiB, {reading / made * 1e9:.0f} ns/packet, "
          f"{len(known & found):,} of {len(known):,} devices found, {len(found - known):,} more told of.")


def addresses(nameplate, capture, work):
    table = work / "assets.csv"
    subprocess.run([nameplate, "scan", capture, "-o", f"csv={table}"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with table.open(newline="") as rows:
        return {row["ips"] for row in csv.DictReader(rows)}


def make(plant, assets, capture, *options):
    told = subprocess.run([plant, str(assets), capture, *map(str, options)], check=True, capture_output=True, text=True).stderr
    return int(dict(word.split("=") for word in told.split())["packets"])


def median(nameplate, capture, *options):
    runs = [run(nameplate, capture, *options)]
    while len(runs) < RUNS and runs[0]["wall"] < LONG_SECONDS:
        runs.append(run(nameplate, capture, *options))
    return {name: statistics.median(one[name] for one in runs) for name in runs[0]}


def run(nameplate, capture, *options):
    """One scan; what it had used when the capture was read, and at its end."""
    command = [nameplate, "scan", capture, "-o", "ndjson=/dev/null", *options]
    began, reading = time.monotonic(), None
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        ended, status, used = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        if reads(process.pid, capture):
            reading = cpu(process.pid) or reading
        time.sleep(0.005)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command}: exit code {process.returncode}")
    total = used.ru_utime + used.ru_stime
    return {"all": total, "reading": min(reading or total, total), "peak": used.ru_maxrss * 1024, "wall": time.monotonic() - began}


def reads(pid, capture):
    """Whether the program has not come to the end of the capture yet."""
    try:
        for file in os.scandir(f"/proc/{pid}/fd"):
            if os.readlink(file.path) == str(capture):
                at = int(pathlib.Path(f"/proc/{pid}/fdinfo/{file.name}").read_text().split()[1])
                return at < capture.stat().st_size
    except OSError:
        pass
    return False


def cpu(pid):
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def mib(size):
    return f"{size / 1024 / 1024:,.0f}"


main()
