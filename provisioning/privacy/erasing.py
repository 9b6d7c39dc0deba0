"""Erase what is due: an entry that names records, rule and day destroys their keys; files that say the same go with it.

Theory of operation. The entry is the erasure: the store removes the keys in the transaction that adds it, so there is
no moment at which one is done and not the other. What lies outside of the ledger (PDF receipts, prints that wait, raw
inventories) and remnants in the database's file follow; a mark in the home, which the store puts there first, says
that this is not finished, and whoever opens the home next finishes it. What another desk of a shared ledger erased
takes effect in this desk's own file with an entry of this desk's own, which is also how a backup from before an
erasure is brought to what the chain says.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, cast

from provisioning.canonical import Json
from provisioning.errors import HomeError, LedgerError, UsageError
from provisioning.ledger.draft import Body, Draft
from provisioning.ledger.entry import HANDS_CHANGED, Entry, EntryKind
from provisioning.ledger.erasure import MOST_IN_ONE_ENTRY, Erasing, erasure_body, parse_erasure
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.look_up import Entries
from provisioning.ledger.sqlite import erasing_mark, wipe_remnants
from provisioning.privacy.holds import Hold, all_holds, held_by
from provisioning.privacy.retention import Kept, RecordClass, Rules, kept_records

if TYPE_CHECKING:
    from provisioning.home.home import Home

logger = logging.getLogger(__name__)

_RECEIPT = re.compile(r"[A-Z0-9]{1,12}-[0-9]{1,12}")
"""What receipt numbers look like; an entry of another desk may say anything, and files are named after it."""
ERASING = (EntryKind.LAWFULLY_ERASED, EntryKind.ERASURE_APPLIED)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the records of one class stand: how many are kept, of these due, and of the due held back.

    ``lost`` counts those whose key is gone without an entry that says why.
    """

    of: RecordClass
    rule: str
    kept: int
    due: tuple[Kept, ...]
    held: tuple[tuple[Kept, Hold], ...]
    lost: int = 0


@dataclass(frozen=True, slots=True)
class ErasedNow:
    """What one act erased: the entries that say so and the records; ``unfinished`` says what is left to do, if so."""

    entries: tuple[Entry, ...]
    records: tuple[Kept, ...]
    unfinished: str = ""


def standings(books: Entries, rules: Rules, now: datetime) -> list[Standing]:
    """Say of every class how many records are kept, due and held."""
    holds = all_holds(books)
    by_class: dict[RecordClass, list[Kept]] = {one: [] for one in RecordClass}
    for record in kept_records(books):
        by_class[record.of].append(record)
    found: list[Standing] = []
    for one, records in by_class.items():
        over = [record for record in records if not record.lost and rules.due(record, now)]
        held = tuple((record, hold) for record in over if (hold := held_by(record, holds)) is not None)
        stuck = {(record.desk, record.number) for record, _ in held}
        due = tuple(record for record in over if (record.desk, record.number) not in stuck)
        lost = sum(record.lost for record in records)
        found.append(Standing(one, rules.rule(one), len(records) - lost, due, held, lost))
    return found


def erase_due(home: Home, ledger: Ledger, rules: Rules, now: datetime, technician: str, *, expected: int) -> ErasedNow:
    """Erase all that is due and not held. Raises UsageError where that is not as many as were ``expected``.

    Raises HomeError where the shared ledger refuses it: there only an administrator's login may erase.
    """
    found = standings(ledger, rules, now)
    due = [record for standing in found for record in standing.due]
    if len(due) != expected:
        raise UsageError(f"{len(due)} records are due now, not {expected}. Look at them again, then erase.")
    if not due:
        return ErasedNow((), ())
    entries: list[Entry] = []
    for of, records in groupby(due, key=lambda record: record.of):
        whole = list(records)
        for start in range(0, len(whole), MOST_IN_ONE_ENTRY):
            part = whole[start : start + MOST_IN_ONE_ENTRY]
            entries.append(_erase(ledger, part, rules.rule(of), of, now, technician))
    return ErasedNow(tuple(entries), tuple(due), finish_erasing(home, ledger))


def _erase(
    ledger: Ledger, records: Sequence[Kept], rule: str, of: RecordClass, now: datetime, technician: str
) -> Entry:
    day = now.date().isoformat()

    def write(draft: Draft) -> Body:
        # Once more, while nobody can add: a hold may have been placed since.
        holds = all_holds(draft)
        for record in records:
            if (hold := held_by(record, holds)) is not None:
                raise UsageError(f"Entry {record.number} is held by {hold.name} since this moment. Nothing was erased.")
        body = erasure_body(((record.desk, record.number) for record in records), rule, day)
        receipts: Sequence[Json] = sorted({record.receipt for record in records if record.kind in HANDS_CHANGED})
        return {**body, "class": str(of), "receipts": receipts}

    return ledger.append(EntryKind.LAWFULLY_ERASED, None, write, technician=technician)


def erasures_in(books: Entries) -> list[Erasing]:
    """Give all that the books say was erased: what a restored backup is brought to (:func:`reapply_erasures`)."""
    return [parse_erasure(entry) for entry in books.entries(kind=ERASING)]


def reapply_erasures(home: Home, ledger: Ledger, told: Iterable[Erasing] = ()) -> int:
    """Bring this desk's own file to what is known to be erased; give how many of its records that newly was.

    For whoever restores a backup: call it when the restored ledger is open for writing, with what a newer copy of the
    ledger says (:func:`erasures_in`), if there is one. What desks share is asked by itself. Records that this ledger
    does not have are passed over. Safe to call at any time, and again.
    """
    desk = ledger.owner.desk
    gone = _gone(ledger, desk)
    head = ledger.head()
    end = head.number if head is not None else 0
    count = 0
    for erasing in [*erasures_in(ledger), *told]:
        new = sorted({number for of, number in erasing.records if of == desk and number <= end} - gone)
        if not new:
            continue
        gone |= set(new)
        count += len(new)
        body = erasure_body(((desk, number) for number in new), erasing.rule, erasing.time)
        ledger.append(EntryKind.ERASURE_APPLIED, None, body, technician=None)
    if count or erasing_begun(home):
        finish_erasing(home, ledger)
    return count


def _gone(ledger: Ledger, desk: str) -> set[int]:
    """Give which of a desk's records its own entries say are erased."""
    own = (parse_erasure(entry) for entry in ledger.entries(kind=ERASING) if entry.desk == desk)
    return {number for erasing in own for of, number in erasing.records if of == desk}


def finish_erasing(home: Home, ledger: Ledger) -> str:
    """Remove what lies outside of the ledger, and the remnants; give why that is not finished, empty where it is."""
    if not erasing_begun(home):
        return ""
    try:
        _remove_files(home, ledger)
        wipe_remnants(home.ledger_file)
        erasing_mark(home.path).unlink(missing_ok=True)
    except (HomeError, OSError) as error:
        lasting = f"A file of the home cannot be removed ({error.strerror})." if isinstance(error, OSError) else ""
        said = lasting or str(error)
        logger.warning("an erasure is not finished: %s", type(error).__name__)
        return f"{said} The keys are gone; the rest is finished when this desk is used next."
    return ""


def wiped_at_the_server(home: Home) -> bool:
    """Rewrite what the shared ledger keeps of record keys, so that removed ones are in none of its files.

    True for a desk alone. False where the login does not own that table: then its owner has to do it.
    """
    shared = home.shared_ledger()
    if shared is None:
        return True
    from provisioning.ledger.postgres import rewrite_record_keys
    from provisioning.ledger.postgres_connection import postgres_url

    try:
        return rewrite_record_keys(postgres_url(shared.address), shared.password)
    except (HomeError, LedgerError) as error:
        logger.info("record keys were not rewritten: %s", type(error).__name__)
        return False


def erasing_begun(home: Home) -> bool:
    """Tell whether something was erased and remnants of it have not been wiped yet."""
    return erasing_mark(home.path).exists()


def _remove_files(home: Home, ledger: Ledger) -> None:
    receipts = {
        str(number)
        for entry in ledger.entries(kind=ERASING)
        for number in cast("Sequence[str]", entry.body.get("receipts") or _receipts_of(ledger, entry))
        if _RECEIPT.fullmatch(str(number))
    }
    # What was kept of the ledger before it was brought forward has keys of its own.
    for copy in home.path.glob(f"{home.ledger_file.stem}-version-*{home.ledger_file.suffix}"):
        copy.unlink()
    for number in receipts:
        (home.receipts_folder / f"receipt-{number}.pdf").unlink(missing_ok=True)
        for entry in ledger.entries(receipt=number, kind=HANDS_CHANGED):
            for record in _records_in(entry):
                home.records().forget_inventory(record)
    _cancel_prints(home, receipts)


def _receipts_of(ledger: Ledger, erasing: Entry) -> list[str]:
    """Give the receipts among the records of this desk that an entry without their numbers erases."""
    numbers = {number for desk, number in parse_erasure(erasing).records if desk == ledger.owner.desk}
    entries = ledger.entries(kind=HANDS_CHANGED) if numbers else []
    return [e.receipt for e in entries if e.desk == ledger.owner.desk and e.number in numbers and e.receipt]


def _records_in(entry: Entry) -> list[str]:
    document = entry.body.get("document")
    items = document.get("items") if isinstance(document, dict) else None
    found = [item.get("check") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return [str(check["record_id"]) for check in found if isinstance(check, dict) and check.get("record_id")]


def _cancel_prints(home: Home, receipts: set[str]) -> None:
    from provisioning.printing.queue import FILE, PrintQueue
    from provisioning.printing.wish import ReceiptWish, opened_wish

    if not (home.path / FILE).exists():
        return
    queue = PrintQueue(home.path)
    for job in queue.jobs():
        wish = opened_wish(home.vault(), queue.content(job))
        if isinstance(wish, ReceiptWish) and wish.number in receipts:
            queue.cancel(job.number)
