"""The roster: who may receive a handset, as the force's own list says; keyed by officer number, so never doubled."""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from functools import cached_property

from provisioning.errors import UsageError
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line
from provisioning.receipts.receipt import Officer
from provisioning.tables.headings import cell_of, named
from provisioning.tables.headings import columns_of as columns_by_heading
from provisioning.tables.reading import BadRow, Row, Table

_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?: .*)?")
_DECIMAL = re.compile(r"\d+\.0")
"""What programs write in place of a number: 1.23457E+11, a day, 12345.0."""
_LONGEST = 80
_LONGEST_SOUGHT, _MOST_PIECES = 100, 8
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "’": None, "'": None, "‘": None,
     "ʼ": None, "-": " ", "‐": " ", ".": " "}
)  # fmt: skip
"""Letters that Unicode does not take apart, and what people leave out when they type a name."""


@unique
class Field(StrEnum):
    """What the desk takes of a roster."""

    NUMBER = "number"
    NAME = "name"
    FORENAME = "forename"
    SURNAME = "surname"
    RANK = "rank"
    UNIT = "unit"
    EMAIL = "email"


_HEADINGS: Mapping[Field, tuple[str, ...]] = {
    Field.NUMBER: (
        "officer number", "officer no", "warrant number", "warrant no", "warrant", "pay number", "pay no",
        "payroll number", "employee number", "employee no", "employee id", "staff number", "staff id",
        "personnel number", "service number",
    ),
    Field.NAME: ("full name", "officer name", "display name", "name"),
    Field.FORENAME: ("forename", "forenames", "first name", "given name"),
    Field.SURNAME: ("surname", "last name", "family name"),
    Field.RANK: ("rank", "grade", "rank/grade", "rank or grade", "job title"),
    Field.UNIT: ("unit", "team", "department", "command", "bcu", "borough", "station", "directorate"),
    Field.EMAIL: ("work e-mail", "work email", "email", "e-mail", "mail", "email address", "e-mail address"),
}  # fmt: skip
"""Headings that are understood without being told. Collar numbers change hands, so they are no officer numbers."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One officer on the roster."""

    number: str
    name: str
    rank: str = ""
    unit: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a table gave: good rows are kept whatever the others are."""

    officers: tuple[Listed, ...]
    bad: tuple[BadRow, ...]
    doubtful: frozenset[str] = frozenset()
    """Officer numbers that stand only in rows that were not taken."""
    nameless: int = 0
    """Rows that were not taken and say no officer number: whom they are about cannot be told."""


@dataclass(frozen=True)
class Roster:
    """Everybody who is known, by officer number. An empty one means that none was ever imported."""

    officers: Mapping[str, Listed] = field(default_factory=dict[str, Listed])

    def __len__(self) -> int:
        return len(self.officers)

    def officer(self, number: str, *, name: str | None = None, reason: str = "") -> Officer:
        """Give who that is for a receipt.

        Raises UsageError for a stranger to the roster, unless ``reason`` says why he receives something all the same.
        """
        listed = self.officers.get(number)
        if listed is not None:
            return Officer(number, listed.name, listed.rank or None, listed.unit or None, on_roster=True)
        if self.officers and not reason:
            raise UsageError(
                f"Officer {number} is not on the roster of {len(self.officers)}. Check the number, import a newer "
                "roster, or say why with --not-on-roster REASON."
            )
        return Officer(number, name=name, roster_reason=reason)

    def find(self, text: str, most: int = 50) -> list[Listed]:
        """Give officers by number (its beginning) or by pieces of the name, the likeliest first, ``most`` at most.

        The number itself, then numbers that begin so, then names whose words begin so, then names that hold the
        pieces anywhere. Case and accents do not matter. A scan gives exactly one officer, or nobody.
        """
        wanted = _folded(one_line(text, _LONGEST_SOUGHT)).split()[:_MOST_PIECES]
        if not wanted:
            return []
        number = " ".join(one_line(text, _LONGEST_SOUGHT).split()).upper()
        found = [
            (rank, place)
            for place, (folded, own) in enumerate(self._sought)
            if (rank := _rank(own, folded, number, wanted)) is not None
        ]
        listed = self._in_order
        return [listed[place] for _, place in heapq.nsmallest(max(0, most), found)]

    @cached_property
    def _in_order(self) -> list[Listed]:
        """Everybody, in the order in which those who are equally likely are shown."""
        return sorted(self.officers.values(), key=lambda one: (_folded(one.name), one.number))

    @cached_property
    def _sought(self) -> list[tuple[str, str]]:
        """Folded name with a space before it, and number, of everybody in that order."""
        return [(f" {_folded(one.name)}", one.number) for one in self._in_order]

    def merged(self, officers: Iterable[Listed]) -> tuple[Roster, int, int]:
        """Give the roster with these in it, and how many were added and changed."""
        merged, added, changed = dict(self.officers), 0, 0
        for one in officers:
            before = merged.get(one.number)
            added += before is None
            changed += before is not None and before != one
            merged[one.number] = one
        return Roster(merged), added, changed


def columns_of(heading: tuple[str, ...], told: Mapping[Field, str]) -> dict[Field, int]:
    """Find which column holds what: as told (field to heading), else by the heading's usual words.

    Raises UsageError where a told heading is not there, or where number or name cannot be found.
    """
    found = columns_by_heading(heading, _HEADINGS, told)
    if Field.NUMBER not in found:
        raise UsageError(_unclear(heading, "officer number", "number"))
    if Field.NAME not in found and Field.SURNAME not in found:
        raise UsageError(_unclear(heading, "name", "name"))
    return found


def find_columns(
    table: Table, told: Mapping[Field, str], remembered: Mapping[Field, str]
) -> tuple[Table, dict[Field, int], dict[Field, str]]:
    """Find the heading, which may stand below titles; give the table below it, which column holds what, and the names
    that decided it: as told, else as ``remembered``, else by the usual words. Raises UsageError as :func:`columns_of`.
    """
    failures: list[tuple[int, UsageError]] = []
    for one in table.headings():
        names = {**{field: name for field, name in remembered.items() if name in one.heading}, **told}
        try:
            return one, columns_of(one.heading, names), names
        except UsageError as error:
            failures.append((sum(map(bool, one.heading)), error))
    raise max(failures, key=lambda failure: failure[0])[1]  # the first of the fullest rows is the likeliest heading


def read_roster(table: Table, columns: Mapping[Field, int]) -> Reading:
    """Read every row; the first of two with one number counts, the second is told."""
    officers: dict[str, Listed] = {}
    lines: dict[str, int] = {}
    bad = list(table.unreadable)
    doubtful, nameless = set[str](), len(bad)
    for row in table.rows:
        try:
            number = _number(cell_of(row, columns, Field.NUMBER))
        except UsageError as error:
            bad.append(BadRow(row.line, str(error)))
            nameless += 1
            continue
        doubtful.add(number)
        try:
            one = _listed(number, row, columns)
            if one.number in officers:
                raise UsageError(f"officer number {one.number} stands in line {lines[one.number]} already")
        except UsageError as error:
            bad.append(BadRow(row.line, str(error)))
            continue
        officers[one.number], lines[one.number] = one, row.line
    told = tuple(sorted(bad, key=lambda one: one.line))
    return Reading(tuple(officers.values()), told, frozenset(doubtful - officers.keys()), nameless)


def _number(text: str) -> str:
    """Give the officer number in a cell; what a spreadsheet has made of one is told from it."""
    if not text:
        raise UsageError("no officer number")
    if _ROUNDED.fullmatch(text):
        raise UsageError(
            f"“{one_line(text, 40)}” was rounded by a spreadsheet: make the column text and export it anew"
        )
    if _DATE.fullmatch(text):
        raise UsageError(f"“{one_line(text, 40)}” is a date: a spreadsheet made it of a number")
    return officer_number(text.removesuffix(".0") if _DECIMAL.fullmatch(text) else text)


def _listed(number: str, row: Row, columns: Mapping[Field, int]) -> Listed:
    def cell(one: Field) -> str:
        return cell_of(row, columns, one)

    name = cell(Field.NAME) or " ".join(part for part in (cell(Field.FORENAME), cell(Field.SURNAME)) if part)
    if not name:
        raise UsageError(f"officer {number} has no name")
    email = cell(Field.EMAIL)
    if email and not _EMAIL.fullmatch(email):
        raise UsageError(f"“{one_line(email, 60)}” is not an e-mail address")
    for text in (name, cell(Field.RANK), cell(Field.UNIT)):
        if len(text) > _LONGEST:
            raise UsageError(f"“{one_line(text, 40)}” has more than {_LONGEST} letters")
    return Listed(number, name, cell(Field.RANK), cell(Field.UNIT), email)


def _rank(own: str, name: str, number: str, wanted: list[str]) -> int | None:
    """Tell how likely an officer is meant, 0 most; None: not at all."""
    if own.startswith(number):
        return 0 if own == number else 1
    if all(f" {piece}" in name for piece in wanted):
        return 2 if name.startswith(f" {wanted[0]}") else 3
    return 4 if all(piece in name for piece in wanted) else None


def _folded(text: str) -> str:
    """Give text as it is searched for: without case, accents and apostrophes, so that “oneill” finds “O’Neill”."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(one for one in plain if not unicodedata.combining(one))


def _unclear(heading: tuple[str, ...], what: str, one: str) -> str:
    return (
        f"No column of the table is known to hold the {what}. It has: {named(heading)}. "
        f"Say which: --column {one}=HEADING."
    )
