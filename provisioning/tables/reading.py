"""Tables that come from elsewhere (rosters, manifests, portals): CSV in whatever dialect, or XLSX, as bounded text.

What offices really export differs in encoding (UTF-8 with and without BOM, UTF-16, Windows-1252), delimiter (comma,
semicolon, tab, bar) and quoting, line feeds within quotes included. Everything in a cell is one bounded line of text.
A line that cannot be read is told and costs no other: an opened quote that is never closed does not swallow the rest.
Of an XLSX the first sheet counts; formulas give the value that was last computed and are never computed here.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path
from typing import Any

from provisioning.errors import FileError
from provisioning.files import read_file
from provisioning.plain_text import one_line

MOST_ROWS = 500_000
MOST_COLUMNS = 200
LONGEST_CELL = 400
MOST_TITLES = 20
"""Rows of titles above a heading, at most."""
MOST_UNREADABLE = 1000
"""Lines that cannot be read, after which a file is no table at all."""
UNPACKED = 256 << 20
UNPACKED_TEXTS = 64 << 20
"""Bytes that an XLSX, and its table of texts, may unpack to; it is a ZIP file, so a small one can be huge inside."""
_EXCEL_ROWS = 1 << 20
_DELIMITERS = ",;\t|"
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_HINT = re.compile(r'"?sep=([,;|\t])"?\r?\n', re.IGNORECASE)
"""What Excel writes before the heading to say which delimiter it used."""
_ZEROS = re.compile(r"0{2,32}(?=;|$)")
"""A number format of Excel that shows leading zeros, such as 000000; its section for positive numbers is the first."""
_PADDED = b'formatCode="00'
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
"""What is copied along with text and seen by nobody."""
_DOCTYPE = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_BROKEN = (
    zipfile.BadZipFile, zlib.error, SyntaxError, LookupError, ValueError, TypeError, AttributeError, EOFError, OSError,
    RuntimeError, ArithmeticError,
)  # fmt: skip
"""What openpyxl, its XML parser (whose error is a SyntaxError) and zipfile raise for a file that is damaged."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the heading. ``line`` is the line (CSV) or row (XLSX) on which it begins, from 1."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not taken, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """The heading's cells and the rows below it; rows without any text are left out.

    ``unreadable`` are lines that are no rows. ``sha256`` (hex) is that of the file.
    """

    heading: tuple[str, ...]
    rows: tuple[Row, ...]
    unreadable: tuple[BadRow, ...] = ()
    sha256: str = ""

    def headings(self, most: int = MOST_TITLES) -> Iterator[Table]:
        """Give this table, and then as it is if one of the next rows is its heading: titles may stand above it."""
        yield self
        for place, row in enumerate(self.rows[:most]):
            yield replace(self, heading=row.cells, rows=self.rows[place + 1 :])


def read_table(path: Path) -> Table:
    """Read a CSV or XLSX file, told apart by its first bytes. Raises FileError."""
    return table_of(path, read_file(path))


def table_of(path: Path, data: bytes) -> Table:
    """Read a table from its bytes; ``path`` is named in errors. Raises FileError."""
    if data.startswith(_OLD_EXCEL):
        raise FileError(path, "is an old or an encrypted Excel file. Save it as XLSX without a password, or as CSV.")
    unreadable: list[BadRow] = []
    rows = _workbook(path, data) if data.startswith(_ZIP) else _csv(path, data, unreadable)
    found: list[Row] = []
    for row in rows:
        if not any(row.cells):
            continue
        if len(found) > MOST_ROWS:
            raise FileError(path, f"has more than {MOST_ROWS} rows.")
        found.append(row)
    if not found:
        first = f" Line {unreadable[0].line}: {unreadable[0].reason}." if unreadable else ""
        raise FileError(path, f"has no heading and no rows.{first}")
    return Table(found[0].cells, tuple(found[1:]), tuple(unreadable), hashlib.sha256(data).hexdigest())


def _csv(path: Path, data: bytes, unreadable: list[BadRow]) -> Iterator[Row]:
    text = _decoded(path, data)
    if "\x00" in text:
        raise FileError(path, "is neither a CSV nor an XLSX file.")
    hint = _HINT.match(text)
    lines = text[hint.end() :] if hint else text
    split = io.StringIO(lines, newline="").readlines()
    delimiter = hint[1] if hint else _delimiter(lines)
    offset, begin = (1 if hint else 0), 0
    while begin < len(split):
        reader = csv.reader(split[begin:], delimiter=delimiter, strict=True)
        began = 0
        try:
            for cells in reader:
                yield Row(offset + begin + began + 1, _cells(cells))
                began = reader.line_num
            return
        except csv.Error as error:
            bad = begin + began
            unreadable.append(BadRow(offset + bad + 1, f"cannot be read: {one_line(str(error), 80)}"))
            if len(unreadable) > MOST_UNREADABLE:
                raise FileError(
                    path, f"is no table: more than {MOST_UNREADABLE} of its lines cannot be read."
                ) from error
            begin = bad + 1


def _decoded(path: Path, data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif data[1:2] == b"\x00" and data[:1] != b"\x00":
        encoding = "utf-16-le"  # as some databases write it, without a mark
    elif data[:1] == b"\x00" and data[1:2] != b"\x00":
        encoding = "utf-16-be"
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
        elif letter == "\n" and not quoted and any(counts.values()):
            break
        elif letter in counts and not quoted:
            counts[letter] += 1
    return max(counts, key=lambda one: counts[one])


def _workbook(path: Path, data: bytes) -> Iterator[Row]:
    """Yield the rows of the first sheet."""
    import openpyxl  # 0.2 s

    try:
        padded = _looked_into(path, data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about features of Excel that no table needs
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # What the sheet says of its own size may be anything; the rows and columns that are there count.
        sheet.reset_dimensions()
        rows: Any = sheet.iter_rows(max_col=MOST_COLUMNS, max_row=_EXCEL_ROWS, values_only=not padded)
        for number, cells in enumerate(rows, start=1):
            values: Sequence[object] = [cell.value for cell in cells] if padded else cells
            if values.count(None) == len(values):
                continue  # a million empty rows are passed over in a second
            last = next(place for place in range(len(values), 0, -1) if values[place - 1] is not None)
            forms = [str(cell.number_format) for cell in cells[:last]] if padded else [""] * last
            shown = zip(values[:last], forms, strict=True)
            yield Row(number, _cells(["" if value is None else _written(value, form) for value, form in shown]))
    except _BROKEN as error:
        raise FileError(path, f"is no XLSX table: {one_line(str(error), 80)}.") from error


def _looked_into(path: Path, data: bytes) -> bool:
    """Look into the ZIP file before anything is unpacked whole, and tell whether a number may be shown with leading
    zeros, for which cells have to be read one by one, at three times the cost. Raises FileError.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        texts = sum(part.file_size for part in parts.infolist() if "sharedstrings" in part.filename.lower())
        if sum(part.file_size for part in parts.infolist()) > UNPACKED or texts > UNPACKED_TEXTS:
            raise FileError(path, "is larger inside than any table.")
        for part in parts.infolist():
            with parts.open(part) as opened:
                # Entities that grow without end need a document type, which no spreadsheet program writes.
                if any(mark in opened.read(4096) for mark in _DOCTYPE):
                    raise FileError(path, "holds a document type declaration, which no spreadsheet has.")
        styles = next((part for part in parts.infolist() if part.filename.lower() == "xl/styles.xml"), None)
        return styles is not None and _PADDED in parts.read(styles)


def _written(value: object, number_format: str) -> str:
    """Write a cell's value as a person sees it: whole numbers without a point, with the zeros that its format puts
    before them, days without a time.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer():
        zeros = _ZEROS.match(number_format)
        return f"{int(value):0{len(zeros[0])}d}" if zeros and value >= 0 else str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return str(value)


def _cells(cells: list[str]) -> tuple[str, ...]:
    # The cells of long rosters are all like this: nothing to fold, nothing to bound.
    return tuple(
        cell if len(cell) <= LONGEST_CELL and cell.isascii() and cell.isprintable() and "  " not in cell
        and cell.strip() == cell
        else one_line(" ".join(cell.strip(_INVISIBLE).split()), LONGEST_CELL)
        for cell in cells[:MOST_COLUMNS]
    )  # fmt: skip
