"""Legal holds: what a court, a complaint or an inquiry needs is not erased, whatever its age, until that is lifted.

A hold is on an officer, on a thing with a number, or on a receipt, and holds every entry about it, also later ones. It
is placed and lifted by entries of kinds that a shared ledger takes from a supervisor only; each says why. What is kept
as evidence (``provisioning.noticing``) is held as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from provisioning.canonical import Json
from provisioning.errors import UsageError
from provisioning.ledger.draft import Body, Draft
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.look_up import Entries
from provisioning.noticing import held_now
from provisioning.plain_text import one_line
from provisioning.privacy.reading import text_of
from provisioning.privacy.retention import LEGAL_HOLD_KINDS, Kept


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold that is on. One of ``officer``, ``serial`` and ``receipt`` is set; ``since`` is ISO 8601."""

    name: str
    reason: str
    reference: str
    since: str
    officer: str = ""
    serial: str = ""
    receipt: str = ""

    @property
    def what(self) -> str:
        """Say what it is on."""
        if self.officer:
            return f"officer {self.officer}"
        return f"receipt {self.receipt}" if self.receipt else self.serial

    def holds(self, record: Kept) -> bool:
        """Tell whether a record is held."""
        if self.officer:
            return record.officer == self.officer
        return record.receipt == self.receipt if self.receipt else self.serial in record.serials


def holds_now(books: Entries) -> list[Hold]:
    """Give the legal holds that are on, oldest first."""
    found: dict[str, Hold] = {}
    for entry in books.entries(kind=LEGAL_HOLD_KINDS):
        name = str(entry.body.get("hold"))
        if entry.kind == EntryKind.LEGAL_HOLD_ENDED:
            found.pop(name, None)
        else:
            found[name] = Hold(
                name,
                text_of(entry.body, "reason"),
                text_of(entry.body, "reference", ""),
                entry.time,
                entry.officer or "",
                entry.subject or "",
                entry.receipt or "",
            )
    return list(found.values())


def all_holds(books: Entries) -> list[Hold]:
    """Give what holds records back: legal holds, and what is kept as evidence."""
    evidence = [
        Hold("evidence", one.reason, one.reference, one.since, serial=serial) for serial, one in held_now(books).items()
    ]
    return [*holds_now(books), *evidence]


def held_by(record: Kept, holds: Iterable[Hold]) -> Hold | None:
    """Give the first hold that a record is under."""
    return next((hold for hold in holds if hold.holds(record)), None)


def set_hold(
    ledger: Ledger,
    reason: str,
    reference: str,
    technician: str,
    *,
    officer: str = "",
    serial: str = "",
    receipt: str = "",
) -> Entry:
    """Place a hold. Raises UsageError where it is not on one thing, or says no reason."""
    if sum(map(bool, (officer, serial, receipt))) != 1:
        raise UsageError("Say what is held: an officer, a serial number or a receipt, one of the three.")
    why = _said(reason)

    def write(draft: Draft) -> Body:
        body: dict[str, Json] = {"hold": f"H-{ledger.owner.receipt_prefix}-{draft.number}", "reason": why}
        body |= {"officer": officer} if officer else {}
        body |= {"receipt": receipt} if receipt else {}
        return body | ({"reference": one_line(reference.strip(), 80)} if reference.strip() else {})

    return ledger.append(EntryKind.LEGAL_HOLD_SET, serial or None, write, technician=technician)


def end_hold(ledger: Ledger, name: str, reason: str, technician: str) -> Entry:
    """Lift a hold. Raises UsageError where there is none of that name, or no reason is said."""
    why = _said(reason)

    def write(draft: Draft) -> Body:
        hold = next((one for one in holds_now(draft) if one.name == name), None)
        if hold is None:
            raise UsageError(f"There is no legal hold “{one_line(name, 40)}”. See “issuing-desk privacy hold list”.")
        body: dict[str, Json] = {"hold": hold.name, "reason": why}
        body |= {"officer": hold.officer} if hold.officer else {}
        return body | ({"receipt": hold.receipt} if hold.receipt else {})

    return ledger.append(EntryKind.LEGAL_HOLD_ENDED, None, write, technician=technician)


def _said(reason: str) -> str:
    why = one_line(reason.strip(), 300)
    if not why:
        raise UsageError("Say why.")
    return why
