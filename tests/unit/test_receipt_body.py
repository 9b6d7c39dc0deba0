"""The receipt as the ledger keeps it."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from receipt_samples import PLACE, check, item, receipt

from provisioning.canonical import canonical, parse_object
from provisioning.inventory import Unread
from provisioning.ledger.entry import LARGEST
from provisioning.receipts.body import ReceiptBodyError
from provisioning.receipts.receipt import Declined, Officer, Picture, Receipt, ReceiptKind, ReturnReason, Signed
from provisioning.verification.judgement import Verdict

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def test_a_receipt_comes_back_from_its_body_as_it_was() -> None:
    whole = receipt(items=(item(0), item(1, check(Verdict.UNKNOWN, unread=3))))
    stored = parse_object(canonical(whole.to_body())).object
    assert Receipt.from_body(stored, PLACE) == whole


def test_the_body_has_officer_and_receipt_where_the_ledger_searches() -> None:
    body = receipt().to_body()
    assert (body["officer"], body["receipt"]) == ("1234567", "D4-000017")


def test_the_body_does_not_say_where_the_ledger_keeps_it() -> None:
    assert receipt().to_body() == receipt(place=None).to_body()
    assert receipt().digest() == receipt(place=None).digest()


@given(name=TEXT, number=TEXT, remark=TEXT, reason=TEXT, picture=st.binary(max_size=50), hours=st.integers(-12, 14))
@settings(max_examples=60)
def test_any_text_any_image_and_any_offset_survive_the_body(
    name: str, number: str, remark: str, reason: str, picture: bytes, hours: int
) -> None:
    moment = datetime(2026, 7, 1, 9, 30, 5, 125000, tzinfo=timezone(timedelta(hours=hours)))
    for signature in (Declined(reason), Signed(Picture("image/png", picture))):
        one = replace(
            receipt(place=None), officer=Officer(number, name), remarks=remark, issued=moment, signature=signature
        )
        again = Receipt.from_body(parse_object(canonical(one.to_body())).object)
        assert again == one
        assert again.issued.utcoffset() == moment.utcoffset()


def test_a_return_keeps_its_reason() -> None:
    back = replace(receipt(kind=ReceiptKind.RETURN, place=None), reason=ReturnReason.DAMAGED)
    assert Receipt.from_body(back.to_body()).reason is ReturnReason.DAMAGED


def test_the_ledger_numbers_a_receipt_without_touching_anything_else() -> None:
    draft = receipt(place=None)
    numbered = draft.numbered("D4-000018", datetime(2026, 3, 2, tzinfo=UTC))
    assert numbered == replace(draft, number="D4-000018", issued=datetime(2026, 3, 2, tzinfo=UTC))


def test_a_check_that_left_something_out_cannot_be_clear() -> None:
    with pytest.raises(ValueError, match="cannot say clear"):
        replace(check(), not_checked=(Unread("user 10", "locked"),))


def _without(body: dict[str, Any]) -> None:
    del body["document"]["officer"]


def _stranger(body: dict[str, Any]) -> None:
    body["document"]["items"][0]["colour"] = "red"


def _other_officer(body: dict[str, Any]) -> None:
    body["officer"] = "7654321"


def _other_number(body: dict[str, Any]) -> None:
    body["receipt"] = "D4-000018"


def _placed(body: dict[str, Any]) -> None:
    body["document"]["place"] = {"number": 1, "hash": "00", "head": None}


def _no_zone(body: dict[str, Any]) -> None:
    body["document"]["issued"] = "2026-03-01T09:30:00"


def _clear_but_unread(body: dict[str, Any]) -> None:
    body["document"]["items"][0]["check"]["not_checked"] = [{"area": "user 10", "why": "locked"}]


def _wrong_word(body: dict[str, Any]) -> None:
    body["document"]["items"][0]["check"]["verdict"] = "fine"


def _image_in_clear(body: dict[str, Any]) -> None:
    body["document"]["signature"]["image"]["content"] = "AAAA"


def _number_for_text(body: dict[str, Any]) -> None:
    body["document"]["desk"] = 4


def _newer(body: dict[str, Any]) -> None:
    body["format"] = "issuing-desk/receipt/3"


def _huge(body: dict[str, Any]) -> None:
    body["document"]["remarks"] = "x" * LARGEST


@pytest.mark.parametrize(
    "damage",
    [
        _without, _stranger, _other_officer, _other_number, _placed, _no_zone, _clear_but_unread, _wrong_word,
        _image_in_clear, _number_for_text, _newer, _huge,
    ],
)  # fmt: skip
def test_a_body_that_is_not_ours_is_refused_with_a_reason(damage: Any) -> None:
    body: Any = copy.deepcopy(receipt().to_body())
    damage(body)
    with pytest.raises(ReceiptBodyError) as told:
        Receipt.from_body(body)
    assert str(told.value).endswith(".")


def test_a_receipt_with_signatures_fits_into_a_ledger_entry_many_times_over() -> None:
    assert len(canonical(receipt().to_body())) * 10 < LARGEST
