"""Orders at the counter: what the manifests of the batches and the order lists mean for whoever stands there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioning.batches.assignment import OrderStanding, given_in, standings
from provisioning.batches.batch_folder import BatchFolder
from provisioning.batches.events import EVENT_KINDS, Event, events_of
from provisioning.batches.history import histories
from provisioning.batches.manifest import Expected, Manifest
from provisioning.batches.order_book import Order, OrderFolder, fits
from provisioning.ledger.ledger import Ledger
from provisioning.receipts.items import Ordered


@dataclass(frozen=True, slots=True)
class OtherOrder:
    """The order means something else than what is about to happen.

    ``officer`` or ``team`` is whom the handset on the counter is ordered for, where that is somebody else; with
    ``model`` besides, they are to have any of that model, and this is the last that is ready.
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

    def __init__(
        self,
        lines: Iterable[Expected],
        still_open: Sequence[Order] = (),
        short_without: Callable[[str], Order | None] = lambda _: None,
    ) -> None:
        """``short_without`` gives the order by model that cannot be met once this handset goes to somebody else."""
        self._by_serial: dict[str, Expected] = {}
        self._by_officer: dict[str, list[Expected]] = {}
        self._open = still_open
        self._short_without = short_without
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
        if own is not None:
            return OtherOrder(own.reference, serial_number=own.serial_number, model=own.model)
        short = self._short_without(serial_number)
        return OtherOrder(short.reference, short.officer, short.team, model=short.model) if short else None

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
    lines = _single_lines([folder.load(name) for name in folder.names()])
    orders = OrderFolder(folder.home).all()
    return orders_of(lines, orders, events_of(ledger.entries(kind=EVENT_KINDS)) if orders else (), team_of)


def orders_of(
    lines: Sequence[Expected],
    orders: Sequence[Order],
    events: Iterable[Event],
    team_of: Callable[[str], str] = lambda _: "",
) -> Orders:
    """Give the lines of manifests and the orders as they stand by what happened."""
    events = list(events)
    folded = histories(events)
    given, meant = given_in(events, folded), {line.serial_number.casefold() for line in lines if line.officer}
    now = standings(orders, given, folded, team_of, meant)
    assigned = {serial.casefold() for one in now for serial in one.assigned}

    def short_without(serial: str) -> Order | None:
        if serial.casefold() not in assigned:
            return None
        then = standings(orders, given, folded, team_of, {*meant, serial.casefold()})
        fewer = (one.order for one, less in zip(now, then, strict=True) if len(less.assigned) < len(one.assigned))
        return next(fewer, None)

    return Orders(lines, [one.order for one in now if one.waiting], short_without)


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
