r"""Labels as ZPL II, for Zebra's printers and those that speak like them.

Text that the printer's own face has goes as text (UTF-8, ``^CI28``), every byte that could mean something to the
printer as ``_XX`` (``^FH``), so that no ``^`` or ``~`` of anybody's reaches it as a command; other text is drawn by
our typesetter and goes as a picture (``^GFA``), so that a name in Arabic or Hebrew stands on the label as it is.
Commands after Zebra, *ZPL II Programming Guide*: ^A, ^BC, ^BQ, ^BY, ^CI, ^FH, ^FO, ^FR, ^GB, ^GF, ^LL, ^PQ, ^PW.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Final

from PIL import Image, ImageOps

from provisioning.labels.label import SIZE, Label, LabelKind
from provisioning.plain_text import one_line
from provisioning.printing.destination import Media
from provisioning.receipts.page_text import printable
from provisioning.receipts.typesetting import typeset_png

_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,-/")
_PRINTERS_OWN: Final = frozenset("…–’“”€·") | {chr(point) for point in (*range(0x20, 0x7F), *range(0xA1, 0x100))}
"""What font 0 of every ZPL printer has (code page 1252 by way of UTF-8)."""
_NARROW: Final = frozenset("ijlftrI1.,:;'|!()[] -·")
_WIDE: Final = frozenset("mwMW@%…")
_LONGEST = 120
_QUIET = 10
"""Modules of white that Code 128 needs on either side (ISO/IEC 15417)."""
_SMALLEST_MM = 2.0
"""Height of the smallest letters that are read at arm's length."""


def zpl_of(labels: Iterable[Label], media: Media) -> bytes:
    """Give the bytes that print ``labels`` one after the other on what is in the printer."""
    return b"".join(_label(label, media) for label in labels)


def _label(label: Label, media: Media) -> bytes:
    width, height = media.label or SIZE[label.kind]
    sheet = _Sheet(width, height, media.dots)
    top = 1.8
    if label.training:
        sheet.band("TRAINING", 4.2)
        top = 5.0
    scale = min((height - top - 1.8) / (28.4 if label.kind is LabelKind.ASSET else 46.0), width / SIZE[label.kind][0])
    sheet.begin(top, scale)
    place = label.bay if label.kind is LabelKind.ASSET else " · ".join(filter(None, (label.bay, label.receipt)))
    if label.kind is LabelKind.ASSET:
        sheet.line(label.organisation, 2.5, right=place)
        sheet.line(label.asset_tag or label.model_name, 5.2, gap=1.2)
        sheet.code(label.serial_number, 8.6, gap=1.4)
        sheet.line(label.serial_number, 3.2, gap=1.0)
        sheet.line(label.model_name if label.asset_tag else "No asset tag", 2.5, gap=1.0)
    else:
        sheet.line(label.organisation, 3.0, right=place)
        sheet.line(label.officer_name or label.officer_number or label.model_name, 7.0, gap=2.4)
        sheet.line(label.officer_number if label.officer_name else "", 4.4, gap=1.0)
        sheet.code(label.serial_number, 12.0, gap=2.2)
        sheet.line(label.serial_number, 4.0, gap=1.2)
        sheet.line(" · ".join(filter(None, (label.model_name, label.asset_tag))), 3.2, gap=1.2)
    return sheet.finished()


class _Sheet:
    """Lines from the top down, in millimetres; commands in dots."""

    def __init__(self, width: int, height: int, dots: int) -> None:
        self._width, self._dots, self._margin = width, dots, 2.0
        self._down, self._scale = 0.0, 1.0
        self._said: list[bytes] = [
            f"^XA^CI28^PW{width * dots}^LL{height * dots}^LH0,0^LS0^PON^PMN^FWN".encode(),
        ]

    def begin(self, top: float, scale: float) -> None:
        """Go on at ``top`` millimetres; what follows is drawn ``scale`` times its size."""
        self._down, self._scale = top, max(0.3, scale)

    def band(self, text: str, height: float) -> None:
        """Draw white letters on black across the top."""
        tall = self._in_dots(height)
        self._say(f"^FO0,0^GB{self._width * self._dots},{tall},{tall},B,0^FS")
        size = self._in_dots(height - 1.2)
        self._say(f"^FO{self._in_dots(self._margin)},{self._in_dots(0.7)}^A0N,{size},{size}^FR", text)

    def line(self, text: str, height: float, *, gap: float = 0.0, right: str = "") -> None:
        """Draw one line of text, smaller or cut where it is too long; ``right`` stands at the other end of it."""
        self._down += gap * self._scale
        tall = max(_SMALLEST_MM, height * self._scale)
        room = self._width - 2 * self._margin
        if right:
            shown, size = _fitted(right, tall, room * 0.42)
            wide = _width_of(shown, size)
            self._text(shown, self._width - self._margin - wide - 0.5, size, wide + 0.5)
            room -= wide + 3.0
        shown, size = _fitted(text, tall, room)
        self._text(shown, self._margin, size, room)
        self._down += tall

    def code(self, text: str, height: float, *, gap: float = 0.0) -> None:
        """Draw the barcode of ``text``: Code 128 where its narrowest bar is two dots or more, else a QR code."""
        self._down += gap * self._scale
        tall = self._in_dots(height * self._scale)
        code = one_line(text, 80)
        if code and code.isascii():
            modules = 11 * (len(code) + 3) + 2
            bar = min(4 * self._dots // 8, self._width * self._dots // (modules + 2 * _QUIET))
            left = max(self._in_dots(self._margin), _QUIET * bar)
            if bar >= 2 * self._dots // 8:
                # In ^BC, “>” begins the choice of a subset; “>0” is the character itself.
                at = f"^FO{left},{self._in_dots(self._down)}"
                self._say(f"{at}^BY{bar},2,{tall}^BCN,{tall},N,N,N", code.replace(">", ">0"))
            else:
                import segno

                side = segno.make_qr(code, error="m", boost_error=False).symbol_size(border=0)[0]
                # A printer draws a QR code ten dots below its origin.
                at = f"^FO{self._in_dots(self._margin)},{max(0, self._in_dots(self._down) - 10)}"
                self._say(f"{at}^BQN,2,{max(1, min(10, tall // side))}", f"MA,{code}")
        self._down += height * self._scale

    def finished(self) -> bytes:
        """Give the label's bytes, one copy of it."""
        return b"".join([*self._said, b"^PQ1,0,1,N^XZ\n"])

    def _text(self, text: str, left: float, tall: float, room: float) -> None:
        if not text:
            return
        at = f"^FO{self._in_dots(left)},{self._in_dots(self._down)}"
        if set(text) <= _PRINTERS_OWN:
            size = self._in_dots(tall)
            self._say(f"{at}^A0N,{size},{size}", text)
        else:
            self._said.append(at.encode() + _graphic(text, tall, room, self._dots))

    def _say(self, command: str, text: str | None = None) -> None:
        self._said.append(command.encode("ascii"))
        if text is not None:
            self._said.append(b"^FH_^FD" + _escaped(text) + b"^FS")

    def _in_dots(self, millimetres: float) -> int:
        return round(millimetres * self._dots)


def _escaped(text: str) -> bytes:
    return b"".join(bytes([byte]) if byte in _PLAIN else b"_%02X" % byte for byte in text.encode("utf-8", "replace"))


def _fitted(text: str, tall: float, room: float) -> tuple[str, float]:
    """Give the text and its height (mm) that fit into ``room`` mm: smaller at first, then cut."""
    shown = one_line(text.strip(), _LONGEST)
    size = tall
    while size > max(_SMALLEST_MM, 0.55 * tall) and _width_of(shown, size) > room:
        size -= 0.2
    while len(shown) > 1 and _width_of(shown, size) > room:
        shown = shown.rstrip("…")[:-1].rstrip() + "…"
    return shown, size


def _width_of(text: str, tall: float) -> float:
    """Estimate how wide text is in font 0 (CG Triumvirate Bold Condensed), a little too wide rather than too narrow."""
    shares = (0.32 if one in _NARROW else 0.86 if one in _WIDE else 0.62 if one.isupper() else 0.54 for one in text)
    return sum(shares) * tall


def _graphic(text: str, tall: float, room: float, dots: int) -> bytes:
    """Give a line that the printer has no letters for, drawn by our typesetter, as ^GFA."""
    page = {"text": printable(text, _LONGEST, run=10 * _LONGEST), "width": room, "height": tall}
    (drawn,) = typeset_png("line.typ", page, {}, dots * 25.4)
    grey = Image.open(io.BytesIO(drawn)).convert("L")
    black = ImageOps.invert(grey).convert("1", dither=Image.Dither.NONE)
    across = (black.width + 7) // 8
    data = black.tobytes()
    return f"^GFA,{len(data)},{len(data)},{across},{data.hex().upper()}^FS".encode("ascii")
