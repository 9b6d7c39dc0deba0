"""Who still waits, and which handset is theirs: orders against what was given and what is ready, by the ledgers alone.

What was given counts once, for the first order that it fits: by serial number, then by officer and model, then by
team and model. What is ready is assigned in the order of the lists, the one that has been ready longest first. Nothing
of this is kept; asked again, the same ledger gives the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from provisioning.batches.events import Event
from provisioning.batches.history import Histories, History
from provisioning.batches.order_book import Order, fits
from provisioning.batches.standing import Standing
from provisioning.ledger.entry import EntryKind
from provisioning.plain_text import one_line


@dataclass(frozen=True, slots=True)
class Given:
    """A handset that was handed over to somebody, whatever became of it."""

    serial_number: str
    officer: str
    receipt: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderStanding:
    """One order: what was given for it, what is to be given next, and what is in the way (a sentence each)."""

    order: Order
    given: tuple[Given, ...] = ()
    assigned: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()

    @property
    def waiting(self) -> int:
        """Give how many handsets are still to be given for it."""
        return max(0, self.order.quantity - len(self.given))


def given_in(events: Iterable[Event], folded: Histories) -> list[Given]:
    """Give every handover, oldest first; the same handset to the same officer twice is one."""
    found: dict[tuple[str, str], Given] = {}
    for event in events:
        if event.kind == EntryKind.HANDED_OVER and event.subject:
            officer = event.text("officer")
            models = models_of(folded.of(event.subject))
            key = (event.subject.casefold(), officer)
            found.setdefault(key, Given(event.subject, officer, event.text("receipt"), models))
    return list(found.values())


def models_of(history: History) -> tuple[str, ...]:
    """Give what a handset's model is called, by its maker and by people."""
    said = history.identity
    return tuple(filter(None, (said.text("model_name"), said.text("model")))) if said else ()


def standings(
    orders: Sequence[Order],
    given: Sequence[Given],
    folded: Histories,
    team_of: Callable[[str], str],
    meant: Collection[str] = (),
) -> list[OrderStanding]:
    """Give how every order stands, in their order. ``team_of`` gives an officer's team, empty where not known.

    ``meant`` are serial numbers, in small letters, that a manifest means for somebody: no order by model takes those.
    """
    done: dict[int, list[Given]] = {}
    for one in given:
        place = _meant(orders, one, team_of(one.officer), done)
        if place is not None:
            done.setdefault(place, []).append(one)
    ready = sorted(
        (history for history in folded.by_serial.values() if history.standing is Standing.CLEAR),
        key=lambda history: (history.since, history.serial_number),
    )
    named = {*meant, *(order.serial_number.casefold() for order in orders if order.serial_number)}
    free = [history for history in ready if history.serial_number.casefold() not in named]
    found: list[OrderStanding] = []
    for place, order in enumerate(orders):
        theirs = tuple(done.get(place, ()))
        twice = _ordered_twice(orders, place)
        conflicts = [twice] if twice else []
        assigned: list[str] = []
        missing = order.quantity - len(theirs)
        if missing > 0 and order.serial_number:
            hindrance = _not_ready(folded.of(order.serial_number))
            if hindrance:
                conflicts.append(hindrance)
            elif not conflicts:
                assigned.append(folded.of(order.serial_number).serial_number)
        elif missing > 0:
            fitting = [history for history in free if fits(order.model, *models_of(history))][:missing]
            assigned += [history.serial_number for history in fitting]
            free = [history for history in free if history not in fitting]
            if len(fitting) < missing:
                conflicts.append(
                    f"{missing - len(fitting)} of {order.quantity} for {order.whom} "
                    f"{'waits' if missing - len(fitting) == 1 else 'wait'}: "
                    f"no further {one_line(order.model, 60)} is ready."
                )
        found.append(OrderStanding(order, theirs, tuple(assigned), tuple(conflicts)))
    return found


def _meant(orders: Sequence[Order], given: Given, team: str, done: dict[int, list[Given]]) -> int | None:
    open_ones = [
        (place, order)
        for place, order in enumerate(orders)
        if order.is_for(given.officer, team) and len(done.get(place, ())) < order.quantity
    ]
    by_serial = [p for p, order in open_ones if order.serial_number.casefold() == given.serial_number.casefold()]
    by_model = [
        (bool(not order.officer), p)
        for p, order in open_ones
        if not order.serial_number and fits(order.model, *given.models)
    ]
    return next(iter(by_serial), None) if by_serial else min(by_model)[1] if by_model else None


def _ordered_twice(orders: Sequence[Order], place: int) -> str:
    order = orders[place]
    if not order.serial_number:
        return ""
    for other in orders:
        same = other.serial_number.casefold() == order.serial_number.casefold()
        if same and other is not order and (other.officer, other.team) != (order.officer, order.team):
            return f"{order.serial_number} is ordered for {order.whom} and for {other.whom}. Have one of them changed."
    return ""


def _not_ready(history: History) -> str:
    serial = one_line(history.serial_number, 40)
    match history.standing:
        case Standing.CLEAR:
            return ""
        case Standing.OUT:
            officer = one_line(history.last.text("officer") if history.last else "–", 40)
            return f"{serial} is out to officer {officer or '–'}."
        case _:
            return f"{serial} is not ready: {history.standing}."
