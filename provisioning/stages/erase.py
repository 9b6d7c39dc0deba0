"""Erase: bring a used handset back to what it was out of its box; a deliberate act that a person has confirmed.

It looks before it acts: a handset that is as new is left alone, one whose user's Find My is on or that somebody else
manages is never erased here, because it would come back locked to its owner. Ordering it is not evidence; the handset
vanishes, comes back trusting nobody, and only what it then says of itself counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from provisioning.handset import Erasable, Handset, Hindrance, Obstacle, Ownership
from provisioning.platforms import Platform
from provisioning.walk import Next

KEEPS = frozenset({Hindrance.FIND_MY_ON, Hindrance.ACTIVATION_LOCKED, Hindrance.OWNED_BY_ANOTHER})
"""What an erase would turn into a handset that nobody here can use."""


@dataclass(frozen=True, slots=True)
class Erased:
    """It lies there as new; ``already`` if it did so before anything was ordered in this walk."""

    next: ClassVar[Next] = Next.PROCEED
    already: bool


@dataclass(frozen=True, slots=True)
class Erasing:
    """It took the order and is about to vanish; it comes back by itself, and somebody connects it to a network."""

    next: ClassVar[Next] = Next.WAIT


@dataclass(frozen=True, slots=True)
class NotErased:
    """It was left as it is, because it would come back locked; ``obstacles`` is never empty."""

    next: ClassVar[Next] = Next.STOP
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True)
class NotFromHere:
    """Handsets of this platform cannot be erased over the cable."""

    next: ClassVar[Next] = Next.STOP
    platform: Platform


Outcome = Erased | Erasing | NotErased | NotFromHere


async def erase(handset: Handset, *, ordered: bool) -> Outcome:
    """Order an erase unless it is as new; ``ordered``: it was ordered in this walk, so only look."""
    if not isinstance(handset, Erasable):
        return NotFromHere(handset.attachment.platform)
    if await handset.is_as_new():
        return Erased(already=not ordered)
    if ordered:
        return Erasing()
    enrolment = await handset.enrolment()
    condition = await handset.condition()
    kept = [obstacle for obstacle in condition.obstacles if obstacle.hindrance in KEEPS]
    not_ours = enrolment.ownership in (Ownership.ANOTHER, Ownership.UNREADABLE)
    if not_ours and all(one.hindrance is not Hindrance.OWNED_BY_ANOTHER for one in kept):
        kept.insert(0, Obstacle(Hindrance.OWNED_BY_ANOTHER, enrolment.organisation))
    if kept:
        return NotErased(tuple(kept))
    await handset.erase()
    return Erasing()
