"""Orders at the counter: what the manifests of the batches and the order lists mean for whoever stands there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioning.batches.assignment import OrderStanding, given_in, standings
from provisioning.batches.batch_folder import BatchFolder
from provisioning.batches.events import EVENT_KINDS, events_of
from provisioning.batches.history import histories
from provisioning.batches.manifest import Expected, Manifest
from provisioning.batches.order_book import Order, OrderFolder, fits
from provisioning.ledger.ledger import Ledger
from provisioning.receipts.items import Ordered


@dataclass(frozen=True, slots=True)
class OtherOrder:
    """The order means something else than what is about to happen.

    ``officer`` or ``team`` is whom the handset on the counter is ordered for, where that is somebody else.
    Otherwise the officer at the counter has an order that is still open, for the handset ``serial_number`` of that
    ``model``; one by model alone has no serial number.
    """

    reference: str
    officer: str = ""
    team: str = ""
    serial_number: str = ""
    model: str = ""


class Orders:
    """All lines of all batches and all orders that are still open, read once."""

    def __init__(self, lines: Iterable[Expected], still_open: Sequence[Order] = ()) -> None:
        self._by_serial: dict[str, Expected] = {}
        self._by_officer: dict[str, list[Expected]] = {}
        self._open = still_open
        self._ordered = {one.serial_number.casefold(): one for one in reversed(still_open) if one.serial_number}
        for line in lines:
            self._by_serial.setdefault(line.serial_number.casefold(), line)
            if line.officer:
                self._by_officer.setdefault(line.officer, []).append(line)

    def line(self, serial_number: str) -> Expected | None:
        """Give what the manifests say of a handset; None where they do not name it."""
        return self._by_serial.get(serial_number.casefold())

    def ordered(
        self, serial_number: str, override: str = "", *, officer: str = "", team: str = "", models: Sequence[str] = ()
    ) -> Ordered | None:
        """Give the order of a handset as it stands on a receipt; None where there is neither order nor override.

        ``officer``, of ``team``, is who is given it, and ``models`` what its model is called: for orders by model.
        """
        line = self.line(serial_number)
        if line is not None and line.officer:
            return Ordered(line.order, line.officer, line.model, override)
        order = self._ordered.get(serial_number.casefold()) or self._by_model(officer, team, models)
        if order is not None:
            return Ordered(order.reference, order.officer, order.model, override)
        if line is not None and line.order:
            return Ordered(line.order, "", line.model, override)
        return Ordered(override=override) if override else None

    def other_order(
        self,
        serial_number: str,
        officer: str,
        was_issued: Callable[[str], bool],
        *,
        team: str = "",
        models: Sequence[str] = (),
    ) -> OtherOrder | None:
        """Tell whether the order means another officer, or another handset for this one; None where it does not.

        ``was_issued`` tells of a serial number whether that handset was ever handed over: its order is done then.
        """
        line = self.line(serial_number)
        if line is not None and line.officer:
            return None if line.officer == officer else OtherOrder(line.order, officer=line.officer)
        order = self._ordered.get(serial_number.casefold())
        if order is not None:
            if order.is_for(officer, team):
                return None
            return OtherOrder(order.reference, officer=order.officer, team=order.team)
        still_open = (one for one in self._by_officer.get(officer, ()) if not was_issued(one.serial_number))
        wanted = next(still_open, None)
        if wanted is not None:
            return OtherOrder(wanted.order, serial_number=wanted.serial_number, model=wanted.model)
        if self._by_model(officer, team, models) is not None:
            return None
        # A team's order is open to any of its officers, so it binds none of them.
        own = next((one for one in self._open if one.officer == officer), None)
        return OtherOrder(own.reference, serial_number=own.serial_number, model=own.model) if own else None

    def _by_model(self, officer: str, team: str, models: Sequence[str]) -> Order | None:
        fitting = [
            one
            for one in self._open
            if not one.serial_number and one.is_for(officer, team) and fits(one.model, *models)
        ]
        return min(fitting, key=lambda one: not one.officer, default=None)


def read_orders(folder: BatchFolder, ledger: Ledger, team_of: Callable[[str], str] = lambda _: "") -> Orders:
    """Read every batch and every order list of the home. Raises HomeError for a damaged one, LedgerError.

    ``team_of`` gives an officer's team, by which handovers are counted for the orders of teams.
    """
    manifests = [folder.load(name) for name in folder.names()]
    lines = _single_lines(manifests)
    orders = OrderFolder(folder.home).all()
    return Orders(lines, [one.order for one in order_standings(orders, ledger, team_of) if one.waiting])


def order_standings(
    orders: Sequence[Order],
    ledger: Ledger,
    team_of: Callable[[str], str] = lambda _: "",
    meant: Collection[str] = (),
) -> list[OrderStanding]:
    """Give how these orders stand by the ledger; costs nothing where there are none.

    ``meant``: see :func:`~provisioning.batches.assignment.standings`.
    """
    if not orders:
        return []
    events = list(events_of(ledger.entries(kind=EVENT_KINDS)))
    folded = histories(events)
    return standings(orders, given_in(events, folded), folded, team_of, meant)


def home_standings(home: Path, ledger: Ledger, team_of: Callable[[str], str] = lambda _: "") -> list[OrderStanding]:
    """Give how all orders of a home stand. Raises HomeError for a damaged list or manifest, LedgerError."""
    orders = OrderFolder(home).all()
    if not orders:
        return []
    folder = BatchFolder(home)
    lines = _single_lines([folder.load(name) for name in folder.names()])
    return order_standings(orders, ledger, team_of, {line.serial_number.casefold() for line in lines if line.officer})


def assigned_orders(home: Path, ledger: Ledger, team_of: Callable[[str], str] = lambda _: "") -> dict[str, Order]:
    """Give the order that each ready handset is meant for next, by its serial number in small letters."""
    found = home_standings(home, ledger, team_of)
    return {serial.casefold(): one.order for one in found for serial in one.assigned}


def _single_lines(manifests: Iterable[Manifest]) -> list[Expected]:
    """Give the lines of manifests; a handset that stands twice on one manifest is meant by neither line."""
    return [lines[0] for one in manifests for lines in one.expected.values() if len(lines) == 1]
