"""Receipts as documents: an accessible, archival PDF (PDF/UA-1, PDF/A-3a) and its pages as images.

A4 for officer and desk, or a slip on a roll, from the same strings: see ``provisioning.receipts.page``.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from provisioning.canonical import Json, canonical
from provisioning.receipts.attachment import CODE_FILE, RECEIPT_FILE, attachment_of, record_file
from provisioning.receipts.form import ORIGINAL, Paper
from provisioning.receipts.page import page_of
from provisioning.receipts.receipt import Picture, Receipt, Signed
from provisioning.receipts.seal import Seal, seal_pdf
from provisioning.receipts.template import STANDARD, Template
from provisioning.receipts.typesetting import Files, as_svg, typeset_pdf, typeset_png

PREVIEW_PPI = 110
_SHEET, _SLIP = "receipt.typ", "slip.typ"
_QUIET_ZONE = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""


def render_pdf(
    receipt: Receipt,
    seal: Seal | None = None,
    *,
    code: str | None = None,
    records: Sequence[bytes] = (),
    template: Template = STANDARD,
    paper: Paper = ORIGINAL,
) -> bytes:
    """Give the receipt as PDF; equal input gives equal bytes.

    ``code`` is what ``make_code`` gave; ``records`` are the envelopes (JSON) of the verification records of its items,
    which travel inside. With a ``seal`` any later change shows; it needs ``code``, by which a stranger checks it.
    Raises UsageError where the pages cannot be made.
    """
    if seal is not None and code is None:
        raise ValueError("a sealed receipt without its code could not be checked")
    page = page_of(receipt, has_code=code is not None, template=template, paper=paper)
    attached = _attached(receipt, code, records)
    page["attachments"] = [
        {"path": name, "type": _media_type(name), "says": f"{page['title']}: {name}"} for name in attached
    ]
    files = {**_pictures(page, receipt, code, template.crest), **attached}
    pdf = typeset_pdf(_main(paper), page, files, int(receipt.issued.timestamp()))
    return pdf if seal is None else seal_pdf(pdf, seal, receipt.issued, str(page["title"]))


def render_png(
    receipt: Receipt,
    ppi: float = PREVIEW_PPI,
    *,
    code: str | None = None,
    template: Template = STANDARD,
    paper: Paper = ORIGINAL,
) -> tuple[bytes, ...]:
    """Give each page as PNG, for the screen and for printers that take no PDF; ``ppi`` pixels an inch, up to 600."""
    page = page_of(receipt, has_code=code is not None, template=template, paper=paper)
    page["attachments"] = []
    return typeset_png(_main(paper), page, _pictures(page, receipt, code, template.crest), ppi)


def _main(paper: Paper) -> str:
    return _SHEET if paper.form.paper is None else _SLIP


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
        if receipt.withheld:
            continue
        if picture is not None and not picture.content:
            raise ValueError("the images of this receipt were not opened")
        if picture is not None and isinstance(box, dict):
            box["image"] = f"{name}.svg"
            pictures[str(box["image"])] = as_svg(picture)
    if crest is not None:
        page["crest"] = "crest.svg"
        pictures["crest.svg"] = as_svg(crest)
    if code is not None:
        pictures["code.svg"] = code_svg(code)
    return pictures
