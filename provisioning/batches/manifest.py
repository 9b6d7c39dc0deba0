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
    "imei": ("imei", "imei 1", "imei1", "imei number", "primary imei"),
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


@dataclass(frozen=True, slots=True)
class Mismatch:
    """How manifest and handset disagree; ``detail`` completes the sentence about it."""

    kind: Disagreement
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The lines of a manifest by folded serial number; more than one line of one number is kept, and told."""

    expected: Mapping[str, Sequence[Expected]] = field(default_factory=dict[str, Sequence[Expected]])

    def __len__(self) -> int:
        return sum(len(lines) for lines in self.expected.values())

    def find(self, serial_number: str) -> Expected | None:
        """Give the only line of a handset; None where there is none or more than one."""
        lines = self.expected.get(serial_number.casefold(), ())
        return lines[0] if len(lines) == 1 else None

    def mismatch(self, serial_number: str, imei: str | None) -> Mismatch | None:
        """Tell how what the handset says disagrees with the manifest; None where it is the one that is meant."""
        lines = self.expected.get(serial_number.casefold(), ())
        if not lines:
            return Mismatch(Disagreement.NOT_LISTED)
        if len(lines) > 1:
            return Mismatch(Disagreement.LISTED_TWICE, ", ".join(str(one.line) for one in lines))
        wanted = lines[0].imei
        if wanted and imei and wanted != imei:
            return Mismatch(Disagreement.OTHER_IMEI, f"{wanted} there, {one_line(imei, 20)} here")
        return None


@dataclass(frozen=True, slots=True)
class ManifestReading:
    """What a table gave. ``bad`` are line and reason of rows that cannot be meant as they stand."""

    manifest: Manifest
    bad: tuple[tuple[int, str], ...]


def read_manifest(table: Table) -> ManifestReading:
    """Read a supplier's table. Raises UsageError where no column holds serial numbers."""
    columns = columns_of(table.heading, _HEADINGS)
    if "serial_number" not in columns:
        raise UsageError(
            f"No column of the manifest holds serial numbers. It has: {named(table.heading)}. Name one “Serial number”."
        )
    expected: dict[str, list[Expected]] = {}
    bad = [(one.line, one.reason) for one in table.unreadable]
    for row in table.rows:
        try:
            one = _line(row, columns)
        except UsageError as error:
            bad.append((row.line, str(error)))
            continue
        same = expected.setdefault(one.serial_number.casefold(), [])
        if same:
            bad.append((row.line, f"serial number {one.serial_number} stands in line {same[0].line} already"))
        same.append(one)
    return ManifestReading(Manifest({serial: tuple(lines) for serial, lines in expected.items()}), tuple(sorted(bad)))


def _line(row: Row, columns: Mapping[str, int]) -> Expected:
    def cell(one: str) -> str:
        return cell_of(row, columns, one)

    serial = cell("serial_number")
    if not _SERIAL.fullmatch(serial):
        raise UsageError(f"“{one_line(serial, 40)}” is no serial number" if serial else "no serial number")
    imei = re.sub(r"[\s/-]", "", cell("imei"))
    if imei and not is_imei(imei):
        raise UsageError(f"IMEI “{one_line(imei, 20)}” of {serial} has not 15 digits with their check digit")
    officer = officer_number(cell("officer")) if cell("officer") else ""
    return Expected(row.line, serial, imei, cell("model"), cell("asset_tag"), cell("order"), officer)
