"""Signatures as images: what is taken in, what is refused and with which words, and what is forgotten."""

from __future__ import annotations

import io
import re
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin
from receipt_samples import WAVE

from provisioning.errors import FileError
from provisioning.receipts.pictures import LARGEST, read_signature_image
from provisioning.receipts.strokes import strokes_to_svg
from provisioning.receipts.svg_picture import NotASignatureError, sanitised_svg

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 40">'
PEN = '<path d="M5 5L90 30" stroke="#000" fill="none" stroke-width="3"/>'


def png(
    size: tuple[int, int] = (600, 200), mode: str = "RGB", ink: Any = 0, paper: Any = "white", **save: Any
) -> bytes:
    image = Image.new(mode, size, paper)
    ImageDraw.Draw(image).line([(20, 20), (size[0] - 20, size[1] - 20)], fill=ink, width=6)
    data = io.BytesIO()
    image.save(data, "PNG", **save)
    return data.getvalue()


def reason(data: bytes) -> str:
    with pytest.raises(FileError) as told:
        read_signature_image(data)
    assert told.value.reason.endswith(".")
    return told.value.reason


def svg(content: str) -> bytes:
    return f"{HEAD}{content}</svg>".encode()


@pytest.mark.parametrize(
    ("mode", "ink", "paper"),
    [("RGB", (0, 0, 120), "white"), ("RGBA", (0, 0, 0, 255), (0, 0, 0, 0)), ("L", 0, 255), ("LA", (0, 255), (0, 0)),
     ("1", 0, 1), ("P", 0, 255)],
)  # fmt: skip
def test_a_png_of_any_kind_is_kept_as_its_ink(mode: str, ink: Any, paper: Any) -> None:
    source = png(mode=mode, ink=ink, paper=paper) if mode != "P" else palette()
    picture = read_signature_image(source)
    assert picture.media_type == "image/png"
    kept = Image.open(io.BytesIO(picture.content))
    assert kept.mode == "L"
    assert kept.width <= 1200
    assert kept.height <= 400
    assert sum(kept.histogram()[:80]) > 100


def palette() -> bytes:
    data = io.BytesIO()
    Image.open(io.BytesIO(png())).quantize(4).save(data, "PNG")
    return data.getvalue()


def test_what_is_hidden_beside_the_picture_is_not_kept() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "somebody")
    notes.add_itxt("Comment", "secret")
    source = png(pnginfo=notes) + b"trailing bytes"
    kept = read_signature_image(source).content
    assert b"somebody" not in kept
    assert b"secret" not in kept
    assert set(re.findall(rb"(?:IHDR|PLTE|IDAT|IEND|tEXt|iTXt|eXIf)", kept)) == {b"IHDR", b"IDAT", b"IEND"}


def test_the_ink_is_cut_out_of_the_paper() -> None:
    image = Image.new("L", (3000, 2000), 255)
    ImageDraw.Draw(image).line([(1000, 900), (1500, 1000)], fill=0, width=8)
    data = io.BytesIO()
    image.save(data, "PNG")
    kept = Image.open(io.BytesIO(read_signature_image(data.getvalue()).content))
    assert 400 < kept.width < 600
    assert kept.height < 150


def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    drawing, photograph = tmp_path / "a.png", tmp_path / "b.svg"
    drawing.write_bytes(svg(PEN))
    photograph.write_bytes(png())
    assert read_signature_image(drawing).media_type == "image/svg+xml"
    assert read_signature_image(photograph).media_type == "image/png"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "neither a PNG nor an SVG"),
        (b"I am a signature", "neither a PNG nor an SVG"),
        (b"%PDF-1.7\n", "neither a PNG nor an SVG"),
        (b"\xff\xd8\xff\xe0JFIF", "neither a PNG nor an SVG"),
        (b"GIF89a", "neither a PNG nor an SVG"),
        (b"<html><body/></html>", "neither a PNG nor an SVG"),
        (b"\x1f\x8b\x08\x00", "neither a PNG nor an SVG"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "million pixels"),
        (png()[:300], "damaged"),
        (bomb(30_000, 30_000), "million pixels"),
        (bomb(0, 10), "damaged"),
        (bomb(4000, 3000), "damaged"),
        (png(ink="white"), "nothing is drawn"),
        (png(ink=(255, 240, 200)), "nothing is drawn"),
        (png(paper="black"), "dark nearly all over"),
        (b"x" * (LARGEST + 1), "more than 2 MiB"),
    ],
)
def test_what_is_no_signature_is_refused_in_words(data: bytes, word: str) -> None:
    assert word in reason(data)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("<script>alert(1)</script>", "script"),
        ('<path d="M0 0" onload="x()"/>', "holds a script"),
        ('<image href="file:///etc/passwd"/>', "refers to something outside"),
        ('<use xlink:href="#a" xmlns:xlink="http://www.w3.org/1999/xlink"/>', "refers to something outside"),
        ("<text>A. Khan</text>", "“text”"),
        ("<foreignObject/>", "“foreignObject”"),
        ("<style>path{}</style>", "“style”"),
        ("<animate/>", "“animate”"),
        ("<svg/>", "“svg”"),
        ('<path d="M0 0" stroke="url(http://example.org/a)"/>', "in a way that no stroke needs"),
        ('<path d="M0 0" style="fill:url(#a)"/>', "in a way that no stroke needs"),
        ('<g transform="expression(1)"/>', "in a way that no stroke needs"),
        ('<path d="M0 0L1e300 5"/>', "far outside"),
        ('<rect width="99999999" height="1"/>', "far outside"),
        ("<g>" * 60 + "</g>" * 60, "far more in it"),
        ("<g/>" * 6000, "far more in it"),
        (f'<path d="{"M1 1L2 2" * 40_000}"/>', "draws more than"),
        ("", "nothing is drawn"),
        ('<path d="M5 5L90 30" stroke="white"/>', "nothing is drawn"),
        ('<rect width="100" height="40"/>', "dark nearly all over"),
        ('<?php echo 1 ?>', "instructions"),
    ],
)  # fmt: skip
def test_an_svg_that_is_more_than_strokes_is_refused_in_words(content: str, word: str) -> None:
    assert word in reason(svg(content))


def test_entities_are_refused_before_they_grow() -> None:
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    laughs = f'<!DOCTYPE svg [<!ENTITY a0 "ha">{lines}]>{HEAD}<title>&a8;</title></svg>'
    assert "entities" in reason(laughs.encode())
    external = f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>{HEAD}<title>&x;</title></svg>'
    assert "entities" in reason(external.encode())


def test_what_editors_write_around_a_drawing_is_left_out() -> None:
    source = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:i="http://www.inkscape.org/" width="100mm" height="40mm" id="s">'
        "<!-- by hand --><title>Signature of somebody</title><metadata><i:a>secret</i:a></metadata><i:view/>"
        f'<g id="layer" style="stroke:#000;fill:none;-inkscape-x:1" class="c">{PEN}</g></svg>'
    )
    kept = read_signature_image(source.encode()).content.decode()
    assert kept == (
        '<svg xmlns="http://www.w3.org/2000/svg" height="40mm" width="100mm"><g fill="none" stroke="#000">'
        '<path d="M5 5L90 30" fill="none" stroke="#000" stroke-width="3"></path></g></svg>'
    )


def test_what_was_taken_in_can_be_taken_in_again() -> None:
    once = read_signature_image(svg(PEN))
    assert read_signature_image(once.content) == once
    drawn = strokes_to_svg(WAVE)
    assert b"<path" in read_signature_image(drawn.content).content


@given(st.text("MmLlCcQqAaZzHhVvSsTt0123456789.,-+eE \n", max_size=120))
@settings(max_examples=150, deadline=None)
def test_no_path_breaks_reader_or_typesetter(path: str) -> None:
    with suppress(FileError):
        read_signature_image(svg(f'<path d="{path}" stroke="#000" stroke-width="2" fill="none"/>'))


@given(st.binary(max_size=300))
@settings(max_examples=150)
def test_no_bytes_break_the_reader(data: bytes) -> None:
    for source in (data, b"\x89PNG\r\n\x1a\n" + data, HEAD.encode() + data, data[:10] + svg(PEN)):
        with suppress(FileError):
            read_signature_image(source)


@given(place=st.integers(0, 10_000), value=st.integers(0, 255))
@settings(max_examples=150, deadline=None)
def test_a_damaged_png_is_taken_in_or_refused_but_never_breaks(place: int, value: int) -> None:
    source = bytearray(png((60, 40)))
    source[place % len(source)] = value
    with suppress(FileError):
        read_signature_image(bytes(source))


def test_a_missing_file_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no-such"):
        read_signature_image(tmp_path / "no-such.png")
    with pytest.raises(FileError, match="folder"):
        read_signature_image(tmp_path)


def points(image: bytes) -> list[tuple[float, float]]:
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d+", image.decode().split("<path", 1)[1])]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_a_drawn_signature_tells_nothing_of_the_pens_speed() -> None:
    slow = [[(x / 10, 20.0 + x / 40) for x in range(4000)]]
    hasty = [[(x * 10.0, 20.0 + x * 2.5) for x in range(41)]]
    assert len(points(strokes_to_svg(slow).content)) == pytest.approx(len(points(strokes_to_svg(hasty).content)), abs=4)


def test_a_drawing_keeps_its_proportions_in_one_size() -> None:
    small = strokes_to_svg([[(0, 0), (10, 0), (10, 2)]])
    large = strokes_to_svg([[(500, 500), (1500, 500), (1500, 700)]])
    assert small == large
    assert small.content.startswith(b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 200">')


def test_dots_and_single_lines_can_be_signed_with() -> None:
    assert strokes_to_svg([[(0, 0), (50, 0)], [(70, 0)]]).content.count(b"<path") == 2
    assert strokes_to_svg([[(0, 0), (0, 50)]]).content.count(b"<path") == 1


@pytest.mark.parametrize(
    "strokes",
    [[], [[]], [[(1, 1)]], [[(1, 1), (1, 1)]], [[(float("nan"), 1), (float("inf"), 2)]], [[(1e300, 0), (0, 0)]],
     [[(0, 0), (1, 1)] * 60_000], [[(0.0, 0.0), (100.0, 30.0)] * 400]],
)  # fmt: skip
def test_no_drawing_or_a_scribble_without_end_is_refused(strokes: Any) -> None:
    with pytest.raises(ValueError, match="drawn"):
        strokes_to_svg(strokes)


POINT = st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))


@given(st.lists(st.lists(POINT, max_size=12), max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_strokes_give_a_drawing_that_can_be_taken_in(strokes: list[list[tuple[float, float]]]) -> None:
    try:
        drawn = strokes_to_svg(strokes)
    except ValueError:
        return
    assert sanitised_svg(drawn.content)


def test_a_refusal_is_no_other_error() -> None:
    with pytest.raises(NotASignatureError):
        sanitised_svg(b"<")
