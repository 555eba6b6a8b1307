#!/usr/bin/env python3
"""Seconds, bytes and memory of every document: each format of export, the report, the auditor pack and its check.

    documents.py NAMEPLATE [--assets N] [--db PATH] [--dir DIR] [--only NAME,NAME,...] [--all-advisories]

A plant of plant.rs (rustc is needed) is scanned into a store by the program given, a release build. Formats are asked of its own help,
so that a new one is measured as well. Verdicts are those on the documents built in, 47,500 of them on 10,000 assets; with --db, or with
--all-advisories on those of $NAMEPLATE_SHARED/advisories/csaf, on those named. Prints a table in Markdown:

  CPU, s     of user and kernel together; the machine's other work does not count
  wall, s    as one waits for it
  peak       peak resident memory; the first row is what reading the store alone takes
  beyond     CPU seconds and memory beyond those of the first row: what the document itself costs
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
NOBODY = "ip=203.0.113.77"
SETS = {"csv", "netbox"}
VEX = ["--publisher", "Bench", "--namespace", "https://bench.example/"]
NEEDS = {"csaf-vex": VEX, "openvex": VEX[:2]}


def main():
    arguments = parse()
    work = pathlib.Path(arguments.dir or tempfile.mkdtemp(prefix="nameplate-documents-"))
    work.mkdir(parents=True, exist_ok=True)
    try:
        store = filled(arguments, work)
        table(arguments, store, work)
    finally:
        if not arguments.dir:
            shutil.rmtree(work)


def parse():
    parser = argparse.ArgumentParser(description="Seconds, bytes and memory of every document.")
    parser.add_argument("nameplate")
    parser.add_argument("--assets", type=int, default=10_000)
    parser.add_argument("--db", help="advisories; those built in when not given")
    parser.add_argument("--all-advisories", action="store_true", help="those of $NAMEPLATE_SHARED")
    parser.add_argument("--dir", help="keep the capture, the store and the documents here")
    parser.add_argument("--only", help="these alone, for example xlsx,html,report")
    arguments = parser.parse_args()
    if arguments.all_advisories:
        arguments.db = os.path.join(os.environ["NAMEPLATE_SHARED"], "advisories", "csaf")
    return arguments


def filled(arguments, work):
    """The store of a plant of that size; the one that is there already, when there is one."""
    store = work / f"store-{arguments.assets}"
    if store.exists():
        return store
    plant, capture = work / "plant", work / f"plant-{arguments.assets}.pcap"
    subprocess.run(["rustc", "-O", "--edition", "2024", HERE / "plant.rs", "-o", plant], check=True)
    subprocess.run([plant, str(arguments.assets), capture], check=True, stderr=subprocess.DEVNULL)
    subprocess.run([arguments.nameplate, "scan", capture, "--store", store, "-o", "ndjson=/dev/null"], check=True,
                   stderr=subprocess.DEVNULL)
    return store


def table(arguments, store, work):
    db = ["--db", arguments.db] if arguments.db else []
    read = ["--store", store, *db]
    alone = measure([arguments.nameplate, "export", "ndjson", *read, "--where", NOBODY], work / "nobody")
    print(f"{alone['said']}\n")
    print("| document | CPU, s | wall, s | bytes | peak, MiB | beyond: CPU, s | MiB |\n|---|---|---|---|---|---|---|")
    show("reading the store alone", alone, None)
    only = set(arguments.only.split(",")) if arguments.only else None
    for name, command, path in documents(arguments.nameplate, read, work):
        if only is None or name in only:
            show(name, measure(command, path), alone)


def documents(nameplate, read, work):
    for name in formats(nameplate):
        path = work / (f"{name}.zip" if name in SETS else name)
        yield name, [nameplate, "export", name, *read, *NEEDS.get(name, [])], path
    yield "report", [nameplate, "report", *read], work / "report.html"
    pack = work / "pack.zip"
    yield "auditor pack", [nameplate, "report", "--template", "auditor-pack", *read], pack
    yield "report verify", [nameplate, "report", "verify", pack], None


def formats(nameplate):
    said = subprocess.run([nameplate, "export", "--help"], check=True, capture_output=True, text=True).stdout
    listed = said.split("Possible values:", 1)[1].split("[INPUT]", 1)[0]
    found = re.findall(r"^\s+- ([a-z0-9-]+):", listed, re.MULTILINE)
    return found or sys.exit("no formats in the help of export")


def measure(command, path):
    if path is not None:
        command = [*command, "-o", path]
    with tempfile.TemporaryFile() as said:
        began = time.monotonic()
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        words = said.read().decode(errors="replace").strip().splitlines()
    if process.returncode != 0:
        sys.exit(f"{command}: exit code {process.returncode}: {words}")
    size = path.stat().st_size if path is not None else 0
    return {"cpu": used.ru_utime + used.ru_stime, "wall": wall, "peak": used.ru_maxrss * 1024, "bytes": size,
            "said": words[-1] if words else ""}


def show(name, one, alone):
    beyond = f"{max(0.0, one['cpu'] - alone['cpu']):.1f} | {mib(max(0, one['peak'] - alone['peak']))}" if alone else "– | –"
    print(f"| {name} | {one['cpu']:.1f} | {one['wall']:.1f} | {one['bytes']:,} | {mib(one['peak'])} | {beyond} |", flush=True)


def mib(size):
    return f"{size / 1024 / 1024:,.0f}"


main()
