"""The register of exceptions: what departs from the rule, found by the table of figures and read from the entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from typing import cast

from provisioning.canonical import Json
from provisioning.errors import LedgerError
from provisioning.ledger.entry import Entry
from provisioning.plain_text import one_line
from provisioning.readers.counts import AsOf
from provisioning.readers.exception_kinds import Exceptional, ExceptionKind
from provisioning.readers.fold import SEALED_MARK
from provisioning.readers.projection import Projection
from provisioning.readers.sheet import Part, Sheet
from provisioning.readers.statements import Frame, as_of_sentence
from provisioning.receipts.body import ReceiptBodyError
from provisioning.receipts.parts import receipt_of
from provisioning.receipts.receipt import Declined


def exceptions(table: Projection, today: date) -> list[Exceptional]:
    """Give the register, oldest first. Raises LedgerError, LedgerUnreachable."""
    wanted: list[tuple[int, str, str]] = [
        (cast("int", place), str(kind), "") for place, kind in table.ask("SELECT place, kind FROM odd")
    ]
    for (place,) in table.ask(
        "SELECT verified FROM handsets WHERE out IS NOT NULL AND verdict <> 'clear' AND verified > out"
    ):
        wanted.append((cast("int", place), str(ExceptionKind.NOT_CLEAR), ""))
    ended = table.ask(
        "SELECT g.place, h.serial, g.reference || ' for ' || g.family || '\x1f' || g.until FROM grants g "
        "JOIN handsets h ON h.out = g.place WHERE g.until < ?",
        (today.isoformat(),),
    )
    wanted += [
        (cast("int", place), str(ExceptionKind.PERMIT_ENDED), f"{serial}\x1f{said}") for place, serial, said in ended
    ]
    wanted.sort()
    entries = dict(_read(table, sorted({place for place, *_ in wanted})))
    return [
        _exceptional(table, kind.removesuffix(SEALED_MARK), entries[place], said)
        for place, kind, said in wanted
        if place in entries and (not kind.endswith(SEALED_MARK) or _holds(kind, entries[place]))
    ]


def sealed(table: Projection) -> int:
    """Give of how many handovers nobody can tell here whether they belong into the register: they are sealed."""
    marked = table.ask("SELECT DISTINCT place FROM odd WHERE kind LIKE '%?'")
    read = _read(table, sorted(cast("int", place) for (place,) in marked))
    return sum(entry.withheld is not None for _, entry in read)


def _holds(kind: str, entry: Entry) -> bool:
    """Look again at an entry that was sealed when it was taken up; what still is, is counted by :func:`sealed`."""
    if entry.withheld is not None:
        return False
    document = entry.body.get("document")
    if not isinstance(document, Mapping):
        return False
    if kind.startswith(ExceptionKind.STRANGER):
        officer = document.get("officer")
        return isinstance(officer, Mapping) and bool(officer.get("roster_reason"))
    items = document.get("items")
    orders = [item.get("order") for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
    return any(isinstance(order, Mapping) and order.get("override") for order in orders)


def register(table: Projection, frame: Frame, as_of: AsOf) -> Sheet:
    """Give the register as a sheet: a count of each kind, then every one, the newest first."""
    found = exceptions(table, frame.made.date())
    unread = sealed(table)
    said = (
        (f"Of {unread:,} handovers it cannot be told here whether they belong to it: that is sealed, or was erased.",)
        if unread
        else ()
    )
    kinds: dict[str, int] = {}
    for one in found:
        kinds[str(one.kind)] = kinds.get(str(one.kind), 0) + 1
    rows = tuple(
        (f"{one.entry:,}", one.time[:10], str(one.kind), one.serial_number or "–", one.sentence)
        for one in reversed(found)
    )
    parts = (
        Part("By kind", said, bars=tuple(sorted(kinds.items(), key=lambda one: -one[1])))
        if kinds
        else Part("By kind", said or ("Nothing departs from the rule.",)),
        Part("All, the newest first", (), (), ("Entry", "Day", "Kind", "Handset", "What"), rows, "No exceptions."),
    )
    listed: list[Json] = [{**asdict(one), "kind": str(one.kind)} for one in found]
    return Sheet(
        "Register of exceptions", f"{len(found):,} exceptions", as_of_sentence(as_of), parts, frame.organisation,
        frame.desk, frame.made, frame.training, personal=True, data={"exceptions": listed, "sealed": unread},
    )  # fmt: skip


def _read(table: Projection, places: list[int]) -> Iterator[tuple[int, Entry]]:
    while places:
        some, places = places[:500], places[500:]
        yield from table.ledger.arrivals(0, len(some), some)


def _exceptional(table: Projection, kind: str, entry: Entry, said: str) -> Exceptional:
    serial, officer = entry.subject or "", one_line(entry.officer or "–", 40)
    shown = one_line(serial or "–", 40)
    match kind:
        case ExceptionKind.UNSIGNED:
            sentence = f"Officer {officer} did not sign for {shown}{_reason(table, entry, signing=True)}."
        case ExceptionKind.STRANGER:
            sentence = f"Officer {officer} was not on the roster{_reason(table, entry, signing=False)}."
        case ExceptionKind.LOST | ExceptionKind.STOLEN:
            sentence = f"{shown} was reported {kind} by officer {officer}."
        case ExceptionKind.NOT_CLEAR:
            sentence = f"{shown} is out to officer {officer} and was not clear when it was last read."
        case ExceptionKind.PERMIT_ENDED:
            serial, permit, until = said.split("\x1f")
            sentence = f"Permit {one_line(permit, 80)} on {one_line(serial, 40)} ended on {until}; lock it again."
        case ExceptionKind.OVERRIDDEN:
            sentence = f"{shown} went to officer {officer} although an order means something else."
        case ExceptionKind.HELD:
            sentence = f"{shown} is kept as evidence: {one_line(str(entry.body.get('reason')), 120)}."
        case _:
            sentence = f"{kind[:1].upper()}{kind[1:]}: {shown}."
    return Exceptional(
        ExceptionKind(kind), entry.number, entry.time, serial, entry.officer or "", entry.receipt or "", sentence
    )


def _reason(table: Projection, entry: Entry, *, signing: bool) -> str:
    """Give the reason that stands on the receipt, where it can be read."""
    try:
        receipt = receipt_of(entry, table.ledger)
    except (ReceiptBodyError, LedgerError):
        return ""
    signature = receipt.signature
    reason = (signature.reason if isinstance(signature, Declined) else "") if signing else receipt.officer.roster_reason
    return f": {one_line(reason, 200)}" if reason else ""
