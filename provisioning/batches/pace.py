"""How fast a batch goes and when it could be done: measured in this batch, said as a range, or not said at all."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from provisioning.batches.events import Event

FEWEST = 5
"""Walks that ended ready below which nothing is foretold: a median of fewer is a guess."""
IDLE = 900.0
"""Seconds without any event after which nobody is taken to have been at work."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds until the handsets still to come are ready; ``measured`` is how many walks it rests on."""

    low: float
    middle: float
    high: float
    measured: int
    at_once: float
    """How many handsets were under way at the same time, on average."""


def estimate(walks: Sequence[Event], to_come: int) -> Estimate | None:
    """Foretell from this batch's own walks; None where nothing is to come or too few walks ended ready.

    The middle is the median of whole walks, waits for people included, times the handsets to come, over how many were
    under way at once; low and high are the quartiles. Those that need hands are not in it: nothing measures that.
    """
    ready = sorted(seconds_of(walk) for walk in walks if walk.text("end") == "ready")
    if to_come <= 0 or len(ready) < FEWEST:
        return None
    low, middle, high = statistics.quantiles(ready, n=4, method="inclusive")
    at_once = max(1.0, sum(ready) / max(worked_seconds([w for w in walks if w.text("end") == "ready"]), 0.001))
    rounds = max(1.0, to_come / at_once)
    return Estimate(low * rounds, middle * rounds, high * rounds, len(ready), at_once)


def seconds_of(walk: Event) -> float:
    """Give how long a walk took, waits included."""
    value = walk.body.get("seconds")
    return float(value) if isinstance(value, int | float) else 0.0


def worked_seconds(events: Iterable[Event]) -> float:
    """Give the seconds in which the desk was at work: from first to last event, pauses longer than IDLE left out.

    A walk counts from its beginning, however long ago its last event was.
    """
    spans: list[tuple[datetime, datetime]] = []
    for event in events:
        took = seconds_of(event) if event.kind == "walked" else 0.0
        spans.append((event.moment - timedelta(seconds=min(took, IDLE)), event.moment))
    spans.sort()
    total, end = 0.0, None
    for began, ended in spans:
        if end is not None:
            gap = (began - end).total_seconds()
            total += gap if 0 < gap <= IDLE else 0.0
        total += max(0.0, (ended - (began if end is None else max(began, end))).total_seconds())
        end = ended if end is None else max(end, ended)
    return total
