"""Enrol: make the handset ours (supervision on iOS, device owner on Android) and read that back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, assert_never

from provisioning.errors import HandsetLocked, HandsetRefused, ManagementRefused
from provisioning.handset import Enrolment, Handset, Ownership
from provisioning.walk import Next


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The handset says that it is ours; ``already`` if it said so before we did anything."""

    next: ClassVar[Next] = Next.PROCEED
    enrolment: Enrolment
    already: bool


@dataclass(frozen=True, slots=True)
class HeldByAnother:
    """Somebody else manages it; it is never taken."""

    next: ClassVar[Next] = Next.STOP
    organisation: str


@dataclass(frozen=True, slots=True)
class EnrolmentRefused:
    """The handset would not; ``reason`` is its own word."""

    next: ClassVar[Next] = Next.STOP
    reason: str


@dataclass(frozen=True, slots=True)
class NotReadBack:
    """It took the orders and yet does not say that it is ours."""

    next: ClassVar[Next] = Next.RETRY
    found: str


@dataclass(frozen=True, slots=True)
class NotManaged:
    """It is ours, but the enrolment with the device management failed: no network, or its server said no."""

    next: ClassVar[Next] = Next.RETRY
    reason: str


Outcome = Enrolled | HeldByAnother | EnrolmentRefused | NotReadBack | NotManaged


async def enrol(handset: Handset) -> Outcome:
    """Enrol it unless it is ours already; idempotent."""
    before = await handset.enrolment()
    match before.ownership:
        case Ownership.OURS if not before.missing:
            return Enrolled(before, already=True)
        case Ownership.ANOTHER:
            return HeldByAnother(before.organisation)
        case Ownership.NOBODY | Ownership.UNREADABLE | Ownership.OURS:
            pass
        case _:
            assert_never(before.ownership)
    try:
        after = await handset.enrol()
    except HandsetLocked:
        raise  # a person can enter the passcode: that is a wait of the walk's, and no refusal
    except ManagementRefused as refusal:
        return NotManaged(refusal.reason)
    except HandsetRefused as refusal:
        return EnrolmentRefused(refusal.reason)
    if after.ownership is Ownership.OURS and not after.missing:
        return Enrolled(after, already=False)
    return NotReadBack(after.missing or after.detail or str(after.ownership))
