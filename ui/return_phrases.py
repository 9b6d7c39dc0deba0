"""What is said of things that come back: one sentence for each, and the words of the choices. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.receipts.coming_back import NextState
from provisioning.receipts.items import ItemKind
from provisioning.receipts.receipt import Officer, ReturnReason
from provisioning.return_case import Case, ItemOut, Whereabouts

KINDS: Mapping[ItemKind, str] = {ItemKind.SIM: "SIM card"}
REASONS: Mapping[ReturnReason, str] = {
    ReturnReason.RETURNED: "Returned",
    ReturnReason.EXCHANGE: "Exchange for another",
    ReturnReason.LOST: "Lost: it is not here",
    ReturnReason.STOLEN: "Stolen: it is not here",
    ReturnReason.DAMAGED: "Damaged",
    ReturnReason.RECALLED: "Recalled",
}
NEXT: Mapping[NextState, str] = {
    NextState.REISSUE: "Re-issue",
    NextState.REPAIR: "Repair",
    NextState.EVIDENCE_HOLD: "Evidence hold",
    NextState.DISPOSE: "Dispose",
}


def officer_line(officer: Officer) -> str:
    """Name an officer: number, name, rank, unit, as far as they are known."""
    texts = (officer.number, officer.name, officer.rank, officer.unit)
    return " · ".join(one_line(text, 80) for text in texts if text)


def case_line(case: Case) -> str:
    """Say since when and by which receipt somebody has what is open."""
    if case.officer is None:
        return "By these books nobody had it."
    said = f"Receipt {one_line(case.receipt, 40)} of {case.since}." if case.receipt else "All that this officer has."
    return f"{said} This officer is to give everything back." if case.recalled else said


def name_of_item(item: ItemOut) -> str:
    """Name an item as people call it."""
    if item.kind is None:
        return item.name
    return item.label or KINDS.get(item.kind, str(item.kind).capitalize())


def item_line(item: ItemOut, holder: str) -> str:
    """Say where an item is by the books, and whether it was erased. ``holder`` is whose case it is."""
    receipt = one_line(item.receipt, 40)
    match item.where:
        case Whereabouts.OUT:
            whose = f" to officer {one_line(item.holder, 40)}" if item.holder != holder else ""
            said = f"Out{whose} since {item.since}, receipt {receipt}."
        case Whereabouts.BACK:
            said = f"Back since {item.since}, receipt {receipt}."
        case Whereabouts.MISSING:
            said = f"Reported {item.missing} on {item.since}, receipt {receipt}. If it lies here, it was found."
        case Whereabouts.NEVER_ISSUED:
            said = "Never handed over by these books. Say below who brings it and why it is taken in."
        case Whereabouts.UNCOUNTED:
            return f"Went out on {item.since}. It has no number: tick it if it lies here."
        case _:
            assert_never(item.where)
    if item.held:
        said += f" Kept as evidence since {item.held}: it is left as it is."
    return f"{said} {erase_line(item)}".strip() if item.is_handset else said


def erase_line(item: ItemOut) -> str:
    """Say whether a handset was erased since it went out, by which entry."""
    proof = item.erased
    if proof is None:
        return "Not erased." if item.where is not Whereabouts.NEVER_ISSUED else ""
    how = "Erased" if proof.ordered else "Seen as new"
    return f"{how} at {proof.time:%H:%M on %d %b %Y}, ledger entry {proof.entry}."


def counted(quantity: int, name: str) -> str:
    """Name an item with how many of it there are."""
    return f"{quantity} × {one_line(name, 80)}" if quantity > 1 else one_line(name, 80)


def not_over_the_cable(platform: Platform | None) -> str:
    """Say why there is no erase from here; empty where there may be one."""
    if platform is Platform.ANDROID:
        return "Erase it in its own settings: over the cable an Android cannot be."
    return ""


def taken_back(number: str, count: int, next_state: str) -> str:
    """Say that it is done."""
    things = "1 item" if count == 1 else f"{count} items"
    return f"Receipt {one_line(number, 40)}: {things} booked. Next: {one_line(next_state, 200)}."
