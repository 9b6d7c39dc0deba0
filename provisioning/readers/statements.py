"""A person's statement and a handset's life, as sheets.

Everything is read from entries of the ledger; the table of figures only says which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from provisioning.canonical import Json
from provisioning.errors import UsageError
from provisioning.ledger.entry import HANDS_CHANGED, ITEM_HANDS_CHANGED, Entry, EntryKind, Withheld
from provisioning.people.permits import PERMIT_KINDS, Permit, permits_on_the_books
from provisioning.people.recalls import RECALL_KINDS, recalls_on_the_books
from provisioning.plain_text import one_line
from provisioning.privacy.reading import withheld_sentence
from provisioning.readers.counts import AsOf
from provisioning.readers.projection import Projection
from provisioning.readers.sheet import Part, Sheet
from provisioning.receipts.body import ReceiptBodyError
from provisioning.receipts.parts import receipt_of
from provisioning.receipts.receipt import HandsetItem, Item, OtherItem, Receipt
from provisioning.return_reasons import reason_in

Sentence = Callable[[Entry], str]
"""Says an entry in one sentence; those who word entries stand above."""
_OUT = (EntryKind.HANDED_OVER, EntryKind.ITEM_HANDED_OVER)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every sheet: whose desk makes it, and when. ``made`` is aware."""

    organisation: str
    desk: str
    training: bool
    made: datetime


def as_of_sentence(as_of: AsOf) -> str:
    """Say as of which entries an answer speaks, and the value that fixes them."""
    if not as_of.entries:
        return "The ledger has no entries yet." + (f" {as_of.behind}" if as_of.behind else "")
    newest = datetime.fromisoformat(as_of.time).astimezone()
    desks = f" of {len(as_of.heads)} desks" if len(as_of.heads) > 1 else ""
    said = f"As of {as_of.entries:,} entries{desks}, the newest of {newest:%d %b %Y, %H:%M}; head {as_of.head[:16]}…"
    return f"{said}. {as_of.behind} Newer entries may be missing." if as_of.behind else f"{said}."


def person(table: Projection, officer: str, name: str, frame: Frame, as_of: AsOf) -> Sheet:
    """Say what an officer has, had and owes, and their permits. ``name`` is the roster's, empty where it has none."""
    ledger = table.ledger
    entries = ledger.entries(officer=officer)
    has, had = _hands(table, officer, entries)
    permits = permits_on_the_books(one for one in entries if one.kind in PERMIT_KINDS)
    today = frame.made.date()
    recall = recalls_on_the_books(one for one in entries if one.kind in RECALL_KINDS).get(officer)
    receipts = [one for one in entries if one.receipt_counter is not None]
    if not entries:
        raise UsageError(f"The ledger knows nothing of officer {one_line(officer, 40)}.")
    owes = [f"{row[0]} {row[1]}".strip() for row in has]
    owed = (
        f"Called back since {recall.since[:10]} ({one_line(recall.reason, 200)}): {len(has)} to be given back."
        if recall is not None
        else f"Has {len(has)} item{'' if len(has) == 1 else 's'} that must come back in the end; none is called back."
    )
    parts = (
        Part("Has now", (owed,), (), ("Item", "Serial or number", "IMEI", "Asset tag", "Receipt", "Since"), tuple(has),
             "Nothing, by the ledger."),
        Part("Had before", (), (), ("Item", "Serial or number", "Receipt", "From", "Until", "What became of it"),
             tuple(had), "Nothing."),
        Part("Permits", (), (), ("Permit", "For", "From", "Until", "Now", "Approved by"),
             tuple(_permit_row(one, today) for one in permits.values()), "None was ever given."),
        Part("Receipts", (), (), ("Receipt", "Day", "What", "Signed"),
             tuple(_receipt_row(table, one) for one in receipts), "None."),
        *_not_shown(entries),
    )  # fmt: skip
    about = f"Officer {officer}" + (f", {name}" if name else "")
    data: dict[str, Json] = {
        "officer": officer,
        "name": name or None,
        "owes": cast("Json", owes),
        "called_back": recall is not None,
    }
    return sheet_of("Statement of a person", about, frame, as_of, parts, data, personal=True)


def handset(table: Projection, serial: str, names: Sequence[str], frame: Frame, as_of: AsOf, say: Sentence) -> Sheet:
    """Say all that happened to a handset, from its box to its end, at every desk. ``names`` are its other numbers."""
    entries = table.ledger.entries(serial=serial)
    if not entries:
        raise UsageError(f"The ledger knows nothing of handset {one_line(serial, 40)}.")
    desks = dict(cast("list[tuple[str, str]]", table.ask("SELECT desk, name FROM chains")))
    last = next((one for one in reversed(entries) if one.kind in HANDS_CHANGED), None)
    verified = [one for one in entries if one.kind == EntryKind.VERIFIED]
    seen = next((one for one in reversed(entries) if one.kind == EntryKind.IDENTIFIED), None)
    holders = tuple(_holders(entries))
    if last is None:
        now = "Was never handed over."
    elif last.kind == EntryKind.HANDED_OVER:
        now = (
            f"Officer {one_line(last.officer or '–', 40)} has it since {_day(last)}, by receipt {last.receipt or '–'}."
        )
    else:
        now = f"Came back on {_day(last)} ({reason_in(last.body)}), by receipt {last.receipt or '–'}."
    facts = [("Serial number", serial), *((f"Also known as ({kind})", shown) for kind, shown in _pairs(names))]
    if seen is not None:
        facts += [
            (label, str(seen.body[member]))
            for label, member in (("Model", "model_name"), ("System when last seen", "os_version"))
            if seen.body.get(member)
        ]
    parts = (
        Part("What it is", (now,), tuple(facts)),
        Part("Who had it", (), (), ("Officer", "From", "Until", "Receipt", "How it ended"), holders, "Nobody yet."),
        Part("How it was verified", (), (), ("When", "Verdict", "Policy", "Desk", "Signed record"),
             tuple(_verified_row(one, desks) for one in reversed(verified)), "Never."),
        Part("All that happened", (), (), ("No.", "When", "Desk", "What", "Technician"),
             tuple(_happened(one, desks, say) for one in entries), "Nothing."),
    )  # fmt: skip
    data: dict[str, Json] = {
        "serial_number": serial, "names": list(names), "out": bool(last and last.kind == EntryKind.HANDED_OVER),
        "entries": [{"number": one.number, "desk": one.desk, "time": one.time, "kind": one.kind, "hash": one.hash,
                     "officer": one.officer, "receipt": one.receipt, "sentence": say(one)} for one in entries],
    }  # fmt: skip
    return sheet_of("Life of a handset", serial, frame, as_of, parts, data, personal=bool(holders))


def sheet_of(
    title: str, about: str, frame: Frame, as_of: AsOf, parts: tuple[Part, ...], data: Mapping[str, Json], *,
    personal: bool = False,
) -> Sheet:  # fmt: skip
    """Give a sheet whose JSON says as of when it is; of a person's, its parts as well."""
    said = as_of_sentence(as_of)
    where: dict[str, Json] = {
        "entries": as_of.entries, "time": as_of.time or None, "head": as_of.head or None,
        "behind": as_of.behind or None,
    }  # fmt: skip
    tables: list[Json] = [
        {"title": part.title, "said": list(part.said), "facts": dict(part.facts), "heading": list(part.heading),
         "rows": [list(row) for row in part.rows], "bars": dict(part.bars)}
        for part in parts
    ]  # fmt: skip
    document: dict[str, Json] = {**data, "as_of": where} | ({"parts": tables} if personal else {})
    return Sheet(
        title, about, said, parts, frame.organisation, frame.desk, frame.made, frame.training, personal, document
    )


def _hands(
    table: Projection, officer: str, entries: Sequence[Entry]
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Give what an officer has, and what they had: of each thing whether a later entry, of anybody, took it back."""
    has: list[tuple[str, ...]] = []
    had: list[tuple[str, ...]] = []
    for entry in entries:
        if entry.kind not in _OUT or entry.officer != officer or not entry.subject:
            continue
        kinds = HANDS_CHANGED if entry.kind == EntryKind.HANDED_OVER else ITEM_HANDS_CHANGED
        changes = table.ledger.entries(serial=entry.subject, kind=kinds)
        at = next((place for place, one in enumerate(changes) if one.hash == entry.hash), -1)
        after = changes[at + 1] if 0 <= at < len(changes) - 1 else None
        item = _item_of(table, entry)
        what = item.name if item is not None else "handset"
        imei = (item.imei or "–") if isinstance(item, HandsetItem) else "–"
        tag = (item.asset_tag or "–") if item is not None else "–"
        if after is None:
            has.append((what, entry.subject, imei, tag, entry.receipt or "–", _day(entry)))
        else:
            ended = reason_in(after.body) if after.kind not in _OUT else f"handed to officer {after.officer or '–'}"
            had.append((what, entry.subject, entry.receipt or "–", _day(entry), _day(after), ended))
    return has, had


def _item_of(table: Projection, entry: Entry) -> Item | None:
    receipt = _receipt(table, entry)
    return next((one for one in receipt.items if one.identifier == entry.subject), None) if receipt else None


def _receipt(table: Projection, entry: Entry) -> Receipt | None:
    """Give the receipt that an entry is about; None where it is of a version that this one cannot read."""
    try:
        return receipt_of(entry, table.ledger)
    except ReceiptBodyError:
        return None


def _receipt_row(table: Projection, entry: Entry) -> tuple[str, ...]:
    receipt = _receipt(table, entry)
    what = "handed over" if entry.kind in _OUT else reason_in(entry.body)
    if receipt is None:
        return entry.receipt or "–", _day(entry), what, "–"
    items = ", ".join(
        f"{one.quantity} × {one.name}" if isinstance(one, OtherItem) and one.quantity > 1 else one.name
        for one in receipt.items[:6]
    )
    return receipt.number, _day(entry), f"{what}: {items}", {"signed": "by hand", "typed": "typed, with a code"}.get(
        receipt.signature.kind, "not signed"
    )  # fmt: skip


def _permit_row(one: Permit, today: date) -> tuple[str, ...]:
    if one.revoked:
        state = "revoked"
    elif one.in_force(today):
        state = f"in force, {(one.valid_until - today).days} days left"
    else:
        state = "ended" if one.valid_until < today else "not yet"
    return one.reference, one.what, one.valid_from.isoformat(), one.valid_until.isoformat(), state, one.approver


def _holders(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    since: Entry | None = None
    for entry in entries:
        if entry.kind not in HANDS_CHANGED:
            continue
        if since is not None:
            ended = reason_in(entry.body) if entry.kind == EntryKind.RETURNED else "handed to another"
            rows.append((since.officer or "–", _day(since), _day(entry), since.receipt or "–", ended))
        since = entry if entry.kind == EntryKind.HANDED_OVER else None
    if since is not None:
        rows.append((since.officer or "–", _day(since), "now", since.receipt or "–", "–"))
    return list(reversed(rows))


def _verified_row(entry: Entry, desks: Mapping[str, str]) -> tuple[str, ...]:
    policy = entry.body.get("policy")
    named = f"{policy.get('name')} {policy.get('version')}" if isinstance(policy, Mapping) else "–"
    verdict = str(entry.body.get("verdict", "–")).replace("_", " ")
    worst = str(entry.body.get("worst") or "")
    return (_when(entry), f"{verdict}: {worst}" if worst else verdict, named, desks.get(entry.desk) or entry.desk[:8],
            str(entry.body.get("record") or "–")[:16])  # fmt: skip


def _pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(kind, shown) for kind, _, shown in (name.partition(": ") for name in names)]


def _happened(entry: Entry, desks: Mapping[str, str], say: Sentence) -> tuple[str, ...]:
    where = desks.get(entry.desk) or entry.desk[:8]
    return f"{entry.number:,}", _when(entry), where, _said(entry, say), entry.technician or "–"


def _said(entry: Entry, say: Sentence) -> str:
    return f"{say(entry)} {withheld_sentence(entry)}" if entry.withheld is Withheld.ERASED else say(entry)


def _not_shown(entries: Sequence[Entry]) -> tuple[Part, ...]:
    """Say what is missing because it was erased, or is sealed here; no part where nothing is."""
    gone = tuple(withheld_sentence(one) for one in entries if one.withheld not in {None, Withheld.SEALED})
    locked = sum(one.withheld is Withheld.SEALED for one in entries)
    said = (f"The personal fields of {locked} entries are sealed: unlock a desk of this ledger to read them.",)
    return (Part("What is not shown", (*gone, *(said if locked else ()))),) if gone or locked else ()


def _day(entry: Entry) -> str:
    return entry.moment.astimezone().date().isoformat()


def _when(entry: Entry) -> str:
    return f"{entry.moment.astimezone():%Y-%m-%d %H:%M}"
