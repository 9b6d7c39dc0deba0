"""Numbers measured, never set: handsets an hour, seconds a step, first-pass yield; by desk, batch and model.

* *Handsets an hour*: handsets whose walk ended ready, over the hours in which the desk was at work
  (:func:`~provisioning.batches.pace.worked_seconds`). Not given below :data:`~provisioning.batches.pace.FEWEST`.
* *Seconds of a step*: the desk's and the handset's own work. Waits for a person, and for a turn among other handsets,
  are beside it, so that neither hides in the other. p95 is the nearest rank: a value that was measured.
* *First-pass yield*: of the handsets of which a walk has ended, the share whose first walk ended ready.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from provisioning.batches.events import Event
from provisioning.batches.history import Histories
from provisioning.batches.pace import FEWEST, worked_seconds
from provisioning.canonical import Json
from provisioning.ledger.entry import EntryKind
from provisioning.walk import PROVISION_ANEW

STEPS = tuple(str(stage) for stage in PROVISION_ANEW)
HEADING = (
    "by", "name", "handsets", "ready", "ready_at_first", "first_pass_yield", "hours_at_work", "handsets_per_hour",
    *(f"{step}_{what}" for step in STEPS for what in ("walks", "median_s", "p95_s", "waited_median_s")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepNumbers:
    """One step in seconds. ``walks`` is how many were measured."""

    step: str
    walks: int
    median: float
    p95: float
    waited_median: float
    waited_p95: float
    queued_median: float


@dataclass(frozen=True, slots=True)
class Numbers:
    """One group: ``by`` is ``all``, ``desk``, ``batch`` or ``model``. Nothing measured too seldom is given: None."""

    by: str
    name: str
    handsets: int
    ready: int
    ready_at_first: int
    hours_at_work: float
    per_hour: float | None
    steps: tuple[StepNumbers, ...]

    @property
    def first_pass_yield(self) -> float | None:
        """Give the share of handsets whose first walk ended ready; None where no walk has ended."""
        return self.ready_at_first / self.handsets if self.handsets else None

    def document(self) -> dict[str, Json]:
        """Give it as JSON, seconds to the millisecond."""
        return {
            "by": self.by, "name": self.name, "handsets": self.handsets, "ready": self.ready,
            "ready_at_first": self.ready_at_first, "first_pass_yield": _rounded(self.first_pass_yield),
            "hours_at_work": round(self.hours_at_work, 4), "handsets_per_hour": _rounded(self.per_hour, 1),
            "steps": [
                {"step": one.step, "walks": one.walks, "median_seconds": _rounded(one.median),
                 "p95_seconds": _rounded(one.p95), "waited_median_seconds": _rounded(one.waited_median),
                 "waited_p95_seconds": _rounded(one.waited_p95), "queued_median_seconds": _rounded(one.queued_median)}
                for one in self.steps
            ],
        }  # fmt: skip

    def row(self) -> tuple[str | int | float | None, ...]:
        """Give it as a row under :data:`HEADING`."""
        steps = {one.step: one for one in self.steps}
        cells: list[str | int | float | None] = [
            self.by, self.name, self.handsets, self.ready, self.ready_at_first, _rounded(self.first_pass_yield),
            round(self.hours_at_work, 4), _rounded(self.per_hour, 1),
        ]  # fmt: skip
        for name in STEPS:
            step = steps.get(name)
            cells += [step.walks, *map(_rounded, (step.median, step.p95, step.waited_median))] if step else [None] * 4
        return tuple(cells)


def numbers(
    folded: Histories,
    events: Iterable[Event],
    *,
    batches_of: Callable[[str], Sequence[str]],
    desk_name: Callable[[str], str],
) -> list[Numbers]:
    """Measure all, then each desk, batch and model, in order of the alphabet.

    ``batches_of`` gives the batches on whose manifest a serial number stands, ``desk_name`` the name of a desk's UUID.
    """
    groups: dict[tuple[str, str], list[Event]] = {("all", ""): []}
    for event in events:
        if not event.subject or event.kind not in _WORK:
            continue
        history = folded.of(event.subject)
        model = history.identity.text("model_name") or history.identity.text("model") if history.identity else ""
        groups["all", ""].append(event)
        groups.setdefault(("desk", desk_name(event.desk)), []).append(event)
        groups.setdefault(("model", model or "not known"), []).append(event)
        for batch in batches_of(event.subject):
            groups.setdefault(("batch", batch), []).append(event)
    order = ("all", "desk", "batch", "model")
    named = sorted(groups.items(), key=lambda pair: (order.index(pair[0][0]), pair[0][1]))
    return [_measured(by, name, found) for (by, name), found in named]


_WORK = frozenset({EntryKind.IDENTIFIED, EntryKind.ENROLLED, EntryKind.APPLIED, EntryKind.VERIFIED, EntryKind.STOPPED,
                   EntryKind.ERASED, EntryKind.WALKED})  # fmt: skip


def _measured(by: str, name: str, events: Sequence[Event]) -> Numbers:
    walks = [event for event in events if event.kind == EntryKind.WALKED]
    first: dict[str, Event] = {}
    for walk in walks:
        first.setdefault(walk.subject.casefold(), walk)
    ready = {walk.subject.casefold() for walk in walks if walk.text("end") == "ready"}
    hours = worked_seconds(events) / 3600
    per_hour = len(ready) / hours if len(ready) >= FEWEST and hours > 0 else None
    at_first = sum(walk.text("end") == "ready" for walk in first.values())
    return Numbers(by, name, len(first), len(ready), at_first, hours, per_hour, _steps(walks))


def _steps(walks: Iterable[Event]) -> tuple[StepNumbers, ...]:
    measured: dict[str, list[tuple[float, float, float]]] = {}
    for walk in walks:
        steps = walk.body.get("steps")
        for step in steps if isinstance(steps, list) else ():
            if isinstance(step, Mapping) and step.get("done") is True:
                waited, queued = _number(step.get("waited")), _number(step.get("queued"))
                own = max(0.0, _number(step.get("seconds")) - waited - queued)
                measured.setdefault(str(step["step"]), []).append((own, waited, queued))
    found: list[StepNumbers] = []
    for name in STEPS:
        if name in measured:
            own, waited, queued = (sorted(column) for column in zip(*measured[name], strict=True))
            middle = statistics.median
            found.append(
                StepNumbers(name, len(own), middle(own), p95(own), middle(waited), p95(waited), middle(queued))
            )
    return tuple(found)


def p95(ascending: Sequence[float]) -> float:
    """Give the nearest-rank 95th percentile of values in ascending order."""
    return ascending[math.ceil(0.95 * len(ascending)) - 1]


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)
