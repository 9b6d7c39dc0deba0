"""The page: what it says, in whose language, for whose eyes; and that nothing on it can hurt."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from receipt_samples import check, desk, item, qr_text, receipt

from provisioning.errors import UsageError
from provisioning.inventory import Unread
from provisioning.receipts.document import code_svg, render_pdf, render_png
from provisioning.receipts.page_text import printable
from provisioning.receipts.pictures import read_signature_image
from provisioning.receipts.receipt import Picture, Receipt, ReceiptKind, ReturnReason, Signed
from provisioning.receipts.receipt_code import verify_code
from provisioning.receipts.template import Template
from provisioning.receipts.wording import LANGUAGES, wording
from provisioning.verification.judgement import Verdict

CREST = Picture(
    "image/svg+xml",
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3" fill="#000"/></svg>',
)
poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler's tools are not installed")


def opened(pdf: bytes) -> Any:
    return PdfFileReader(io.BytesIO(pdf))


def pages(pdf: bytes) -> int:
    return int(opened(pdf).root["/Pages"]["/Count"])


def text_of(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode("utf-8").split())


def structure(pdf: bytes) -> list[tuple[str, str]]:
    """Give role and alternative text of each structure element, in reading order."""

    def walk(element: Any) -> Iterator[tuple[str, str]]:
        if not hasattr(element, "get") or "/S" not in element:
            return
        yield str(element["/S"])[1:], str(element.get("/Alt", ""))
        for kid in listed(element.get("/K", [])):
            yield from walk(kid.get_object() if hasattr(kid, "get_object") else kid)

    def listed(kids: Any) -> list[Any]:
        return kids if isinstance(kids, list) else [kids]  # pyright: ignore[reportUnknownVariableType]  # a PDF tree

    root = listed(opened(pdf).root["/StructTreeRoot"]["/K"])
    return [found for kid in root for found in walk(kid.get_object())]


def test_one_handset_takes_one_page() -> None:
    for training in (False, True):
        for language in LANGUAGES:
            assert pages(render_pdf(receipt(training=training, language=language), code="HV1:" + "A" * 330)) == 1


def test_equal_receipts_give_equal_bytes_and_different_ones_do_not() -> None:
    one, code = receipt(), desk().code(receipt())
    assert render_pdf(one, code=code, template=Template(crest=CREST)) == render_pdf(
        receipt(), code=code, template=Template(crest=CREST)
    )
    assert render_pdf(one, code=code) != render_pdf(replace(one, desk="Desk 5"), code=code)


def test_the_document_is_tagged_titled_and_says_its_language() -> None:
    root = opened(render_pdf(receipt(), code=desk().code(receipt()))).root
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]) == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    metadata = root["/Metadata"].data.decode("utf-8")
    for mark in ("<pdfaid:part>3", "<pdfaid:conformance>A", "<pdfuaid:part>1", "Handover receipt D4-000017"):
        assert mark in metadata
    welsh = opened(render_pdf(receipt(language="cy-GB"))).root
    assert str(welsh["/Lang"]) == "cy-GB"


def test_headings_come_in_order_and_every_picture_has_words() -> None:
    found = structure(render_pdf(receipt(), code=desk().code(receipt()), template=Template(crest=CREST)))
    roles = [role for role, _ in found]
    assert roles.count("H1") == 1
    assert roles.index("H1") < roles.index("H2")
    figures = [alt for role, alt in found if role == "Figure"]
    assert all(figures)
    assert "Crest of Metropolitan Police Service" in figures
    assert "Signature of officer 1234567" in figures
    assert any("QR code" in alt for alt in figures)
    assert figures.count("Agreed") == 5


def test_faces_are_embedded_and_only_the_bundled_ones_are_used() -> None:
    pdf = opened(render_pdf(receipt(name="محمد עליכם"), code=desk().code(receipt())))
    fonts: set[str] = set()
    for reference in pdf.root["/Pages"]["/Kids"]:
        for font in reference.get_object()["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descendant["/FontDescriptor"].keys())
            fonts.add(str(descendant["/BaseFont"]).split("+")[1].split("-")[0])
    assert fonts <= {"Inter", "AtkinsonHyperlegibleMono", "NotoSansArabic", "NotoSansHebrew"}


@poppler
def test_the_page_says_everything_that_a_receipt_must_say() -> None:
    text = text_of(render_pdf(receipt(), code=desk().code(receipt())))
    for wanted in (
        "Handover receipt", "D4-000017", "1 March 2026, 09:30 UTC", "Metropolitan Police Service", "Desk 4", "A. Khan",
        "Gwenllian", "1234567", "not on a roster", "F2LXK0V1Q0", "iPhone 15 (iPhone15,4)", "iOS 26.1",
        "356938035643809", "00008120-001A2D3E0C42201E", "MPS-104432", "Hub 1 · 3", "USB-C cable, Case", "New, no marks",
        "Clear None of the denied apps was present when checked.", "1 March 2026, 09:28 UTC", "143 apps",
        "met-police 2026.1", "3f" * 32, "a1" * 32, "2026.11", "b7" * 32, "c4" * 32, "browser", "WhatsApp", "2026-06-30",
        "PER-2026-014", "handset-handover, version 2026.2", "I will not use social media on it", "1217", "9e" * 32,
        "5d" * 32, "Page 1 of 1",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert "cannot" not in text.lower()
    assert "TRAINING" not in text


@poppler
def test_training_stands_on_every_page_and_in_the_text_that_is_read_aloud() -> None:
    pdf = render_pdf(receipt(training=True, items=(item(0, check(Verdict.UNKNOWN, unread=100)),)))
    assert pages(pdf) > 1
    for number in range(1, pages(pdf) + 1):
        done = subprocess.run(
            ["pdftotext", "-f", str(number), "-l", str(number), "-", "-"], input=pdf, capture_output=True, check=True
        )
        assert done.stdout.decode("utf-8").count("TRAINING") >= 2


def test_the_training_band_is_black_across_the_page() -> None:
    first = Image.open(io.BytesIO(render_png(receipt(training=True), ppi=50)[0])).convert("L")
    plain = Image.open(io.BytesIO(render_png(receipt(), ppi=50)[0])).convert("L")
    rows = [round(first.height * at) for at in (0.003, 0.997)]
    for row in rows:
        dark = sum(first.getpixel((x, row)) == 0 for x in range(first.width))
        assert dark == first.width
        assert all(plain.getpixel((x, row)) == 255 for x in range(plain.width))


@pytest.mark.parametrize("ppi", [72, 100, 150, 300])
def test_the_code_reads_back_from_the_page_and_verifies(ppi: int) -> None:
    one = receipt(training=True)
    (page,) = render_png(one, ppi=ppi, code=desk().code(one))
    reading = verify_code(qr_text(Image.open(io.BytesIO(page))), desk().signer.public)
    assert reading.genuine
    assert reading.facts is not None
    assert reading.facts.digest == one.digest()


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler's tools are not installed")
def test_the_code_reads_back_from_the_sealed_pdf_drawn_by_another_program() -> None:
    done = subprocess.run(
        ["pdftoppm", "-r", "100", "-png", "-singlefile", "-"], input=desk().pdf(receipt()), capture_output=True,
        check=True,
    )  # fmt: skip
    assert verify_code(qr_text(Image.open(io.BytesIO(done.stdout))), desk().signer.public).genuine


def test_the_code_is_drawn_small_enough_to_read() -> None:
    code = desk().code(receipt(items=tuple(item(number) for number in range(9))))
    modules = int(code_svg(code).split(b'viewBox="0 0 ')[1].split(b" ")[0])
    assert modules - 8 <= 65, "version 12 at most: half a millimetre a module"


@poppler
def test_what_was_not_checked_goes_on_over_pages_with_its_headings() -> None:
    one = receipt(items=(item(0, check(Verdict.UNKNOWN, unread=400)),))
    pdf = render_pdf(one, code=desk().code(one))
    text = text_of(pdf)
    assert pages(pdf) >= 3
    assert all(str(user) in text for user in range(150, 550))
    assert text.count("Area Why") == pages(pdf)
    assert f"Page {pages(pdf)} of {pages(pdf)}" in text
    assert "Clear None of the denied apps" not in text
    assert "nothing is said about denied apps" in text


@poppler
@pytest.mark.parametrize(
    ("verdict", "word"),
    [(Verdict.NOT_CLEAR, "Not clear"), (Verdict.UNKNOWN, "Unknown"), (None, "Not verified")],
)
def test_what_is_not_clear_never_looks_clear(verdict: Verdict | None, word: str) -> None:
    result = check(verdict) if verdict else None
    text = text_of(render_pdf(receipt(items=(replace(item(), check=result),))))
    assert word in text
    assert "None of the denied apps" not in text


@poppler
def test_many_items_stand_in_a_table_and_each_by_itself() -> None:
    items = tuple(item(number) for number in range(9))
    text = text_of(render_pdf(receipt(items=items)))
    for one in items:
        assert text.count(one.serial_number) == 2


@poppler
def test_an_officer_who_did_not_sign_has_the_reason_on_the_page() -> None:
    text = text_of(render_pdf(receipt(declined="Injured hand; agreed aloud before PC 2231")))
    assert "Not signed. Reason noted: Injured hand; agreed aloud before PC 2231" in text


@poppler
def test_a_return_says_so_with_its_reason() -> None:
    back = replace(receipt(kind=ReceiptKind.RETURN), reason=ReturnReason.STOLEN, remarks="Crime reference 123/26")
    text = text_of(render_pdf(back))
    for wanted in ("Return receipt", "Given back by", "Taken back by", "Stolen", "Crime reference 123/26"):
        assert wanted in text


@poppler
def test_a_preview_says_that_it_is_none_of_the_ledgers() -> None:
    assert "not in the ledger yet" in text_of(render_pdf(receipt(place=None)))


HOSTILE = (
    "#panic() *bold* _it_ `raw` $x^2$ @ref <label> \\ // /* #import \"x\" [a] = h - l + n 1. ~ -- '",
    "#read(\"/etc/passwd\") #eval(\"1\")",
    "\x00\x01\x1b[31m\n\r\t\u2028\u202e evil \u2066\ufeff\ufffe\U000e0041\ud800",
    "漢字 ไทย 😀 \U0001f46e\u200d\u2642\ufe0f",
    "Z" + "\u0300" * 60,
    "W" * 5000,
    "محمد (Smith) \u05d0\u05d1 1234",
    "</text>{}{0}%s%n",
    "",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(text: str) -> None:
    one = everywhere(text)
    pdf = render_pdf(one)
    assert opened(pdf).root["/MarkInfo"]["/Marked"]
    assert render_png(one, ppi=30)


def everywhere(text: str) -> Receipt:
    """Give a receipt with ``text`` wherever text can come from outside."""
    result = replace(
        check(Verdict.UNKNOWN), findings=(text,), limits=(text,), not_checked=(Unread(text, text),), record_id=text
    )
    worst = replace(
        item(), serial_number=text, model=text, model_name=text, os_version=text, imei=text, udid=text, asset_tag=text,
        bay=text, condition=text, accessories=(text,), terms=text, check=result,
    )  # fmt: skip
    base = receipt(declined=text)
    return replace(
        base,
        officer=replace(base.officer, number=text, name=text, rank=text, unit=text, roster_reason=text),
        technician=replace(base.technician, name=text),
        organisation=text,
        desk=text,
        remarks=text,
        items=(worst,),
    )


@given(st.text(max_size=80))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_name_can_be_printed(name: str) -> None:
    assert render_pdf(receipt(name=name or None))


def test_what_one_reads_of_a_name_is_the_name_and_never_an_escape() -> None:
    assert printable("प्रिया 王小明 🙂") == "प्रिया 王小明 🙂"
    assert printable("👩‍⚕️ ❤️") == "👩⚕ ❤", "joined pictures by their pieces"
    assert printable("བོད་ Tenzin") == "□□□□ Tenzin", "what no face of ours has"
    assert printable("a\u200db\u202e") == "a\\u200db\\u202e", "what hides in ours is shown"


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_printable_text_is_one_line_without_anything_invisible(text: str) -> None:
    shown = printable(text).replace("\u200b", "")
    assert shown.isprintable()
    assert len(shown) <= 60 * 10


@poppler
def test_names_in_any_script_stand_on_the_page_as_they_are_written() -> None:
    read = text_of(render_pdf(receipt(name="王小明 김민준 สมชาย")))
    assert "王小明" in read
    assert "김민준" in read
    assert "สมชาย" in read


@poppler
def test_markup_in_a_name_is_printed_as_it_was_typed() -> None:
    assert "#panic() *bold*" in text_of(render_pdf(receipt(name="#panic() *bold*")))


def test_every_character_that_is_said_to_be_drawn_can_be_drawn() -> None:
    lines = (files("resources") / "fonts" / "coverage.txt").read_text("ascii").splitlines()
    ranges = [line.split("-") for line in lines if not line.startswith("#")]
    points = [point for first, last in ranges for point in range(int(first, 16), int(last, 16) + 1)]
    shown = [chr(point) for point in points if printable(chr(point)) == chr(point)]
    assert len(shown) > 30_000
    scripts = [one for one in shown if one < "\u2e80"] + [one for one in shown if one >= "\u2e80"][::20]
    for start in range(0, len(scripts), 250):
        clauses = " ".join(scripts[start : start + 250])
        assert render_pdf(replace(receipt(), remarks=clauses))


def test_a_signature_that_came_as_png_is_drawn_with_its_ink() -> None:
    drawn = Image.new("L", (300, 100), 255)
    drawn.paste(0, (20, 40, 280, 60))
    png = io.BytesIO()
    drawn.save(png, "PNG")
    signed = replace(receipt(), signature=Signed(read_signature_image(png.getvalue())))
    blank = Image.new("L", (300, 100), 255)
    blank.paste(0, (20, 40, 50, 50))
    dot = io.BytesIO()
    blank.save(dot, "PNG")
    nearly_empty = replace(receipt(), signature=Signed(read_signature_image(dot.getvalue())))
    ink = [
        sum(Image.open(io.BytesIO(render_png(one, ppi=50)[0])).convert("L").histogram()[:128])
        for one in (signed, nearly_empty)
    ]
    assert ink[0] > ink[1] + 50
    assert render_pdf(signed).count(b"/Image") > 0


def test_a_signature_that_cannot_be_drawn_is_told_in_a_sentence() -> None:
    broken = replace(receipt(), technician=replace(receipt().technician, signature=Picture("image/png", b"nonsense")))
    with pytest.raises(UsageError, match="safe in the ledger"):
        render_pdf(broken)
    with pytest.raises(UsageError, match="safe in the ledger"):
        render_png(broken)


def test_the_files_inside_are_the_receipt_its_code_and_its_records() -> None:
    one, code = receipt(), desk().code(receipt())
    names = opened(render_pdf(one, code=code, records=(b'{"a": 1}', b'{"b": 2}'))).root["/Names"]["/EmbeddedFiles"][
        "/Names"
    ]
    held = {str(names[n]): names[n + 1]["/EF"]["/F"].data for n in range(0, len(names), 2)}
    assert json.loads(held["receipt.json"])["body"] == one.to_body()
    assert held["code.txt"].decode() == code
    assert held["verification-record-1.dsse.json"] == b'{"a": 1}'
    assert held["verification-record-2.dsse.json"] == b'{"b": 2}'


def test_no_receipt_is_written_in_a_language_that_we_have_not() -> None:
    with pytest.raises(UsageError, match="en-GB and cy-GB"):
        render_pdf(replace(receipt(), language="fr-FR"))


def test_both_languages_have_the_same_phrases_with_the_same_gaps() -> None:
    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shape(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]  # a TOML tree
        if isinstance(value, list):
            return len(value)  # pyright: ignore[reportUnknownArgumentType]  # a TOML tree
        return sorted(part.split("}")[0] for part in str(value).split("{")[1:])

    english, welsh = (shape(wording(language).sections) for language in LANGUAGES)
    assert english == welsh
