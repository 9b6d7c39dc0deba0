"""The roster: who may receive a handset, as the force's own list says; keyed by officer number, so never doubled."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique

from provisioning.errors import UsageError
from provisioning.people.officers import officer_number
from provisioning.people.tables import Row, Table
from provisioning.plain_text import one_line
from provisioning.receipts.receipt import Officer

_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_LONGEST = 80


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


_HEADINGS: Mapping[Field, frozenset[str]] = {
    Field.NUMBER: frozenset(
        {
            "officer number", "officer no", "warrant number", "warrant no", "warrant", "pay number", "pay no",
            "payroll number", "employee number", "employee no", "employee id", "staff number", "staff id",
            "personnel number", "service number",
        }
    ),
    Field.NAME: frozenset({"name", "full name", "officer name", "display name"}),
    Field.FORENAME: frozenset({"forename", "forenames", "first name", "given name"}),
    Field.SURNAME: frozenset({"surname", "last name", "family name"}),
    Field.RANK: frozenset({"rank", "grade", "rank/grade", "rank or grade", "job title"}),
    Field.UNIT: frozenset({"unit", "team", "department", "command", "bcu", "borough", "station", "directorate"}),
    Field.EMAIL: frozenset({"email", "e-mail", "work email", "work e-mail", "mail", "email address", "e-mail address"}),
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
class BadRow:
    """A row that was not taken, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a table gave: good rows are kept whatever the others are."""

    officers: tuple[Listed, ...]
    bad: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
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
        """Give officers by number (its beginning) or by fragments of the name, exact numbers first."""
        wanted = _folded(text).split()
        if not wanted:
            return []
        number = " ".join(wanted).upper()
        exact = [one for one in (self.officers.get(number),) if one is not None]
        rest = (
            one
            for one in self.officers.values()
            if one.number != number
            and (one.number.startswith(number) or all(part in _folded(one.name) for part in wanted))
        )
        return [*exact, *sorted(rest, key=lambda one: (one.name.casefold(), one.number))][:most]

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
    folded = [cell.casefold().replace("_", " ").rstrip(".:*") for cell in heading]
    found: dict[Field, int] = {}
    for one, usual in _HEADINGS.items():
        wanted = told.get(one)
        if wanted is not None:
            if wanted.casefold() not in (cell.casefold() for cell in heading):
                raise UsageError(
                    f"The table has no column “{one_line(wanted, 40)}”. It has: {one_line(', '.join(heading), 300)}."
                )
            found[one] = [cell.casefold() for cell in heading].index(wanted.casefold())
        else:
            place = next((number for number, cell in enumerate(folded) if cell in usual), None)
            if place is not None:
                found[one] = place
    if Field.NUMBER not in found:
        raise UsageError(_unclear(heading, "officer number", "number"))
    if Field.NAME not in found and Field.SURNAME not in found:
        raise UsageError(_unclear(heading, "name", "name"))
    return found


def read_roster(table: Table, columns: Mapping[Field, int]) -> Reading:
    """Read every row; the first of two with one number counts, the second is told."""
    officers: dict[str, Listed] = {}
    lines: dict[str, int] = {}
    bad: list[BadRow] = []
    for row in table.rows:
        try:
            one = _listed(row, columns)
            if one.number in officers:
                raise UsageError(f"officer number {one.number} stands in line {lines[one.number]} already")
        except UsageError as error:
            bad.append(BadRow(row.line, str(error)))
            continue
        officers[one.number], lines[one.number] = one, row.line
    return Reading(tuple(officers.values()), tuple(bad))


def _listed(row: Row, columns: Mapping[Field, int]) -> Listed:
    def cell(one: Field) -> str:
        place = columns.get(one)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    if not cell(Field.NUMBER):
        raise UsageError("no officer number")
    number = officer_number(cell(Field.NUMBER))
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


def _folded(text: str) -> str:
    """Give text as it is searched for: without case and accents, so that “sian” finds “Siân”."""
    return "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))


def _unclear(heading: tuple[str, ...], what: str, one: str) -> str:
    return (
        f"No column of the table is known to hold the {what}. It has: {one_line(', '.join(heading), 300)}. "
        f"Say which: --column {one}=HEADING."
    )
