"""The code: what it holds, that it proves it, and that nothing else passes for it."""

from __future__ import annotations

import io
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import cbor2
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from receipt_samples import ISSUED, check, desk, item, new_desk, qr_text, receipt

from provisioning.receipts import base45
from provisioning.receipts.receipt import LedgerPlace, Receipt, ReceiptKind
from provisioning.receipts.receipt_code import LARGEST, PREFIX, make_code, verify_code
from provisioning.signatures import DeskPublicKey
from provisioning.verification.judgement import Verdict


def key() -> DeskPublicKey:
    return desk().signer.public


def cose(code: str) -> bytes:
    return base45.decode(code.removeprefix(PREFIX))


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0"), (b"", "")],
)
def test_base45_is_that_of_rfc_9285(data: bytes, text: str) -> None:
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@given(st.binary(max_size=300))
def test_base45_gives_back_any_bytes_and_never_ends_in_a_space(data: bytes) -> None:
    text = base45.encode(data)
    assert base45.decode(text) == data
    assert not text.endswith(" ")


@given(st.text(base45.ALPHABET, max_size=40))
def test_base45_has_one_text_for_given_bytes(text: str) -> None:
    try:
        data = base45.decode(text)
    except ValueError:
        return
    assert base45.encode(data) == text


@pytest.mark.parametrize("text", ["A", "GGW", "::", "ab0", "Ä00", ":::"])
def test_base45_refuses_what_it_never_writes(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        base45.decode(text)


def test_a_code_tells_what_the_receipt_says() -> None:
    one = receipt(training=True, items=(item(0), item(1, check(Verdict.UNKNOWN, unread=1))))
    reading = verify_code(desk().code(one), key())
    assert reading.genuine
    facts = reading.facts
    assert facts is not None
    assert (facts.receipt, facts.issued, facts.desk, facts.officer) == ("TD4-000017", ISSUED, "Desk 4", "1234567")
    assert [(i.serial_number, i.imei, i.verdict) for i in facts.items] == [
        ("F2LXK0V1Q0", "356938035643809", Verdict.CLEAR),
        ("F2LXK0V1Q1", "356938035643809", Verdict.UNKNOWN),
    ]
    assert (facts.training, facts.entry, facts.entry_hash, facts.digest) == (True, 1217, "9e" * 16, one.digest())
    assert "Training" in reading.sentence
    assert any("rewritten" in proven for proven in reading.proves)
    assert any("now" in limit for limit in reading.does_not_prove)


def test_a_return_and_a_handset_that_was_not_verified_are_told_as_such() -> None:
    one = receipt(kind=ReceiptKind.RETURN, items=(replace(item(), check=None, imei=None),), place=None)
    facts = verify_code(desk().code(one), key()).facts
    assert facts is not None
    assert (facts.kind, facts.items[0].verdict, facts.items[0].imei) == (ReceiptKind.RETURN, None, None)
    assert (facts.entry, facts.entry_hash) == (None, "")


def test_the_same_receipt_gives_the_same_code() -> None:
    assert desk().code(receipt()) == desk().code(receipt())


@pytest.mark.parametrize("count", [1, 2, 4, 100])
def test_a_code_stays_small_and_says_what_it_left_out(count: int) -> None:
    code = desk().code(receipt(items=tuple(item(number) for number in range(count))))
    assert len(cose(code)) <= LARGEST
    reading = verify_code(code, key())
    assert reading.facts is not None
    assert reading.facts.item_count == count
    named = len(reading.facts.items)
    assert any(f"{count} items" in proven for proven in reading.proves) == (named < count)


def test_the_longest_texts_are_cut_and_still_fit() -> None:
    long = receipt(items=tuple(replace(item(), serial_number="漢" * 50) for _ in range(3)))
    long = replace(long, number="N" * 300, desk="Ŵ" * 300, officer=replace(long.officer, number="9" * 300))
    code = desk().code(long)
    assert len(cose(code)) <= LARGEST
    reading = verify_code(code, key())
    assert reading.facts is not None
    assert reading.facts.officer == "9" * 21 + "…"
    assert reading.facts.digest == long.digest()


def test_a_code_is_one_alphanumeric_segment_of_a_small_symbol() -> None:
    symbol = segno.make_qr(desk().code(receipt()), error="m")
    assert symbol.mode == "alphanumeric"
    assert int(symbol.version) <= 12


@given(
    number=st.text(max_size=30), officer=st.text(max_size=30), serial=st.text(max_size=30), imei=st.text(max_size=20),
    entry=st.integers(1, 2**40), training=st.booleans(),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_text_goes_through_code_and_symbol(
    number: str, officer: str, serial: str, imei: str, entry: int, training: bool
) -> None:
    base = receipt(items=(replace(item(), serial_number=serial, imei=imei),), training=training)
    one = replace(
        base, number=number, officer=replace(base.officer, number=officer), place=LedgerPlace(entry, "ab" * 32)
    )
    code = desk().code(one)
    drawn = io.BytesIO()
    segno.make_qr(code, error="m").save(drawn, kind="png", scale=3)
    reading = verify_code(qr_text(Image.open(drawn)), key())
    assert reading.facts is not None
    assert (reading.facts.entry, reading.facts.training, reading.facts.digest) == (entry, training, one.digest())


def wrapped(code: str, width: int) -> str:
    return "\n".join(code[start : start + width] for start in range(0, len(code), width))


def test_what_scanners_and_mail_do_to_a_code_does_no_harm() -> None:
    # Twenty receipts, so that codes with spaces at line ends are among them.
    for number in range(20):
        code = desk().code(replace(receipt(), number=f"D4-{number:06d}"))
        for damaged in (
            code.lower(),
            f"\ufeff \t{code}\r\n",
            f"Receipt: {code}\n",
            wrapped(code, 40),
            wrapped(code, 40).replace("\n", "\r\n"),
            code.replace(" ", "\u00a0"),
            code.replace(" ", "\n"),
            f"{code}   ",
            code.replace("HV1:", "HV1: "),
        ):
            assert verify_code(damaged, key()).genuine, (number, damaged)


def test_every_single_wrong_character_is_found() -> None:
    code = desk().code(receipt())
    for place in range(len(code)):
        for other in ("0", "Z", " ", ":"):
            if code[place] != other:
                assert not verify_code(code[:place] + other + code[place + 1 :], key()).genuine, place


def test_every_single_wrong_bit_is_found() -> None:
    data = cose(desk().code(receipt()))
    for place in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            assert not verify_code(PREFIX + base45.encode(bytes(changed)), key()).genuine, (place, bit)


def test_a_missing_added_or_swapped_piece_is_found() -> None:
    code = desk().code(receipt())
    for place in range(len(PREFIX), len(code) - 1):
        assert not verify_code(code[:place] + code[place + 1 :], key()).genuine
        if code[place] != code[place + 1]:
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            assert not verify_code(swapped, key()).genuine
    assert not verify_code(code + "0", key()).genuine
    assert not verify_code(code + code[len(PREFIX) :], key()).genuine


def test_another_desks_code_is_not_taken_for_this_desks() -> None:
    reading = verify_code(new_desk().code(receipt()), key())
    assert not reading.genuine
    assert reading.facts is None
    assert "not signed by this desk's key" in reading.sentence


def rebuilt(
    one: Receipt, protected: dict[int, Any], *, tag: int = 18, unprotected: dict[int, Any] | None = None
) -> str:
    """Give a code signed by the desk with other headers."""
    (_, _, payload, _) = cbor2.loads(cose(desk().code(one))).value
    head = cbor2.dumps(protected)
    signature = desk().signer.sign(cbor2.dumps(["Signature1", head, b"", payload]))
    return PREFIX + base45.encode(cbor2.dumps(cbor2.CBORTag(tag, [head, unprotected or {}, payload, signature])))


def test_the_older_name_of_the_algorithm_is_read_and_no_other() -> None:
    kid = bytes.fromhex(key().id)[:8]
    assert verify_code(rebuilt(receipt(), {1: -8, 4: kid}), key()).genuine
    assert verify_code(rebuilt(receipt(), {1: -19, 4: kid}), key()).genuine
    for protected in ({1: -7, 4: kid}, {1: 5, 4: kid}, {1: -19, 4: b"\0" * 8}, {1: -19}, {1: -19, 4: kid, 2: [9]}):
        assert not verify_code(rebuilt(receipt(), protected), key()).genuine
    assert not verify_code(rebuilt(receipt(), {1: -19, 4: kid}, tag=19), key()).genuine
    assert not verify_code(rebuilt(receipt(), {1: -19, 4: kid}, unprotected={4: b"x"}), key()).genuine


def test_a_code_of_a_newer_program_is_not_half_read() -> None:
    payload = cbor2.dumps({1: "D4-1"})
    head = cbor2.dumps({1: -19, 4: bytes.fromhex(key().id)[:8]})
    signature = desk().signer.sign(cbor2.dumps(["Signature1", head, b"", payload]))
    code = PREFIX + base45.encode(cbor2.dumps(cbor2.CBORTag(18, [head, {}, payload, signature])))
    reading = verify_code(code, key())
    assert not reading.genuine
    assert "newer version" in reading.sentence


@pytest.mark.parametrize(
    "text",
    ["", " ", "HV1:", "HV1:A", "HC1:NCFOXN%TS3DH3ZSUZK", "F2LXK0V1Q0", "HV1:" + ":" * 900, "HV1:" + "0" * 100_000,
     "\x00" * 50, "HV1:\ud800", "hv1:" + "ß" * 500],
)  # fmt: skip
def test_what_is_no_code_is_told_in_a_sentence(text: str) -> None:
    reading = verify_code(text, key())
    assert not reading.genuine
    assert reading.sentence.endswith(".")


@given(st.text(max_size=400))
@settings(max_examples=200)
def test_no_text_breaks_the_reader(text: str) -> None:
    assert not verify_code(text, key()).genuine
    assert not verify_code(PREFIX + text, key()).genuine


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_no_bytes_break_the_reader(data: bytes) -> None:
    assert not verify_code(PREFIX + base45.encode(data), key()).genuine


def test_a_place_that_is_no_hash_is_our_mistake_and_told_as_one() -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        make_code(receipt(place=LedgerPlace(1, "zz")), desk().signer.sign, key().id)


def test_an_independent_library_verifies_our_cose() -> None:
    cwt: Any = pytest.importorskip("cwt")
    if version("cbor2").startswith("6."):
        pytest.skip("cwt 3.3 reads arrays of cbor2 5 only")
    one = receipt()
    public = cwt.COSEKey.from_pem(key().pem(), alg="Ed25519", kid=bytes.fromhex(key().id)[:8])
    payload = cwt.COSE.new().decode(cose(desk().code(one)), public)
    assert cbor2.loads(payload)[8].hex() == one.digest()
    forged = new_desk()
    with pytest.raises(cwt.VerifyError):
        cwt.COSE.new().decode(cose(make_code(one, forged.signer.sign, key().id)), public)
