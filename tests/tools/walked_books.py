"""The naive way: figures by walking over all entries. What the table of figures is tested and measured against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from provisioning.canonical import Json
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.people.permits import PERMIT_KINDS, permits_on_the_books
from provisioning.plain_text import one_line
from provisioning.readers.counts import ENDING
from provisioning.readers.exception_kinds import Exceptional, ExceptionKind
from provisioning.receipts.parts import is_part
from provisioning.receipts.receipt import Declined, HandsetItem, Receipt
from provisioning.return_books import missing_by
from provisioning.return_reasons import reason_in
from provisioning.verification.judgement import Verdict


@dataclass(slots=True)
class _Out:
    """A handset in somebody's hands."""

    entry: Entry
    receipt: Receipt
    item: HandsetItem


@dataclass(slots=True)
class Books:
    """The ledger folded once, oldest entry first."""

    out: dict[str, _Out] = field(default_factory=dict[str, _Out])
    handovers: list[Entry] = field(default_factory=list[Entry])
    """The entry of each handset that was handed over."""
    returns: Counter[str] = field(default_factory=Counter[str])
    last_verdict: dict[str, Entry] = field(default_factory=dict[str, Entry])
    exceptions: list[Exceptional] = field(default_factory=list[Exceptional])
    by: dict[str, Counter[str]] = field(default_factory=dict[str, "Counter[str]"])
    permits: list[Entry] = field(default_factory=list[Entry])


def read_books(entries: Iterable[Entry]) -> Books:
    """Fold entries, oldest first."""
    books = Books(by={name: Counter() for name in ("day", "month", "unit", "model", "policy", "platform")})
    for entry in entries:
        match entry.kind:
            case EntryKind.HANDED_OVER:
                _handed_over(books, entry)
            case EntryKind.RETURNED:
                books.out.pop(entry.subject or "", None)
                books.last_verdict.pop(entry.subject or "", None)  # it says nothing of what comes back
                books.returns[reason_in(entry.body)] += 1
                missing = missing_by(entry)
                if missing is not None:
                    said = f"{_serial(entry)} was reported {missing} by officer {one_line(entry.officer or '–', 40)}."
                    books.exceptions.append(_exceptional(ExceptionKind(str(missing)), entry, said))
            case EntryKind.VERIFIED:
                books.last_verdict[entry.subject or ""] = entry
            case EntryKind.ERASED:
                books.last_verdict.pop(entry.subject or "", None)
            case _ if entry.kind in PERMIT_KINDS:
                books.permits.append(entry)
            case _:
                pass
    return books


def rollout(books: Books, day: date) -> dict[str, Json]:
    """Say how far the rollout is: issued, in stock, coming back, running out."""
    clear = {
        serial
        for serial, entry in books.last_verdict.items()
        if entry.body.get("verdict") == Verdict.CLEAR and serial not in books.out
    }
    permits = permits_on_the_books(books.permits).values()
    ending = [one for one in permits if one.in_force(day) and (one.valid_until - day).days <= ENDING]
    verdicts = Counter(str(entry.body.get("verdict")) for entry in books.last_verdict.values())
    return {
        "handovers": len(books.handovers),
        "out": len(books.out),
        "clear_and_here": len(clear),
        "returns": dict(sorted(books.returns.items())),
        "last_verdicts": dict(sorted(verdicts.items())),
        "issued_by": {name: dict(sorted(count.items())) for name, count in books.by.items()},
        "permits_in_force": sum(one.in_force(day) for one in permits),
        "permits_ending": [{"permit": one.reference, "until": one.valid_until.isoformat()} for one in ending],
    }


def exceptions(books: Books, day: date) -> list[Exceptional]:
    """Give the register of what departs from the rule, oldest first."""
    found = list(books.exceptions)
    for serial, out in books.out.items():
        last = books.last_verdict.get(serial)
        if last is not None and last.time > out.entry.time and last.body.get("verdict") != Verdict.CLEAR:
            said = f"{serial} is out to officer {out.receipt.officer.number} and was not clear when it was last read."
            found.append(_exceptional(ExceptionKind.NOT_CLEAR, last, said, out.receipt))
        for grant in out.receipt.permits:
            if date.fromisoformat(grant.valid_until) < day:
                said = (
                    f"Permit {one_line(grant.reference, 40)} for {one_line(grant.family, 40)} on {serial} ended on "
                    f"{grant.valid_until}; lock it again."
                )
                found.append(_exceptional(ExceptionKind.PERMIT_ENDED, out.entry, said, out.receipt))
    return sorted(found, key=lambda one: (one.entry, one.kind))


def _handed_over(books: Books, entry: Entry) -> None:
    if is_part(entry):
        return
    receipt = Receipt.from_body(entry.body)
    day = entry.moment.astimezone().date()
    unit = one_line(receipt.officer.unit or "not known", 60)
    for item in receipt.handsets:
        books.handovers.append(entry)
        books.out[item.serial_number] = _Out(entry, receipt, item)
        policy = f"{item.check.policy.name} {item.check.policy.version}" if item.check else "none"
        values = {
            "day": day.isoformat(), "month": day.isoformat()[:7], "unit": unit, "policy": policy,
            "model": one_line(item.model_name or item.model, 60), "platform": str(item.platform),
        }  # fmt: skip
        for name, value in values.items():
            books.by[name][value] += 1
    officer = one_line(receipt.officer.number, 40)
    if isinstance(receipt.signature, Declined):
        said = f"Officer {officer} did not sign for {_serial(entry)}: {one_line(receipt.signature.reason, 200)}."
        books.exceptions.append(_exceptional(ExceptionKind.UNSIGNED, entry, said))
    if receipt.officer.roster_reason:
        said = f"Officer {officer} was not on the roster: {one_line(receipt.officer.roster_reason, 200)}."
        books.exceptions.append(_exceptional(ExceptionKind.STRANGER, entry, said))


def _exceptional(kind: ExceptionKind, entry: Entry, said: str, receipt: Receipt | None = None) -> Exceptional:
    officer = receipt.officer.number if receipt else entry.officer or ""
    number = receipt.number if receipt else entry.receipt or ""
    return Exceptional(kind, entry.number, entry.time, entry.subject or "", officer, number, said)


def _serial(entry: Entry) -> str:
    return one_line(entry.subject or "–", 40)
