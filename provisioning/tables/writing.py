"""Write a table for a spreadsheet: the one way by which this program does, so that no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import TextIO

from provisioning.plain_text import one_line

LONGEST_CELL = 32_000
"""Characters; a spreadsheet takes 32,767."""
STARTS_A_FORMULA = frozenset("=+-@|%\t\r\n＝＋－＠")
"""What Excel, LibreOffice or Sheets may take for the beginning of a formula (OWASP, CSV injection), full width too."""

_WITHIN = re.compile(r";(?=\s*[=+@|%＝＋－＠-])")
"""Where a spreadsheet of a country with decimal commas begins a cell, whatever this file's delimiter is."""

Cell = str | int | float | None


def write_rows(file: TextIO, heading: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write CSV with a heading to a file opened with ``newline=""``; give the number of rows below it.

    No cell can be taken for a formula, and none holds a line break.
    """
    table = csv.writer(file, lineterminator="\r\n")
    table.writerow([safe_cell(cell) for cell in heading])
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007  # the last number is the result
        table.writerow([safe_cell(cell) for cell in row])
    return count


def csv_bytes(heading: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Give CSV as a file's bytes: UTF-8 with the mark by which Excel knows it."""
    text = io.StringIO(newline="")
    write_rows(text, heading, rows)
    return text.getvalue().encode("utf-8-sig")


def safe_cell(value: Cell) -> str | int | float:
    """Give a cell that a spreadsheet shows and never computes: an apostrophe stands before what it might."""
    if value is None or isinstance(value, int | float):
        return "" if value is None else value
    text = _WITHIN.sub(";'", one_line(value, LONGEST_CELL))
    return f"'{text}" if text.lstrip()[:1] in STARTS_A_FORMULA and text.strip() else text
