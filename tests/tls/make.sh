#!/bin/sh
# Makes the keys and certificates of this folder anew: an authority, another one, a receiver and a sender that the first one vouches for.
# They protect nothing; they are valid for a hundred years so that tests do not end one day.
set -eu
cd "$(dirname "$0")"
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }
authority() {
    key "$1"
    openssl req -x509 -new -key "$1.key" -subj "/CN=nameplate test $1" -days 36500 -out "$1.pem" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
}
signed() {
    key "$1"
    printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\nextendedKeyUsage=%s\n' "$2" "$3" > "$1.ext"
    openssl req -new -key "$1.key" -subj "/CN=nameplate test $1" |
        openssl x509 -req -CA authority.pem -CAkey authority.key -days 36500 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
    rm -f "$1.ext"
}
authority authority
authority stranger
signed receiver DNS:localhost,IP:127.0.0.1,IP:::1 serverAuth
signed sender DNS:sensor.example clientAuth
rm -f authority.key stranger.key authority.srl
