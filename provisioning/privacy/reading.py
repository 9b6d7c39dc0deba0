"""What a reader gets of an entry's personal fields: the fields, or why they are not there.

Bodies that a :class:`~provisioning.ledger.ledger.Ledger` of a home gives have their personal fields in them already,
wherever they can be opened; this says in words what became of those that have not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.canonical import Json
from provisioning.ledger.entry import Entry, Withheld
from provisioning.plain_text import one_line
from provisioning.privacy.fields import Piece, parted


@dataclass(frozen=True, slots=True)
class Opened:
    """The personal fields of one entry: path in the body and value; none where it never had any."""

    pieces: tuple[Piece, ...]

    def value(self, *path: str | int) -> Json:
        """Give what stands at a path of the body, None where nothing does."""
        return next((value for at, value in self.pieces if at == path), None)


@dataclass(frozen=True, slots=True)
class NotOpened:
    """They are not to be had: ``why``, and the ``sentence`` for a person."""

    why: Withheld
    sentence: str


def read_personal(entry: Entry) -> Opened | NotOpened:
    """Give the personal fields of an entry as a home's ledger gave it."""
    if entry.withheld is not None:
        return NotOpened(entry.withheld, withheld_sentence(entry))
    return Opened(tuple(parted(entry.kind, entry.body)[1]))


def withheld_sentence(entry: Entry) -> str:
    """Say why personal fields of an entry are missing; empty where none are."""
    match entry.withheld:
        case None:
            return ""
        case Withheld.ERASED:
            gone = entry.erased
            rule, day = (one_line(gone.rule, 200), gone.time[:10]) if gone else ("", "")
            return f"Entry {entry.number} lawfully erased under rule {rule} on {day}."
        case Withheld.SEALED:
            return f"The personal fields of entry {entry.number} are sealed: unlock a desk of this ledger to read them."
        case Withheld.LOST:
            return (
                f"The key to the personal fields of entry {entry.number} is not there, and no entry says why. "
                "Restore it from a backup."
            )


def text_of(body: Mapping[str, Json], name: str, instead: str = "–") -> str:
    """Give a text of a body that may be sealed or erased; ``instead`` where it is not there."""
    value = body.get(name)
    return value if isinstance(value, str) else instead
