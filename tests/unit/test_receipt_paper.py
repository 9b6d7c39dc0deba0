"""A receipt as paper: whose copy, original or reprint, a slip, the force's own dress, the code for the telephone."""

from __future__ import annotations

import random
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from receipt_samples import ISSUED, desk, item, qr_text, receipt

from provisioning.printing import escpos
from provisioning.receipts.coming_back import ComingBack, Erasure, NextState
from provisioning.receipts.document import render_pdf, render_png
from provisioning.receipts.form import Copy, Form, Paper
from provisioning.receipts.receipt import ItemKind, OtherItem, Receipt, ReceiptKind
from provisioning.receipts.receipt_code import verify_code
from provisioning.receipts.short_code import ALPHABET, heard_code, meant_as_short_code, short_code
from provisioning.receipts.template import FILE, FOLDER, STANDARD, load_template

poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler's tools are not installed")
REPRINT = Copy(2, datetime(2026, 3, 4, 9, 30, tzinfo=UTC), "A. Khan", "officer lost it")


def text_of(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode("utf-8").split())


def pages_of(one: Receipt, paper: Paper) -> str:
    return text_of(render_pdf(one, code=desk().code(one), paper=paper))


@poppler
@pytest.mark.parametrize(("form", "said"), [(Form.OFFICER, "Officer’s copy"), (Form.DESK, "Desk copy")])
def test_a_sheet_says_whose_copy_it_is(form: Form, said: str) -> None:
    assert said in pages_of(receipt(), Paper(form))
    assert "COPY" not in pages_of(receipt(), Paper(form)), "an original is never taken for a reprint"


@poppler
@pytest.mark.parametrize("form", list(Form))
def test_a_reprint_says_so_with_its_reason(form: Form) -> None:
    text = pages_of(receipt(training=True), Paper(form, REPRINT))
    for wanted in ("COPY 2", "4 March 2026, 09:30 UTC", "A. Khan", "officer lost it", "TRAINING"):
        assert wanted in text, wanted


@poppler
@pytest.mark.parametrize("form", [Form.SLIP_80, Form.SLIP_58])
def test_a_slip_says_what_matters(form: Form) -> None:
    one = receipt()
    text = pages_of(one, Paper(form))
    for wanted in (
        "Handover receipt", "D4-000017", "Gwenllian", "1234567", "iPhone 15", "F2LXK0V1Q0", "MPS-104432", "Clear",
        "None of the denied apps was present when checked.", "5 of 5 statements agreed", short_code(one.digest()),
    ):  # fmt: skip
        assert wanted in text, wanted


@poppler
@pytest.mark.parametrize("form", [Form.OFFICER, Form.SLIP_80, Form.SLIP_58])
def test_a_return_says_on_every_paper_what_becomes_of_it_and_whether_it_was_erased(form: Form) -> None:
    proof = Erasure(ISSUED, "B. Hope", 1204, "7d" * 32)
    back = ComingBack(NextState.REISSUE, "D4-000003", erased=proof, lacks=("USB-C cable",))
    items = (replace(item(), check=None, back=back), replace(item(1), check=None, back=replace(back, erased=None)))
    text = pages_of(receipt(kind=ReceiptKind.RETURN, items=items), Paper(form))
    for wanted in ("To be issued again", "ledger entry 1204", "Did not come back with it", "USB-C cable", "Not erased"):
        assert wanted in text, wanted


@pytest.mark.parametrize("form", [Form.SLIP_80, Form.SLIP_58])
def test_the_code_reads_back_from_the_printed_slip(form: Form) -> None:
    one = receipt()
    assert form.paper is not None
    data = escpos.escpos_of(render_png(one, escpos.PPI, code=desk().code(one), paper=Paper(form)), form.paper)
    width, rows = escpos.PRINTABLE_MM[form.paper], bytearray()
    at = data.index(b"\x1dv0\x00")
    while data[at : at + 4] == b"\x1dv0\x00":
        across, high = int.from_bytes(data[at + 4 : at + 6], "little"), int.from_bytes(data[at + 6 : at + 8], "little")
        assert across == width
        rows += data[at + 8 : at + 8 + across * high]
        at += 8 + across * high
    assert data[at:] == b"\x1bd\x03\x1dVB\x00"
    image = Image.frombytes("1", (width * 8, len(rows) // width), bytes(byte ^ 255 for byte in rows)).convert("L")
    assert verify_code(qr_text(image), desk().signer.public).genuine


@poppler
def test_many_items_say_once_what_they_were_checked_against() -> None:
    many = tuple(replace(item(), serial_number=f"SER{number:05d}") for number in range(4))
    one = replace(receipt(), items=(*many, OtherItem(ItemKind.SIM, identifier="89440000000000000012")))
    text = pages_of(one, Paper())
    assert text.count("3f" * 32) == 1
    assert "Checked against: items 1–4" in text
    assert text.count("c4" * 32) == 4, "each keeps its own record"


@given(st.binary(min_size=32, max_size=32))
def test_a_short_code_is_heard_as_it_was_read(digest: bytes) -> None:
    code = short_code(digest.hex())
    assert len(code) == 19
    assert heard_code(code) == code
    assert heard_code(f"  {code.lower().replace('0', 'o').replace('1', 'l').replace(' ', '-')} ") == code


@given(st.binary(min_size=32, max_size=32), st.integers(0, 15), st.sampled_from(ALPHABET))
def test_one_misheard_symbol_is_always_noticed(digest: bytes, at: int, other: str) -> None:
    plain = short_code(digest.hex()).replace(" ", "")
    changed = plain[:at] + other + plain[at + 1 :]
    assert (heard_code(changed) is None) == (changed != plain)
    assert meant_as_short_code(changed), "so that it is said that it was misheard, not that it is no code"


@pytest.mark.parametrize("text", ["", "K7MQ", "U" * 16, "K7MQ 3F9D 8RTX 2AB?", "漢字" * 8, "0" * 900])
def test_what_is_no_short_code_is_none(text: str) -> None:
    assert heard_code(text) is None


def dressed(home: Path, toml: str, crest: bytes | None = None) -> Path:
    (home / FOLDER).mkdir()
    (home / FOLDER / FILE).write_text(toml, "utf-8")
    if crest is not None:
        (home / FOLDER / "crest.svg").write_bytes(crest)
    return home


@poppler
def test_the_forces_own_dress_is_worn_and_nothing_in_it_is_markup(tmp_path: Path) -> None:
    home = dressed(
        tmp_path,
        'crest = "crest.svg"\n[en-GB]\norganisation = "#panic() *Force*"\naddress = ["$x$ Road"]\n'
        'note = "Lost? Call 101."\nheading = { handover = "Record of issue" }\n',
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3" fill="#000"/></svg>',
    )
    template = load_template(home)
    assert not template.fault
    text = text_of(render_pdf(receipt(), template=template))
    for wanted in ("Record of issue", "#panic() *Force*", "$x$ Road", "Lost? Call 101."):
        assert wanted in text
    assert "None of the denied apps was present when checked." in text


@pytest.mark.parametrize(
    ("toml", "crest"),
    [
        ("not toml at all [", None),
        ('crest = "crest.svg"', None),
        ('crest = "crest.svg"', b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ('crest = "crest.svg"', b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg>&a;</svg>"),
        ('crest = "crest.svg"', b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(400)),
        ('crest = "../../etc/passwd"', None),
        ('[en-GB]\nclear_says = "It cannot happen."', None),
        ('[en-GB]\nheading = { clear = "x" }', None),
        ('[fr-FR]\nnote = "x"', None),
        ("[en-GB]\nnote = " + '"' + "x" * 700 + '"', None),
    ],
)  # fmt: skip
def test_a_wrong_template_is_not_worn_and_says_why(tmp_path: Path, toml: str, crest: bytes | None) -> None:
    template = load_template(dressed(tmp_path, toml, crest))
    assert template.fault.startswith("The standard receipt is used: ")
    assert render_pdf(receipt(), template=template) == render_pdf(receipt(), template=STANDARD)


def test_without_a_template_the_standard_one_is_used(tmp_path: Path) -> None:
    assert load_template(tmp_path) is STANDARD
