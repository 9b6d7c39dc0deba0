"""Read the label of a bay: which hub it belongs to and where on it, to group and order a wall. No Qt here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_PLACE = re.compile(
    r"(?P<hub>.*[^-. /·])\s*[-. /·]\s*(?P<port>\d{1,4})|(?P<letters>[A-Za-z]{1,3})(?P<number>\d{1,3})", re.ASCII
)
_PIECES = re.compile(r"\d+|\D+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Bay:
    """A port as people point at it.

    ``hub`` is empty where the label tells none (a connection without a known port). ``short`` is what suffices under
    the hub's heading: the label itself, or the port alone where the label is written out (``Hub 1 · 3``).
    """

    label: str
    hub: str
    short: str
    order: tuple[object, ...]
    """Sort key: hubs in the order that people count in (2 before 10), ports likewise, those without a hub last."""


@lru_cache(maxsize=1024)
def read_bay(label: str) -> Bay:
    """Read a label such as ``1-1.3`` (third port of the hub at 1-1), ``2-7``, ``B12`` or ``Hub 1 · 3``."""
    match = _PLACE.fullmatch(label)
    if match is None:
        return Bay(label, "", label, order_of("", label))
    port, hub = match["port"], match["hub"] or match["letters"]
    return Bay(label, hub, port if port and " " in label else label, order_of(hub, label))


def order_of(hub: str, label: str) -> tuple[object, ...]:
    """Give the sort key of a bay; that of its hub's heading has an empty label."""
    return (not hub, _natural(hub), _natural(label))


def hub_title(hub: str) -> str:
    """Give the heading of a hub's bays; a hub that has been given a name keeps it."""
    if not hub:
        return "Ports without a number"
    return hub if " " in hub or len(hub.strip("0123456789.-")) > 3 else f"Hub {hub}"


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    return tuple(
        (0, int(piece), "") if piece[0] in "0123456789" else (1, 0, piece.casefold())
        for piece in _PIECES.findall(text[:80])
    )
