"""The way back: what was handed over comes home, or it is said what became of it; the entry before anything prints.

Several items come back in one step, on one receipt. Whether a handset was erased is never asserted: the receipt refers
to the ledger's entry of an erase that was seen to its end since it went out, or says that there is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from provisioning.canonical import Json
from provisioning.errors import UsageError
from provisioning.home.home import Home
from provisioning.ledger.draft import Draft, Part
from provisioning.ledger.entry import HANDS_CHANGED, ITEM_HANDS_CHANGED, Entry, EntryKind
from provisioning.ledger.ledger import Body, Ledger
from provisioning.ledger.look_up import Entries
from provisioning.noticing import hold_on
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.receipts.coming_back import ComingBack, NextState
from provisioning.receipts.parts import further_parts, placed, receipt_of
from provisioning.receipts.receipt import (
    UNNUMBERED,
    Declared,
    HandsetItem,
    IdentityCheck,
    Officer,
    OfficerSignature,
    OtherItem,
    Picture,
    Proxy,
    Receipt,
    ReceiptKind,
    ReturnReason,
    Technician,
)
from provisioning.receipts.sealed_pictures import body_with_pictures
from provisioning.return_books import erasure_of, missing_by
from provisioning.return_case import ItemOut, Whereabouts
from provisioning.return_reasons import MISSING, WHAT_NEXT, ReturnedHandset, reason_in, usual_next
from provisioning.still_out import out_by_receipt

MOST_ITEMS = 200
MOST_NAMED = 6
"""Items still out that the receipt names; of more, how many there are."""


@dataclass(frozen=True, slots=True)
class ReturnOrder:
    """What was agreed at the counter: one officer, one reason, one signature for all that comes back.

    ``officer`` answers for it; ``proxy`` stands at the counter in their place. ``reference`` is a crime, exhibit or
    ticket number. ``unissued`` says why something is taken in that these books never handed over; empty: it is not.
    ``exchange`` is the receipt by which the officer was given already what stands in for it.
    """

    officer: Officer
    reason: ReturnReason
    signature: OfficerSignature
    handsets: tuple[ReturnedHandset, ...]
    others: tuple[OtherItem, ...] = ()
    declarations: tuple[Declared, ...] = ()
    countersignature: Picture | None = None
    identity: IdentityCheck | None = None
    proxy: Proxy | None = None
    reference: str = ""
    unissued: str = ""
    exchange: str = ""
    language: str = "en-GB"
    once: str | None = None


@dataclass(frozen=True, slots=True)
class TakenBack:
    """It is in the ledger. ``remarks`` are sentences for the desk: somebody else brought it, it was missing."""

    receipt: Receipt
    entry: Entry
    remarks: tuple[str, ...]

    @property
    def next_state(self) -> str:
        """Say what is to become of the handsets."""
        states = dict.fromkeys(item.back.after for item in self.receipt.handsets if item.back is not None)
        said = "; ".join(WHAT_NEXT[state] for state in states)
        return f"{self.receipt.reason}: {said}" if NextState.MISSING in states else said


def take_back(home: Home, ledger: Ledger, order: ReturnOrder, technician: str) -> TakenBack:
    """Book in one step that things came back, or did not. Raises UsageError where nobody has one by this ledger."""
    if not 0 < len(order.handsets) + len(order.others) <= MOST_ITEMS:
        raise UsageError(f"A return has from 1 to {MOST_ITEMS} items. Split it.")
    serials = [one.serial_number for one in order.handsets]
    if len(set(serials)) < len(serials):
        raise UsageError("A handset is named twice. Name each once.")
    remarks: list[str] = []
    held: set[str] = set()

    def write(draft: Draft) -> Body:
        # Looked up inside the transaction: it cannot be taken back twice.
        remarks.clear()
        held.update(serial for serial in serials if hold_on(draft, serial) is not None)
        if order.exchange:
            _require_replaced(draft, order)
        handsets = tuple(_handset(one, order, draft, remarks) for one in order.handsets)
        for other in order.others:
            _require_out(other, draft)
        remarks.extend(_left(handsets, order, draft))
        receipt = _receipt(home, (*handsets, *order.others), order, technician, remarks)
        receipt = receipt.numbered(draft.receipt, datetime.fromisoformat(draft.time).astimezone())
        return body_with_pictures(receipt)

    def parts(body: Body) -> Sequence[Part]:
        return _parts(body, held)

    subject = serials[0] if serials else None
    kind = EntryKind.RETURNED
    entry = ledger.append_receipt(kind, subject, write, technician=technician, once=order.once, parts=parts)
    return TakenBack(placed(entry), entry, tuple(remarks))


def require_exchanged(books: Entries, receipt: str, officer: str) -> None:
    """Make sure that a receipt is an officer's exchange. Raises UsageError."""
    for entry in books.entries(receipt=receipt, kind=EntryKind.RETURNED, limit=1):
        if reason_in(entry.body) == ReturnReason.EXCHANGE and entry.officer == officer:
            return
    raise UsageError(
        f"Receipt {one_line(receipt, 40)} is no exchange of officer {one_line(officer, 40)}. Take the old handset back "
        "first, with exchange as its reason."
    )


def _require_replaced(books: Entries, order: ReturnOrder) -> None:
    """Make sure that the officer was given something by the receipt that is named. Raises UsageError."""
    if order.reason is not ReturnReason.EXCHANGE:
        raise UsageError("Only what comes back with --reason exchange can name what stands in for it.")
    given = books.entries(receipt=order.exchange, kind=EntryKind.HANDED_OVER, limit=1)
    if not any(entry.officer == order.officer.number for entry in given):
        raise UsageError(
            f"By receipt {one_line(order.exchange, 40)} nothing was handed to officer "
            f"{one_line(order.officer.number, 40)}. Give the number of the receipt for what stands in for it."
        )


def _handset(one: ReturnedHandset, order: ReturnOrder, draft: Draft, remarks: list[str]) -> HandsetItem:
    serial, shown = one.serial_number, one_line(one.serial_number, 40)
    last = next(iter(draft.entries(serial=serial, kind=HANDS_CHANGED, newest_first=True, limit=1)), None)
    hold = hold_on(draft, serial)
    after = one.after or (NextState.EVIDENCE_HOLD if hold and order.reason not in MISSING else usual_next(order.reason))
    if hold is not None and after not in {NextState.EVIDENCE_HOLD, NextState.MISSING}:
        raise UsageError(
            f"{shown} is kept as evidence since {hold.since}, so it cannot be meant for “{after}”. Release it first, "
            "or take it back as evidence."
        )
    if (after is NextState.MISSING) != (order.reason in MISSING):
        raise UsageError(f"What is {order.reason} cannot be meant for “{after}”. Choose another --next.")
    if last is None:
        item = _never_issued(serial, order, draft)
        remarks.append(f"{shown} was never handed over by this ledger: {one_line(order.unissued, 200)}.")
        back = ComingBack(after, lacks=one.lacks)
        return replace(item, condition=one.condition, accessories=one.accessories, terms=one.terms, back=back)
    receipt, officer = one_line(last.receipt or "–", 40), one_line(last.officer or "–", 40)
    missing = missing_by(last)
    if last.kind == EntryKind.RETURNED and (missing is None or order.reason in MISSING):
        raise UsageError(f"{shown} came back already, by receipt {receipt} ({reason_in(last.body)}). Nobody has it.")
    holder = last.officer or ""
    if missing is not None:
        remarks.append(f"{shown} was reported {missing} by receipt {receipt} and was found.")
    elif holder != order.officer.number:
        remarks.append(
            f"{shown} was handed to officer {officer} by receipt {receipt}; officer {order.officer.number} gives it "
            "back."
        )
    back = ComingBack(
        after,
        issued_by=last.receipt or "",
        holder=holder if holder != order.officer.number else "",
        erased=erasure_of(serial, draft),
        lacks=one.lacks,
    )
    item = next(item for item in receipt_of(last, draft).handsets if item.serial_number == serial)
    # What was verified when it went out says nothing of it now.
    item = replace(item, check=None, bay=None, order=None, back=back)
    return replace(item, condition=one.condition, accessories=one.accessories, terms=one.terms)


def _never_issued(serial: str, order: ReturnOrder, draft: Draft) -> HandsetItem:
    shown = one_line(serial, 40)
    if not order.unissued:
        raise UsageError(
            f"{shown} was never handed over by this ledger, so it cannot come back to it. Check the serial number; if "
            "it is taken in all the same, say why with --never-issued REASON."
        )
    for entry in draft.entries(serial=serial, kind=EntryKind.IDENTIFIED, newest_first=True, limit=1):
        said = {name: str(value) for name, value in entry.body.items() if value is not None}
        return HandsetItem(
            serial,
            Platform(said["platform"]),
            said["model"],
            said.get("model_name", said["model"]),
            said["os_version"],
            said.get("imei"),
            said.get("udid"),
        )
    raise UsageError(f"{shown} was never seen at this desk. Plug it in first, so that it says what it is.")


def _require_out(item: OtherItem, draft: Draft) -> None:
    """Make sure that a thing with a number of its own is in somebody's hands; others are counted by eye."""
    if not item.identifier:
        return
    kinds = ITEM_HANDS_CHANGED
    last = next(iter(draft.entries(serial=item.identifier, kind=kinds, newest_first=True, limit=1)), None)
    if last is None or last.kind == EntryKind.ITEM_RETURNED:
        shown = one_line(item.identifier, 40)
        raise UsageError(f"By this ledger nobody has the {item.what} with the number {shown}. Check the number.")


def _left(handsets: Sequence[HandsetItem], order: ReturnOrder, draft: Draft) -> list[str]:
    """Say what is still out of the receipts by which these went out; the officer reads it on the receipt."""
    coming = {item.serial_number for item in handsets} | {one.identifier for one in order.others}
    counted = Counter[tuple[str, str]]()
    for one in order.others:
        counted[str(one.what), one.label] += 0 if one.identifier else one.quantity
    said: list[str] = []
    receipts = dict.fromkeys(item.back.issued_by for item in handsets if item.back is not None and item.back.issued_by)
    for number in receipts:
        left: list[str] = []
        for item in out_by_receipt(draft, number).items:
            if item.where is Whereabouts.OUT and item.identifier not in coming:
                left.append(f"{_named(item)} {one_line(item.identifier, 40)}")
            elif item.where is Whereabouts.UNCOUNTED:
                key = str(item.kind), item.label
                here = min(counted[key], item.quantity)
                counted[key] -= here
                if here < item.quantity:
                    left.append(f"{item.quantity - here} × {_named(item)}")
        if left:
            more = f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
            said.append(f"Still out by receipt {one_line(number, 40)}: {', '.join(left[:MOST_NAMED])}{more}.")
    return said


def _named(item: ItemOut) -> str:
    return f"{item.kind} {one_line(item.label, 40)}" if item.kind and item.label else one_line(item.name, 60)


def _parts(body: Body, held: Collection[str]) -> Sequence[Part]:
    """Give the further entries of a return: one for each other item, and for each handset kept as evidence from now.

    ``held`` are those that were kept before.
    """
    receipt = Receipt.from_body(body)
    told: dict[str, Json] = {"reason": str(receipt.reason)}
    parts = [replace(part, body={**part.body, **told}) for part in further_parts(body)]
    for item in receipt.handsets:
        kept = item.back is not None and item.back.after is NextState.EVIDENCE_HOLD
        if kept and item.serial_number not in held:
            hold: dict[str, Json] = {
                "officer": receipt.officer.number, "reason": f"returned: {receipt.reason}",
                "reference": receipt.reference,
            }  # fmt: skip
            parts.append(Part(str(EntryKind.EVIDENCE_HELD), item.serial_number, hold))
    return parts


def _receipt(
    home: Home, items: tuple[HandsetItem | OtherItem, ...], order: ReturnOrder, technician: str, remarks: list[str]
) -> Receipt:
    return Receipt(
        kind=ReceiptKind.RETURN,
        training=home.training,
        number=UNNUMBERED,
        issued=datetime.now().astimezone(),
        organisation=home.identity.organisation_name,
        desk=home.identity.desk_name,
        technician=Technician(technician, order.countersignature),
        officer=order.officer,
        items=items,
        declarations=order.declarations,
        signature=order.signature,
        reason=order.reason,
        remarks=" ".join(remarks),
        language=order.language,
        identity=order.identity,
        proxy=order.proxy,
        reference=order.reference,
        exchange=order.exchange,
    )
