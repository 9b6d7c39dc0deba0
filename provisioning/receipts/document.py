"""Receipts as documents: an accessible, archival PDF (PDF/UA-1, PDF/A-3a) and its pages as images.

typst was chosen for it: the only one of five engines tried that gives tagged PDF/A without system libraries, in
milliseconds, with equal bytes for equal input. Data goes in as JSON, never as markup; fonts are only those bundled.
"""

from __future__ import annotations

import base64
import io
import json
import struct
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from provisioning.canonical import Json, canonical
from provisioning.errors import UsageError
from provisioning.receipts.attachment import CODE_FILE, RECEIPT_FILE, attachment_of, record_file
from provisioning.receipts.page import page_of
from provisioning.receipts.receipt import Picture, Receipt, Signed
from provisioning.receipts.seal import Seal, seal_pdf

if TYPE_CHECKING:
    import typst

PREVIEW_PPI = 110
_LARGEST_PPI = 600
_STANDARDS: list[Literal["a-3a", "ua-1"]] = ["a-3a", "ua-1"]
"""A-3, not A-2, because only that may carry files; A-4 knows no UA-1."""
_TEMPLATES = ("receipt.typ", "parts.typ")
_MAIN = "main.typ"
_QUIET_ZONE = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER = 24

Files: TypeAlias = dict[str, bytes]


def render_pdf(
    receipt: Receipt,
    seal: Seal | None = None,
    *,
    code: str | None = None,
    records: Sequence[bytes] = (),
    crest: Picture | None = None,
) -> bytes:
    """Give the receipt as PDF; equal input gives equal bytes.

    ``code`` is what ``make_code`` gave; ``records`` are the envelopes (JSON) of the verification records of its items,
    which travel inside. With a ``seal`` any later change shows; it needs ``code``, by which a stranger checks it.
    Raises UsageError where the pages cannot be made.
    """
    if seal is not None and code is None:
        raise ValueError("a sealed receipt without its code could not be checked")
    page = page_of(receipt, has_code=code is not None, has_crest=crest is not None)
    attached = _attached(receipt, code, records)
    page["attachments"] = [
        {"path": name, "type": _media_type(name), "says": f"{page['title']}: {name}"} for name in attached
    ]
    pdf = _set(page, {**_pictures(page, receipt, code, crest), **attached}, receipt)
    return pdf if seal is None else seal_pdf(pdf, seal, receipt.issued, str(page["title"]))


def render_png(
    receipt: Receipt, ppi: float = PREVIEW_PPI, *, code: str | None = None, crest: Picture | None = None
) -> tuple[bytes, ...]:
    """Give each page as PNG, for the screen and for printers that take no PDF; ``ppi`` pixels an inch, up to 600."""
    page = page_of(receipt, has_code=code is not None, has_crest=crest is not None)
    page["attachments"] = []
    pictures = _pictures(page, receipt, code, crest)
    from typst import TypstError

    try:
        drawn = _compiler(page, pictures).compile(format="png", ppi=max(20.0, min(float(ppi), _LARGEST_PPI)))
    except TypstError as e:
        raise _not_made(e) from e
    pages = drawn if isinstance(drawn, list) else [drawn or b""]
    return tuple(pages)


def code_svg(code: str) -> bytes:
    """Give the QR symbol of a receipt's code as SVG, quiet zone included.

    Level M survives a stain or a fold over 15 % of it, and the module stays at half a millimetre on paper.
    """
    import segno

    drawing = io.BytesIO()
    symbol = segno.make_qr(code, error="m", boost_error=True)
    symbol.save(drawing, kind="svg", border=_QUIET_ZONE, xmldecl=False, nl=False, omitsize=True)
    return drawing.getvalue()


def _attached(receipt: Receipt, code: str | None, records: Sequence[bytes]) -> Files:
    attached = {RECEIPT_FILE: canonical(attachment_of(receipt))}
    if code is not None:
        attached[CODE_FILE] = code.encode("ascii")
    return attached | {record_file(n): record for n, record in enumerate(records, start=1)}


def _media_type(name: str) -> str:
    return "text/plain" if name == CODE_FILE else "application/json"


def _pictures(page: dict[str, Json], receipt: Receipt, code: str | None, crest: Picture | None) -> Files:
    """Give the image files of the page, and tell the page their names."""
    pictures: Files = {}
    officer = receipt.signature.image if isinstance(receipt.signature, Signed) else None
    boxes = page["signatures"]
    assert isinstance(boxes, list)
    for box, name, picture in zip(
        boxes, ("officer", "technician"), (officer, receipt.technician.signature), strict=True
    ):
        if picture is not None and not picture.content:
            raise ValueError("the images of this receipt were not opened")
        if picture is not None and isinstance(box, dict):
            box["image"] = f"{name}.svg"
            pictures[str(box["image"])] = _as_svg(picture)
    if crest is not None:
        page["crest"] = "crest.svg"
        pictures["crest.svg"] = _as_svg(crest)
    if code is not None:
        pictures["code.svg"] = code_svg(code)
    return pictures


def _as_svg(picture: Picture) -> bytes:
    """Give a picture as SVG, a PNG inside one: typst takes files from memory as UTF-8 text only.

    WORKAROUND typst 0.15.2 (“file is not valid UTF-8”). Files on disk would leave signatures there.
    """
    if picture.media_type == "image/svg+xml":
        return picture.content
    if not picture.content.startswith(_PNG) or len(picture.content) < _PNG_HEADER:
        raise _not_made(ValueError("a picture on it is no PNG"))
    width, height = struct.unpack(">II", picture.content[16:_PNG_HEADER])  # IHDR comes first (PNG, 5.6)
    data = base64.b64encode(picture.content).decode("ascii")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{data}"/></svg>'
    ).encode("ascii")


def _set(page: dict[str, Json], pictures: Files, receipt: Receipt) -> bytes:
    from typst import TypstError

    try:
        pdf = _compiler(page, pictures).compile(
            format="pdf", pdf_standards=list(_STANDARDS), timestamp=int(receipt.issued.timestamp())
        )
    except TypstError as e:
        raise _not_made(e) from e
    assert isinstance(pdf, bytes)
    return pdf


def _not_made(error: Exception) -> UsageError:
    reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return UsageError(
        f"The pages of the receipt could not be made ({reason}). "
        "The receipt itself is safe in the ledger; make its PDF again, and report this if it fails again."
    )


def _compiler(page: dict[str, Json], files_of_page: Files) -> typst.Compiler:
    import typst

    # A compiler over files in memory compiles once only (seen with typst 0.15.2), so each document has its own.
    main = {_MAIN: b'#include "receipt.typ"', "page.json": json.dumps(page, ensure_ascii=False).encode("utf-8")}
    return typst.Compiler(
        {**_templates(), **files_of_page, **main},  # pyright: ignore[reportArgumentType]  # it takes a dict of files; the stub does not say so
        font_paths=_fonts(),
        ignore_system_fonts=True,
    )


@cache
def _templates() -> Files:
    folder = files("resources") / "receipt"
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name.endswith((".typ", ".svg"))}


@cache
def _fonts() -> typst.Fonts:
    import typst

    folder = Path(str(files("resources") / "fonts"))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
