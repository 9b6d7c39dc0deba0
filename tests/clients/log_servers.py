"""Send a ledger to a real rsyslogd over UDP, TCP and TLS: ``python tests/clients/log_servers.py`` (Debian: rsyslog).

Says for each way how many entries were sent and how many the server wrote, and whether each was parsed as RFC 5424 with
its structured data. TLS needs rsyslog-gnutls or rsyslog-openssl, and openssl.
"""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from made_up_year import sqlite_year
from year_of_a_force import Force

from provisioning.ledger.ledger import Ledger
from provisioning.readers.syslog import Sent, send_new, way_to

CONFIGURATION = """
global(workDirectory="{folder}" defaultNetstreamDriverCAFile="{folder}/cert.pem"
    defaultNetstreamDriverCertFile="{folder}/cert.pem" defaultNetstreamDriverKeyFile="{folder}/key.pem")
module(load="imudp")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
module(load="imptcp")
input(type="imudp" port="{udp}" address="127.0.0.1" rcvbufSize="8m" ruleset="udp")
input(type="imptcp" port="{tcp}" address="127.0.0.1" ruleset="tcp")
input(type="imtcp" port="{tls}" address="127.0.0.1" ruleset="tls")
template(name="kept" type="list" option.jsonf="on") {{
    property(outname="host" name="hostname" format="jsonf")
    property(outname="app" name="app-name" format="jsonf")
    property(outname="kind" name="msgid" format="jsonf")
    property(outname="data" name="structured-data" format="jsonf")
    property(outname="facility" name="syslogfacility" format="jsonf")
    property(outname="said" name="msg" format="jsonf")
}}
ruleset(name="udp") {{ action(type="omfile" file="{folder}/udp.log" template="kept") }}
ruleset(name="tcp") {{ action(type="omfile" file="{folder}/tcp.log" template="kept") }}
ruleset(name="tls") {{ action(type="omfile" file="{folder}/tls.log" template="kept") }}
"""


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """Give a port that nobody has."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Try all ways; exit 1 where one lost an entry."""
    if shutil.which("rsyslogd") is None:
        print("rsyslogd is not installed (Debian: rsyslog rsyslog-gnutls).")
        return 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
        ports = {"udp": free_port(socket.SOCK_DGRAM), "tcp": free_port(), "tls": free_port()}
        configuration = folder / "rsyslog.conf"
        configuration.write_text(CONFIGURATION.format(folder=folder, **ports))
        server = subprocess.Popen(["rsyslogd", "-n", "-f", configuration, "-i", folder / "pid"])
        try:
            return tried(folder, ports)
        finally:
            server.terminate()
            server.wait(10)


def tried(folder: Path, ports: dict[str, int]) -> int:
    """Send over each way, and count what came."""
    wait_for(ports["tcp"])
    wait_for(ports["tls"])
    bad = 0
    with sqlite_year(folder, Force(4, 150, date(2026, 11, 20), days=120)) as ledger:
        for kind, port in ports.items():
            way = way_to(f"{kind}://localhost:{port}", folder / "cert.pem")
            count = send_new(ledger, way, Sent(folder / "sent.json", kind), lambda desk: desk)
            way.close()
            came = received(folder / f"{kind}.log", count)
            whole = sum(is_whole(one, ledger) for one in came)
            print(f"{kind}: {count} sent, {len(came)} written by rsyslogd, {whole} whole")
            bad += whole != count
    return 1 if bad else 0


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except (OSError, ssl.SSLError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def received(file: Path, count: int) -> list[dict[str, str]]:
    """Give what the server wrote, once it has written so much or no more."""
    deadline = time.monotonic() + 15
    lines: list[str] = []
    while time.monotonic() < deadline and len(lines) < count:
        time.sleep(0.1)
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


def is_whole(one: dict[str, str], ledger: Ledger) -> bool:
    """Tell whether the server understood a message: its kind, facility and structured data."""
    number = one["data"].partition('number="')[2].partition('"')[0]
    desk = one["data"].partition('desk="')[2].partition('"')[0]
    named = (one["app"], one["facility"], one["host"])
    return named == ("issuing-desk", "13", desk) and f"Entry {number}:" in one["said"]


if __name__ == "__main__":
    sys.exit(main())
