"""Apply: put the effective policy's lock-down in force and read it back from the handset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from provisioning.handset import Handset, LockDown
from provisioning.policy.effective import EffectivePolicy
from provisioning.walk import Next


@dataclass(frozen=True, slots=True)
class Applied:
    """Every requirement was read back as in force."""

    next: ClassVar[Next] = Next.PROCEED
    lock_down: LockDown
    already: bool


@dataclass(frozen=True, slots=True)
class AppliedInPart:
    """The orders went through but something is missing when read back; verification names it, so the walk goes on."""

    next: ClassVar[Next] = Next.PROCEED
    lock_down: LockDown


Outcome = Applied | AppliedInPart


async def apply(handset: Handset, effective: EffectivePolicy) -> Outcome:
    """Apply the lock-down unless it is in force already; idempotent."""
    before = await handset.lock_down(effective)
    if before.in_force:
        return Applied(before, already=True)
    after = await handset.apply(effective)
    return Applied(after, already=False) if after.in_force else AppliedInPart(after)
