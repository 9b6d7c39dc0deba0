"""What was agreed on the glass, as a receipt keeps it: the texts that were shown, what was ticked, who signed how."""

from __future__ import annotations

from provisioning.errors import UsageError
from provisioning.home.home import Home
from provisioning.plain_text import one_line
from provisioning.receipts.declaration import Declaration
from provisioning.receipts.pictures import read_signature_image
from provisioning.receipts.receipt import Declined as NotSigned
from provisioning.receipts.receipt import OfficerSignature, Typed
from provisioning.receipts.receipt import Signed as Image
from provisioning.terms import Terms
from ui.agreement import Agreed, Clause, DeclarationText, Declined, Signature, TypedName

ENGLISH_FIRST = "en-GB"


def text_shown(text: Declaration, covers: tuple[str, ...]) -> DeclarationText:
    """Give a declaration as the glass shows it; ``covers`` names the items that it is for."""
    clauses = tuple(Clause(clause.id, clause.text) for clause in text.clauses)
    return DeclarationText(text.reference, text.version, text.title, clauses, text.sha256(), covers)


def ticks_of(terms: Terms, agreed: tuple[Agreed, ...]) -> dict[str, tuple[str, ...]]:
    """Give what was ticked of each text, if exactly these texts were shown. Raises UsageError where they were not."""
    if {one.reference: one.sha256() for one in terms.declarations} != {one.reference: one.sha256 for one in agreed}:
        raise UsageError(
            "What is to be declared has changed since it was shown. Go back, let the officer read it again and tick."
        )
    return {one.reference: one.clauses for one in agreed}


def signature_of(home: Home, signature: Signature, signer: str) -> OfficerSignature:
    """Give a signature as the receipt keeps it; ``signer`` is the officer number of whoever stands at the counter.

    A one-time code is spent by this: ask for it last, when nothing else can be wrong. Raises UsageError.
    """
    match signature:
        case Declined(reason):
            return NotSigned(one_line(reason, 200))
        case TypedName(name, code):
            return Typed(one_line(name, 120), home.authenticators().confirm(signer, code))
        case _:
            return Image(read_signature_image(signature.image))
