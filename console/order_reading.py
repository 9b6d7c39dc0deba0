"""Orders as lists are read, kept and stood: for the commands and for the window alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from provisioning.batches.assignment import OrderStanding
from provisioning.batches.order_book import OrderFolder, OrderReading, read_order_list
from provisioning.batches.orders import home_standings
from provisioning.canonical import Json
from provisioning.errors import UsageError
from provisioning.home.home import Home
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.tables.reading import Table, read_table


@dataclass(frozen=True, slots=True)
class OrderFile:
    """A list that was read: what it orders and what the ledger will say of it."""

    table: Table
    reading: OrderReading

    def counts(self, source: str) -> dict[str, Json]:
        """Give what stands in the ledger of it."""
        handsets = sum(one.quantity for one in self.reading.orders)
        return {
            "orders_from": source, "orders": len(self.reading.orders), "handsets": handsets,
            "refused": len(self.reading.bad),
        }  # fmt: skip


def read_order_file(file: Path, source: str) -> OrderFile:
    """Read a list. Raises FileError, and UsageError where it orders nothing."""
    content = read_table(file)
    reading = read_order_list(content, source)
    if not reading.orders:
        first = f" Line {reading.bad[0][0]}: {reading.bad[0][1]}." if reading.bad else ""
        raise UsageError(f"{file} orders nothing, so nothing was kept.{first}")
    return OrderFile(content, reading)


def keep_orders(home: Home, ledger: Ledger, found: OrderFile, source: str, technician: str) -> None:
    """Keep a list in place of an older one of its name, and book it."""
    OrderFolder(home.path).keep(source, found.reading.orders)
    body = {**found.counts(source), "file_sha256": found.table.sha256}
    ledger.append(EntryKind.ORDERS_IMPORTED, None, body, technician=technician)


def standings_of(home: Home, ledger: Ledger) -> list[OrderStanding]:
    """Give how all orders of a home stand. The roster is unlocked only where a team has ordered."""
    team_of: Callable[[str], str] = lambda _: ""  # noqa: E731
    if any(one.team for one in OrderFolder(home.path).all()):
        officers = home.roster().load().officers
        team_of = lambda number: officers[number].unit if number in officers else ""  # noqa: E731
    return home_standings(home.path, ledger, team_of)
