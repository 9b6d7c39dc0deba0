"""Who works now: how many handsets at the same moment, by hub and by kind of work, in the order in which they came.

Theory of operation. Work waits in one line. It begins when there is room in each bound that it falls under: that of
the whole desk, that of its kind on its hub. Whoever is first in the line and fits goes first; one that does not fit
yet (its hub is full) is passed by those on other hubs, and is looked at first again when anybody ends. Work that falls
under a full bound leaves it together with all the others it holds, so nobody in the line is passed for ever.

A place is *lent* for as long as such work takes when it goes well. Whoever holds it longer is waiting for a handset
that stalls, not working: it goes on, but its place counts for the next one. So handsets that keep silent cost the
others the time of one step at the most, however many of them there are.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum, unique

from provisioning.bays.port_path import read_path
from provisioning.handset import Attachment


@unique
class Work(StrEnum):
    """The kinds of work that are bounded apart from each other."""

    LOOK = "look"
    """Reading: a few hundred kilobytes, and waiting for the handset most of the time."""
    CHANGE = "change"
    """Orders to the handset: few bytes, but one that is interrupted leaves something half done."""
    TRANSFER = "transfer"
    """Files to the handset, which fill the cable that a hub's handsets share."""
    KEYS = "keys"
    """Making RSA keys: a core of this machine for a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many at the same moment. ``desk`` counts handsets that are looked at or changed, on all hubs together."""

    desk: int = 128
    looks: int = 24
    """On one hub: no hub has more ports. It holds back those whose port is not told, and racks, which are one hub."""
    changes: int = 24
    transfers: int = 4
    """On one hub. USB 2 carries 30 to 40 MB/s for all behind it, so each of four gets several times the 1 MB/s that
    the engine calls too slow; forty at once would all get less."""
    keys: int = field(default_factory=lambda: max(1, (os.cpu_count() or 1) - 1))
    """One core is left for everybody else's work."""


@dataclass(eq=False, slots=True)
class _Place:
    bounds: tuple[tuple[str, int], ...]
    lent: float | None
    may_begin: asyncio.Event = field(default_factory=asyncio.Event)
    counts: bool = False


class Turns:
    """The line of one desk. Only for the loop on which it is used first."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._line: dict[_Place, None] = {}
        self._held = Counter[str]()

    @asynccontextmanager
    async def turn(self, work: Work, hub: str = "", lent: float | None = None) -> AsyncGenerator[None]:
        """Wait until there is room for one more, and hold that place until the block ends.

        ``lent`` is the seconds after which the place counts for somebody else; None: never.
        """
        place = _Place(self._bounds_of(work, hub), lent)
        self._line[place] = None
        self._call_up()
        overdue: asyncio.TimerHandle | None = None
        try:
            await place.may_begin.wait()
            if lent is not None:
                overdue = asyncio.get_running_loop().call_later(lent, self._give_back, place)
            yield
        finally:
            if overdue is not None:
                overdue.cancel()
            self._line.pop(place, None)
            self._give_back(place)

    def _bounds_of(self, work: Work, hub: str) -> tuple[tuple[str, int], ...]:
        bounds = self._bounds
        match work:
            case Work.LOOK:
                return ("desk", bounds.desk), (f"look {hub}", bounds.looks)
            case Work.CHANGE:
                return ("desk", bounds.desk), (f"change {hub}", bounds.changes)
            case Work.TRANSFER:
                return ((f"transfer {hub}", bounds.transfers),)
            case Work.KEYS:
                return (("keys", bounds.keys),)

    def _give_back(self, place: _Place) -> None:
        if place.counts:
            place.counts = False
            for name, _ in place.bounds:
                self._held[name] -= 1
            self._call_up()

    def _call_up(self) -> None:
        for place in tuple(self._line):
            if all(self._held[name] < most for name, most in place.bounds):
                del self._line[place]
                place.counts = True
                for name, _ in place.bounds:
                    self._held[name] += 1
                place.may_begin.set()


def hub_of(attachment: Attachment) -> str:
    """Name what it shares a cable with: the USB hub of its port, or all whose port is not told; nobody on a network."""
    path = read_path(attachment.port)
    return path.hub if path is not None else attachment.port
