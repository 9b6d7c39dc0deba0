"""The items of a receipt as strings for the page: the table of many, each by itself, what they were checked against."""

from __future__ import annotations

from collections.abc import Sequence

from provisioning.canonical import Json
from provisioning.receipts.page_check import basis_of, check_of, record_of
from provisioning.receipts.page_fact import MOST_LINES, fact
from provisioning.receipts.page_text import printable
from provisioning.receipts.receipt import Check, HandsetItem, Item, OtherItem, Receipt
from provisioning.receipts.return_facts import return_facts
from provisioning.receipts.wording import Wording


def items_of(receipt: Receipt, words: Wording) -> list[Json]:
    """Give the items; of many, each keeps of its check's basis only the record, since the rest is said once for all."""
    items = [_item(n, item, words) for n, item in enumerate(receipt.items, 1)]
    if len(items) > 1:
        for page, item in zip(items, receipt.items, strict=True):
            if isinstance(item, HandsetItem) and item.check is not None:
                page["check"] = {**check_of(item.check, words), "basis": [*record_of(item.check, words)]}
    return list(items)


def bases(receipt: Receipt, words: Wording) -> list[Json]:
    """Give what many items were checked against, each once, with the numbers of the items for which it holds."""
    if len(receipt.items) < 2:
        return []
    groups: dict[tuple[str, str, str], tuple[Check, list[int]]] = {}
    for number, item in enumerate(receipt.items, 1):
        if isinstance(item, HandsetItem) and (check := item.check) is not None:
            key = (check.policy.sha256, check.effective_sha256, check.catalogue.sha256)
            groups.setdefault(key, (check, []))[1].append(number)
    return [
        {"heading": words.say("check", "basis_of", items=_spans(numbers)), "facts": [*basis_of(check, words)]}
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
    return {"heading": heading, "facts": facts, "check": check_of(item.check, words)}


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


def row_of(number: int, item: Item, words: Wording) -> list[Json]:
    """Give an item's row in the table of all."""
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
