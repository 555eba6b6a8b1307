#!/usr/bin/env python3
"""How soon a sensor is back after a kill: until it captures, and until it has all that it knew. Needs root and ip.

    restart.py NAMEPLATE CAPTURE [TIMES]

The capture fills a store by `scan`. Then a sensor over it, between two network namespaces that are made here, is killed and started
again so many times. Printed is the time from the start of the process until it tells a service manager that it is ready (frames are
captured from then on) and until its state says that it knows its devices again.
"""

import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time


def main():
    program, capture = (os.path.realpath(path) for path in sys.argv[1:3])
    times = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    space = f"npback{os.getpid()}"
    with tempfile.TemporaryDirectory() as folder:
        store = pathlib.Path(folder) / "store"
        subprocess.run([program, "scan", capture, "--store", store, "-o", f"ndjson={folder}/scan"], check=True,
                       stdout=subprocess.DEVNULL)
        size = sum(file.stat().st_size for file in store.iterdir() if file.is_file())
        subprocess.run(["ip", "netns", "add", space], check=True)
        try:
            run_in(space, "ip link add mirror type veth peer name plant && ip link set mirror up && ip link set plant up")
            measure(program, store, space, times, size)
        finally:
            subprocess.run(["ip", "netns", "del", space], check=True)


def run_in(space, script):
    subprocess.run(["ip", "netns", "exec", space, "sh", "-c", script], check=True)


def measure(program, store, space, times, size):
    notify = str(store.parent / "notify")
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(notify)
    manager.settimeout(120)
    ready, known = [], []
    for _ in range(times):
        before = time.time_ns()
        began = time.monotonic()
        sensor = subprocess.Popen(["ip", "netns", "exec", space, program, "run", "-i", "mirror", "--store", store],
                                  env={**os.environ, "NOTIFY_SOCKET": notify, "NAMEPLATE_LOG": "error"})
        while b"READY=1" not in manager.recv(4096):
            pass
        ready.append(time.monotonic() - began)
        devices = wait_until_known(sensor, store / "health.json", before)
        known.append(time.monotonic() - began)
        sensor.send_signal(signal.SIGKILL)
        sensor.wait()
    print(f"{devices} devices, {size / 2**20:.1f} MiB of store, {times} kills")
    for what, seconds in (("captures", ready), ("knows its devices", known)):
        print(f"{what:>18}: median {statistics.median(seconds):.3f} s, slowest {max(seconds):.3f} s")


def wait_until_known(sensor, path, since):
    while sensor.poll() is None:
        try:
            health = json.loads(path.read_text())
        except (OSError, ValueError):
            health = {}
        if path.exists() and path.stat().st_mtime_ns > since and health.get("assets"):
            return health["assets"]
        time.sleep(0.005)
    sys.exit("the sensor ended by itself")


main()
