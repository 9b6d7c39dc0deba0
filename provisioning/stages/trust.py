"""Trust: be allowed to talk to the handset, by its dialog, by Setup Assistant's silence or by our supervision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, assert_never

from provisioning.handset import Handset, Identity, Trust
from provisioning.platforms import Platform
from provisioning.walk import Next


@dataclass(frozen=True, slots=True)
class Trusted:
    """It trusts this desk and has said who it is."""

    next: ClassVar[Next] = Next.PROCEED
    identity: Identity


@dataclass(frozen=True, slots=True)
class AwaitingUnlock:
    """It is locked; somebody must enter the passcode."""

    next: ClassVar[Next] = Next.WAIT
    platform: Platform


@dataclass(frozen=True, slots=True)
class AwaitingTrust:
    """Its dialog is up; somebody must tap Trust (iOS) or Allow (Android)."""

    next: ClassVar[Next] = Next.WAIT
    platform: Platform


@dataclass(frozen=True, slots=True)
class TrustDenied:
    """Somebody tapped no; it asks again after a replug."""

    next: ClassVar[Next] = Next.WAIT
    platform: Platform


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A connection is seen but no handset answers on it; ``detail`` is the hub's word, ``remedy`` what mends it."""

    next: ClassVar[Next] = Next.WAIT
    platform: Platform
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class PairingClosed:
    """Another organisation has closed pairing on it."""

    next: ClassVar[Next] = Next.STOP


@dataclass(frozen=True, slots=True)
class StillNameless:
    """It says that it trusts us and yet does not say who it is; asking again helps while it starts up."""

    next: ClassVar[Next] = Next.RETRY


Outcome = Trusted | AwaitingUnlock | AwaitingTrust | TrustDenied | Unreachable | PairingClosed | StillNameless


async def trust(handset: Handset, told: Identity | None = None) -> Outcome:
    """Make one attempt to be trusted, then ask who it is unless it has ``told`` so on this connection a moment ago."""
    platform = handset.attachment.platform
    standing = await handset.trust()
    match standing:
        case Trust.TRUSTED:
            found = told or await handset.identify()
            return Trusted(found) if isinstance(found, Identity) else StillNameless()
        case Trust.LOCKED:
            return AwaitingUnlock(platform)
        case Trust.ASKING:
            return AwaitingTrust(platform)
        case Trust.DENIED:
            return TrustDenied(platform)
        case Trust.FORBIDDEN:
            return PairingClosed()
        case Trust.UNREACHABLE:
            return Unreachable(platform, handset.attachment.state, handset.attachment.remedy)
        case _:
            assert_never(standing)
