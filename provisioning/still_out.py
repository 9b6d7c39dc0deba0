"""What may come back over the counter: the items of a receipt, of one handset's receipt, or all that an officer has.

Of each item the books say where it is: out, back, reported missing, or never issued. A thing without a number of its
own is not followed by the books; it is counted off against the returns that named something of the same receipt, and
whoever stands at the counter says whether it lies there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from provisioning.errors import UsageError
from provisioning.holdings import called_back, holdings
from provisioning.ledger.entry import HANDS_CHANGED, ITEM_HANDS_CHANGED, Entry, EntryKind
from provisioning.ledger.look_up import Entries
from provisioning.noticing import hold_on
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.receipts.parts import receipt_in_ledger, receipt_of
from provisioning.receipts.receipt import HandsetItem, Officer, OtherItem, Receipt, ReceiptKind
from provisioning.return_books import erasure_of, missing_by
from provisioning.return_case import Case, ItemOut, Whereabouts

_BACK = (EntryKind.RETURNED, EntryKind.ITEM_RETURNED)


def out_by_receipt(books: Entries, number: str) -> Case:
    """Give the items of a handover, or what a return reported missing. Raises UsageError for no such receipt."""
    receipt = receipt_in_ledger(books, number)
    if receipt.kind is ReceiptKind.RETURN:
        items = tuple(_last_of(books, one.serial_number) for one in receipt.handsets)
        return _case(books, receipt.officer, items, receipt)
    return _case(books, receipt.officer, _items(books, receipt), receipt)


def out_with(books: Entries, number: str) -> Case:
    """Give a handset (or a thing with a number) with all of the receipt by which it is out; else it by itself.

    Raises UsageError where the ledger knows nothing of it.
    """
    last = _newest(books, number, HANDS_CHANGED)
    thing = _newest(books, number, ITEM_HANDS_CHANGED) if last is None else None
    if thing is not None:
        receipt = receipt_in_ledger(books, thing.receipt or "")
        if thing.kind == EntryKind.ITEM_RETURNED:
            shown, by = one_line(number, 40), one_line(receipt.number, 40)
            raise UsageError(f"{shown} came back already, by receipt {by} of {_day(thing)}. Nobody has it.")
        return replace(_case(books, receipt.officer, _items(books, receipt), receipt), asked=number)
    if last is None:
        return Case(None, (_last_of(books, number),), asked=number)
    receipt = receipt_of(last, books)
    items = _items(books, receipt) if last.kind == EntryKind.HANDED_OVER else (_last_of(books, number),)
    return replace(_case(books, receipt.officer, items, receipt), asked=number)


def out_to_officer(books: Entries, officer: Officer) -> Case:
    """Give all that an officer has, by the books, and what went with it."""
    numbers = dict.fromkeys(one.receipt for one in holdings(books, [officer.number]))
    receipts = [receipt_in_ledger(books, number) for number in numbers if number]
    items = tuple(
        one for receipt in receipts for one in _items(books, receipt) if one.where is not Whereabouts.BACK
    )  # fmt: skip
    return _case(books, officer, items, None)


def is_out(books: Entries, serial: str) -> bool:
    """Tell whether a handset is in somebody's hands or was reported missing: there is something to take back."""
    last = _newest(books, serial, HANDS_CHANGED)
    return last is not None and (last.kind == EntryKind.HANDED_OVER or missing_by(last) is not None)


def _case(books: Entries, officer: Officer, items: tuple[ItemOut, ...], receipt: Receipt | None) -> Case:
    recalled = officer.number in called_back(books)
    if receipt is None:
        return Case(officer, items, recalled=recalled)
    return Case(officer, items, receipt.number, receipt.issued.date().isoformat(), recalled=recalled)


def _items(books: Entries, receipt: Receipt) -> tuple[ItemOut, ...]:
    found: list[ItemOut] = []
    gone: Counter[tuple[str, str]] = Counter()
    for item in receipt.items:
        if item.identifier:
            found.append(_numbered(books, item, receipt))
    for number in dict.fromkeys(_returns_of(books, receipt)):
        back = receipt_in_ledger(books, number)
        gone.update({(str(one.what), one.label): one.quantity for one in _uncounted(back)})
    for item in _uncounted(receipt):
        left = item.quantity - gone[str(item.what), item.label]
        gone[str(item.what), item.label] = max(0, -left)
        if left > 0:
            found.append(_of_other(item, receipt, Whereabouts.UNCOUNTED, left))
    return tuple(found)


def _uncounted(receipt: Receipt) -> list[OtherItem]:
    return [one for one in receipt.items if isinstance(one, OtherItem) and not one.identifier]


def _numbered(books: Entries, item: HandsetItem | OtherItem, receipt: Receipt) -> ItemOut:
    handset = isinstance(item, HandsetItem)
    last = _newest(books, item.identifier, HANDS_CHANGED if handset else ITEM_HANDS_CHANGED)
    if handset and (last is None or last.receipt != receipt.number):
        return replace(_last_of(books, item.identifier), accessories=item.accessories)
    if handset:
        return _of_handset(books, item, receipt, Whereabouts.OUT)
    out = last is not None and last.receipt == receipt.number
    found = _of_other(item, receipt, Whereabouts.OUT if out else Whereabouts.BACK, 1)
    return found if out or last is None else replace(found, receipt=last.receipt or "", since=_day(last))


def _of_other(item: OtherItem, receipt: Receipt, where: Whereabouts, quantity: int) -> ItemOut:
    day = receipt.issued.date().isoformat()
    return ItemOut(
        item.identifier, item.name, where, item.what, item.label, quantity, receipt.number, day, receipt.officer.number
    )


def _of_handset(books: Entries, item: HandsetItem, receipt: Receipt, where: Whereabouts) -> ItemOut:
    serial = item.serial_number
    hold = hold_on(books, serial)
    return ItemOut(
        serial,
        item.name,
        where,
        receipt=receipt.number,
        since=receipt.issued.date().isoformat(),
        holder=receipt.officer.number,
        platform=item.platform,
        imei=item.imei or "",
        accessories=item.accessories,
        erased=erasure_of(serial, books),
        held=hold.since if hold else "",
    )


def _last_of(books: Entries, serial: str) -> ItemOut:
    """Say where a handset is now, whatever receipt was asked for."""
    last = _newest(books, serial, HANDS_CHANGED)
    if last is None:
        return _never_issued(books, serial)
    receipt = receipt_of(last, books)
    item = next((one for one in receipt.handsets if one.serial_number == serial), None)
    if item is None:
        return _never_issued(books, serial)
    missing = missing_by(last)
    where = Whereabouts.OUT if last.kind == EntryKind.HANDED_OVER else Whereabouts.BACK
    return replace(_of_handset(books, item, receipt, Whereabouts.MISSING if missing else where), missing=missing)


def _never_issued(books: Entries, serial: str) -> ItemOut:
    for entry in books.entries(serial=serial, kind=EntryKind.IDENTIFIED, newest_first=True, limit=1):
        name = str(entry.body.get("model_name") or entry.body.get("model") or "Handset")
        platform = Platform(str(entry.body["platform"]))
        imei = str(entry.body.get("imei") or "")
        return ItemOut(serial, one_line(name, 80), Whereabouts.NEVER_ISSUED, platform=platform, imei=imei)
    shown = one_line(serial, 40)
    raise UsageError(f"{shown} is not in this ledger. Look at the number again; to take it in, plug it in first.")


def _returns_of(books: Entries, receipt: Receipt) -> list[str]:
    """Give the returns by which something numbered of a handover came back."""
    after = receipt.place.number if receipt.place else 0
    return [
        entry.receipt
        for item in receipt.items
        if item.identifier
        for entry in books.entries(serial=item.identifier, kind=_BACK)
        if entry.number > after and entry.receipt
    ]


def _newest(books: Entries, subject: str, kinds: tuple[EntryKind, ...]) -> Entry | None:
    return next(iter(books.entries(serial=subject, kind=kinds, newest_first=True, limit=1)), None)


def _day(entry: Entry) -> str:
    return entry.moment.astimezone().date().isoformat()
