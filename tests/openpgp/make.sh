#!/usr/bin/env bash
# Makes the OpenPGP keys and signatures that tests check, with GnuPG. The secret keys are thrown away: run it again for new ones.
set -euo pipefail
cd "$(dirname "$0")"
GNUPGHOME="$(mktemp -d)"
export GNUPGHOME
trap 'rm -rf "$GNUPGHOME"' EXIT
gpg=(gpg --batch --quiet --yes --pinentry-mode loopback --passphrase '' --faked-system-time 20240601T000000)

key() { # name, algorithm, usage, expiry
    "${gpg[@]}" --quick-generate-key "$1 <$1@example.com>" "$2" "$3" "$4"
}
print() { "${gpg[@]}" --with-colons --list-keys "$1" | awk -F: '$1 == "fpr" { print $10; exit }'; }
sign() { # name of the key, file, further options
    local name="$1" file="$2"
    shift 2
    "${gpg[@]}" "$@" --local-user "$name@example.com" --output "$file" --detach-sign document.json
}

# A key that only certifies, with a subkey that signs: as CISA's is.
key supplier rsa3072 cert never
"${gpg[@]}" --quick-add-key "$(print supplier)" rsa3072 sign never
sign supplier supplier.asc --armor
sign supplier supplier.sig
sign supplier weak.asc --armor --digest-algo SHA1 --allow-weak-digest-algos
"${gpg[@]}" --armor --export supplier@example.com >supplier.pub

key modern ed25519 sign never
sign modern modern.asc --armor
"${gpg[@]}" --armor --export modern@example.com >modern.pub
cat supplier.asc modern.asc >both.asc

# A key that was given up after it signed, for no reason that is told: it may be in other hands.
key revoked ed25519 sign never
sign revoked revoked.asc --armor
sed 's/^:---/---/' "$GNUPGHOME/openpgp-revocs.d/$(print revoked).rev" | "${gpg[@]}" --import
"${gpg[@]}" --armor --export revoked@example.com >revoked.pub
