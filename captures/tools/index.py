#!/usr/bin/env python3
"""Check every capture, then write INDEX.toml and the device table of README.md.

A capture is accepted when tshark dissects it without a malformed frame and without a bad checksum, when it is
smaller than 200 kB, and when the folder stays below 2 MB. What each file holds is told by the `CASES` of the
script beside it. `index.py --check` writes nothing and fails when INDEX.toml is out of date.
"""

import hashlib
import importlib.util
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE_BYTES_MAX = 200_000
FOLDER_BYTES_MAX = 2_000_000
SUFFIXES = (".pcap", ".pcap.gz", ".pcapng", ".pcapng.gz", ".pcap.zst")
# Frames that the recorded programs send damaged, by file.
MALFORMED_EXPECTED = {
    "dnp3/attributes.pcap": 2,           # tshark 4.0 knows neither attribute 244 nor the list of attributes
    "enip/cpppo-list-identity.pcap": 1,  # cpppo's ListServices item is one byte shorter than the specification's
    "enip/nmap-enip-info.pcap": 2,       # nmap's UDP scan first sends a payload of another protocol
    "opcua/signed.pcap": 1,              # tshark takes the signature behind each chunk for the message
    "fins/changes.pcap": 5,              # tshark 4.0 wants more than the manual says to be sent
    "fins/identity.pcap": 1,             # tshark 4.0 takes every unit for a CPU unit
    "s7/plus-over-tls.pcap": 2,          # tshark takes records of TLS inside COTP for the session layer
    "smb/windows-7.pcap": 1,             # impacket's error response to Logoff lacks ErrorData
    "vnc/tigervnc.pcap": 2,              # tshark takes the result of version 3.3 for a response
}


def main():
    sys.path.insert(0, str(ROOT / "tools"))
    import plan

    plan.check()
    cases = dict(gather_cases())
    stanzas, total = [], 0
    files = sorted(p for p in ROOT.rglob("*") if p.name.endswith(SUFFIXES))
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        case = cases.pop(name, None)
        if case is None:
            sys.exit(f"{name}: no script tells what it is")
        size = path.stat().st_size
        total += size
        if size > FILE_BYTES_MAX:
            sys.exit(f"{name}: {size} bytes")
        stanzas.append(stanza(name, path, case))
        print(f"{name}: {size} bytes")
    if cases:
        sys.exit(f"announced by a script, but missing: {sorted(cases)}")
    if total > FOLDER_BYTES_MAX:
        sys.exit(f"all files: {total} bytes")
    print(f"{len(files)} files, {total} bytes")
    write("INDEX.toml", HEADER + "\n".join(stanzas))
    readme = (ROOT / "README.md").read_text()
    before, rest = readme.split("<!-- devices -->\n", 1)
    after = rest.split("<!-- /devices -->", 1)[1]
    write("README.md", f"{before}<!-- devices -->\n{plan.table()}\n<!-- /devices -->{after}")


HEADER = """\
# What each capture holds and how it was made. Written by tools/index.py; edit the script beside the capture instead.

"""


def gather_cases():
    """Each script's CASES: file name without folder, to (what, how, protocols)."""
    for script in sorted(ROOT.glob("*/record*.py")) + sorted(ROOT.glob("*/generate*.py")):
        spec = importlib.util.spec_from_file_location(f"{script.parent.name}_{script.stem}".replace("-", "_"), script)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        made = "recorded" if script.stem.startswith("record") else "generated"
        for file, (what, programs, protocols) in module.CASES.items():
            where = script.relative_to(ROOT).as_posix()
            how = f"{where}: {programs}" if programs else where
            yield f"{script.parent.name}/{file}", {"what": what, "made": made, "how": how, "protocols": protocols}


def stanza(name, path, case):
    counts = tshark(path, "-T", "fields", "-e", "frame.number", "-e", "_ws.malformed", "-e", "tcp.checksum.status",
                    "-e", "ip.checksum.status", "-e", "udp.checksum.status",
                    "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE").splitlines()
    malformed = [line for line in counts if line.split("\t")[1]]
    if len(malformed) != MALFORMED_EXPECTED.get(name, 0):
        sys.exit(f"{name}: malformed {malformed}")
    bad = [line for line in counts if "0" in ",".join(line.split("\t")[2:]).split(",")]
    if bad:
        sys.exit(f"{name}: bad checksum {bad[:3]}")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    protocols = ", ".join(text(p) for p in case["protocols"])
    return (f"[[capture]]\nfile = {text(name)}\nwhat = {text(case['what'])}\nmade = {text(case['made'])}\n"
            f"how = {text(case['how'])}\nsha256 = {text(digest)}\nframes = {len(counts)}\nprotocols = [{protocols}]\n")


def tshark(path, *arguments):
    """tshark's output; it reads gzip by itself, zstd we unpack for it."""
    command = ["tshark", "-r", str(path)]
    data = None
    if path.name.endswith(".zst"):
        data = subprocess.run(["zstd", "-dc", str(path)], check=True, capture_output=True).stdout
        command = ["tshark", "-r", "-"]
    result = subprocess.run([*command, *arguments], input=data, check=True, capture_output=True)
    return result.stdout.decode()


def text(value):
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write(name, content):
    path = ROOT / name
    if "--check" in sys.argv:
        if path.read_text() != content:
            sys.exit(f"{name} is out of date")
    else:
        path.write_text(content)


if __name__ == "__main__":
    main()
