#!/usr/bin/env bash
# Instructions per packet of a steady poll cycle, counted by callgrind: instructions.sh NAMEPLATE
#
# What a start costs is taken out by counting 10,000 and 100,000 packets and taking the difference. The digest of the
# input file is told apart: valgrind has no SHA instructions, so its software form would hide all else.
set -euo pipefail
nameplate=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

count() {
    python3 "$(dirname "$0")/poll_cycle.py" "$work/$1.pcap" "$1" >"$work/made"
    valgrind --tool=callgrind --callgrind-out-file="$work/$1.calls" "$nameplate" scan "$work/$1.pcap" -o ndjson \
        >"$work/$1.out" 2>"$work/$1.err"
    callgrind_annotate --auto=no --threshold=100 "$work/$1.calls" | tr -d , | awk '
        /PROGRAM TOTALS/ { total = $1 }
        /sha2::sha256/ { digest += $1 }
        END { print total, digest }'
}

read -r few_total few_digest <<<"$(count 10000)"
read -r many_total many_digest <<<"$(count 100000)"
awk -v t=$((many_total - few_total)) -v d=$((many_digest - few_digest)) 'BEGIN {
    printf "%d instructions per packet, of these %d for the digest of the input, %d for the rest\n", t / 90000, d / 90000, (t - d) / 90000
}'
