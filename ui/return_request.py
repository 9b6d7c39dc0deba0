"""From what stands on a return's pages: what decides its texts, why it does not go on, what is to be booked."""

from __future__ import annotations

from dataclasses import replace

from provisioning.receipts.items import OtherItem
from provisioning.receipts.receipt import ReturnReason
from provisioning.return_reasons import ReturnedHandset
from ui.return_actions import ReturnRequest
from ui.return_frame import DECLARATION, DONE, SIGNATURE, START, ReturnFrame

Coming = tuple[tuple[ReturnedHandset, ...], tuple[OtherItem, ...], ReturnReason]
"""Handsets, other items and the reason: what decides which texts are to be shown."""


def coming_of(pages: ReturnFrame) -> Coming:
    """Give what decides which texts are to be shown."""
    handsets = tuple(replace(one, condition="", accessories=(), lacks=()) for one in _handsets(pages))
    return handsets, _others(pages), pages.back_page.why


def why_not(pages: ReturnFrame, *, in_doubt: bool, texts_are_these: bool) -> str:
    """Say in one sentence why it does not go on from the open page; empty where it does."""
    step = pages.step
    if step == DONE:
        return ""
    if in_doubt:
        return "Nothing may be taken back while the record is in doubt. Have it verified first."
    if step == START:
        return "" if pages.start.number.text().strip() else "Nothing scanned yet."
    if why := pages.back_page.why_not():
        return why
    if step in {DECLARATION, SIGNATURE} and not pages.nothing_given_back and not texts_are_these:
        return "The declaration is being loaded."
    return "Not signed yet." if step == SIGNATURE and pages.signing.signature is None else ""


def request_of(pages: ReturnFrame, name: str) -> ReturnRequest | None:
    """Give what is to be booked; None while something is missing.

    Whoever brings it without anybody's authority answers for it: the receipt is theirs and names who had it.
    """
    page, signature, shown = pages.back_page, pages.signing.signature, pages.declaration.shown
    given = not pages.nothing_given_back
    if page.why_not() or signature is None or (given and shown is None):
        return None
    holder = page.holder.number if page.holder else ""
    brought, authority = page.brought_by.text().strip(), page.authority.text().strip()
    proxy = brought if authority and holder else ""
    return ReturnRequest(
        officer=holder if proxy or not brought else brought,
        reason=page.why,
        handsets=_handsets(pages),
        others=_others(pages),
        signature=signature,
        countersignature=pages.signing.countersignature,
        agreed=pages.declaration.agreed if given else (),
        language=shown.language if given and shown is not None else "en-GB",
        proxy=proxy,
        authority=authority if proxy else "",
        reference=page.reference.text().strip(),
        unissued=page.unissued.text().strip() if page.strange else "",
        identity=page.seen,
        once=name,
    )


def _handsets(pages: ReturnFrame) -> tuple[ReturnedHandset, ...]:
    return tuple(row.returned() for row in pages.back_page.items.ticked if row.item.is_handset)


def _others(pages: ReturnFrame) -> tuple[OtherItem, ...]:
    return tuple(row.item.as_other() for row in pages.back_page.items.ticked if not row.item.is_handset)
