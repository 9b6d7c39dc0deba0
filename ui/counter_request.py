"""From what stands on the counter's pages: which items there are, why it does not go on, what is committed."""

from __future__ import annotations

from ui.actions import HandedOver
from ui.agreement import CollectedBy, HandoverRequest, Thing
from ui.card import named
from ui.counter_frame import CounterFrame
from ui.counter_steps import DECLARATION, DONE, WHAT, WHO
from ui.counter_visit import Visit
from ui.scan_line import Said

Items = tuple[tuple[str, ...], tuple[Thing, ...], str]
"""Handsets, things and the officer's number: what decides which texts are to be shown."""


def things_of(visit: Visit, pages: CounterFrame) -> tuple[Thing, ...]:
    """Give everything beside handsets that goes along."""
    return (*pages.what.things.values(), *visit.things.values())


def items_of(visit: Visit, pages: CounterFrame) -> Items:
    """Give what decides which texts are to be shown."""
    things = tuple(Thing(one.kind, one.label, one.number) for one in things_of(visit, pages))
    return tuple(visit.handsets), things, visit.officer.number if visit.officer else ""


def why_not(visit: Visit, pages: CounterFrame, *, in_doubt: bool, texts_are_these: bool) -> str:
    """Say in one sentence why it does not go on from the open page; empty where it does."""
    step = pages.step
    if step in {WHO, DONE}:
        return ""
    if in_doubt:
        return "Nothing may be handed over while the record is in doubt. Have it verified first."
    if visit.empty:
        return "Nothing to hand over yet."
    if step == WHAT:
        return _why_not_collected(pages.what.collected_by, visit)
    if visit.shut is not None:
        return f"{named(visit.shut.status)} is not verified as clear, so it cannot be handed over."
    if not texts_are_these:
        return "The declaration is being loaded."
    if step == DECLARATION:
        return ""
    if not visit.open:
        return "The verification is still under way."
    if visit.unargued is not None:
        return f"{named(visit.unargued.status)} is ordered otherwise: say why it goes."
    return "" if pages.signing.signature is not None else "Not signed yet."


def _why_not_collected(proxy: CollectedBy | None, visit: Visit) -> str:
    if proxy is None:
        return ""
    if visit.officer is not None and proxy.number.upper() == visit.officer.number:
        return f"{visit.officer.number} collects in person: leave “Collected by” empty."
    return "" if proxy.authority else "Say what allows somebody else to collect."


def request_of(visit: Visit, pages: CounterFrame) -> HandoverRequest | None:
    """Put together what is to be committed; None while something is missing or a gate is not open."""
    shown, signature, officer = pages.declaration.shown, pages.signing.signature, visit.officer
    if not visit.open or visit.unargued is not None or shown is None or signature is None or officer is None:
        return None
    return HandoverRequest(
        handsets=visit.wishes,
        officer_number=officer.number,
        officer_name=pages.who.name.text().strip() or None,
        things=things_of(visit, pages),
        language=shown.language,
        agreed=pages.declaration.agreed,
        signature=signature,
        countersignature=pages.signing.countersignature,
        roster_reason=pages.who.reason.text().strip() if officer.stranger else "",
        identity=pages.what.seen,
        proxy=pages.what.collected_by,
        exchange=pages.what.exchange.text().strip(),
        once=visit.name,
    )


def said_of(result: HandedOver, request: HandoverRequest) -> tuple[str, Said]:
    """Say what was done, and what is next."""
    said = f"Handed over to {request.officer_number}, receipt {result.receipt_number}."
    if result.lacks:
        return f"{said} {result.lacks}", Said.REFUSED
    return f"{said} Scan the next card.", Said.TAKEN
