"""Seal: close what was open for this desk alone, after everything was verified and recorded; nothing comes after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, assert_never

from provisioning.handset import Handset, SealState
from provisioning.policy.effective import EffectivePolicy
from provisioning.walk import Next


@dataclass(frozen=True, slots=True)
class Sealed:
    """It is closed to every computer; ``evidence`` says by what that is known."""

    next: ClassVar[Next] = Next.PROCEED
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NothingToSeal:
    """The policy closes nothing at the end, or the lock-down has closed it already."""

    next: ClassVar[Next] = Next.PROCEED
    reason: str


@dataclass(frozen=True, slots=True)
class NotSealed:
    """It is not known to be closed; ``reason`` says what was seen instead."""

    next: ClassVar[Next] = Next.STOP
    reason: str


Outcome = Sealed | NothingToSeal | NotSealed


async def seal(handset: Handset, effective: EffectivePolicy) -> Outcome:
    """Seal it. The walk comes here only from a verification that was clear and is on the books."""
    found = await handset.seal(effective)
    match found.state:
        case SealState.SEALED:
            return Sealed(found.evidence)
        case SealState.NOTHING_TO_SEAL:
            return NothingToSeal(found.detail)
        case SealState.NOT_SEALED:
            return NotSealed(found.detail)
        case _:
            assert_never(found.state)
