#!/usr/bin/env python3
"""Record mysql/: a MariaDB server greets, and turns away clients that are too many."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import plan  # noqa: E402

CASES = {
    "mariadb.pcap": ("MariaDB greets ten clients and turns the next ones away.", "MariaDB 10.11: mariadbd", ["mysql"]),
}

# Holds all connections open, and takes what the server says on each before it makes the next.
ASK = """
import socket, sys
held = []
for _ in range(12):
    held.append(socket.create_connection((sys.argv[1], 3306)))
    held[-1].recv(1024)
"""


def record():
    import lab

    with lab.Lab("mysql/mariadb.pcap", ["my-client", "my-server"]) as net:
        home, address = net.home, plan.device("my-server").ip
        (home / "data").mkdir()
        net.start("my-server", "mariadbd", "--no-defaults", f"--datadir={home}/data", f"--socket={home}/socket", "--user=root", "--port=3306",
                  "--bind-address=0.0.0.0", "--skip-name-resolve", "--skip-grant-tables", "--skip-networking=0", "--max-connections=10")
        net.listens("my-server", 3306)
        net.run("my-client", sys.executable, "-c", ASK, address)


if __name__ == "__main__":
    import lab

    lab.main({"mariadb": record})
