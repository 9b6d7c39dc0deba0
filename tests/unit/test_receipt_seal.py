"""The seal and its reading: what the desk sealed is genuine, and no byte of it is free."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from receipt_samples import PLACE, SampleSeal, certificate, check, desk, item, new_desk, receipt

from provisioning.canonical import canonical
from provisioning.errors import FileError
from provisioning.handset import Identity
from provisioning.home.creation import create_home
from provisioning.home.identity import DeskIdentity
from provisioning.platforms import Platform
from provisioning.policy.effective import Decision, EffectivePolicy, LockDownOrders, PolicyReference, Rule
from provisioning.receipts.document import render_pdf
from provisioning.receipts.reading import LARGEST, PdfReading, read_pdf, verify_pdf
from provisioning.receipts.receipt import LedgerPlace, Receipt
from provisioning.receipts.receipt_code import make_code, verify_code
from provisioning.receipts.seal import seal_pdf
from provisioning.receipts.seal_check import SealState, check_seal
from provisioning.receipts.verified_item import verified_item
from provisioning.signatures import DeskSigner
from provisioning.verification.judgement import CatalogueReference, Judgement, Verdict
from provisioning.verification.record import SignedRecord, sign_record

ROOT = Path(__file__).resolve().parents[2]
SEALED = desk().pdf(receipt())
GAP = re.search(rb"/ByteRange \[0 (\d+) (\d+)", SEALED)
assert GAP is not None
BEFORE, AFTER = int(GAP[1]), int(GAP[2])


def read(pdf: bytes) -> PdfReading:
    return verify_pdf(pdf, desk().signer.public)


def refused(pdf: bytes) -> str:
    reading = read(pdf)
    assert not reading.genuine
    assert (reading.receipt, reading.code, reading.proves) == (None, None, ())
    assert reading.sentence.startswith("Not genuine: ")
    return reading.sentence


def test_a_seal_is_made_after_another_cms_message_was_read_in_the_same_process() -> None:
    script = """
from asn1crypto import cms
cms.CMSAttribute({"type": "content_type", "values": ["data"]}).dump()  # as reading a signed profile does
from receipt_samples import desk, receipt
print(len(desk().pdf(receipt())))
"""
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parent, env={**os.environ, "PYTHONPATH": f"{ROOT}:."},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr


def test_what_the_desk_sealed_is_genuine_and_says_what_it_proves() -> None:
    reading = read(SEALED)
    assert reading.genuine
    assert reading.receipt == receipt()
    assert reading.code is not None
    assert reading.code.facts is not None
    assert reading.code.facts.digest == receipt().digest()
    assert any("Every byte" in proven for proven in reading.proves)
    assert any("drew the signature" in limit for limit in reading.does_not_prove)


def test_a_reading_is_json_whether_genuine_or_not() -> None:
    good, bad = read(SEALED).document(), read(SEALED[:-1]).document()
    assert canonical(good)
    assert good["receipt"] == receipt().to_body()
    assert good["facts"] == verify_code(desk().code(receipt()), desk().signer.public).document()["facts"]
    assert (bad["genuine"], bad["facts"], bad["receipt"], bad["proves"]) == (False, None, None, [])


def test_a_sealed_receipt_is_the_same_file_each_time() -> None:
    assert desk().pdf(receipt()) == SEALED


def test_a_real_training_home_seals_what_its_public_key_file_verifies(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", training=True, organisation_name="Met", desk_name="Desk 4")
    one = receipt(training=True)
    signer = home.signer()
    pdf = render_pdf(one, home.seal(), code=make_code(one, signer.sign, signer.public.id))
    assert verify_pdf(pdf, home.public_key()).genuine
    assert not verify_pdf(pdf, desk().signer.public).genuine


def test_every_changed_byte_of_the_seal_itself_is_found() -> None:
    for place in range(BEFORE - 2, len(SEALED)):
        changed = bytearray(SEALED)
        changed[place] ^= 0x01 if place % 2 else 0x20
        assert check_seal(bytes(changed), desk().signer.public) is not SealState.HOLDS, place


@given(place=st.integers(0, len(SEALED) - 1), bit=st.integers(0, 7))
@settings(max_examples=300, deadline=None)
def test_any_changed_bit_anywhere_is_found(place: int, bit: int) -> None:
    changed = bytearray(SEALED)
    changed[place] ^= 1 << bit
    refused(bytes(changed))


@given(place=st.integers(0, len(SEALED)), piece=st.binary(min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_anything_put_in_is_found(place: int, piece: bytes) -> None:
    refused(SEALED[:place] + piece + SEALED[place:])


@given(place=st.integers(0, len(SEALED) - 1), length=st.integers(1, 2000))
@settings(max_examples=100, deadline=None)
def test_anything_cut_out_is_found(place: int, length: int) -> None:
    refused(SEALED[:place] + SEALED[place + length :])


def appended(pdf: bytes) -> bytes:
    """Give the file with a change as editors make it: a new revision after the sealed one."""
    from pyhanko.pdf_utils.generic import TextStringObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer: Any = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"].raw_get(0)
    page.get_object()["/Note"] = TextStringObject("edited")
    writer.mark_update(page)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def test_an_edit_saved_on_top_is_found() -> None:
    assert "does not cover the whole file" in refused(appended(SEALED))
    assert "does not cover the whole file" in refused(SEALED + b"\n%%EOF\n")


def test_a_stripped_seal_is_found() -> None:
    unsealed = render_pdf(receipt(), code=desk().code(receipt()))
    assert "carries no seal" in refused(unsealed)
    assert "check its code" in refused(unsealed)


def test_a_page_from_another_receipt_is_found() -> None:
    other = desk().pdf(receipt(name="Somebody Else"))
    assert len(other) > AFTER
    swapped = other[:BEFORE] + SEALED[BEFORE:AFTER] + SEALED[AFTER:]
    refused(swapped)
    refused(SEALED[:BEFORE] + other[BEFORE:])


def test_a_file_sealed_with_ones_own_key_is_found() -> None:
    forger = new_desk()
    code = desk().code(receipt())
    assert "not this desk's" in refused(render_pdf(receipt(), forger.seal, code=code))
    # With the name and serial number of the desk's certificate, but the forger's signature on it.
    copied = SampleSeal(certificate(forger.signer.private_key, forger.seal.private_key), forger.seal.private_key)
    assert "not this desk's" in refused(render_pdf(receipt(), copied, code=code))


def test_a_certificate_of_the_desk_for_something_else_seals_nothing() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = desk().signer.private_key
    code = desk().code(receipt())
    for wrong in (certificate(issuer, key, ca=True), certificate(issuer, key, signs=False)):
        assert "not this desk's" in refused(render_pdf(receipt(), SampleSeal(wrong, key), code=code))


def test_the_desks_certificate_with_anothers_key_seals_nothing() -> None:
    stolen = SampleSeal(desk().seal.certificate, ec.generate_private_key(ec.SECP256R1()))
    assert "changed" in refused(render_pdf(receipt(), stolen, code=desk().code(receipt())))


def resealed(one: Receipt, code: str, *records: bytes) -> bytes:
    """Give what only a broken program could make: sealed by the desk, but its parts do not agree."""
    return seal_pdf(render_pdf(one, code=code, records=records), desk().seal, one.issued, "r")


def test_parts_that_do_not_belong_together_are_found_even_under_the_desks_seal() -> None:
    code = desk().code(receipt())
    assert "do not belong together" in refused(resealed(receipt(name="Another"), code))
    elsewhere = receipt(place=LedgerPlace(1218, "ab" * 32))
    assert "different ledger entries" in refused(resealed(elsewhere, code))
    assert "code inside it does not hold" in refused(resealed(receipt(), new_desk().code(receipt())))
    assert "record inside it does not hold" in refused(resealed(receipt(), code, b"{}"))


def test_a_sealed_pdf_that_is_no_receipt_is_told_as_such() -> None:
    import typst

    plain: Any = typst.compile(b'#set document(title: "x")\nhello', format="pdf")
    sealed = seal_pdf(plain, desk().seal, datetime(2026, 3, 1, tzinfo=UTC), "r")
    assert "it is no receipt" in refused(sealed)


RULE = Rule("r", Decision.ALLOWED, "reason", "basis")
EFFECTIVE = EffectivePolicy(
    reference=PolicyReference("met-police", "2026.1", "aa" * 32), sha256="bb" * 32, title="t", person=None,
    allow_list=False, identifiers={}, families={}, classes={}, suspected=RULE, unlisted_user=RULE,
    unlisted_system=RULE, web=RULE, orders=LockDownOrders(), blocking=frozenset(), required_apps={}, os_floor={},
    max_age_seconds=600, required_strength="declared", remove_denied=False, declaration="d",
)  # fmt: skip


def signed_record(signer: DeskSigner, *, serial: str = "R58N12ABCDE", training: bool = False) -> SignedRecord:
    identity = Identity(Platform.ANDROID, serial, "SM-A546B", "Galaxy A54", "15", "AP3A.1", imei="356938035643809")
    judgement = Judgement(
        Verdict.CLEAR, (), (), 143, (0,), (), EFFECTIVE.reference, CatalogueReference("2026.02", "cc" * 32), "dd" * 32
    )
    home = DeskIdentity("6c1f", "Desk 4", training, "Met", "M", "D4", "2026-03-01", signer.public.id)
    return sign_record(
        signer, home, technician="A. Khan", identity=identity, judgement=judgement, effective=EFFECTIVE, lock_down=None,
        moment=datetime(2026, 3, 1, 9, 28, tzinfo=UTC),
    )  # fmt: skip


def test_the_verification_record_travels_inside_and_must_agree_with_the_page() -> None:
    signed = signed_record(desk().signer)
    one = receipt(items=(verified_item(signed, bay="1-3", accessories=["Case"]),))
    assert (one.handsets[0].serial_number, one.handsets[0].bay) == ("R58N12ABCDE", "1-3")
    reading = read(desk().pdf(one, signed.envelope.text()))
    assert reading.genuine
    assert any("agreeing with the page: 1" in proven for proven in reading.proves)

    other = signed_record(desk().signer, serial="SOMETHING1")
    assert "not one that the receipt names" in refused(desk().pdf(one, other.envelope.text()))
    foreign = signed_record(new_desk().signer)
    assert "does not hold" in refused(desk().pdf(one, foreign.envelope.text()))
    lying = replace(one, items=(replace(one.items[0], serial_number="F2LXK0V1Q0"),))
    assert "says other things" in refused(desk().pdf(lying, signed.envelope.text()))
    training = signed_record(desk().signer, training=True)
    mixed = receipt(items=(verified_item(training),))
    assert "says other things" in refused(desk().pdf(mixed, training.envelope.text()))


def test_a_preview_can_be_sealed_and_says_so() -> None:
    reading = read(desk().pdf(receipt(place=None)))
    assert reading.genuine
    assert reading.receipt is not None
    assert reading.receipt.place is None


def test_long_receipts_are_read_back_whole() -> None:
    one = receipt(items=tuple(item(number, check(Verdict.UNKNOWN, unread=60)) for number in range(5)))
    assert read(desk().pdf(one)).receipt == one


HOSTILE = [
    b"", b"%PDF-", b"%PDF-1.7\n%%EOF\n", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"\x00" * 5000, SEALED[:100],
    SEALED[:BEFORE], SEALED[AFTER:], SEALED[BEFORE:AFTER],
    b"%PDF-1.7\n/ByteRange [0 9999999999 9999999999 9999999999]\n%%EOF\n",
    b"%PDF-1.7\n<00>\n/ByteRange [0 9 13 41]  \n%%EOF\n",
    b"%PDF-1.7\n" + b"/ByteRange [0 1 2 3]\n" * 100_000,
    b"%PDF-1.7\n" + b"<" * 1_000_000,
    b"%PDF-1.7\n<< /Encrypt 1 0 R >>\n%%EOF\n",
    SEALED.replace(b"/ByteRange", b"/byteRange"),
    SEALED.replace(b"%PDF-1.7", b"%PDF-1.4"),
]  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_a_file_that_is_no_receipt_is_refused_in_a_sentence(data: bytes) -> None:
    assert refused(data).endswith(".")


def with_message(der: bytes) -> bytes:
    """Give the sealed file with another message where the seal is."""
    room = AFTER - BEFORE - 2
    return SEALED[:BEFORE] + b"<" + der.hex().upper().encode().ljust(room, b"0")[:room] + b">" + SEALED[AFTER:]


def message() -> bytes:
    raw = bytes.fromhex(SEALED[BEFORE + 1 : AFTER - 1].decode())
    return raw[: 4 + int.from_bytes(raw[2:4], "big")]


def test_the_message_put_back_is_the_same_file() -> None:
    assert with_message(message()) == SEALED


@given(st.binary(max_size=600))
@settings(max_examples=100, deadline=None)
def test_no_bytes_in_place_of_the_seal_break_the_reader(der: bytes) -> None:
    refused(with_message(der))
    body = b"\x30\x82" + len(der).to_bytes(2, "big") + der
    refused(with_message(body))


@given(place=st.integers(0, 1023), value=st.integers(0, 255), keep=st.booleans())
@settings(max_examples=400, deadline=None)
def test_no_damage_within_the_message_breaks_the_reader(place: int, value: int, keep: bool) -> None:
    der = bytearray(message())
    at = place % len(der)
    if not keep:
        der.insert(at, value)
    else:
        der[at] = value
    # Some damage is none: the byte that was there, or one more zero after the end.
    if with_message(bytes(der)) != SEALED:
        refused(with_message(bytes(der)))


def test_unsigned_extras_in_the_message_are_found() -> None:
    cms: Any = import_module("asn1crypto.cms")  # it has no types
    loaded: Any = cms.ContentInfo.load(message())
    extra: Any = cms.Certificate.load(new_desk().seal.certificate.public_bytes(Encoding.DER))
    loaded["content"]["certificates"].append(cms.CertificateChoices(name="certificate", value=extra))
    refused(with_message(loaded.dump(force=True)))
    loaded = cms.ContentInfo.load(message())
    loaded["content"]["digest_algorithms"].append({"algorithm": "sha512"})
    refused(with_message(loaded.dump(force=True)))


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.pdf"
    with huge.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(FileError, match="longer than"):
        read_pdf(huge)
    assert "far larger" in refused(b"%PDF-" + bytes(LARGEST))


def test_a_file_that_is_not_there_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no-such"):
        read_pdf(tmp_path / "no-such.pdf")
    with pytest.raises(FileError, match="folder"):
        read_pdf(tmp_path)
    (tmp_path / "sealed.pdf").write_bytes(SEALED)
    assert read(read_pdf(tmp_path / "sealed.pdf")).genuine


def test_pyhanko_finds_the_seal_whole_closed_and_issued_by_the_desk() -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    reader: Any = PdfFileReader(io.BytesIO(SEALED))
    (embedded,) = reader.embedded_signatures
    status = validate_pdf_signature(embedded, ValidationContext(trust_roots=[]))
    assert status.intact
    assert status.valid
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert embedded.docmdp_level is MDPPerm.NO_CHANGES
    assert status.signing_cert.dump() == desk().seal.certificate.public_bytes(Encoding.DER)


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler's tools are not installed")
def test_poppler_finds_the_seal_valid(tmp_path: Path) -> None:
    file = tmp_path / "sealed.pdf"
    file.write_bytes(SEALED)
    done = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, check=False, text=True)
    assert "Signature is Valid" in done.stdout
    assert "Total document signed" in done.stdout


def test_the_sealed_document_stays_archival_and_accessible() -> None:
    assert b"pdfaid:part>3" in SEALED
    assert b"pdfuaid:part>1" in SEALED
    assert PLACE.hash.encode() not in SEALED, "attachments are compressed, so no text of theirs looks like a seal"
