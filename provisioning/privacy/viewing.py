"""Who looked at what is held of people, recorded in the ledger itself: an entry VIEWED by whoever opened it.

What counts is that personal details were opened. A reader without keys (an auditor with public keys) sees none, so
there is nothing to record, and no way to sign it; nor is there in an export, which has the entries as the chain has
them. What is done *for* an officer at the counter (a handover, a return, a
print) is an entry of its own and no look beside that; in the window, the receipt that was just booked is part of it.
Looks at the same thing by the same technician at the same desk within :data:`TOGETHER` are one entry, so that neither a
repaint nor a paging through writes any. A look that cannot be recorded does not happen: details stay sealed then.

Whom it was about stands, sealed, in ``of_officer``, ``of_receipt`` and ``of_serial`` and not where the ledger searches:
what happened with a receipt is not who read it. :func:`looks_at` finds the looks at one person.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum, unique

from provisioning.canonical import Json
from provisioning.ledger.draft import Body, Draft
from provisioning.ledger.entry import Entry, EntryKind, Withheld
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.look_up import Entries
from provisioning.plain_text import one_line

TOGETHER = timedelta(minutes=10)
_LOOKED_THROUGH = 100
"""Newest looks that are searched for the same one."""


@unique
class Look(StrEnum):
    """What was opened. The words stand in signed bytes."""

    LEDGER = "ledger"
    """Entries of many people."""
    RECORD = "record"
    """All entries about one officer, or one thing that officers had."""
    RECEIPT = "receipt"
    STATEMENT = "statement"
    SEARCH = "search"
    PACK = "subject-access pack"


class _Together(Exception):
    """Raised inside the transaction where the same look is on the record already."""


def opens(entries: Sequence[Entry]) -> bool:
    """Tell whether personal details of officers are open in any of these."""
    return any(entry.kept is not None and entry.officer is not None for entry in entries)


def closed(entries: Sequence[Entry]) -> list[Entry]:
    """Give the entries with their personal details sealed again."""
    return [
        entry if entry.kept is None else replace(entry, body=entry.kept, kept=None, withheld=Withheld.SEALED)
        for entry in entries
    ]


def note_look(
    ledger: Ledger,
    look: Look,
    technician: str,
    *,
    officer: str = "",
    receipt: str = "",
    serial: str = "",
    why: str = "",
) -> Entry | None:
    """Record a look, before anything of it is shown; None where the same look was recorded just now.

    Raises HomeError or LedgerError where it cannot be recorded: then show nothing.
    """
    body: dict[str, Json] = {"look": str(look)}
    body |= {"of_officer": officer} if officer else {}
    body |= {"of_receipt": receipt} if receipt else {}
    body |= {"of_serial": serial} if serial else {}
    if reason := one_line(why.strip(), 300):
        body["why"] = reason

    def write(draft: Draft) -> Body:
        since = ledger.now() - TOGETHER
        for before in draft.entries(kind=EntryKind.VIEWED, newest_first=True, limit=_LOOKED_THROUGH):
            if before.moment < since:
                break
            by_same = (before.technician, before.desk) == (technician, ledger.owner.desk)
            if by_same and dict(before.body) == body:
                raise _Together
        return body

    try:
        return ledger.append(EntryKind.VIEWED, None, write, technician=technician)
    except _Together:
        return None


def looks_at(
    books: Entries, officer: str, receipts: Collection[str] = (), serials: Collection[str] = ()
) -> list[Entry]:
    """Give the looks at one officer, oldest first: at them, at one of these receipts or things, or at everybody."""
    found: list[Entry] = []
    for entry in books.entries(kind=EntryKind.VIEWED):
        of = [entry.body.get(name) for name in ("of_officer", "of_receipt", "of_serial")]
        whole = of == [None, None, None]
        if whole or of[0] == officer or of[1] in receipts or of[2] in serials:
            found.append(entry)
    return found
