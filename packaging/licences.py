#!/usr/bin/env python3
"""Writes packaging/licences.txt: every crate that the default build links, its licence, and the texts.

Run it when Cargo.lock changes; a test says when. Needs cargo and the sources that cargo has fetched, and nothing else.
"""

import collections
import json
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
TARGET = "x86_64-unknown-linux-gnu"
NAMES = re.compile(r"^(licen[sc]e|copying|copyright|notice|unlicense)", re.IGNORECASE)

# Where a crate may be taken under one of several licences, it is taken under MIT.
OTHER_CHOICES = re.compile(r"apache|unlicense|boost|zlib|0bsd|bsl", re.IGNORECASE)

HEAD = """\
nameplate is licensed under MIT OR Apache-2.0. This program contains the crates listed here, each under its own licence,
and under MIT where there is a choice that includes it.

Compiled into it beside them: SQLite, which its authors gave to the public domain (in libsqlite3-sys), and Zstandard under BSD-3-Clause
(in zstd-sys). It uses libpcap (BSD-3-Clause) and the C library of the system, which are not part of it.

"""


def metadata():
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET]
    return json.loads(subprocess.check_output(command, cwd=HERE.parent))


def linked(meta):
    """Packages reached by normal dependencies: neither those of builds and tests, nor macros that run while compiling."""
    nodes = {node["id"]: node for node in meta["resolve"]["nodes"]}
    packages = {package["id"]: package for package in meta["packages"]}
    seen, todo = set(), [meta["resolve"]["root"]]
    while todo:
        one = todo.pop()
        if one in seen:
            continue
        if any("proc-macro" in target["kind"] for target in packages[one]["targets"]):
            continue
        seen.add(one)
        for dependency in nodes[one]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                todo.append(dependency["pkg"])
    seen.discard(meta["resolve"]["root"])
    return sorted((packages[one] for one in seen), key=lambda one: (one["name"], one["version"]))


def texts(package):
    folder = pathlib.Path(package["manifest_path"]).parent
    files = [file for file in sorted(folder.iterdir()) if file.is_file() and NAMES.match(file.name)]
    if "MIT" in (package["license"] or "") and any("mit" in file.name.lower() for file in files):
        files = [file for file in files if not OTHER_CHOICES.search(file.name)]
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").replace("\f", "")
        yield "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def main():
    packages = linked(metadata())
    lines = [HEAD]
    users = collections.OrderedDict()
    for package in packages:
        name = f"{package['name']} {package['version']}"
        licence = package["license"] or "see its text"
        lines.append(f"{name:<40} {licence}\n")
        for text in texts(package):
            users.setdefault(text, []).append(name)
    for text, names in users.items():
        lines.append("\n" + "=" * 80 + "\n" + ", ".join(names) + "\n\n" + text + "\n")
    (HERE / "licences.txt").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
