"""Put together what is to be booked of a return, from what stands on its pages."""

from __future__ import annotations

from provisioning.return_reasons import MISSING
from ui.agreement_pages import DeclarationPage, SignaturePage
from ui.return_actions import ReturnRequest
from ui.return_pages import BackPage


def request_of(page: BackPage, declaration: DeclarationPage, signing: SignaturePage, name: str) -> ReturnRequest | None:
    """Give what is to be booked; None while something is missing.

    Whoever brings it without anybody's authority answers for it: the receipt is theirs and names who had it.
    """
    signature = signing.signature
    text = None if page.why in MISSING else declaration.text
    if page.why_not() or signature is None or (text is None and page.why not in MISSING):
        return None
    holder = page.holder.number if page.holder else ""
    brought, authority = page.brought_by.text().strip(), page.authority.text().strip()
    proxy = brought if authority and holder else ""
    rows = page.items.ticked
    return ReturnRequest(
        officer=holder if proxy or not brought else brought,
        reason=page.why,
        handsets=tuple(row.returned() for row in rows if row.item.is_handset),
        others=tuple(row.item.as_other() for row in rows if not row.item.is_handset),
        signature=signature,
        countersignature=signing.countersignature,
        declaration=text,
        clauses=declaration.ticked if text is not None else (),
        language=text.language if text is not None else "en-GB",
        proxy=proxy,
        authority=authority if proxy else "",
        reference=page.reference.text().strip(),
        unissued=page.unissued.text().strip() if page.strange else "",
        identity=page.seen,
        once=name,
    )
