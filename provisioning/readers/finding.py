"""Find whatever a number, a reference or a name stands for, anywhere in the ledger; what was matched is said.

Looked for in this order, and only where nothing was found further down: the name itself, whatever its separators and
case; what a scanner's dress holds; names that begin so; that hold it anywhere; that differ by letters which are taken
for digits (O and 0). People's names are looked up on the roster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import cast

from provisioning.errors import LedgerUnreachable, UsageError
from provisioning.ledger.entry import Entry
from provisioning.plain_text import one_line
from provisioning.readers.counts import AsOf
from provisioning.readers.found import Found, How, Match
from provisioning.readers.names import MENTIONED, OF_A_HANDSET, NameKind, look_alike, normal
from provisioning.readers.projection import Projection

MOST = 50
"""Names that are told; of more, that there are more."""
FEWEST_LETTERS = 3
"""Letters from which on a part of a name is looked for; fewer are in nearly all of them."""
_LONGEST = 200


Called = Callable[[str], Sequence[tuple[str, str]]]
"""Gives officer number and name of those whom the roster calls so; raises nothing."""


def find(
    table: Projection, text: str, *, as_of: AsOf | None = None, called: Called = lambda _: (), read: Iterable[str] = ()
) -> Found:
    """Find what ``text`` stands for. ``read`` are the numbers that a scan of it was read as.

    ``as_of`` is what following the ledger gave just now; None: it is followed first. Raises LedgerError.
    """
    as_of = as_of or table.follow()
    text = text[:_LONGEST].strip()
    key = normal(text)
    matches: dict[tuple[NameKind, str, str], Match] = {}

    def take(rows: Iterable[Sequence[object]], how: How) -> None:
        for kind, shown, subject in cast("Iterable[tuple[str, str, str]]", rows):
            name = NameKind(kind)
            matches.setdefault((name, shown, subject), Match(name, shown, how, subject))

    if key:
        for one in dict.fromkeys([key, *map(normal, read)]):
            take(_exactly(table, one), How.EXACTLY)
        people = called(text) if not matches and any(letter.isalpha() for letter in text) else ()
        for number, name in people:
            matches[NameKind.OFFICER, number, ""] = Match(NameKind.OFFICER, number, How.CALLED, called=name)
        if not matches:
            take(_beginning(table, key), How.BEGINS)
        if not matches and len(key) >= FEWEST_LETTERS:
            take(_within(table, key), How.WITHIN)
        if not matches and len(key) >= FEWEST_LETTERS:
            take(_look_alikes(table, key), How.LOOKS_LIKE)
    listed = list(matches.values())
    return Found(text, tuple(listed[:MOST]), len(listed) > MOST, as_of, _looked(as_of))


def entries_of(table: Projection, match: Match, limit: int = 200) -> list[Entry]:
    """Give the newest entries in which a name stands, the newest first. Raises LedgerError, LedgerUnreachable."""
    ledger = table.ledger
    if match.kind in OF_A_HANDSET and match.subject:
        return ledger.entries(serial=match.subject, newest_first=True, limit=limit)
    if match.kind is NameKind.OFFICER:
        return ledger.entries(officer=match.shown, newest_first=True, limit=limit)
    if match.kind is NameKind.RECEIPT:
        return ledger.entries(receipt=match.shown, newest_first=True, limit=limit)
    if match.kind not in MENTIONED:
        return ledger.entries(serial=match.shown, newest_first=True, limit=limit)
    rows = table.ask(
        "SELECT m.place FROM names n JOIN mentions m ON m.name = n.id WHERE n.normal = ? AND n.kind = ? AND "
        "n.subject = '' ORDER BY m.place DESC LIMIT ?",
        (normal(match.shown), str(match.kind), limit),
    )
    try:
        return list(reversed(table.entries_at([cast("int", place) for (place,) in rows])))
    except LedgerUnreachable:
        return []


def handset_of(table: Projection, text: str, as_of: AsOf) -> str:
    """Give the serial number of the one handset that ``text`` names. Raises UsageError where it is none, or several."""
    found = find(table, text, as_of=as_of)
    serials = list(dict.fromkeys(one.subject for one in found.matches if one.subject))
    if len(serials) == 1:
        return serials[0]
    if serials:
        named = ", ".join(one_line(one, 40) for one in serials[:5])
        raise UsageError(f"“{one_line(text, 60)}” names several handsets: {named}. Give the whole number.")
    raise UsageError(f"No handset is “{one_line(text, 60)}” in {found.looked}")


def names_of(table: Projection, serial: str) -> list[str]:
    """Give the other numbers of a handset, each as “IMEI: 35…”."""
    rows = table.ask(
        "SELECT kind, shown FROM names WHERE subject = ? AND kind <> ? ORDER BY kind, id", (serial, NameKind.SERIAL)
    )
    return [f"{kind}: {shown}" for kind, shown in rows]


def _exactly(table: Projection, key: str) -> list[tuple[object, ...]]:
    return table.ask("SELECT kind, shown, subject FROM names WHERE normal = ? LIMIT ?", (key, MOST + 1))


def _beginning(table: Projection, key: str) -> list[tuple[object, ...]]:
    return table.ask(
        "SELECT kind, shown, subject FROM names WHERE normal >= ? AND normal < ? ORDER BY normal LIMIT ?",
        (key, key + "\U0010ffff", MOST + 1),
    )


def _within(table: Projection, key: str) -> list[tuple[object, ...]]:
    return table.ask(
        "SELECT kind, shown, subject FROM names_within w JOIN names n ON n.id = w.rowid WHERE names_within MATCH ? "
        "LIMIT ?",
        (f'"{key}"', MOST + 1),
    )


def _look_alikes(table: Projection, key: str) -> list[tuple[object, ...]]:
    """Find names that are the same once letters that are taken for digits are digits."""
    return table.ask(
        "SELECT kind, shown, subject FROM names WHERE alike >= ? AND alike < ? ORDER BY alike LIMIT ?",
        (look_alike(key), look_alike(key) + "\U0010ffff", MOST + 1),
    )


def _looked(as_of: AsOf) -> str:
    desks = len(as_of.heads)
    said = f"{as_of.entries:,} entries of {desks} desk{'' if desks == 1 else 's'}: " + ", ".join(map(str, NameKind))
    return f"{said}, names on the roster. {as_of.behind}".strip() if as_of.behind else f"{said}, names on the roster."
