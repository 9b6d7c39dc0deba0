"""Several items on one receipt: their terms, what the code says of them, extracts, old receipts."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
from receipt_samples import PLACE, desk, item, receipt, signature

from provisioning.canonical import canonical
from provisioning.check_digits import is_iccid
from provisioning.errors import HomeError, LedgerError, UsageError
from provisioning.home.vault import Vault, new_master_key
from provisioning.policy.load import load_policy, policy_names
from provisioning.receipts.body import ReceiptBodyError, digest_of
from provisioning.receipts.extract import extract_of
from provisioning.receipts.items import ItemKind, OtherItem
from provisioning.receipts.policy_words import policy_words
from provisioning.receipts.reading import verify_json, verify_pdf
from provisioning.receipts.receipt import Receipt, Technician
from provisioning.receipts.receipt_code import PREFIX, verify_code
from provisioning.receipts.sealed_pictures import body_with_pictures, with_pictures
from provisioning.terms import HandsetTerms, terms_for, ticked

SIM = OtherItem(ItemKind.SIM, identifier="8944110068308532105")
KINDS = tuple(OtherItem(kind) for kind in ItemKind if kind is not ItemKind.SIM)
OLD = Path(__file__).with_name("receipt-format-1.json")
OLD_DIGEST = "139e256caf439896c683538165942d9055d6e2f159b5dd7bbf4084600462146b"
"""What version 0.1.0 gave as the digest of that receipt."""


def whole(language: str = "en-GB", count: int = 100) -> Receipt:
    """Give a receipt for two handsets, a SIM card and other things on twelve different terms."""
    others = (SIM, *(KINDS[number % len(KINDS)] for number in range(count - 3)))
    policy = HandsetTerms("met-police", "")
    terms = terms_for([policy, policy], others, language)
    placed = [replace(one, terms=own) for one, own in zip(others, terms.of_others, strict=True)]
    handsets = [replace(item(number), terms=own) for number, own in enumerate(terms.of_handsets)]
    return replace(
        receipt(language=language), items=(*handsets, *placed), declarations=ticked(terms),
        technician=Technician("A. Khan", signature()),
    )  # fmt: skip


@pytest.mark.parametrize("language", ["en-GB", "cy-GB"])
def test_a_hundred_items_on_twelve_terms_and_more_have_one_signature_and_one_code(language: str) -> None:
    one = whole(language)
    assert (len(one.items), len(one.declarations)) == (100, 13)
    assert {own.terms for own in one.items} == {made.reference for made in one.declarations}
    assert all([made.reference] == [own.terms] for own in one.items for made in one.terms_of(own))
    assert Receipt.from_body(one.to_body(), PLACE) == one
    code = desk().code(one)
    reading = verify_code(code, desk().signer.public)
    assert reading.facts is not None
    assert (reading.facts.item_count, reading.facts.digest) == (100, one.digest())
    assert len(code) - len(PREFIX) <= 250 * 3 / 2
    read = verify_pdf(desk().pdf(one), desk().signer.public)
    assert (read.genuine, read.receipt) == (True, one), read.sentence
    assert any("items 100, declarations 13" in line for line in read.proves)


def test_an_extract_has_one_item_its_terms_and_the_digest_of_the_whole() -> None:
    one = whole(count=20)
    part = extract_of(one, SIM.identifier)
    assert part.items == (one.items[2],)
    assert [made.id for made in part.declarations] == ["item-sim"]
    assert part.extract is not None
    assert (part.extract.item, part.extract.of, part.extract.sha256) == (3, 20, one.digest())
    read = verify_pdf(desk().pdf(part), desk().signer.public)
    assert read.genuine
    assert read.code is not None
    assert read.code.facts is not None
    assert read.code.facts.extract == (3, 20)
    assert not read.code.facts.items[0].handset
    assert "item 3 of 20" in " ".join(read.proves)
    assert "What else was on the whole receipt" in " ".join(read.does_not_prove)


def test_an_extract_is_checked_as_json_and_no_word_of_it_can_be_changed() -> None:
    from provisioning.receipts.attachment import attachment_of

    part = extract_of(whole(count=20), "1")
    told = {**attachment_of(part), "code": desk().code(part)}
    data = json.dumps(told, indent=1).encode()
    assert verify_json(data, desk().signer.public).genuine
    for changed in (data.replace(b"New, no marks", b"New, scratched"), data.replace(b'"of": 20', b'"of": 19'), b"{}"):
        assert not verify_json(changed, desk().signer.public).genuine


@pytest.mark.parametrize("wanted", ["no such", "0", "101", "356938035643809"])
def test_an_extract_that_is_not_clear_is_refused(wanted: str) -> None:
    with pytest.raises(UsageError, match=r"is not on it|more than once"):
        extract_of(whole(), wanted)


def test_receipts_of_the_first_format_are_read_and_written_back_to_the_same_bytes() -> None:
    body = json.loads(OLD.read_bytes())
    old = Receipt.from_body(body)
    assert canonical(old.to_body()) == canonical(body)
    assert old.digest() == digest_of(body) == OLD_DIGEST
    assert [made.id for made in old.declarations] == ["handset-handover"]
    assert old.terms_of(old.items[1]) == old.declarations
    assert with_pictures(old, Vault("desk", new_master_key())) == old
    assert verify_pdf(desk().pdf(replace(old, place=PLACE)), desk().signer.public).genuine


def test_images_lie_beside_the_document_and_come_back() -> None:
    one = whole(count=3)
    body = body_with_pictures(one)
    assert digest_of(body) == one.digest(), "images are no part of what the code carries"
    read = Receipt.from_body(body)
    assert read.technician.signature is not None
    assert read.technician.signature.content == signature().content
    assert read.digest() == one.digest()
    nobodys = {**body, "pictures": {"technician": base64.b64encode(b"<svg/>").decode()}}
    with pytest.raises(ReceiptBodyError, match="not the one"):
        Receipt.from_body(nobodys)


def test_images_that_an_older_version_sealed_with_the_vault_are_still_read() -> None:
    vault, one = Vault("desk", new_master_key()), whole(count=3)
    pictures = {name: base64.b64encode(signature().content).decode() for name in ("officer", "technician")}
    sealed = vault.seal(f"pictures of receipt {one.number}", json.dumps(pictures).encode())
    body = {**one.to_body(), "sealed": base64.b64encode(sealed).decode()}
    read = Receipt.from_body(body)
    assert read.technician.signature is not None
    assert read.technician.signature.content == b""
    opened = with_pictures(read, vault)
    assert opened.technician.signature is not None
    assert opened.technician.signature.content == signature().content
    with pytest.raises(HomeError):
        with_pictures(read, Vault("another desk", vault.master_key))
    other = vault.seal(f"pictures of receipt {one.number}", json.dumps({"officer": ""}).encode())
    with pytest.raises(LedgerError, match="not the one"):
        with_pictures(replace(read, sealed=base64.b64encode(other).decode()), vault)


def test_handsets_under_different_policies_keep_their_own_words_on_one_receipt() -> None:
    terms = terms_for([HandsetTerms("a", "I will not use A."), HandsetTerms("b", "I will not use B.")], [])
    assert terms.of_handsets == ("handset-handover@a", "handset-handover@b")
    told = ticked(terms, {"handset-handover@a": ["received", "social-media"]})
    assert [clause.text for clause in told[0].clauses if clause.ticked][1] == "I will not use A."
    assert not any(clause.ticked for clause in told[1].clauses)
    with pytest.raises(UsageError, match="not among the declarations"):
        ticked(terms, {"handset-return": []})
    with pytest.raises(UsageError, match="not shown"):
        ticked(terms, {"handset-handover@a": ["given-back"]})


def test_every_shipped_policy_has_its_words_in_welsh_and_others_are_not_signed_for_in_english() -> None:
    for policy in map(load_policy, policy_names()):
        if policy.declaration.strip():
            assert policy_words(policy.declaration, "cy-GB") != " ".join(policy.declaration.split())
    with pytest.raises(UsageError, match="not there in cy-GB"):
        policy_words("I will not use it.", "cy-GB")


def test_a_sim_number_with_one_wrong_digit_is_none() -> None:
    number = SIM.identifier
    assert is_iccid(number)
    assert not any(
        is_iccid(number[:place] + digit + number[place + 1 :])
        for place in range(2, len(number))
        for digit in "0123456789"
        if digit != number[place]
    )
