"""Rosters as offices export them: five dialects and XLSX, bad rows told, nobody doubled, nothing hostile kept."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.errors import FileError, UsageError
from provisioning.people.roster import Field, Listed, Roster, columns_of, find_columns, read_roster
from provisioning.tables.reading import Row, Table, read_table, table_of

HEADING = ["Warrant No", "Full name", "Rank", "Unit", "Work e-mail"]
ROWS = [
    ["P101", "Siân O’Neill", "Sergeant", "BCU North", "sian@met.example"],
    ["P102", "Zoë Ünal, née Smith", "PC", "Roads\nPolicing", ""],
]
EXPECTED = (
    Listed("P101", "Siân O’Neill", "Sergeant", "BCU North", "sian@met.example"),
    Listed("P102", "Zoë Ünal, née Smith", "PC", "Roads Policing", ""),
)


def table_text(delimiter: str) -> str:
    def quoted(cell: str) -> str:
        return f'"{cell}"' if any(one in cell for one in f'{delimiter}\n"') else cell

    return "\r\n".join(delimiter.join(quoted(cell) for cell in row) for row in [HEADING, *ROWS]) + "\r\n"


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [HEADING, *ROWS]:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def listed(path: Path) -> tuple[Listed, ...]:
    table = read_table(path)
    reading = read_roster(table, columns_of(table.heading, {}))
    assert reading.bad == ()
    return reading.officers


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(table_text(",").encode("utf-8-sig"), id="utf-8 with mark, commas"),
        pytest.param(table_text(";").encode("utf-8"), id="utf-8, semicolons"),
        pytest.param(table_text("\t").encode("utf-16"), id="utf-16, tabs"),
        pytest.param(table_text(";").encode("utf-16-le"), id="utf-16 without mark"),
        pytest.param(table_text(";").encode("cp1252"), id="windows-1252, semicolons"),
        pytest.param(table_text("|").encode("utf-8"), id="bars"),
        pytest.param(workbook(), id="xlsx"),
    ],
)
def test_every_dialect_gives_the_same_officers(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "roster"
    file.write_bytes(data)
    assert listed(file) == EXPECTED


def test_bad_rows_are_told_with_line_and_reason_and_good_ones_kept(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(
        'Warrant No,Forename,Surname,E-mail\nP1,Ann,"Le\nStrange",\n,Nobody,,\nP1,Second,One,\nP2,,,\n'
        "P3,Bob,Hope,not mail\nP\x07 4,Bell,Ringer,\n,,,\np 5,Five,Alive,five@met.example\n"
    )
    table = read_table(file)
    reading = read_roster(table, columns_of(table.heading, {}))
    assert [one.number for one in reading.officers] == ["P1", "P 5"]
    assert reading.officers[0].name == "Ann Le Strange"
    assert [(row.line, row.reason.split()[0]) for row in reading.bad] == [
        (4, "no"), (5, "officer"), (6, "officer"), (7, "“not"), (8, "“P\\x07"),
    ]  # fmt: skip
    assert "line 2" in reading.bad[1].reason


TITLED = "Metropolitan Police Service,,\nAs of 1 November 2026,,\n,,\nWarrant No,Name,Pers. Nr\nP1,Ann,7\n"


def test_titles_may_stand_above_the_heading() -> None:
    table = table_of(Path("x"), TITLED.encode())
    below, columns, _ = find_columns(table, {}, {})
    assert [(one.number, one.name) for one in read_roster(below, columns).officers] == [("P1", "Ann")]
    assert below.rows[0].line == 5
    _, columns, names = find_columns(table, {}, {Field.NUMBER: "Pers. Nr", Field.UNIT: "Not there"})
    assert (columns[Field.NUMBER], names) == (2, {Field.NUMBER: "Pers. Nr"})
    with pytest.raises(UsageError, match="It has: Nr, Name, More"):
        find_columns(table_of(Path("x"), b"Roster,,\nNr,Name,More\n1,Ann,x\n"), {}, {})


def test_what_a_spreadsheet_made_of_a_number_is_put_right_or_told() -> None:
    table = table_of(
        Path("x"), b"Warrant No,Name\n12345.0,Ann\n1.23457E+11,Bob\n2026-03-01,Cid\n\xe2\x80\x8b00123,Dan\n"
    )
    reading = read_roster(table, columns_of(table.heading, {}))
    assert [one.number for one in reading.officers] == ["12345", "00123"]
    assert [(row.line, "spreadsheet" in row.reason) for row in reading.bad] == [(3, True), (4, True)]
    assert (reading.doubtful, reading.nameless) == (frozenset(), 2)


def test_leading_zeros_that_only_a_format_shows_are_read() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Warrant No", "Name"])
    sheet.append([1234, "Ann"])
    sheet.append([1234, "Bob"])
    sheet.cell(2, 1).number_format = "000000"
    file = io.BytesIO()
    book.save(file)
    assert [row.cells[0] for row in table_of(Path("x"), file.getvalue()).rows] == ["001234", "1234"]


def test_columns_are_found_told_or_asked_for() -> None:
    heading = ("Pers. Nr", "Full name", "Collar number")
    with pytest.raises(UsageError, match="--column number=HEADING"):
        columns_of(heading, {})
    assert columns_of(heading, {Field.NUMBER: "pers. nr"})[Field.NUMBER] == 0
    with pytest.raises(UsageError, match="no column “Nope”"):
        columns_of(heading, {Field.NUMBER: "Nope"})


def test_importing_again_updates_and_never_doubles() -> None:
    roster, added, changed = Roster().merged(EXPECTED)
    assert (len(roster), added, changed) == (2, 2, 0)
    again, added, changed = roster.merged([EXPECTED[0], Listed("P102", "Zoë Smith")])
    assert (len(again), added, changed) == (2, 0, 1)
    assert again.officers["P102"].name == "Zoë Smith"


def test_a_stranger_needs_a_reason_once_there_is_a_roster() -> None:
    assert not Roster().officer("X1").on_roster
    roster = Roster().merged(EXPECTED)[0]
    assert roster.officer("P101").on_roster
    assert roster.officer("P101").name == "Siân O’Neill"
    with pytest.raises(UsageError, match="is not on the roster of 2"):
        roster.officer("X1")
    assert roster.officer("X1", reason="seconded today").roster_reason == "seconded today"


def test_officers_are_found_by_number_and_by_pieces_of_the_name_without_accents() -> None:
    roster = Roster().merged(EXPECTED)[0]
    assert [one.number for one in roster.find("P101")] == ["P101"]
    assert [one.number for one in roster.find("p10")] == ["P101", "P102"]
    assert [one.number for one in roster.find("neill sian")] == ["P101"]
    assert roster.find("unal") == [EXPECTED[1]]
    assert roster.find("  ") == []


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        for number in range(6):
            parts.writestr(f"xl/{number}.xml", bytes(100 << 20))
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"\xff\xfeA",
        b"%PDF-1.7\x00\x01\x02",
        b"PK\x03\x04nonsense",
        b'"open',
        b"\xd0\xcf\x11\xe0old",
        bytes(200),
    ],
)
def test_what_is_no_table_is_told_in_a_sentence(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "roster"
    file.write_bytes(data)
    with pytest.raises(FileError):
        read_table(file)


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40)), max_size=8))
def test_any_cells_are_an_officer_on_one_line_or_a_bad_row(cells: list[tuple[str, str]]) -> None:
    table = Table(("officer number", "name"), tuple(Row(n, (a, b)) for n, (a, b) in enumerate(cells, start=2)))
    reading = read_roster(table, columns_of(table.heading, {}))
    assert len(reading.officers) + len(reading.bad) == len(cells)
    assert len({one.number for one in reading.officers}) == len(reading.officers)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any"
    file.write_bytes(data)
    try:
        table = read_table(file)
    except FileError:
        return
    for row in table.rows:
        assert all(cell.isprintable() or " " in cell for cell in row.cells)


def test_names_are_found_without_accents_apostrophes_and_case_the_likeliest_first() -> None:
    names = ["Aoneil Smith", "Sian O’Neill", "Oneill Brown", "Ørsted Łukasz", "Neil Armstrong", "Zoë-Ann Möller"]
    roster = Roster({f"P{n}": Listed(f"P{n}", name) for n, name in enumerate(names)})
    assert [one.name for one in roster.find("oneil")] == ["Oneill Brown", "Sian O’Neill", "Aoneil Smith"]
    assert [one.name for one in roster.find("O'NEILL")] == ["Oneill Brown", "Sian O’Neill"]
    assert [one.number for one in roster.find("orsted luk")] == ["P3"]
    assert [one.number for one in roster.find("moller ann")] == ["P5"]
    assert [one.number for one in roster.find("p1")] == ["P1"]
    assert roster.find("\x1b[2J" + "x" * 100_000) == []


def test_a_large_roster_is_read_and_searched_fast_enough() -> None:
    rows = [
        Row(n, (f"P{n:05d}" if n % 100 else "", f"Given{n % 977} Söhne-{n % 1499}", "PC", "BCU", f"p{n}@met.example"))
        for n in range(2, 5002)
    ]
    table = Table(("Warrant No", "Full name", "Rank", "Unit", "Work e-mail"), tuple(rows))
    began = time.process_time()
    reading = read_roster(table, columns_of(table.heading, {}))
    roster = Roster({one.number: one for one in reading.officers})
    assert (len(reading.officers), len(reading.bad)) == (4950, 50)
    assert len(roster.find("sohne given7", most=20)) == 20
    assert time.process_time() - began < 5.0 / 6, "30,000 rows have 5 s; these are a sixth"
