"""A supplier's manifest: which handsets a box should hold, and whether the one on the cable is among them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, unique

from provisioning.check_digits import is_imei
from provisioning.errors import UsageError
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line
from provisioning.tables.headings import cell_of, columns_of, named
from provisioning.tables.reading import Row, Table

_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,31}")
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "serial_number": ("serial number", "serial no", "serial", "s/n", "sn"),
    "imei": ("imei", "imei 1", "imei1", "imei number", "primary imei", "imei/meid"),
    "imei2": ("imei 2", "imei2", "second imei", "secondary imei"),
    "model": ("model", "model name", "product", "description", "item", "device"),
    "asset_tag": ("asset tag", "asset no", "asset number", "asset", "tag"),
    "order": ("order number", "order no", "order", "order reference", "po number", "po", "purchase order"),
    "officer": ("officer number", "officer no", "officer", "warrant number", "warrant no", "for officer"),
}


@unique
class Disagreement(StrEnum):
    """What keeps a handset from being the one that the manifest means."""

    NOT_LISTED = "not listed"
    LISTED_TWICE = "listed twice"
    OTHER_IMEI = "other IMEI"


@dataclass(frozen=True, slots=True)
class Expected:
    """One line of a manifest. ``line`` is where it stands in the file; empty text: not given."""

    line: int
    serial_number: str
    imei: str = ""
    model: str = ""
    asset_tag: str = ""
    order: str = ""
    officer: str = ""
    """Officer number of whom it is ordered for."""
    imei2: str = ""
    """The other one of a handset for two SIM cards; either may be what the handset says."""

    @property
    def imeis(self) -> tuple[str, ...]:
        """Give those that the manifest has."""
        return tuple(one for one in (self.imei, self.imei2) if one)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """How manifest and handset disagree; ``detail`` completes the sentence, ``manifest`` names the batch."""

    kind: Disagreement
    detail: str = ""
    manifest: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The lines of a manifest by folded serial number; more than one line of one number is kept, and told."""

    expected: Mapping[str, Sequence[Expected]] = field(default_factory=dict[str, Sequence[Expected]])
    name: str = ""
    """Name of its batch, as the ledger is to say it."""

    def __len__(self) -> int:
        return sum(len(lines) for lines in self.expected.values())

    @property
    def lines(self) -> list[Expected]:
        """Give all lines in the order of the file."""
        return sorted((one for same in self.expected.values() for one in same), key=lambda one: one.line)

    def find(self, serial_number: str) -> Expected | None:
        """Give the only line of a handset; None where there is none or more than one."""
        lines = self.expected.get(serial_number.casefold(), ())
        return lines[0] if len(lines) == 1 else None

    def mismatch(self, serial_number: str, imei: str | None) -> Mismatch | None:
        """Tell how what the handset says disagrees with the manifest; None where it is the one that is meant."""
        lines = self.expected.get(serial_number.casefold(), ())
        if not lines:
            return Mismatch(Disagreement.NOT_LISTED, manifest=self.name)
        if len(lines) > 1:
            return Mismatch(Disagreement.LISTED_TWICE, ", ".join(str(one.line) for one in lines), self.name)
        wanted = lines[0].imeis
        if wanted and imei and imei not in wanted:
            return Mismatch(Disagreement.OTHER_IMEI, f"{wanted[0]} there, {one_line(imei, 20)} here", self.name)
        return None


@dataclass(frozen=True, slots=True)
class ManifestReading:
    """What a table gave. ``bad`` are line and reason of rows that cannot be meant as they stand.

    A row that says twice what can be only once is told and kept: which of the two is wrong, the handset itself says.
    """

    manifest: Manifest
    bad: tuple[tuple[int, str], ...]


def read_manifest(table: Table, name: str = "") -> ManifestReading:
    """Read a supplier's table as the manifest of the batch ``name``.

    Raises UsageError where no column holds serial numbers.
    """
    columns = columns_of(table.heading, _HEADINGS)
    if "serial_number" not in columns:
        raise UsageError(
            f"No column of the manifest holds serial numbers. It has: {named(table.heading)}. Name one “Serial number”."
        )
    expected: dict[str, list[Expected]] = {}
    bad = [(one.line, one.reason) for one in table.unreadable]
    before: dict[tuple[str, str], int] = {}
    for row in table.rows:
        try:
            one = _line(row, columns)
        except UsageError as error:
            bad.append((row.line, str(error)))
            continue
        same = expected.setdefault(one.serial_number.casefold(), [])
        if same:
            bad.append((row.line, f"serial number {one.serial_number} stands in line {same[0].line} already"))
        else:
            bad += ((row.line, said) for said in _said_before(one, before))
        same.append(one)
    manifest = Manifest({serial: tuple(lines) for serial, lines in expected.items()}, name)
    return ManifestReading(manifest, tuple(sorted(bad)))


def _said_before(one: Expected, before: dict[tuple[str, str], int]) -> list[str]:
    """Tell which numbers of a line stand in an earlier one, though only one handset can have them."""
    numbers = [("IMEI", imei) for imei in one.imeis]
    if one.asset_tag:
        numbers.append(("asset tag", one.asset_tag.casefold()))
    said = [f"{what} {number} stands in line {before[what, number]} already" for what, number in numbers
            if (what, number) in before]  # fmt: skip
    for number in numbers:
        before.setdefault(number, one.line)
    return said


def _line(row: Row, columns: Mapping[str, int]) -> Expected:
    def cell(one: str) -> str:
        return _typed(cell_of(row, columns, one))

    serial = cell("serial_number")
    if not _SERIAL.fullmatch(serial):
        raise UsageError(f"“{one_line(serial, 40)}” is no serial number" if serial else "no serial number")
    imei, imei2 = (_imei(cell(column), serial) for column in ("imei", "imei2"))
    officer = officer_number(cell("officer")) if cell("officer") else ""
    return Expected(row.line, serial, imei, cell("model"), cell("asset_tag"), cell("order"), officer, imei2)


def _imei(said: str, serial: str) -> str:
    if re.fullmatch(r"\d(?:[.,]\d+)?E\+?\d+", said, re.IGNORECASE):
        raise UsageError(
            f"the IMEI of {serial} was rounded by a spreadsheet ({one_line(said, 20)}); format its column as text"
        )
    imei = re.sub(r"[\s/-]", "", said)
    if imei and not is_imei(imei):
        raise UsageError(f"IMEI “{one_line(imei, 20)}” of {serial} has not 15 digits with their check digit")
    return imei


def _typed(cell: str) -> str:
    """Take off what people put around a number so that a spreadsheet leaves it alone: ``="35…"`` and ``'35…``."""
    formula = re.fullmatch(r'="([^"]*)"', cell)
    return formula[1].strip() if formula else cell.removeprefix("'").strip()
