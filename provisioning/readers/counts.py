"""What is counted of a rollout, and as of when; pieces that go across to the window. No database here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum, unique

from provisioning.canonical import canonical

ENDING = 14
"""Days before the end of a permit from which on it is named as running out."""


@unique
class Group(StrEnum):
    """By what is counted. The first six count handsets that went out in the period, the others what is so now."""

    DAY = "day"
    WEEK = "week"
    UNIT = "unit"
    MODEL = "model"
    BODY = "body"
    DESK = "desk"
    READY = "ready stock"
    FINDING = "open findings"
    PERMIT = "permits running out"


@dataclass(frozen=True, slots=True)
class Count:
    """One bar: what it counts, how many. ``key`` is what :func:`behind` takes; ``detail`` says more, may be empty."""

    key: str
    label: str
    number: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DeskRate:
    """A desk in the period. ``hours`` are those in which a walk ended there or something changed hands there."""

    desk: str
    name: str
    issued: int
    returned: int
    ready: int
    walks: int
    hours: int

    @property
    def per_hour(self) -> float | None:
        """Give how many handsets became ready in an hour at work; None where too few hours say nothing."""
        return self.ready / self.hours if self.hours >= _HOURS_THAT_SAY_SOMETHING else None


_HOURS_THAT_SAY_SOMETHING = 3


@dataclass(frozen=True, slots=True)
class Figures:
    """All of a dashboard. ``first`` and ``last`` are the days of the period, both included.

    ``in_use``, ``ready`` and what follows are as of now, whatever the period.
    """

    as_of: AsOf
    first: date
    last: date
    issued: int
    returned: int
    reasons: tuple[Count, ...]
    in_use: int
    ready: int
    permits_in_force: int
    by_day: tuple[Count, ...]
    by_unit: tuple[Count, ...]
    by_model: tuple[Count, ...]
    by_body: tuple[Count, ...]
    ready_stock: tuple[Count, ...]
    findings: tuple[Count, ...]
    permits: tuple[Count, ...]
    desks: tuple[DeskRate, ...]

    @property
    def open_findings(self) -> int:
        """Give how many handsets were not clear when they were last read."""
        return sum(one.number for one in self.findings)


@dataclass(frozen=True, slots=True)
class AsOf:
    """As of which entries an answer speaks. ``time`` is the newest entry's, ISO 8601 in UTC, empty without entries.

    ``heads`` are number and hash of each desk's last entry. ``behind`` says why newer entries may be missing.
    """

    entries: int
    place: int
    time: str
    heads: Mapping[str, tuple[int, str]]
    behind: str = ""

    @property
    def head(self) -> str:
        """Give one value that fixes all of it: of one desk the hash of its last entry, of more as ``SharedCheck``."""
        hashes = {desk: head[1] for desk, head in self.heads.items()}
        if len(hashes) == 1:
            return next(iter(hashes.values()))
        return hashlib.sha256(canonical(hashes)).hexdigest() if hashes else ""


def weeks(by_day: Sequence[Count]) -> tuple[Count, ...]:
    """Put days together to weeks that begin on Monday; ``key`` is the ordinal of the week's first day in the period."""
    found: list[list[Count]] = []
    for one in by_day:
        if not found or date.fromordinal(int(one.key)).weekday() == 0:
            found.append([])
        found[-1].append(one)
    return tuple(
        Count(week[0].key, f"week of {week[0].label[4:]}", sum(day.number for day in week), f"{len(week)} days")
        for week in found
    )


def period(first: date | None, today: date, length: int | None) -> tuple[date, date]:
    """Give the first and the last day of a period that ends today; ``length`` None: since the first handover."""
    if length is None:
        return first or today, today
    return today - timedelta(days=length - 1), today
