"""Labels as pages of their own size, for label printers that have a driver in the platform's print system.

Their barcode is Code 128 as for ZPL, drawn by zxing-cpp, which reads them back in the tests too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from provisioning.canonical import Json
from provisioning.labels.label import SIZE, Label, LabelKind
from provisioning.plain_text import one_line
from provisioning.receipts.page_text import printable
from provisioning.receipts.typesetting import Files, typeset_pdf, typeset_png

_TEMPLATE = "label.typ"
_NARROWEST_BAR, _WIDEST_BAR = 0.25, 0.33
"""Millimetres: the narrowest bar that every scanner reads, and one that is easy for all."""
_WIDTH = re.compile(r'<svg width="(\d{1,5})"')
_NO_DATE = 0
"""A label says nothing of when it was printed, so that equal labels are equal bytes."""


def labels_pdf(labels: Sequence[Label]) -> bytes:
    """Give a page for each label, in their order; all are of one kind. Raises UsageError where none can be made."""
    page, files = _page(labels)
    return typeset_pdf(_TEMPLATE, page, files, _NO_DATE)


def labels_png(labels: Sequence[Label], ppi: float) -> tuple[bytes, ...]:
    """Give each label as PNG."""
    page, files = _page(labels)
    return typeset_png(_TEMPLATE, page, files, ppi)


def _page(labels: Sequence[Label]) -> tuple[dict[str, Json], Files]:
    kind = labels[0].kind
    width, height = SIZE[kind]
    files: Files = {}
    said: list[Json] = []
    for number, label in enumerate(labels):
        name = f"code-{number}.svg"
        drawn = _code(label.serial_number, width - 4.0)
        files[name] = drawn.svg
        said.append(_label(label) | {"code": name, "code_width": drawn.width, "square": drawn.square})
    page: dict[str, Json] = {
        "title": f"{len(labels)} {kind} label{'s' if len(labels) > 1 else ''}",
        "kind": str(kind),
        "organisation": printable(labels[0].organisation, 120),
        "width": width,
        "height": height,
        "training": labels[0].training,
        "labels": said,
    }
    return page, files


def _label(label: Label) -> dict[str, Json]:
    def said(text: str) -> str:
        return printable(text, 120, run=1200)

    bag = label.kind is LabelKind.BAG
    if bag:
        first = label.officer_name or label.officer_number or label.model_name
        second = label.officer_number if label.officer_name else ""
        last = " · ".join(filter(None, (label.model_name, label.asset_tag)))
        place = " · ".join(filter(None, (label.bay, label.receipt)))
    else:
        first, second, place = label.asset_tag or label.model_name, "", label.bay
        last = label.model_name if label.asset_tag else "No asset tag"
    return {
        "organisation": said(label.organisation), "place": said(place), "first": said(first), "second": said(second),
        "serial_number": said(label.serial_number), "last": said(last),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Drawn:
    svg: bytes
    width: float
    """Millimetres, with the quiet zones."""
    square: bool = False


def _code(serial: str, room: float) -> _Drawn:
    """Draw Code 128 into ``room`` millimetres, or a QR code where its bars would be too narrow for a scanner."""
    text = one_line(serial, 80) or "–"
    if text.isascii():
        svg = _svg(text, "Code128")
        found = _WIDTH.search(svg)
        modules = int(found.group(1)) if found else 0
        bar = min(_WIDEST_BAR, room / modules) if modules else 0.0
        if bar >= _NARROWEST_BAR:
            return _Drawn(svg.encode("utf-8"), bar * modules)
    return _Drawn(_svg(text, "QRCode").encode("utf-8"), room, square=True)


def _svg(text: str, kind: str) -> str:
    import zxingcpp

    drawn = zxingcpp.create_barcode(text, zxingcpp.barcode_format_from_str(kind))  # pyright: ignore[reportUnknownMemberType]  # its stub leaves the options untyped
    return str(drawn.to_svg())
