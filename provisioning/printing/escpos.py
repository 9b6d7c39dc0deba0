"""Pages as ESC/POS, for receipt printers: pictures in bands, so that the paper shows what the screen showed.

No text of anybody's goes as text: nothing in a name can be a command, and every script prints on every printer.
Commands after Epson's *ESC/POS command reference*: ESC @ (initialise), GS v 0 (raster), ESC d (feed), GS V 66 (cut).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Final

from PIL import Image, ImageOps

PRINTABLE_MM: Final = {80: 72, 58: 48}
"""Width of paper to width of print in millimetres; at 8 dots each these are 576 and 384."""
DOTS: Final = 8
PPI: Final = DOTS * 25.4
_BAND = 128
"""Rows of one picture; printers with little memory take no more at once."""
_INITIALISE: Final = b"\x1b@"
_FEED: Final = b"\x1bd\x03"
_CUT: Final = b"\x1dVB\x00"


def escpos_of(pages: Iterable[bytes], paper: int) -> bytes:
    """Give the bytes that print pages (PNG at 8 dots a millimetre) on paper of 80 or 58 mm, and cut it."""
    out = [_INITIALISE]
    for page in pages:
        out += _bands(_black(page, PRINTABLE_MM[paper] * DOTS))
        out += [_FEED, _CUT]
    return b"".join(out)


def _black(page: bytes, width: int) -> Image.Image:
    """Give a page in black and white, cut to the print's width about its middle, without white rows at its end."""
    grey = Image.open(io.BytesIO(page)).convert("L")
    left = (grey.width - width) // 2
    grey = grey.crop((left, 0, left + width, grey.height))
    black = ImageOps.invert(grey).convert("1", dither=Image.Dither.NONE)
    box = black.getbbox()
    return black.crop((0, 0, width, box[3] if box else 1))


def _bands(black: Image.Image) -> Iterable[bytes]:
    across = black.width // 8
    for top in range(0, black.height, _BAND):
        band = black.crop((0, top, black.width, min(top + _BAND, black.height)))
        yield b"\x1dv0\x00" + across.to_bytes(2, "little") + band.height.to_bytes(2, "little") + band.tobytes()
