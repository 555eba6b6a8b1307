#!/usr/bin/env bash
# Installs the package in a clean root, and runs what the unit file of the sensor would, as its user, on one end of a pair of
# interfaces. Needs root, debootstrap, iproute2 and python3; the root is made once and kept when ROOT names a directory.
#
#   packaging/test-deb.sh target/debian/nameplate_*.deb [CAPTURE]
set -euo pipefail

deb=$(realpath "${1:?name the package}")
capture=${2:+$(realpath "$2")}
for tool in debootstrap ip setpriv unshare python3; do
    command -v "$tool" >/dev/null || {
        echo "skipped: $tool is not here"
        exit 0
    }
done
[ "$(id -u)" -eq 0 ] || {
    echo "skipped: not root"
    exit 0
}

root=${ROOT:-}
if [ -z "$root" ]; then
    root=$(mktemp -d)
    trap 'rm -rf "$root"' EXIT
fi
[ -x "$root/usr/bin/apt-get" ] || debootstrap --variant=minbase "${SUITE:-bookworm}" "$root" "${MIRROR:-http://deb.debian.org/debian}"
cp "$deb" "$root/root/nameplate.deb"
inside() { chroot "$root" "$@"; }

inside env DEBIAN_FRONTEND=noninteractive apt-get update -q
inside env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends /root/nameplate.deb

fail() {
    echo "FAILED: $*" >&2
    exit 1
}
echo "== installed"
inside nameplate --version
inside nameplate config check || fail "the default configuration"
inside getent passwd nameplate >/dev/null || fail "no user"
[ "$(inside stat -c '%U:%G %a' /var/lib/nameplate)" = "nameplate:nameplate 750" ] || fail "the store's directory"
[ "$(inside stat -c '%U %a' /etc/nameplate/nameplate.toml)" = "root 644" ] || fail "the configuration"
inside dpkg-query -W -f='${Conffiles}' nameplate | grep -q /etc/nameplate/nameplate.toml || fail "no conffile"
for file in usr/share/man/man1/nameplate.1.gz usr/share/bash-completion/completions/nameplate \
    usr/share/zsh/vendor-completions/_nameplate usr/share/fish/vendor_completions.d/nameplate.fish \
    usr/share/doc/nameplate/copyright usr/share/doc/nameplate/licences.txt \
    usr/lib/systemd/system/nameplate-sensor.service; do
    [ -s "$root/$file" ] || fail "no $file"
done
[ ! -e "$root/etc/systemd/system/multi-user.target.wants/nameplate-sensor.service" ] || fail "enabled before it is configured"
if command -v systemd-analyze >/dev/null; then
    for unit in sensor web; do
        systemd-analyze security --offline=true --threshold=20 --no-pager "$root/usr/lib/systemd/system/nameplate-$unit.service" |
            grep 'Overall exposure' || fail "exposure of nameplate-$unit"
    done
fi

echo "== the unit's command, as its user"
line=$(sed -n 's/^ExecStart=//p' "$root/usr/lib/systemd/system/nameplate-sensor.service")
verb=$(echo "$line" | cut -d' ' -f2)
if ! inside nameplate "$verb" --help >/dev/null 2>&1; then
    echo "skipped: this package has no nameplate $verb"
    exit 0
fi
python3 - "$root" "$line" "$capture" "$(dirname "$deb")" <<'PYTHON'
import os, pathlib, shlex, signal, socket, struct, subprocess, sys, time

root, line, capture = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
CLONE_NEWNET, CLONE_NEWNS = 0x40000000, 0x00020000
libc = __import__("ctypes").CDLL(None, use_errno=True)
assert libc.unshare(CLONE_NEWNET | CLONE_NEWNS) == 0, "no namespaces"

def run(*words):
    subprocess.run(words, check=True)

# A sysfs shows the network of whoever mounted it.
run("mount", "--make-rprivate", "/")
run("mount", "-t", "sysfs", "sysfs", "/sys")
run("mount", "-t", "sysfs", "sysfs", str(root / "sys"))
run("mount", "-t", "proc", "proc", str(root / "proc"))
run("ip", "link", "add", "cap0", "type", "veth", "peer", "name", "src0")
for end in ("cap0", "src0"):
    switch = pathlib.Path(f"/proc/sys/net/ipv6/conf/{end}/disable_ipv6")
    if switch.exists():
        switch.write_text("1")
    run("ip", "link", "set", end, "arp", "off", "up")
config = root / "etc/nameplate/nameplate.toml"
text = config.read_text()
config.write_text(text.replace("#interfaces = []", 'interfaces = ["cap0"]'))

def sent():
    return int(pathlib.Path("/sys/class/net/cap0/statistics/tx_packets").read_text())

before = sent()
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
path = root / "run/notify-test"
path.unlink(missing_ok=True)
notify.bind(str(path))
os.chmod(path, 0o777)
notify.settimeout(60)
# What systemd does with User=, AmbientCapabilities=, CapabilityBoundingSet= and NoNewPrivileges=.
words = ["chroot", str(root), "setpriv", "--reuid=nameplate", "--regid=nameplate", "--init-groups",
         "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw", "--bounding-set=-all,+net_raw", "--no-new-privs"]
environment = dict(os.environ, NOTIFY_SOCKET="/run/notify-test")
sensor = subprocess.Popen(words + shlex.split(line), env=environment)
try:
    while True:
        message = notify.recv(4096).decode()
        print("   ", message.replace("\n", " "))
        if "READY=1" in message:
            break
    status = pathlib.Path(f"/proc/{sensor.pid}/status").read_text()
    print("   ", " ".join(l for l in status.replace("\t", " ").split("\n") if l.startswith(("Uid", "CapEff", "NoNewPrivs", "Seccomp:"))))
    if capture:
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        raw.bind(("src0", 0))
        data = pathlib.Path(capture).read_bytes()
        order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
        at = 24
        while at + 16 <= len(data):
            length = struct.unpack(order + "I", data[at + 8:at + 12])[0]
            raw.send(data[at + 16:at + 16 + length])
            at += 16 + length
        time.sleep(5)
    sensor.send_signal(signal.SIGTERM)
    assert sensor.wait(60) == 0, "did not end in order"
finally:
    if sensor.poll() is None:
        sensor.kill()
    config.write_text(text)
    path.unlink(missing_ok=True)
assert sent() == before == 0, f"sent {sent()} frames"
print("    sent on the capture interface: 0")
PYTHON
if [ -n "$capture" ]; then
    devices=$(inside nameplate assets list --store /var/lib/nameplate -o ndjson | grep -c '"nameplate.asset/1"')
    echo "    devices in the store: $devices"
    [ "$devices" -gt 0 ] || fail "nothing was seen"
fi
echo "== all well"
