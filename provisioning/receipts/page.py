"""A receipt as the strings that stand on its pages: worded, dated, made printable; the template only sets them.

Nothing here is markup. The template gets the page as JSON and never evaluates what is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from provisioning.canonical import Json
from provisioning.receipts.form import ORIGINAL, Paper
from provisioning.receipts.page_paper import paper_of, paper_words
from provisioning.receipts.page_text import printable
from provisioning.receipts.receipt import (
    Check,
    Declared,
    Declined,
    HandsetItem,
    Item,
    Officer,
    OtherItem,
    Receipt,
    Typed,
)
from provisioning.receipts.return_facts import return_facts
from provisioning.receipts.template import STANDARD, Template
from provisioning.receipts.wording import Wording, wording

MOST_LINES = 400
"""Of findings or unread areas of one handset; more are counted, not listed."""
_HASH_LENGTH = 64
_SIGNED_NAME = 48
"""Characters of a name that fit under a signature on one line; the whole name stands above."""

_LONG_NAME = 32
"""Characters of a name that is given the whole width."""

Fact = dict[str, Json]


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
        "officer": [*_officer(receipt.officer, words)],
        "technician": _technician(receipt, words),
        "circumstances": _circumstances(receipt, words),
        "items": _items(receipt, words),
        "bases": _bases(receipt, words),
        "item_rows": [_row(n, item, words) for n, item in enumerate(receipt.items, 1)],
        "limits": list(_limits(receipt.handsets)),
        "permits": _permits(receipt, words),
        "declarations": _declarations(receipt, words),
        "signatures": _signatures(receipt, words),
        "record": _record(receipt, words),
    }


def fact(label: str, value: str, *, mono: bool = False, span: int = 1) -> Fact:
    """Give one labelled value; ``span`` is how many of the grid's columns it takes."""
    return {"label": label, "value": value, "mono": mono, "span": span}


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


def _officer(officer: Officer, words: Wording) -> list[Fact]:
    name = printable(officer.name, 160) if officer.name else words.say("people", "no_name")
    number = fact(words.say("people", "officer_number"), printable(officer.number, 64, run=18), mono=True)
    if not officer.on_roster:
        reason = printable(officer.roster_reason, 160)
        number["note"] = (
            words.say("people", "roster_reason", reason=reason) if reason else words.say("people", "not_on_roster")
        )
    facts = [fact(words.say("people", "name"), name, span=3 if len(name) > _LONG_NAME else 1), number]
    if unit := ", ".join(printable(part, 120) for part in (officer.rank, officer.unit) if part):
        facts.append(fact(words.say("people", "unit"), unit))
    return facts


def _technician(receipt: Receipt, words: Wording) -> list[Json]:
    return [
        fact(words.say("people", "name"), printable(receipt.technician.name, 160)),
        fact(words.say("people", "at"), printable(receipt.desk, 120)),
    ]


def _circumstances(receipt: Receipt, words: Wording) -> list[Json]:
    facts: list[Json] = []
    if receipt.extract is not None:
        part = receipt.extract
        facts.append(fact(words.say("extract", "heading"), words.say("extract", "of", item=part.item, of=part.of)))
        facts.append(
            fact(words.say("extract", "whole"), printable(part.sha256, _HASH_LENGTH, run=32), mono=True, span=2)
        )
    if receipt.proxy is not None:
        name, number, *_ = _officer(receipt.proxy.officer, words)
        facts += [{**name, "label": words.say("people", "collected_by")}, number]
        facts.append(fact(words.say("people", "authority"), printable(receipt.proxy.authority, 160)))
    if receipt.identity is not None:
        seen = words.choose("identity", "seen", str(receipt.identity.seen))
        reference = printable(receipt.identity.reference, 40)
        shown = f"{seen} {reference}" if reference else seen
        facts.append(fact(words.say("identity", "heading"), shown))
        facts.append(fact(words.say("identity", "by"), printable(receipt.identity.by, 120)))
    if receipt.reason is not None:
        facts.append(fact(words.say("people", "reason"), words.say("reasons", str(receipt.reason))))
    for key, value in (("reference", receipt.reference), ("exchange", receipt.exchange)):
        if value:
            facts.append(fact(words.say("people", key), printable(value, 80)))
    if receipt.remarks:
        facts.append(fact(words.say("people", "remarks"), printable(receipt.remarks, 1000), span=3))
    return facts


def _items(receipt: Receipt, words: Wording) -> list[Json]:
    """Give the items; of many, each keeps of its check's basis only the record, since the rest is said once for all."""
    items = [_item(n, item, words) for n, item in enumerate(receipt.items, 1)]
    if len(items) > 1:
        for page, item in zip(items, receipt.items, strict=True):
            if isinstance(item, HandsetItem) and item.check is not None:
                page["check"] = {**_check(item.check, words), "basis": [*_record_of(item.check, words)]}
    return list(items)


def _bases(receipt: Receipt, words: Wording) -> list[Json]:
    """Give what many items were checked against, each once, with the numbers of the items for which it holds."""
    if len(receipt.items) < 2:
        return []
    groups: dict[tuple[str, str, str], tuple[Check, list[int]]] = {}
    for number, item in enumerate(receipt.items, 1):
        if isinstance(item, HandsetItem) and (check := item.check) is not None:
            key = (check.policy.sha256, check.effective_sha256, check.catalogue.sha256)
            groups.setdefault(key, (check, []))[1].append(number)
    return [
        {"heading": words.say("check", "basis_of", items=_spans(numbers)), "facts": [*_basis(check, words)]}
        for check, numbers in groups.values()
    ]


def _spans(numbers: Sequence[int]) -> str:
    """Say ascending numbers shortly: ``1–3, 5, 7–9``."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)


def _item(number: int, item: Item, words: Wording) -> dict[str, Json]:
    def say(key: str) -> str:
        return words.say("item", key)

    if isinstance(item, OtherItem):
        return _other_item(number, item, words)

    model = f"{printable(item.model_name, 80)} ({printable(item.model, 40)})"
    os = f"{words.choose('item', 'platform', str(item.platform))} {printable(item.os_version, 40)}"
    facts: list[Json] = [
        fact(say("serial_number"), printable(item.serial_number, 80, run=26), mono=True),
        fact(say("model"), model),
        fact(say("os"), os),
        fact(say("imei"), printable(item.imei, 40, run=26) if item.imei else say("unknown"), mono=bool(item.imei)),
        fact(
            say("asset_tag"),
            printable(item.asset_tag, 80, run=26) if item.asset_tag else "–",
            mono=bool(item.asset_tag),
        ),
        fact(say("bay"), printable(item.bay, 40) if item.bay else "–"),
    ]
    if item.udid:
        facts.append(fact(say("udid"), printable(item.udid, 80, run=40), mono=True, span=2))
    if item.condition:
        facts.append(fact(say("condition"), printable(item.condition, 600)))
    accessories = ", ".join(printable(text, 120) for text in item.accessories[:MOST_LINES]) or say("no_accessories")
    facts.append(fact(say("accessories"), accessories, span=3 if item.udid else 2))
    if item.terms:
        facts.append(fact(say("terms"), printable(item.terms, 120)))
    if item.back is not None:
        facts += [fact(label, value, span=2) for label, value in return_facts(item.back, words)]
    if item.order is not None:
        facts.append(fact(say("order"), printable(item.order.reference or "–", 80)))
        if item.order.override:
            facts.append(fact(say("override"), printable(item.order.override, 300), span=2))
    heading = words.say("item", "one_of", number=number, model=printable(item.model_name, 80))
    return {"heading": heading, "facts": facts, "check": _check(item.check, words)}


def _other_item(number: int, item: OtherItem, words: Wording) -> dict[str, Json]:
    def say(key: str) -> str:
        return words.say("item", key)

    name = _name(item, words)
    key = "iccid" if item.what == "sim" else "own_number"
    facts: list[Json] = [fact(say("what"), name)]
    if item.identifier:
        facts.append(fact(say(key), printable(item.identifier, 80, run=26), mono=True))
    if item.quantity > 1:
        facts.append(fact(say("quantity"), str(item.quantity)))
    if item.asset_tag:
        facts.append(fact(say("asset_tag"), printable(item.asset_tag, 80, run=26), mono=True))
    if item.condition:
        facts.append(fact(say("condition"), printable(item.condition, 600)))
    if item.accessories:
        shown = ", ".join(printable(text, 120) for text in item.accessories[:MOST_LINES])
        facts.append(fact(say("accessories"), shown))
    if item.terms:
        facts.append(fact(say("terms"), printable(item.terms, 120)))
    heading = words.say("item", "one_of", number=number, model=name)
    return {"heading": heading, "facts": facts, "check": None}


def _name(item: Item, words: Wording) -> str:
    if isinstance(item, HandsetItem):
        return printable(item.model_name, 80)
    what = words.choose("item", "kinds", str(item.what))
    return f"{what}: {printable(item.label, 80)}" if item.label else what


def _row(number: int, item: Item, words: Wording) -> list[Json]:
    if isinstance(item, OtherItem):
        state, said = "", ""
    else:
        state = str(item.check.verdict) if item.check else "unverified"
        said = words.say("check", state)
    name = _name(item, words) + (f" × {item.quantity}" if isinstance(item, OtherItem) and item.quantity > 1 else "")
    return [
        str(number),
        name,
        printable(item.identifier, 80, run=18) if item.identifier else "–",
        printable(item.asset_tag, 80, run=16) if item.asset_tag else "–",
        state,
        said,
    ]


def _check(check: Check | None, words: Wording) -> dict[str, Json]:
    def say(key: str) -> str:
        return words.say("check", key)

    state = str(check.verdict) if check else "unverified"
    page: dict[str, Json] = {"state": state, "word": say(state), "says": say(f"{state}_says")}
    if check is None:
        return {**page, "when": "", "seen": "", "findings": [], "not_checked": [], "basis": []}
    users = len(check.users_seen)
    counted = say("one_user") if users == 1 else words.say("check", "users", count=users)
    return {
        **page,
        "when": words.say("check", "when", time=words.moment(check.time)),
        "seen": words.say("check", "seen", apps=check.apps_seen, users=counted),
        "findings": _bounded([printable(text) for text in check.findings]),
        "not_checked": [[printable(u.area, 160), printable(u.why, 200)] for u in check.not_checked[:MOST_LINES]],
        "basis": [*_basis(check, words), *_record_of(check, words)],
    }


def _basis(check: Check, words: Wording) -> list[Fact]:
    def say(key: str) -> str:
        return words.say("check", key)

    policy = f"{printable(check.policy.name, 80)} {printable(check.policy.version, 40)}"
    return [
        fact(say("policy"), policy) | {"digest": _hash(check.policy.sha256)},
        fact(say("effective"), "") | {"digest": _hash(check.effective_sha256)},
        fact(say("catalogue"), printable(check.catalogue.version, 80)) | {"digest": _hash(check.catalogue.sha256)},
    ]


def _record_of(check: Check, words: Wording) -> list[Fact]:
    return [fact(words.say("check", "record"), "") | {"digest": _hash(check.record_id)}] if check.record_id else []


def _limits(items: Iterable[HandsetItem]) -> tuple[str, ...]:
    """Give the limits of all checks, each once, in the order in which they were first said."""
    said = (limit for item in items if item.check for limit in item.check.limits)
    return tuple(dict.fromkeys(printable(limit) for limit in said))


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


def _signatures(receipt: Receipt, words: Wording) -> list[Json]:
    signer = receipt.proxy.officer if receipt.proxy else receipt.officer
    officer: dict[str, Json] = {
        "label": words.say("signatures", "proxy" if receipt.proxy else "officer"),
        "name": printable(signer.name or signer.number, _SIGNED_NAME),
        "alt": words.say("signatures", "officer_alt", number=printable(signer.number, 64)),
    }
    if isinstance(receipt.signature, Declined):
        officer["declined"] = [words.say("signatures", "declined"), printable(receipt.signature.reason, 600)]
    elif isinstance(receipt.signature, Typed):
        how = words.say("signatures", "typed_how", enrolled=printable(receipt.signature.enrolled, 40))
        officer["declined"] = [words.say("signatures", "typed", name=printable(receipt.signature.name, 160)), how]
    technician: dict[str, Json] = {
        "label": words.say("signatures", "technician"),
        "name": printable(receipt.technician.name, _SIGNED_NAME),
        "alt": words.say("signatures", "technician_alt"),
        "by_hand": words.say("signatures", "by_hand"),
    }
    return [officer, technician]


def _record(receipt: Receipt, words: Wording) -> list[Json]:
    place = receipt.place
    if place is None:
        return []
    facts: list[Json] = [
        fact(words.say("record", "entry"), str(place.number)) | {"digest": _hash(place.hash)},
    ]
    if place.head is not None:
        facts.append(fact(words.say("record", "head"), "") | {"digest": _hash(place.head)})
    return facts


def _hash(text: str) -> str:
    return printable(text, _HASH_LENGTH, run=_HASH_LENGTH)


def _bounded(lines: Sequence[str]) -> list[Json]:
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], *([f"+ {more}"] if more > 0 else [])]
