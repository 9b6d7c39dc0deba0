"""Write a ledger to a file that others read: JSON lines that can be verified, or a table for a spreadsheet.

A JSON line is ``{"entry": {...}, "hash": HEX, "signature": HEX}``; the RFC 8785 bytes of ``entry`` are what hash and
signature are over. The last line is the signed head, as in ``ledger.head``.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum, unique
from pathlib import Path
from typing import TextIO

from provisioning.canonical import canonical
from provisioning.errors import FileError
from provisioning.files import FILE_MODE
from provisioning.ledger.entry import Entry
from provisioning.ledger.ledger import Ledger
from provisioning.tables.writing import write_rows

COLUMNS = (
    "number", "time", "kind", "subject", "technician", "officer", "receipt", "training", "desk", "once", "body",
    "previous", "hash", "signature",
)  # fmt: skip


@unique
class ExportFormat(StrEnum):
    """The formats of ``ledger export``."""

    JSONL = "jsonl"
    CSV = "csv"
    SYSLOG = "syslog"


Line = Callable[[Entry], str]
"""Gives an entry as one message for a log server; words for those stand above."""
_AT_ONCE = 1000


def export_ledger(
    ledger: Ledger, form: ExportFormat, path: Path, *, every_desk: bool = False, line: Line | None = None
) -> int:
    """Write all entries to ``path`` at once or not at all; give their number. Raises FileError, LedgerError.

    Of this desk, in the order of its chain; or of ``every_desk`` of a shared ledger, in the order in which they came
    in. What is personal is sealed as the chain has it. ``line`` words an entry for a log server.
    """
    entries = _of_every_desk(ledger) if every_desk else ledger.walk()
    with _whole_file(path) as file:
        match form:
            case ExportFormat.JSONL:
                return write_jsonl(file, entries, ledger)
            case ExportFormat.CSV:
                return write_csv(file, entries)
            case ExportFormat.SYSLOG:
                assert line is not None
                count = 0
                for count, entry in enumerate(entries, 1):  # noqa: B007  # the last number is the result
                    file.write(line(entry) + "\n")
                return count


def write_csv(file: TextIO, entries: Iterable[Entry]) -> int:
    """Write entries as a table; give their number. No cell can be taken for a formula, none holds a line break."""
    return write_rows(file, COLUMNS, map(_row, entries))


def _of_every_desk(ledger: Ledger) -> Iterator[Entry]:
    ledger.keep_sealed()
    place = 0
    while new := ledger.arrivals(place, _AT_ONCE):
        yield from (entry for _, entry in new)
        place = new[-1][0]


def write_jsonl(file: TextIO, entries: Iterable[Entry], ledger: Ledger) -> int:
    """Write entries as JSON lines, and the signed head where they are this desk's chain; give how many they are."""
    count, last, desks = 0, 0, set[str]()
    for entry in entries:
        count += 1
        desks.add(entry.desk)
        line = canonical({"entry": entry.document(), "hash": entry.hash, "signature": entry.signature.hex()})
        file.write(line.decode() + "\n")
        last = entry.number
    head = ledger.head()
    # An entry added meanwhile makes a head that does not fit; without one, the last entry's hash still does.
    if head is not None and head.number == last and desks == {head.desk}:
        file.write(head.text().decode())
    return count


def _row(entry: Entry) -> tuple[str | int | None, ...]:
    return (
        entry.number,
        entry.time,
        entry.kind,
        entry.subject,
        entry.technician,
        entry.officer,
        entry.receipt,
        "yes" if entry.training else "no",
        entry.desk,
        entry.once,
        canonical(entry.body).decode(),
        entry.previous,
        entry.hash,
        entry.signature.hex(),
    )


@contextmanager
def _whole_file(path: Path) -> Generator[TextIO]:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        try:
            handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE)
            with open(handle, "w", encoding="utf-8", newline="") as file:
                yield file
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as e:
        raise FileError(path, f"the file cannot be written ({e.strerror}). Choose another place.") from e
