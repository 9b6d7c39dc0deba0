"""Orders: which handset, or a handset of which model, is meant for which officer or team; read from a list, kept whole.

An order by serial number means that very handset. One by model means any of that model that is ready: the first that
fits. Whether an order is done is never kept: the ledger says who was given what.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from provisioning.canonical import canonical
from provisioning.errors import HomeError, UsageError
from provisioning.files import make_folder, read_file, write_file
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line
from provisioning.tables.headings import cell_of, columns_of, named
from provisioning.tables.reading import Row, Table

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,31}")
_MOST = 1_000
"""Handsets of one line: a team with more would be a batch."""
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "reference": ("order number", "order no", "order", "order reference", "reference", "request", "ticket"),
    "officer": ("officer number", "officer no", "officer", "warrant number", "warrant no", "pay number", "for officer"),
    "team": ("team", "unit", "department", "station", "for team", "borough"),
    "serial_number": ("serial number", "serial no", "serial", "s/n"),
    "model": ("model", "model name", "handset model", "product", "device", "item", "handset"),
    "quantity": ("quantity", "qty", "count", "number of handsets", "how many"),
}
_NOT_THE_MODEL = frozenset({"apple", "samsung", "google", "5g", "4g", "lte", "wi", "fi", "wifi", "smartphone"})
_STORAGE = re.compile(r"\b\d+ ?[gt]b\b")


@dataclass(frozen=True, slots=True)
class Order:
    """One line of an order list. ``officer`` or ``team`` is set, and ``serial_number`` or ``model``.

    ``quantity`` is how many handsets; ``source`` the list's name, ``line`` the line in its file.
    """

    line: int
    officer: str = ""
    team: str = ""
    serial_number: str = ""
    model: str = ""
    reference: str = ""
    quantity: int = 1
    source: str = ""

    @property
    def whom(self) -> str:
        """Say for whom it is."""
        return f"officer {self.officer}" if self.officer else one_line(self.team, 60)

    @property
    def what(self) -> str:
        """Say what is ordered."""
        return self.serial_number or one_line(self.model, 60)

    def is_for(self, officer: str, team: str) -> bool:
        """Tell whether this officer, of that team, may be given what it means."""
        return self.officer == officer if self.officer else bool(team) and self.team.casefold() == team.casefold()


def fits(wanted: str, *names: str) -> bool:
    """Tell whether a handset that goes by one of ``names`` is of the model that was ordered.

    Maker, storage and radio are not part of a model's name; “Pro” and “Plus” are.
    """
    asked = _model_words(wanted)
    return bool(asked) and any(_model_words(name) == asked for name in names)


def _model_words(name: str) -> list[str]:
    words = re.findall(r"[a-z0-9]+", _STORAGE.sub(" ", name.casefold()))
    return [word for word in words if word not in _NOT_THE_MODEL]


@dataclass(frozen=True, slots=True)
class OrderReading:
    """What a table gave. ``bad`` are line and reason of rows that order nothing as they stand."""

    orders: tuple[Order, ...]
    bad: tuple[tuple[int, str], ...]


def read_order_list(table: Table, source: str) -> OrderReading:
    """Read a list of orders. Raises UsageError where no column says for whom, or none says what."""
    columns = columns_of(table.heading, _HEADINGS)
    if "officer" not in columns and "team" not in columns:
        raise UsageError(_unclear(table, "whom a handset is for", "Officer number” or “Team"))
    if "serial_number" not in columns and "model" not in columns:
        raise UsageError(_unclear(table, "which handset is ordered", "Serial number” or “Model"))
    orders: list[Order] = []
    bad = [(one.line, one.reason) for one in table.unreadable]
    lines: dict[str, int] = {}
    for row in table.rows:
        try:
            one = _order(row, columns, source)
            key = one.serial_number.casefold()
            if key and key in lines:
                raise UsageError(f"{one.serial_number} is ordered in line {lines[key]} already")
        except UsageError as error:
            bad.append((row.line, str(error)))
            continue
        orders.append(one)
        if key:
            lines[key] = row.line
    return OrderReading(tuple(orders), tuple(sorted(bad)))


class OrderFolder:
    """The order lists of a home, one file under each list's name."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "orders"

    def all(self) -> list[Order]:
        """Give every order, the lists in order of the alphabet. Raises HomeError for a damaged list."""
        files = sorted(self._folder.glob("*.json")) if self._folder.is_dir() else []
        return [order for file in files for order in self._read(file)]

    def keep(self, source: str, orders: Iterable[Order]) -> None:
        """Keep a list in place of an older one of that name. Raises UsageError for a name that is none."""
        if not _NAME.fullmatch(source) or ".." in source:
            raise UsageError(
                f"“{one_line(source, 60)}” names no list of orders. "
                "Use up to 60 letters, digits, spaces, dots, hyphens."
            )
        make_folder(self._folder)
        write_file(self._folder / f"{source}.json", canonical([asdict(one) for one in orders]))

    def _read(self, file: Path) -> list[Order]:
        try:
            return [Order(**one) for one in json.loads(read_file(file))]
        except (ValueError, TypeError) as error:
            raise HomeError(f"The orders {file} are damaged. Import them again.") from error


def _order(row: Row, columns: Mapping[str, int], source: str) -> Order:
    def cell(one: str) -> str:
        return cell_of(row, columns, one)

    officer = officer_number(cell("officer")) if cell("officer") else ""
    if not officer and not cell("team"):
        raise UsageError("neither officer nor team")
    serial = cell("serial_number")
    if serial and not _SERIAL.fullmatch(serial):
        raise UsageError(f"“{one_line(serial, 40)}” is no serial number")
    if not serial and not _model_words(cell("model")):
        raise UsageError("neither serial number nor model")
    said = cell("quantity") or "1"
    if not said.isdecimal() or not 0 < int(said[:6]) <= _MOST or (serial and int(said) != 1):
        raise UsageError(f"“{one_line(said, 20)}” is no number of handsets here")
    team = "" if officer else cell("team")
    return Order(row.line, officer, team, serial, cell("model"), cell("reference"), int(said), source)


def _unclear(table: Table, what: str, name: str) -> str:
    return f"No column of the orders says {what}. It has: {named(table.heading)}. Name one “{name}”."
