"""What a page says of itself as paper: whose copy, original or reprint, its short code, and what a slip leaves out."""

from __future__ import annotations

from provisioning.canonical import Json
from provisioning.receipts.form import Form, Paper
from provisioning.receipts.page_text import printable
from provisioning.receipts.receipt import HandsetItem, Receipt
from provisioning.receipts.return_facts import return_facts
from provisioning.receipts.short_code import short_code
from provisioning.receipts.wording import Wording

PRINT_WIDTH = {80: 72, 58: 48}
"""Width of a roll to the width that its printers reach, in millimetres."""


def paper_of(receipt: Receipt, paper: Paper, words: Wording, *, note: str) -> dict[str, Json]:
    """Give what is added to the page for this paper; ``note`` is the organisation's own, or empty."""
    copy = paper.copy
    whole = receipt.extract.sha256 if receipt.extract is not None else receipt.digest()
    marked: list[Json] = []
    if copy is not None:
        marked = [
            words.say("paper", "copy", number=copy.number),
            words.say(
                "paper", "copied", time=words.moment(copy.time), technician=printable(copy.technician, 80),
                reason=printable(copy.reason, 200),
            ),
        ]  # fmt: skip
    return {
        "form": words.choose("paper", "form", "desk" if paper.form is Form.DESK else "officer"),
        "copy": marked,
        "short_code": short_code(whole) if receipt.place is not None else "",
        "note": printable(note, 600),
        "slip": _slip(receipt, paper, words),
    }


def paper_words(words: Wording) -> dict[str, Json]:
    """Give the fixed words for it."""
    return {"short_code": words.say("paper", "short_code"), "slip": words.say("paper", "slip")}


def _slip(receipt: Receipt, paper: Paper, words: Wording) -> Json:
    width = paper.form.paper
    if width is None:
        return None
    states = dict.fromkeys(
        str(item.check.verdict) if item.check is not None else "unverified" for item in receipt.handsets
    )
    return {
        "paper": width,
        "print": PRINT_WIDTH[width],
        "back": {
            str(number): [f"{label}: {value}" for label, value in return_facts(item.back, words)]
            for number, item in enumerate(receipt.items, 1)
            if isinstance(item, HandsetItem) and item.back is not None
        },
        "says": [words.say("check", f"{state}_says") for state in states],
        "agreed": [
            words.say("paper", "agreed", ticked=sum(clause.ticked for clause in made.clauses), of=len(made.clauses))
            for made in receipt.declarations
        ],
    }
