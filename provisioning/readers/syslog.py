"""Send the ledger to a log server: one message an entry (RFC 5424), without anything personal, each exactly once.

What a message says::

    <110>1 2026-03-01T09:30:00.125Z DESK4 issuing-desk - handed_over [entry@32473 desk="UUID" number="17"
        hash="…" previous="…" subject="F2LXK0V1Q6" training="no"] Entry 17: handed over

Facility 13 (log audit), severity 6; what stands for trouble has 5 or 4. Of a person nothing is in it: no officer
number, no name, no receipt, no technician; the hash leads whoever may see them to the entry. 32473 is the private
enterprise number that RFC 5612 keeps for documentation: a force that has its own gives it with ``--enterprise``.

Over TCP and TLS messages are framed by their length (RFC 6587 3.4.1, RFC 5425), so no text can end one. UDP (RFC 5426)
may lose some, as it always may. What was handed to the network is noted after each batch; a crash in between sends the
last batch again, so a receiver may see an entry twice and never misses one: ``desk`` and ``number`` tell them apart.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from provisioning.errors import FileError, HomeError, LedgerError, UsageError
from provisioning.files import write_file
from provisioning.home.identity import DeskIdentity
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.plain_text import one_line

FACILITY = 13
INFORMATIONAL, NOTICE, WARNING = 6, 5, 4
ENTERPRISE = "32473"
LARGEST_DATAGRAM = 2048
"""Octets; every receiver of RFC 5426 takes 480, most 2048."""
BATCH = 500
_SECONDS = 15.0
_PORTS = {"udp": 514, "tcp": 601, "tls": 6514}
_SEVERITY = {
    EntryKind.SIGN_IN_FAILED: WARNING, EntryKind.CONFLICT_SETTLED: WARNING, EntryKind.HANDOVER_REFUSED: NOTICE,
    EntryKind.STOPPED: NOTICE, EntryKind.EVIDENCE_HELD: NOTICE, EntryKind.OFFICER_RECALLED: NOTICE,
    EntryKind.TECHNICIAN_DISABLED: NOTICE, EntryKind.LAWFULLY_ERASED: NOTICE,
}  # fmt: skip


def message(entry: Entry, host: str, enterprise: str = ENTERPRISE) -> str:
    """Give one entry as a message of one line. ``host`` names the desk."""
    severity = WARNING if entry.body.get("verdict") == "not_clear" else _SEVERITY.get(
        EntryKind(entry.kind) if entry.kind in set(EntryKind) else EntryKind.NOTED, INFORMATIONAL
    )  # fmt: skip
    subject = entry.subject if entry.subject and entry.kind not in _NO_HANDSET else ""
    facts = {
        "desk": entry.desk, "number": str(entry.number), "hash": entry.hash, "previous": entry.previous,
        "subject": subject, "training": "yes" if entry.training else "no",
    }  # fmt: skip
    data = " ".join(f'{name}="{_escaped(value)}"' for name, value in facts.items() if value)
    head = f"<{FACILITY * 8 + severity}>1 {entry.time} {_word(host, 255)} issuing-desk - {_word(entry.kind, 32)}"
    return f"{head} [entry@{enterprise} {data}] Entry {entry.number}: {one_line(entry.kind, 40).replace('_', ' ')}"


_NO_HANDSET = frozenset({EntryKind.ITEM_HANDED_OVER, EntryKind.ITEM_RETURNED})


def hosts(own: DeskIdentity) -> Callable[[str], str]:
    """Give what names desks: this one by its name, others by their identifiers."""
    return lambda desk: own.desk_name if desk == own.desk else desk


class Way(Protocol):
    """A way to a log server, or to a file."""

    def send(self, messages: Iterable[str]) -> None:
        """Hand these over. Raises HomeError where that fails; some may have arrived then."""
        ...

    def close(self) -> None:
        """Let go of it; safe twice."""
        ...


@dataclass(slots=True)
class FileWay:
    """Messages at the end of a file, one a line."""

    path: Path

    def send(self, messages: Iterable[str]) -> None:
        """Add them."""
        try:
            with self.path.open("a", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{one}\n" for one in messages)
        except OSError as error:
            raise FileError(self.path, f"cannot be written: {error.strerror}.") from error

    def close(self) -> None:
        """Do nothing: the file is closed after each batch."""


class SocketWay:
    """Messages over UDP, TCP or TLS."""

    def __init__(self, kind: str, host: str, port: int, authority: Path | None = None) -> None:
        """``authority`` is the certificate that the server's must be signed by; None: those that the system trusts."""
        self._kind, self._where = kind, (host, port)
        self._authority = authority
        self._socket: socket.socket | None = None

    def send(self, messages: Iterable[str]) -> None:
        """Hand them over."""
        try:
            if self._socket is None:
                self._socket = self._connected()
            for one in messages:
                octets = one.encode("utf-8")
                if self._kind == "udp":
                    self._socket.send(octets[:LARGEST_DATAGRAM])
                else:
                    self._socket.sendall(b"%d " % len(octets) + octets)
        except OSError as error:
            self.close()
            why = error.strerror or type(error).__name__
            raise HomeError(
                f"The log server at {self._where[0]}:{self._where[1]} cannot be reached ({one_line(why, 120)}). "
                "Nothing is lost: run this again when it answers, and what it lacks is sent."
            ) from error

    def close(self) -> None:
        """End the connection; what was sent is given time to arrive."""
        gone, self._socket = self._socket, None
        if gone is not None:
            with suppress(OSError, ValueError):
                if isinstance(gone, ssl.SSLSocket):
                    gone.unwrap()  # close_notify (RFC 5425, 4.4), and waits for the server's
                gone.shutdown(socket.SHUT_WR)
            gone.close()

    def _connected(self) -> socket.socket:
        if self._kind == "udp":
            found = socket.getaddrinfo(*self._where, type=socket.SOCK_DGRAM)[0]
            made = socket.socket(found[0], found[1])
            made.connect(found[4])
            return made
        made = socket.create_connection(self._where, timeout=_SECONDS)
        if self._kind == "tcp":
            return made
        context = ssl.create_default_context(cafile=str(self._authority) if self._authority else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context.wrap_socket(made, server_hostname=self._where[0])


def way_to(address: str, authority: Path | None = None) -> Way:
    """Give the way to ``udp://HOST[:514]``, ``tcp://HOST[:601]``, ``tls://HOST[:6514]`` or a file. UsageError else."""
    if "://" not in address:
        return FileWay(Path(address))
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise UsageError(f"“{one_line(address, 80)}” names no log server.") from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username:
        raise UsageError("Name the log server as udp://HOST, tcp://HOST or tls://HOST, or give a file.")
    return SocketWay(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], authority)


class Sent:
    """How far each address has come: number and hash of the last entry that was handed over, in a file of the home."""

    def __init__(self, path: Path, address: str) -> None:
        self._path, self._address = path, address

    def last(self) -> tuple[int, str]:
        """Give place and hash; nothing yet: 0 and empty. Raises HomeError where the file is damaged."""
        try:
            place, digest = json.loads(self._path.read_bytes()).get(self._address, (0, ""))
            return int(place), str(digest)
        except FileNotFoundError:
            return 0, ""
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise HomeError(
                f"{self._path.name} cannot be read, so it is not known what was sent. Delete it."
            ) from error

    def note(self, place: int, digest: str) -> None:
        """Keep how far it came."""
        try:
            kept = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            kept = {}
        kept[self._address] = [place, digest]
        write_file(self._path, json.dumps(kept, indent=0).encode())


def send_new(
    ledger: Ledger,
    way: Way,
    sent: Sent,
    host: Callable[[str], str],
    enterprise: str = ENTERPRISE,
    *,
    again: bool = False,
) -> int:
    """Send what was added since the last time, of all desks of the ledger; give how many entries that were.

    ``host`` names a desk by its identifier; ``again`` begins at the first entry. Raises HomeError, LedgerError (the
    ledger is not the one that was sent before), LedgerUnreachable.
    """
    if not enterprise.isascii() or not enterprise.isdigit():
        raise UsageError("An enterprise number has digits alone.")
    place, digest = (0, "") if again else sent.last()
    if place:
        there = ledger.arrivals(0, 1, [place])
        if not there or there[0][1].hash != digest:
            raise LedgerError(
                "The entry that was sent last is no longer where it was: this is another ledger, or it was changed. "
                "Have it verified; then send all of it with --again."
            )
    count = 0
    while new := ledger.arrivals(place, BATCH):
        way.send(message(entry, host(entry.desk), enterprise) for _, entry in new)
        place = new[-1][0]
        sent.note(place, new[-1][1].hash)
        count += len(new)
    return count


def _escaped(value: str) -> str:
    r"""Give a value between quotes: \", \\ and \] are escaped (RFC 5424, 6.3.3), control characters shown by code."""
    return one_line(value, 200).replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


def _word(text: str, most: int) -> str:
    """Give a header field: printable ASCII without spaces (RFC 5424, 6), “-” for nothing."""
    kept = "".join(letter if "!" <= letter <= "~" else "-" for letter in text)[:most]
    return kept or "-"
