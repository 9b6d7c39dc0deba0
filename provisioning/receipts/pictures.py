"""Take in an image of a signature: PNG or SVG by content, bounded, harmless, and with something on it.

What is kept is drawn anew from what was understood: no metadata, no scripts, no links, nothing hidden beside the image.
"""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import Image

from provisioning.errors import FileError
from provisioning.files import read_file
from provisioning.receipts.receipt import Picture
from provisioning.receipts.svg_picture import NotASignatureError, sanitised_svg

LARGEST = 2 << 20
"""Bytes of a file to be taken in."""
MOST_PIXELS = 16_000_000
"""Width times height; a telephone's photograph has 12 million."""
_KEPT_SIZE = (1200, 400)
"""Pixels at most; on the page that is 400 to the inch."""
_PNG = b"\x89PNG\r\n\x1a\n"
_DARK = 160
"""Grey value (0 black, 255 white) below which a pixel is ink."""
_LEAST_INK = 30
_MOST_INK = 0.6
_MARGIN = 6
_PREVIEW = (
    '#set page(width: 120mm, height: 40mm, margin: 0pt)\n#image("s.svg", width: 100%, height: 100%, fit: "contain")'
)


def read_signature_image(source: Path | bytes) -> Picture:
    """Give the image in a file, or in bytes that came from elsewhere, fit to be kept and printed.

    Raises FileError with one sentence where it is no image of a signature: neither PNG nor SVG, too large, blank,
    all dark, or an SVG with something in it that is no drawing.
    """
    path = source if isinstance(source, Path) else Path("signature")
    if isinstance(source, Path) and source.is_dir():
        raise FileError(path, "this is a folder. Give a PNG or SVG file.")
    data = read_file(source, LARGEST) if isinstance(source, Path) else source
    if len(data) > LARGEST:
        raise FileError(path, f"the image has more than {LARGEST >> 20} MiB. Give a smaller one.")
    try:
        if data.startswith(_PNG):
            return Picture("image/png", _plain_png(data))
        svg = sanitised_svg(data)
        _require_ink(_drawn(svg))
        return Picture("image/svg+xml", svg)
    except NotASignatureError as e:
        raise FileError(path, str(e)) from e


def _plain_png(data: bytes) -> bytes:
    """Give the ink of a PNG: grey on white, cropped to what is drawn, small enough to keep."""
    if len(data) < 24 or not 0 < _product(data) <= MOST_PIXELS:
        raise NotASignatureError(f"the image is damaged, or has more than {MOST_PIXELS // 1_000_000} million pixels.")
    grey = _grey(data)
    box = _require_ink(grey)
    left, top, right, bottom = box
    cropped = grey.crop(
        (
            max(0, left - _MARGIN),
            max(0, top - _MARGIN),
            min(grey.width, right + _MARGIN),
            min(grey.height, bottom + _MARGIN),
        )
    )
    cropped.thumbnail(_KEPT_SIZE, Image.Resampling.LANCZOS)
    kept = io.BytesIO()
    cropped.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _product(png: bytes) -> int:
    """Give width times height from the header, before anything is unpacked."""
    width, height = struct.unpack(">II", png[16:24])
    return int(width) * int(height)


def _grey(png: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
            shown = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error, Image.DecompressionBombError) as e:
        raise NotASignatureError("the file begins like a PNG image but is damaged. Save the signature again.") from e
    white = Image.new("RGBA", shown.size, (255, 255, 255, 255))
    white.alpha_composite(shown)
    return white.convert("L")


def _require_ink(grey: Image.Image) -> tuple[int, int, int, int]:
    """Give the box around what is drawn. Raises NotASignatureError where that is nothing, or nearly everything."""
    thresholding: Any = grey  # Pillow's own type of point() is incomplete
    ink: Image.Image = thresholding.point([255 if value < _DARK else 0 for value in range(256)])
    amount = ink.histogram()[255]
    box = ink.getbbox()
    if box is None or amount < _LEAST_INK:
        raise NotASignatureError("nothing is drawn on it in dark ink on white. Sign again.")
    if amount > _MOST_INK * grey.width * grey.height:
        raise NotASignatureError("it is dark nearly all over. Sign in dark ink on white.")
    return box


def _drawn(svg: bytes) -> Image.Image:
    """Give how the typesetter will draw an SVG, so that one which it cannot draw is found now."""
    import typst

    try:
        png = typst.Compiler({"main.typ": _PREVIEW.encode(), "s.svg": svg}, ignore_system_fonts=True).compile(  # pyright: ignore[reportArgumentType]  # it takes a dict of files; the stub does not say so
            format="png", ppi=72
        )
    except typst.TypstError as e:
        raise NotASignatureError("the drawing cannot be shown. Save the signature as PNG.") from e
    assert isinstance(png, bytes)
    return _grey(png)
