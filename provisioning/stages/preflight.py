"""Preflight: find what stands in the way of enrolment before anything is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from provisioning.handset import Handset, Hindrance, Obstacle, Ownership
from provisioning.walk import Next

NO_WAY = frozenset({
    Hindrance.ACTIVATION_LOCKED,
    Hindrance.OWNED_BY_ANOTHER,
    Hindrance.TRADE_IN_MODE,
    Hindrance.OS_TOO_OLD,
})  # fmt: skip
"""Nothing that a person does at the desk while the handset lies there takes these away."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Nothing stands in the way."""

    next: ClassVar[Next] = Next.PROCEED
    battery_percent: int | None


@dataclass(frozen=True, slots=True)
class AlreadyOurs:
    """It is enrolled by us already, so what would hinder a first enrolment no longer matters."""

    next: ClassVar[Next] = Next.PROCEED
    battery_percent: int | None


@dataclass(frozen=True, slots=True)
class NeedsHands:
    """A person can clear every obstacle; ``obstacles`` is never empty."""

    next: ClassVar[Next] = Next.WAIT
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True)
class NotFit:
    """At least one obstacle cannot be cleared at the desk."""

    next: ClassVar[Next] = Next.STOP
    obstacles: tuple[Obstacle, ...]


Outcome = Fit | AlreadyOurs | NeedsHands | NotFit


async def preflight(handset: Handset) -> Outcome:
    """Read the handset's condition and owner; change nothing."""
    owner = await handset.enrolment()
    condition = await handset.condition()
    if owner.ownership is Ownership.OURS:
        return AlreadyOurs(condition.battery_percent)
    obstacles = condition.obstacles
    named = {obstacle.hindrance for obstacle in obstacles}
    if owner.ownership is Ownership.ANOTHER and Hindrance.OWNED_BY_ANOTHER not in named:
        obstacles = (Obstacle(Hindrance.OWNED_BY_ANOTHER, owner.organisation), *obstacles)
        named.add(Hindrance.OWNED_BY_ANOTHER)
    if not obstacles:
        return Fit(condition.battery_percent)
    return NotFit(obstacles) if named & NO_WAY else NeedsHands(obstacles)
