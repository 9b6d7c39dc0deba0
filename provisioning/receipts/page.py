"""A receipt as the strings that stand on its pages: worded, dated, made printable; the template only sets them.

Nothing here is markup. The template gets the page as JSON and never evaluates what is in it.
"""

from __future__ import annotations

from provisioning.canonical import Json
from provisioning.receipts.form import ORIGINAL, Paper
from provisioning.receipts.page_check import limits_of
from provisioning.receipts.page_fact import MOST_LINES, digest_text, fact
from provisioning.receipts.page_items import bases, items_of, row_of
from provisioning.receipts.page_paper import paper_of, paper_words
from provisioning.receipts.page_people import circumstances, officer_facts, signatures, technician_facts
from provisioning.receipts.page_text import printable
from provisioning.receipts.receipt import Declared, Receipt
from provisioning.receipts.template import STANDARD, Template
from provisioning.receipts.wording import Wording, wording


def page_of(
    receipt: Receipt, *, has_code: bool, template: Template = STANDARD, paper: Paper = ORIGINAL
) -> dict[str, Json]:
    """Give everything that the template sets, in the order in which it is read aloud."""
    words, own = wording(receipt.language), template.of(receipt.language)
    standard = words.choose("page", "heading", str(receipt.kind))
    heading = printable(own.heading.get(str(receipt.kind), standard), 40)
    number = printable(receipt.number, 40)
    return {
        "lang": receipt.language.split("-")[0],
        "region": receipt.language.split("-")[1],
        "title": words.say("page", "title", heading=heading, number=number),
        "description": words.say("page", "description"),
        "heading": heading,
        "number": number,
        "issued": words.moment(receipt.issued),
        "organisation": printable(own.organisation or receipt.organisation, 120),
        "address": [printable(line, 120) for line in own.address],
        "desk": printable(receipt.desk, 120),
        "training": receipt.training,
        "preview": receipt.place is None,
        "has_code": has_code,
        "has_crest": template.crest is not None,
        "words": {**_fixed_words(words, receipt), **paper_words(words)},
        **paper_of(receipt, paper, words, note=own.note),
        "officer": [*officer_facts(receipt.officer, words, withheld=bool(receipt.withheld))],
        "technician": technician_facts(receipt, words),
        "circumstances": circumstances(receipt, words),
        "items": items_of(receipt, words),
        "bases": bases(receipt, words),
        "item_rows": [row_of(n, item, words) for n, item in enumerate(receipt.items, 1)],
        "limits": list(limits_of(receipt.handsets)),
        "permits": _permits(receipt, words),
        "declarations": _declarations(receipt, words),
        "signatures": signatures(receipt, words),
        "record": _record(receipt, words),
    }


def _fixed_words(words: Wording, receipt: Receipt) -> dict[str, Json]:
    count = len(receipt.items)
    return {
        "training": words.say("page", "training"),
        "training_says": words.say("page", "training_says"),
        "desk": words.say("page", "desk"),
        "continued": words.say("page", "continued"),
        "page_of": words.say("page", "page_of"),
        "crest_alt": words.say("page", "crest_alt", organisation=printable(receipt.organisation, 120)),
        "preview": words.say("page", "preview"),
        "code": words.say("page", "code"),
        "code_alt": words.say("page", "code_alt"),
        "no_code": words.say("page", "no_code"),
        "officer": words.choose("people", "officer", str(receipt.kind)),
        "technician": words.choose("people", "technician", str(receipt.kind)),
        "items": words.say("item", "heading") if count == 1 else words.say("item", "headings", count=count),
        "each": words.say("item", "each"),
        "columns": [words.say("item", key) for key in ("number", "model", "serial_number", "asset_tag", "verdict")],
        "permits": words.say("permits", "heading"),
        "not_checked": words.say("check", "not_checked"),
        "nothing_unchecked": words.say("check", "nothing_unchecked"),
        "not_checked_columns": [words.say("check", "area"), words.say("check", "why")],
        "findings": words.say("check", "findings"),
        "limits": words.say("check", "limits"),
        "basis": words.say("check", "basis"),
        "ticked": words.say("declaration", "ticked"),
        "not_ticked": words.say("declaration", "not_ticked"),
        "signatures": words.say("signatures", "heading"),
        "record": words.say("record", "heading"),
        "check": words.say("record", "check"),
    }


def _permits(receipt: Receipt, words: Wording) -> list[Json]:
    permits: list[Json] = []
    for permit in receipt.permits[:MOST_LINES]:
        until = words.say("permits", "until", date=printable(permit.valid_until, 40))
        permits.append([printable(permit.family, 120), until, printable(permit.reference, 80)])
    return permits


def _declarations(receipt: Receipt, words: Wording) -> list[Json]:
    if not receipt.declarations:
        return [{"title": "", "version": words.say("declaration", "none"), "clauses": []}]
    return [_declaration(made, words) for made in receipt.declarations]


def _declaration(made: Declared, words: Wording) -> dict[str, Json]:
    return {
        "title": printable(made.title, 80),
        "version": words.say(
            "declaration", "version", id=printable(made.reference, 120), version=printable(made.version, 40)
        ),
        "lang": made.language.split("-")[0],
        "clauses": [[clause.ticked, printable(clause.text, 600)] for clause in made.clauses],
    }


def _record(receipt: Receipt, words: Wording) -> list[Json]:
    place = receipt.place
    if place is None:
        return []
    facts: list[Json] = [
        fact(words.say("record", "entry"), str(place.number)) | {"digest": digest_text(place.hash)},
    ]
    if place.head is not None:
        facts.append(fact(words.say("record", "head"), "") | {"digest": digest_text(place.head)})
    return facts
