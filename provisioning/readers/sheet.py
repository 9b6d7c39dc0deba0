"""A sheet: what a reader found, as parts with sentences, facts, tables and bars. Shown, printed and exported from here.

One thing is said once and looks the same everywhere: in the window, on the command line (text or JSON), as a table for
a spreadsheet, and on A4 by the same typesetter as the receipts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from provisioning.canonical import Json
from provisioning.plain_text import one_line
from provisioning.receipts.page_text import printable
from provisioning.receipts.typesetting import typeset_pdf, typeset_png
from provisioning.tables.writing import csv_bytes

_TEMPLATE = "sheet.typ"
_MOST_ROWS = 2000
"""Rows of a table that are set on paper; of more, how many there are. The spreadsheet has them all."""
_RUN = 18


@dataclass(frozen=True, slots=True)
class Part:
    """One titled part. ``bars`` are labels with their numbers; ``empty`` is said where a table has no rows."""

    title: str
    said: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    heading: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    empty: str = "Nothing."
    bars: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is on it. ``as_of`` is the sentence that says as of which entries; ``about`` names what it is about.

    ``personal``: it says something of a person, so whoever holds it has to keep it safe. ``made`` is aware.
    """

    title: str
    about: str
    as_of: str
    parts: tuple[Part, ...]
    organisation: str
    desk: str
    made: datetime
    training: bool = False
    personal: bool = False
    data: Mapping[str, Json] = field(default_factory=dict[str, "Json"])
    """What the command line gives as JSON."""

    @property
    def file_name(self) -> str:
        """Give a name for its file, without an ending: letters and digits, nothing of a person."""
        return "-".join(word for word in self.title.lower().split() if word.isalnum()) or "sheet"


def sheet_text(sheet: Sheet) -> str:
    """Give it for a terminal."""
    lines = [f"{sheet.title}: {one_line(sheet.about, 120)}" if sheet.about else sheet.title, sheet.as_of]
    for part in sheet.parts:
        lines += ["", part.title, *(f"  {one_line(said, 400)}" for said in part.said)]
        lines += [f"  {name}: {one_line(value, 160)}" for name, value in part.facts]
        lines += [f"  {number:>8,}  {one_line(label, 80)}" for label, number in part.bars]
        if part.heading:
            lines += _columns(part.heading, part.rows) if part.rows else [f"  {part.empty}"]
    return "\n".join(lines)


def sheet_csv(sheet: Sheet) -> bytes:
    """Give its tables, facts and bars as one table, each row with the title of its part."""
    rows: list[Sequence[str]] = []
    for part in sheet.parts:
        rows += [(part.title, name, value) for name, value in part.facts]
        rows += [(part.title, label, str(number)) for label, number in part.bars]
        if part.heading and part.rows:
            rows += [(part.title, *part.heading), *((part.title, *row) for row in part.rows)]
    widest = max((len(row) for row in rows), default=1)
    heading = ("Part", *(f"Column {number}" for number in range(1, widest)))
    return csv_bytes(heading, (tuple(row) + ("",) * (widest - len(row)) for row in rows))


def sheet_pdf(sheet: Sheet) -> bytes:
    """Give it as PDF/A-3a, tagged; equal input gives equal bytes. Raises UsageError where it cannot be set."""
    return typeset_pdf(_TEMPLATE, _page(sheet), {}, int(sheet.made.timestamp()))


def sheet_png(sheet: Sheet, ppi: float) -> tuple[bytes, ...]:
    """Give each page as PNG, for the screen and for printers that take no PDF."""
    return typeset_png(_TEMPLATE, _page(sheet), {}, ppi)


def sheet_pages(sheet: Sheet) -> tuple[str, Mapping[str, Json], int]:
    """Give what the pages are made of, for the print queue: template, what stands on them, seconds since 1970."""
    return _TEMPLATE, _page(sheet), int(sheet.made.timestamp())


def _columns(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [heading, *(tuple(one_line(cell, 60) for cell in row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heading))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    ]


def _page(sheet: Sheet) -> dict[str, Json]:
    return {
        "title": printable(sheet.title, 80),
        "about": printable(sheet.about, 160),
        "as_of": printable(sheet.as_of, 400),
        "organisation": printable(sheet.organisation, 120),
        "desk": printable(sheet.desk, 120),
        "made": f"{sheet.made:%d %b %Y, %H:%M}",
        "training": sheet.training,
        "personal": sheet.personal,
        "parts": [_part(part) for part in sheet.parts],
    }


def _part(part: Part) -> dict[str, Json]:
    most = max((number for _, number in part.bars), default=0)
    rows: list[Json] = [[printable(cell, 300, run=_RUN) for cell in row] for row in part.rows[:_MOST_ROWS]]
    left = len(part.rows) - _MOST_ROWS
    said = [*part.said, *([f"And {left} more, which the exported table has."] if left > 0 else [])]
    return {
        "title": printable(part.title, 80),
        "said": [printable(one, 600) for one in said],
        "facts": [[printable(name, 60), printable(value, 200)] for name, value in part.facts],
        "heading": list(part.heading),
        "rows": rows,
        "empty": "" if part.rows or not part.heading else printable(part.empty, 120),
        "wide": [max(map(len, column)) for column in zip(part.heading, *part.rows[:_MOST_ROWS], strict=True)],
        "bars": [
            [printable(label, 60), f"{number:,}", round(number / most, 4) if most else 0.0]
            for label, number in part.bars
        ],
    }
