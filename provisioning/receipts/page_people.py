"""The people on a receipt's page: who receives or gives back, who stands for whom, how it was known, who signed."""

from __future__ import annotations

from provisioning.canonical import Json
from provisioning.receipts.page_fact import HASH_LENGTH, Fact, fact
from provisioning.receipts.page_text import printable
from provisioning.receipts.receipt import Declined, Officer, Receipt, Typed
from provisioning.receipts.wording import Wording

_SIGNED_NAME = 48
"""Characters of a name that fit under a signature on one line; the whole name stands above."""
_LONG_NAME = 32
"""Characters of a name that is given the whole width."""


def officer_facts(officer: Officer, words: Wording, *, withheld: bool = False) -> list[Fact]:
    """Give name, number, and rank and unit where they are known; a name that is withheld was known, so a dash."""
    unnamed = "–" if withheld else words.say("people", "no_name")
    name = printable(officer.name, 160) if officer.name else unnamed
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


def technician_facts(receipt: Receipt, words: Wording) -> list[Json]:
    """Give who stood on the desk's side of the counter, and where."""
    return [
        fact(words.say("people", "name"), printable(receipt.technician.name, 160)),
        fact(words.say("people", "at"), printable(receipt.desk, 120)),
    ]


def circumstances(receipt: Receipt, words: Wording) -> list[Json]:
    """Give what else holds for the whole receipt, in the order in which it is shown."""
    facts: list[Json] = []
    if receipt.extract is not None:
        part = receipt.extract
        facts.append(fact(words.say("extract", "heading"), words.say("extract", "of", item=part.item, of=part.of)))
        facts.append(
            fact(words.say("extract", "whole"), printable(part.sha256, HASH_LENGTH, run=32), mono=True, span=2)
        )
    if receipt.proxy is not None:
        name, number, *_ = officer_facts(receipt.proxy.officer, words)
        facts += [{**name, "label": words.choose("people", "collected_by", str(receipt.kind))}, number]
        facts.append(fact(words.say("people", "authority"), printable(receipt.proxy.authority, 160)))
    if receipt.identity is not None:
        seen = words.choose("identity", "seen", str(receipt.identity.seen))
        reference = printable(receipt.identity.reference, 40)
        shown = f"{seen} {reference}" if reference else seen
        facts.append(fact(words.say("identity", "heading"), shown))
        facts.append(fact(words.say("identity", "by"), printable(receipt.identity.by, 120)))
    if receipt.reason is not None:
        facts.append(fact(words.say("people", "reason"), words.say("reasons", str(receipt.reason))))
    if receipt.reference:
        facts.append(fact(words.say("people", "reference"), printable(receipt.reference, 80)))
    if receipt.exchange:
        facts.append(fact(words.choose("people", "exchange", str(receipt.kind)), printable(receipt.exchange, 80)))
    if receipt.withheld:
        facts.append(fact(words.say("people", "remarks"), printable(receipt.withheld, 400), span=3))
    if receipt.remarks:
        facts.append(fact(words.say("people", "remarks"), printable(receipt.remarks, 1000), span=3))
    return facts


def signatures(receipt: Receipt, words: Wording) -> list[Json]:
    """Give who signed or did not, then the technician."""
    signer = receipt.proxy.officer if receipt.proxy else receipt.officer
    officer: dict[str, Json] = {
        "label": words.choose("signatures", "proxy", str(receipt.kind))
        if receipt.proxy
        else words.say("signatures", "officer"),
        "name": printable(signer.name or signer.number, _SIGNED_NAME),
        "alt": words.say("signatures", "officer_alt", number=printable(signer.number, 64)),
    }
    if receipt.withheld:
        officer["declined"] = [printable(receipt.withheld, 400), ""]
    elif isinstance(receipt.signature, Declined):
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
