"""Tables that come from elsewhere (rosters, manifests): CSV in whatever dialect, or XLSX, as bounded lines of text.

What offices really export differs in encoding (UTF-8 with and without BOM, UTF-16, Windows-1252), delimiter (comma,
semicolon, tab, bar) and quoting, line feeds within quotes included. Everything in a cell is one bounded line of text.
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from provisioning.errors import FileError
from provisioning.files import read_file
from provisioning.plain_text import one_line

MOST_ROWS = 500_000
MOST_COLUMNS = 200
LONGEST_CELL = 400
_UNPACKED = 512 << 20
"""Bytes that an XLSX may unpack to; it is a ZIP file, so a small one can be very large inside."""
_DELIMITERS = ",;\t|"
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the heading. ``line`` is the line (CSV) or row (XLSX) on which it begins, from 1."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The heading's cells and the rows below it; rows without any text are left out."""

    heading: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path) -> Table:
    """Read a CSV or XLSX file, told apart by its first bytes. Raises FileError."""
    data = read_file(path)
    rows = _workbook(path, data) if data.startswith(_ZIP) else _csv(path, data)
    found: list[Row] = []
    try:
        for row in rows:
            if not any(row.cells):
                continue
            if len(found) > MOST_ROWS:
                raise FileError(path, f"has more than {MOST_ROWS} rows.")
            found.append(row)
    except csv.Error as error:
        raise FileError(path, f"is no table: {one_line(str(error), 80)}.") from error
    if not found:
        raise FileError(path, "has no heading and no rows.")
    return Table(found[0].cells, tuple(found[1:]))


def _csv(path: Path, data: bytes) -> Iterator[Row]:
    text = _decoded(path, data)
    if "\x00" in text:
        raise FileError(path, "is neither a CSV nor an XLSX file.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    line = 1
    for cells in reader:
        yield Row(line, _cells(cells))
        line = reader.line_num + 1


def _decoded(path: Path, data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif data[1:2] == b"\x00":
        encoding = "utf-16-le"  # as some databases write it, without a mark
    else:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8-sig":
            raise FileError(path, "is damaged: it begins as UTF-16 text and does not go on so.") from None
    # What is not UTF-8 was most likely saved by Excel on Windows; bytes that mean nothing there become a mark.
    return data.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    """Give what separates the cells of the heading, outside of quotes."""
    quoted, counts = False, dict.fromkeys(_DELIMITERS, 0)
    for letter in text:
        if letter == '"':
            quoted = not quoted
        elif letter == "\n" and not quoted:
            break
        elif letter in counts and not quoted:
            counts[letter] += 1
    return max(counts, key=lambda one: counts[one])


def _workbook(path: Path, data: bytes) -> Iterator[Row]:
    """Yield the rows of the first sheet; formulas give the value that was last computed."""
    import openpyxl  # 0.2 s

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _UNPACKED:
                raise FileError(path, "is larger inside than any table.")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield Row(number, _cells(["" if cell is None else _written(cell) for cell in cells]))
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, EOFError, OSError) as error:
        raise FileError(path, f"is no XLSX table: {one_line(str(error), 80)}.") from error


def _written(value: object) -> str:
    """Write a cell's value as a person typed it: whole numbers without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _cells(cells: list[str]) -> tuple[str, ...]:
    return tuple(one_line(" ".join(cell.split()), LONGEST_CELL) for cell in cells[:MOST_COLUMNS])
