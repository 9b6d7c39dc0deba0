"""Verify: read the handset itself, all of it, and judge what was read. Nothing is taken from memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from provisioning.handset import Handset, Identity, LockDown
from provisioning.inventory import Inventory
from provisioning.platforms import Platform
from provisioning.policy.android import in_force_after_seal
from provisioning.policy.effective import EffectivePolicy
from provisioning.verification.judgement import Judgement, Verdict
from provisioning.walk import Next


@dataclass(frozen=True, slots=True)
class Verified:
    """Read completely, nothing found: clear."""

    next: ClassVar[Next] = Next.PROCEED
    judgement: Judgement
    record: str
    """Identifier of the signed verification record."""
    after_seal: tuple[str, ...] = ()
    """What the policy forbids and no verification can find in force, since it ends the reading: the seal sets it."""


@dataclass(frozen=True, slots=True)
class NotClear:
    """Something is on it, or missing from it, that the policy does not let pass."""

    next: ClassVar[Next] = Next.STOP
    judgement: Judgement
    record: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something could not be read; what was read held nothing that fails it."""

    next: ClassVar[Next] = Next.STOP
    judgement: Judgement
    record: str


Outcome = Verified | NotClear | Unknown


class Judge(Protocol):
    """Judges what was read and keeps a signed record of it."""

    async def __call__(
        self, identity: Identity, inventory: Inventory, lock_down: LockDown, effective: EffectivePolicy
    ) -> tuple[Judgement, str]:
        """Give the judgement and the identifier of its record, which is on disk by then."""
        ...


async def verify(handset: Handset, identity: Identity, effective: EffectivePolicy, judge: Judge) -> Outcome:
    """Read inventory and lock-down, then judge."""
    reading = await handset.read(effective)
    judgement, record = await judge(identity, reading.inventory, reading.lock_down, effective)
    match judgement.verdict:
        case Verdict.CLEAR:
            android = identity.platform is Platform.ANDROID
            return Verified(judgement, record, in_force_after_seal(effective, identity.os_version) if android else ())
        case Verdict.NOT_CLEAR:
            return NotClear(judgement, record)
        case Verdict.UNKNOWN:
            return Unknown(judgement, record)
