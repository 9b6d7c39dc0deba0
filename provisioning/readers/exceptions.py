"""The register of exceptions: what departs from the rule, found by the table of figures and read from the entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import cast

from provisioning.canonical import Json
from provisioning.errors import LedgerError
from provisioning.ledger.entry import Entry
from provisioning.plain_text import one_line
from provisioning.readers.exception_kinds import Exceptional, ExceptionKind
from provisioning.readers.projection import AsOf, Projection
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
    return [_exceptional(table, kind, entries[place], said) for place, kind, said in wanted if place in entries]


def register(table: Projection, frame: Frame, as_of: AsOf) -> Sheet:
    """Give the register as a sheet: a count of each kind, then every one, the newest first."""
    found = exceptions(table, frame.made.date())
    kinds: dict[str, int] = {}
    for one in found:
        kinds[str(one.kind)] = kinds.get(str(one.kind), 0) + 1
    rows = tuple(
        (f"{one.entry:,}", one.time[:10], str(one.kind), one.serial_number or "–", one.sentence)
        for one in reversed(found)
    )
    parts = (
        Part("By kind", (), bars=tuple(sorted(kinds.items(), key=lambda one: -one[1])))
        if kinds
        else Part("By kind", ("Nothing departs from the rule.",)),
        Part("All, the newest first", (), (), ("Entry", "Day", "Kind", "Handset", "What"), rows, "No exceptions."),
    )
    listed: list[Json] = [{**asdict(one), "kind": str(one.kind)} for one in found]
    return Sheet(
        "Register of exceptions", f"{len(found):,} exceptions", as_of_sentence(as_of), parts, frame.organisation,
        frame.desk, frame.made, frame.training, personal=True, data={"exceptions": listed},
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
