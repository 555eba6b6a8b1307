"""A network of namespaces on one bridge, recorded by tcpdump, gone when the `with` block ends.

    with Lab("modbus/some-case.pcap", ["mb-client", "mb-m340"]) as lab:
        lab.start("mb-m340", "a server's", "command line")
        lab.listens("mb-m340", 502)
        lab.run("mb-client", "a client's", "command line")

Each host is a device of plan.py: its namespace gets that MAC and address. The bridge behaves as a hub (it forgets
addresses at once) and has no address and no uplink, so nothing can leave it. IPv6 is off and checksums are
computed in software, so that the capture holds what a mirror port would show.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import plan

ROOT = pathlib.Path(__file__).resolve().parent.parent
BRIDGE = "np-bridge"
START_SECONDS_MAX = 20


class Lab:
    def __init__(self, file, hosts, seconds_after=0.4, addressless=(), hostnames=None):
        self.file = ROOT / file
        self.hostnames = hostnames or {}
        self.hosts = [plan.device(name) for name in hosts]
        self.seconds_after = seconds_after
        self.addressless = addressless
        self.running = []
        self.tcpdump = None

    def __enter__(self):
        if os.geteuid() != 0:
            sys.exit("namespaces need root")
        self.remove()
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="np-"))  # for configurations and states; gone at the end
        self.home.chmod(0o777)
        try:
            self.build()
            self.record()
        except BaseException:
            self.__exit__(RuntimeError)
            raise
        return self

    def __exit__(self, failure=None, *_):
        for process in reversed(self.running):
            stop(process)
        time.sleep(self.seconds_after)
        told = ""
        if self.tcpdump:
            stop(self.tcpdump, signal.SIGINT)
            told = self.tcpdump.stderr.read()
        self.remove()
        shutil.rmtree(self.home, ignore_errors=True)
        if "\n0 packets dropped by kernel" not in told and failure is None:
            raise RuntimeError(f"{self.file}: {told.strip()}")

    def start(self, host, *command, quiet=True, **options):
        """Leave a program running in a host's namespace until the end."""
        sink = subprocess.DEVNULL if quiet else None
        process = subprocess.Popen(self.inside(host, command), stdout=sink, stderr=sink, stdin=subprocess.DEVNULL,
                                   start_new_session=True, **options)
        self.running.append(process)
        return process

    def run(self, host, *command, check=True, seconds_max=60, **options):
        """Run a program in a host's namespace to its end; returns its output."""
        result = subprocess.run(self.inside(host, command), capture_output=True, text=True, timeout=seconds_max, **options)
        if check and result.returncode != 0:
            raise RuntimeError(f"{command}: {result.stdout}{result.stderr}")
        return result.stdout + result.stderr

    def listens(self, host, port, transport="tcp"):
        """Wait until a port is open, without sending a frame."""
        flag = "-tln" if transport == "tcp" else "-uln"
        deadline = time.monotonic() + START_SECONDS_MAX
        while f":{port} " not in self.run(host, "ss", flag):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{host} does not listen on {transport}/{port}")
            time.sleep(0.1)

    def stop(self, process):
        stop(process)
        self.running.remove(process)

    def inside(self, host, command):
        """The command in the host's network namespace, and in one of its own for the host name, which some programs tell."""
        rename = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.hostnames.get(host, host)]
        return ["ip", "netns", "exec", f"np-{host}", *rename, *map(str, command)]

    def build(self):
        ip("netns", "add", BRIDGE)
        quiet_ipv6(BRIDGE)
        ip("-n", BRIDGE, "link", "add", "br0", "type", "bridge", "ageing_time", "0", "stp_state", "0", "mcast_snooping", "0", "group_fwd_mask", "0x4000")
        ip("-n", BRIDGE, "link", "set", "br0", "up")
        for number, host in enumerate(self.hosts):
            space = f"np-{host.name}"
            ip("netns", "add", space)
            quiet_ipv6(space)
            ip("-n", space, "link", "add", "eth0", "address", host.mac, "type", "veth", "peer", "name", f"p{number}", "netns", BRIDGE)
            ip("-n", BRIDGE, "link", "set", f"p{number}", "master", "br0", "up")
            ip("-n", space, "link", "set", "lo", "up")
            ip("-n", space, "link", "set", "eth0", "up")
            if host.name not in self.addressless:
                ip("-n", space, "address", "add", f"{host.ip}/24", "dev", "eth0", "brd", "+")
            run(["ip", "netns", "exec", space, "ethtool", "-K", "eth0", "rx", "off", "tx", "off", "sg", "off", "tso", "off", "gso", "off", "gro", "off"])

    def record(self):
        self.file.parent.mkdir(exist_ok=True)
        # Promiscuous, tcpdump's default: a bridge otherwise shows itself only what is addressed to it.
        command = ["tcpdump", "-i", "br0", "-s", "0", "-U", "--immediate-mode", "-Z", "root", "-w", str(self.file)]
        self.tcpdump = subprocess.Popen(["ip", "netns", "exec", BRIDGE, *command], stderr=subprocess.PIPE, text=True, start_new_session=True)
        line = self.tcpdump.stderr.readline()
        while "listening" not in line:
            if not line:
                raise RuntimeError("tcpdump does not start")
            line = self.tcpdump.stderr.readline()

    def remove(self):
        for space in [BRIDGE, *(f"np-{host.name}" for host in self.hosts)]:
            subprocess.run(["ip", "netns", "delete", space], capture_output=True, check=False)


def stop(process, number=signal.SIGTERM):
    if process.poll() is None:
        os.killpg(process.pid, number)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def quiet_ipv6(space):
    """No router solicitations and no neighbour discovery; the captures are about IPv4 devices."""
    for interface in ("all", "default"):
        run(["ip", "netns", "exec", space, "sh", "-c", f"echo 1 > /proc/sys/net/ipv6/conf/{interface}/disable_ipv6"])


def ip(*arguments):
    run(["ip", *arguments])


def run(command):
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {result.stderr.strip()}")


def main(cases):
    """Command line of every record.py: no argument records all cases, names record those."""
    chosen = sys.argv[1:] or list(cases)
    for name in chosen:
        print(name, flush=True)
        cases[name]()
