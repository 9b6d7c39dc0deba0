"""Tables are read whatever is in them, and written so that a spreadsheet shows them and computes nothing."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.errors import FileError
from provisioning.tables import reading
from provisioning.tables.reading import Table, table_of
from provisioning.tables.writing import STARTS_A_FORMULA, csv_bytes, safe_cell

FILE = Path("roster")
SHEET = "xl/worksheets/sheet1.xml"


def read(data: bytes | str) -> Table:
    return table_of(FILE, data.encode() if isinstance(data, str) else data)


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_parts(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    """Give an XLSX with some of its parts replaced or added."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, parts.get(name, before.read(name)))
        for name in parts.keys() - set(before.namelist()):
            after.writestr(name, parts[name])
    return made.getvalue()


def part_of(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return parts.read(name)


PLAIN = workbook([["Officer number", "Name"], ["P1", "Ann"], ["P2", "Bob"]])


def test_a_line_that_cannot_be_read_costs_no_other() -> None:
    table = read('Officer number,Name\nP1,"Ann\nP2,Bob\nP3,"Cy"x\nP4,"Di,\nP5,Eve\n')
    assert [row.cells[0] for row in table.rows] == ["P2", "P5"]
    assert [one.line for one in table.unreadable] == [2, 4, 5]
    assert all(one.reason.startswith("cannot be read: ") for one in table.unreadable)


def test_a_file_of_unclosed_quotes_is_given_up_soon() -> None:
    with pytest.raises(FileError, match="more than 1000 of its lines"):
        read("a,b\n" + '"x,y\n' * 5000)


def test_excels_own_hint_tells_the_delimiter_and_counts_as_a_line() -> None:
    table = read("sep=;\nOfficer number;Name\nP1;Ann, née Lee\n")
    assert table.heading == ("Officer number", "Name")
    assert [(row.line, row.cells) for row in table.rows] == [(3, ("P1", "Ann, née Lee"))]


def test_values_of_cells_are_read_as_a_person_sees_them_and_formulas_are_never_computed() -> None:
    data = workbook([["Officer number", "Name", "Since"], [101.0, "=1+1", datetime(2026, 3, 1)], [True, "#N/A", 1.5]])
    rows = [row.cells for row in read(data).rows]
    assert rows == [("101", "", "2026-03-01"), ("True", "#N/A", "1.5")]
    merged = openpyxl.load_workbook(io.BytesIO(PLAIN))
    sheet = merged.worksheets[0]
    sheet.merge_cells("A2:B2")
    file = io.BytesIO()
    merged.save(file)
    assert [row.cells for row in read(file.getvalue()).rows] == [("P1",), ("P2", "Bob")]


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        pytest.param({"xl/sharedStrings.xml": b" " * 70_000}, "larger inside", id="bomb of texts"),
        pytest.param({SHEET: b" " * 270_000}, "larger inside", id="bomb of cells"),
        pytest.param(
            {SHEET: b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'},
            "document type",
            id="billion laughs",
        ),
        pytest.param({SHEET: b"<worksheet><sheetData><row"}, "no XLSX table", id="broken XML"),
        pytest.param({"xl/workbook.xml": b"<workbook/>"}, "no XLSX table", id="no sheet"),
        pytest.param({"[Content_Types].xml": b"x"}, "no XLSX table", id="no types"),
    ],
)
def test_a_hostile_workbook_is_refused_in_a_sentence(
    parts: Mapping[str, bytes], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "UNPACKED", reading.UNPACKED >> 10)
    monkeypatch.setattr(reading, "UNPACKED_TEXTS", reading.UNPACKED_TEXTS >> 10)
    with pytest.raises(FileError, match=says):
        read(with_parts(PLAIN, parts))


def test_a_sheet_that_lies_about_its_size_is_read_as_it_is() -> None:
    sheet = part_of(PLAIN, SHEET).replace(b'ref="A1:B3"', b'ref="A1:XFD1048576"')
    far = sheet.replace(b'<row r="3"', b'<row r="90000"').replace(b'r="A3"', b'r="A90000"')
    table = read(with_parts(PLAIN, {SHEET: far.replace(b'r="B3"', b'r="B90000"')}))
    assert [(row.line, row.cells[:2]) for row in table.rows] == [(2, ("P1", "Ann")), (90000, ("P2", "Bob"))]
    never = sheet.replace(b'<row r="3"', b'<row r="99999999999"')
    assert len(read(with_parts(PLAIN, {SHEET: never})).rows) == 1, "rows that no spreadsheet has are not waited for"


@settings(max_examples=40)
@given(st.integers(0, len(PLAIN) - 1), st.integers(0, 255))
def test_a_damaged_workbook_is_a_table_or_a_sentence(place: int, value: int) -> None:
    data = bytearray(PLAIN)
    data[place] = value
    try:
        read(bytes(data))
    except FileError:
        return


@settings(max_examples=40)
@given(st.integers(0, 4000), st.binary(max_size=12))
def test_a_damaged_sheet_is_a_table_or_a_sentence(place: int, value: bytes) -> None:
    sheet = part_of(PLAIN, SHEET)
    place = min(place, len(sheet))
    try:
        read(with_parts(PLAIN, {SHEET: sheet[:place] + value + sheet[place + len(value) :]}))
    except FileError:
        return


@given(st.lists(st.text(max_size=30), min_size=1, max_size=4), st.sampled_from(sorted(STARTS_A_FORMULA)))
def test_no_cell_that_is_written_begins_a_formula(cells: list[str], mark: str) -> None:
    row = [*cells, f"{mark}cmd|' /C calc'!A0", f"  {mark}1", f'x";{mark}1+1;"']
    data = csv_bytes(["a"], [row]).decode("utf-8-sig")
    for delimiter in ",;\t":
        for line in csv.reader(io.StringIO(data, newline=""), delimiter=delimiter):
            for cell in line if delimiter == "," else line[1:]:
                assert cell.lstrip()[:1] not in STARTS_A_FORMULA or not cell.strip(), cell


def test_numbers_stay_numbers_and_nothing_is_nothing() -> None:
    assert (safe_cell(-5), safe_cell(None), safe_cell("=1"), safe_cell("P1\n=2")) == (-5, "", "'=1", "P1\\x0a=2")


def test_what_was_written_is_read_again() -> None:
    table = read(csv_bytes(["Officer number", "Name"], [["P1", "Siân, née “Ü”"], ["P2", "@SUM(A1)"]]))
    assert [row.cells for row in table.rows] == [("P1", "Siân, née “Ü”"), ("P2", "'@SUM(A1)")]
    assert table.unreadable == ()
