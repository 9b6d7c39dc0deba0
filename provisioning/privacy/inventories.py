"""The end of raw inventories: what was read of a handset is kept for a time, then only the signed record is left.

An inventory names the apps of a person's handset. It is sealed, and removed when it is older than the home's rule
says, but for two kinds: the last reading of a handset that is still in somebody's hands (a changed policy is replayed
over it), and whatever is kept as evidence or under a legal hold. Removing is an entry of the ledger that names the
rule and the records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from provisioning.canonical import Json
from provisioning.fleet import issued_handsets
from provisioning.home.records import RecordStore
from provisioning.ledger.entry import HANDS_CHANGED, EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.privacy.holds import all_holds

MOST_IN_ONE_ENTRY = 1000
"""Records that one entry names; their identifiers need 70 kB."""


@dataclass(frozen=True, slots=True)
class Due:
    """One inventory whose time is over. ``read`` is ISO 8601."""

    record: str
    serial_number: str
    read: str


def due_inventories(ledger: Ledger, records: RecordStore, days: int, now: datetime) -> Iterator[Due]:
    """Yield the inventories that are kept and are older than ``days``; 0 days: they are kept for ever."""
    if not days:
        return
    out = issued_handsets(ledger)
    held = _held(ledger)
    verified = ledger.entries(kind=EntryKind.VERIFIED)
    last = {entry.subject or "": entry.body.get("record") for entry in verified if (entry.subject or "") in out}
    before = now - timedelta(days=days)
    for entry in verified:
        record = str(entry.body.get("record"))
        if entry.moment >= before or (entry.subject or "") in held or last.get(entry.subject or "") == record:
            continue
        if records.has_inventory(record):
            yield Due(record, entry.subject or "", entry.time)


def _held(ledger: Ledger) -> frozenset[str]:
    """Give the serial numbers of all handsets that a hold is about, whoever had them and by whichever receipt."""
    holds = all_holds(ledger)
    officers, receipts = {hold.officer for hold in holds} - {""}, {hold.receipt for hold in holds} - {""}
    changes = ledger.entries(kind=HANDS_CHANGED) if officers or receipts else []
    theirs = {entry.subject or "" for entry in changes if entry.officer in officers or entry.receipt in receipts}
    return frozenset({hold.serial for hold in holds if hold.serial} | theirs)


def remove_inventories(
    ledger: Ledger, records: RecordStore, days: int, now: datetime, technician: Callable[[], str | None]
) -> tuple[Due, ...]:
    """Remove what is due and book it. The entry comes first: what it names is removed, or is due again next time."""
    due = tuple(due_inventories(ledger, records, days, now))
    for start in range(0, len(due), MOST_IN_ONE_ENTRY):
        part = due[start : start + MOST_IN_ONE_ENTRY]
        body: dict[str, Json] = {"rule": rule(days), "records": [one.record for one in part]}
        ledger.append(EntryKind.INVENTORIES_REMOVED, None, body, technician=technician())
        for one in part:
            records.forget_inventory(one.record)
    return due


def rule(days: int) -> str:
    """Give the rule in words, as it stands in the ledger."""
    if not days:
        return "Raw inventories are kept for ever."
    return (
        f"A raw inventory is removed {days} days after it was read, but not the last one of a handset that is in "
        "somebody's hands, and none that is kept as evidence or under a legal hold."
    )
