#!/usr/bin/env python3
"""Record ssh/: sshd and dropbear, asked by ssh and dbclient; nobody logs in."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "openssh.pcap": ("sshd with a host key of each kind, asked for one kind after the other; an exchange whose group the server chooses; a password "
                     "that is refused.", "OpenSSH 9.2p1: sshd, ssh", ["ssh"]),
    "dropbear.pcap": ("dropbear on port 2222, as small devices have it.", "dropbear 2022.83: dropbear, dbclient", ["ssh"]),
}


def record_openssh():
    import lab

    with lab.Lab("ssh/openssh.pcap", ["sh-client", "sh-openssh"]) as net:
        home, address = net.home, plan.device("sh-openssh").ip
        home.chmod(0o700)
        keys = []
        for kind in ("ed25519", "ecdsa", "rsa"):
            net.run("sh-openssh", "ssh-keygen", "-q", "-t", kind, "-N", "", "-f", home / f"host_{kind}")
            keys += ["-h", home / f"host_{kind}"]
        (home / "sshd_config").write_text("UsePAM no\nPasswordAuthentication no\nStrictModes no\nPidFile none\n"
                                          "KexAlgorithms +diffie-hellman-group-exchange-sha256\n")
        net.run("sh-openssh", "mkdir", "-p", "/run/sshd")
        net.start("sh-openssh", "/usr/sbin/sshd", "-D", "-f", home / "sshd_config", *keys, "-p", "22")
        net.listens("sh-openssh", 22)
        ask = ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
        for options in (["-o", "HostKeyAlgorithms=ssh-ed25519"], ["-o", "HostKeyAlgorithms=rsa-sha2-512"],
                        ["-o", "HostKeyAlgorithms=ecdsa-sha2-nistp256", "-o", "KexAlgorithms=diffie-hellman-group-exchange-sha256"]):
            net.run("sh-client", *ask, *options, f"operator@{address}", "true", check=False)


def record_dropbear():
    import lab

    with lab.Lab("ssh/dropbear.pcap", ["sh-client", "sh-dropbear"]) as net:
        home, address = net.home, plan.device("sh-dropbear").ip
        net.run("sh-dropbear", "dropbearkey", "-t", "ecdsa", "-f", home / "host")
        net.start("sh-dropbear", "dropbear", "-F", "-s", "-p", "2222", "-r", home / "host", "-P", home / "pid")
        net.listens("sh-dropbear", 2222)
        net.run("sh-client", "env", f"HOME={home}", "dbclient", "-y", "-y", "-p", "2222", f"operator@{address}", "true", check=False, input="")


RECORDINGS = {"openssh": record_openssh, "dropbear": record_dropbear}


if __name__ == "__main__":
    import lab

    lab.main(RECORDINGS)
