#!/usr/bin/env bash
# A sensor on a mirror port for some minutes: memory, frames and losses, once a minute. Needs root, ip and tcpreplay.
#
#     tests/bench/live.sh NAMEPLATE CAPTURE PACKETS_PER_SECOND MINUTES
#
# Everything happens between two network namespaces that are made here and taken away again.
set -euo pipefail
program=$(realpath "$1") capture=$(realpath "$2") rate=$3 minutes=$4
name=npbench$$
store=$(mktemp -d)
cleanup() {
    kill "$player" "$sensor" 2>/dev/null || true
    wait 2>/dev/null || true
    ip netns del "${name}s" 2>/dev/null || true
    ip netns del "${name}p" 2>/dev/null || true
    rm -rf "$store"
}
player='' sensor=''
trap cleanup EXIT
for end in s p; do
    ip netns add "$name$end"
    ip netns exec "$name$end" sh -c 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6'
done
ip -n "${name}s" link add mirror mtu 9000 type veth peer name plant mtu 9000 netns "${name}p"
ip -n "${name}s" link set mirror arp off up
ip -n "${name}p" link set plant arp off up
ip netns exec "${name}s" "$program" run -i mirror --store "$store" 2>"$store.err" &
sensor=$!
sleep 3
# Without end: the sensor is looked at while frames come.
ip netns exec "${name}p" tcpreplay -q -i plant --pps "$rate" --loop 0 --preload-pcap "$capture" >/dev/null 2>&1 &
player=$!
tell() {
    python3 - "$store/health.json" "$1" <<'PY'
import json, sys
health = json.load(open(sys.argv[1]))
one = health["interfaces"][0]
rss = health["resident_bytes"] / 2**20
print(f"{sys.argv[2]:>3} min  {rss:7.1f} MiB  received {one['received']}  read {one['frames']}  "
      f"kernel dropped {one['dropped_by_kernel']}  sent {one['transmitted']}  devices {health['assets']}  "
      f"store {health['store']['bytes'] / 2**20:.1f} MiB  settle {health['settle_ms']} ms", flush=True)
PY
}
for minute in $(seq 1 "$minutes"); do
    sleep 60
    tell "$minute"
done
kill "$player"
wait "$player" 2>/dev/null || true
player=''
sleep 1
kill -TERM "$sensor"
wait "$sensor" || true
sensor=''
echo "at the end:"
tell end
cat "$store.err"
