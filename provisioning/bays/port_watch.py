"""Turns what happens on the desk into visits to ports. Told of each movement before the desk acts on it, and of each
status; pure but for the clock, and a few dictionary look-ups for each call.

What went is held back for a moment before it is judged: when a hub daemon stops, everything seems to go and nothing was
pulled; and when a hub loses its power, its handsets go together.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from provisioning.bays.port_history import PortHistory, Visit, VisitEnd
from provisioning.handset import Arrived, Attachment, Departed, HubLost, Movement
from provisioning.platforms import Platform
from provisioning.status import Phase, SessionStatus
from provisioning.walk import StageName

TOGETHER = 2.0
"""Seconds within which departures count as one event."""
LONGEST = 60.0
"""Seconds after which it is judged all the same, while others go on going."""
MANY = 3
"""Departures in one event from which on it was not a hand that pulled a cable: two hands, two cables."""
GOES_BY_ITSELF = frozenset({StageName.ERASE, StageName.SEAL})
"""Stages at whose end a handset vanishes as it should."""
SHORTEST = 5.0
"""Seconds for which something must have hung there before its silence means anything."""

Connection = tuple[Platform, str]


@dataclass(slots=True)
class _Stay:
    attachment: Attachment
    since: float
    serial_number: str = ""
    spoke: bool = False
    working: bool = False


@dataclass(frozen=True, slots=True)
class _Gone:
    attachment: Attachment
    at: float
    visit: Visit


class PortWatch:
    """Feeds a history. ``clock`` gives seconds, ``today`` the desk's calendar day."""

    def __init__(
        self,
        history: PortHistory,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._history = history
        self._clock = clock
        self._today = today
        self._stays: dict[Connection, _Stay] = {}
        self._gone: list[_Gone] = []

    def move(self, movement: Movement) -> None:
        """Take note of a movement, before the desk acts on it."""
        now = self._clock()
        match movement:
            case Arrived(attachment):
                self._stays[attachment.platform, attachment.connection] = _Stay(attachment, now)
            case Departed(attachment):
                stay = self._stays.pop((attachment.platform, attachment.connection), None)
                if stay is not None:
                    self._gone.append(_Gone(attachment, now, self._visit(stay, now)))
            case HubLost(platform):
                self._gone = [
                    one for one in self._gone if one.attachment.platform is not platform or now - one.at > TOGETHER
                ]
            case _:
                pass
        self.settle(now)

    def note(self, status: SessionStatus) -> None:
        """Take note of how a handset stands."""
        stay = self._stays.get((status.attachment.platform, status.attachment.connection))
        if stay is None or status.phase is Phase.UNPLUGGED:
            return
        stay.serial_number = status.serial_number or stay.serial_number
        # One that waits for a tap has been heard: adb says “unauthorized”, an iPhone its model.
        stay.spoke = stay.spoke or status.identity is not None or status.phase is Phase.WAITING
        stay.spoke = stay.spoke or (status.glimpse is not None and status.glimpse.model is not None)
        stay.working = status.phase is Phase.WORKING and status.stage not in GOES_BY_ITSELF

    def settle(self, now: float | None = None) -> None:
        """Judge what went, once nothing has gone for a moment; ``now`` defaults to the present, infinity: at once."""
        now = self._clock() if now is None else now
        if not self._gone or (now - self._gone[-1].at <= TOGETHER and now - self._gone[0].at <= LONGEST):
            return
        gone, self._gone = self._gone, []
        for one in gone:
            near = sum(abs(other.at - one.at) <= TOGETHER and _lost(other) for other in gone)
            visit = one.visit
            if _lost(one) and near >= MANY:
                visit = replace(visit, end=VisitEnd.WITH_OTHERS)
            attachment = one.attachment
            self._history.note(attachment.port or attachment.bay, attachment.bay[:80], visit)

    def _visit(self, stay: _Stay, now: float) -> Visit:
        end = VisitEnd.WENT
        if stay.working:
            end = VisitEnd.LOST
        elif not stay.spoke and now - stay.since >= SHORTEST:
            end = VisitEnd.SILENT
        return Visit(stay.serial_number[:80], self._today().isoformat(), end)


def _lost(one: _Gone) -> bool:
    return one.visit.end is VisitEnd.LOST
