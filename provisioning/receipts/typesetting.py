"""The typesetter: documents of ours from templates of ours, with data beside them; only the bundled fonts are used.

typst was chosen for it: the only one of five engines tried that gives tagged PDF/A without system libraries, in
milliseconds, with equal bytes for equal input. Data goes in as JSON, never as markup.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from provisioning.canonical import Json
from provisioning.errors import UsageError
from provisioning.receipts.receipt import Picture

if TYPE_CHECKING:
    import typst

Files: TypeAlias = dict[str, bytes]
Page: TypeAlias = Mapping[str, Json]

_LARGEST_PPI = 600
_STANDARDS: list[Literal["a-3a", "ua-1"]] = ["a-3a", "ua-1"]
"""A-3, not A-2, because only that may carry files; A-4 knows no UA-1."""
_MAIN = "main.typ"
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER = 24


def typeset_pdf(template: str, page: Page, pictures: Files, moment: int) -> bytes:
    """Give the PDF (PDF/UA-1, PDF/A-3a) of a template; ``moment`` is its date, seconds since 1970.

    Equal input gives equal bytes. Raises UsageError where the pages cannot be made.
    """
    from typst import TypstError

    try:
        pdf = _compiler(template, page, pictures).compile(
            format="pdf", pdf_standards=list(_STANDARDS), timestamp=moment
        )
    except TypstError as e:
        raise not_made(e) from e
    assert isinstance(pdf, bytes)
    return pdf


def typeset_png(template: str, page: Page, pictures: Files, ppi: float) -> tuple[bytes, ...]:
    """Give each page as PNG, ``ppi`` pixels an inch, up to 600. Raises UsageError where they cannot be made."""
    from typst import TypstError

    try:
        drawn = _compiler(template, page, pictures).compile(format="png", ppi=max(20.0, min(float(ppi), _LARGEST_PPI)))
    except TypstError as e:
        raise not_made(e) from e
    return tuple(drawn if isinstance(drawn, list) else [drawn or b""])


def as_svg(picture: Picture) -> bytes:
    """Give a picture as SVG, a PNG inside one: typst takes files from memory as UTF-8 text only.

    WORKAROUND typst 0.15.2 (“file is not valid UTF-8”). Files on disk would leave signatures there.
    """
    if picture.media_type == "image/svg+xml":
        return picture.content
    if not picture.content.startswith(_PNG) or len(picture.content) < _PNG_HEADER:
        raise not_made(ValueError("a picture on it is no PNG"))
    width, height = struct.unpack(">II", picture.content[16:_PNG_HEADER])  # IHDR comes first (PNG, 5.6)
    data = base64.b64encode(picture.content).decode("ascii")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{data}"/></svg>'
    ).encode("ascii")


def not_made(error: Exception) -> UsageError:
    """Give the sentence for pages that could not be made."""
    reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return UsageError(
        f"The pages could not be made ({reason}). "
        "What they say is safe in the ledger; make them again, and report this if it fails again."
    )


def _compiler(template: str, page: Page, files_of_page: Files) -> typst.Compiler:
    import typst

    # A compiler over files in memory compiles once only (seen with typst 0.15.2), so each document has its own.
    main = {_MAIN: f'#include "{template}"'.encode(), "page.json": json.dumps(page, ensure_ascii=False).encode("utf-8")}
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
