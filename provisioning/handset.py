"""The port through which everything sees a handset: who it is, what state it is in, what it is asked to do.

Engines (``provisioning.apple``, ``provisioning.android``) implement :class:`Handset` and :class:`Hub`;
nothing above them knows which one it holds. Every method has its own deadline inside the engine, raises only
:class:`~provisioning.errors.HandsetError`, and *reads back*: what it returns was said by the handset just now.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Protocol, runtime_checkable

from provisioning.inventory import Inventory, Unread
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy


@dataclass(frozen=True, slots=True)
class Attachment:
    """A connection with something at its other end. It names a socket, never a handset.

    ``connection`` is the hub daemon's own name (a usbmux DeviceID, an adb transport serial) and changes at
    each plug; ``bay`` is the label of the physical port where the hub can tell it, else ``connection``.
    ``port`` is what the hub calls that physical port (``1-1.3``), the same at each plug; empty where it can tell none.
    ``udid`` is what usbmuxd announces for an iPhone; an Android connection announces nothing that can be relied on.
    ``state`` is the hub's own word for how the connection stands (adb: ``device``, ``unauthorized``, ``no permissions
    (…)``); empty where the hub has none. ``remedy`` is what a person can add to this computer so that it may be
    opened (a udev rule); empty where nothing of the kind would help.
    """

    platform: Platform
    connection: str
    bay: str
    udid: str | None = None
    state: str = ""
    remedy: str = ""
    port: str = ""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What an untrusting handset tells: enough to name it on the wall, not enough for the books.

    An iPhone gives UDID, ProductType and ProductVersion before pairing, but no serial number or IMEI
    (lockdownd of iOS 14.7.1, YueChen-C/py-ios-device#38). An unauthorised Android gives nothing at all.
    """

    platform: Platform
    udid: str | None = None
    model: str | None = None
    model_name: str | None = None
    os_version: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a handset is on our books; read from the handset itself after it trusts this desk.

    ``model`` is the maker's identifier (``iPhone15,4``, ``SM-A546B``), ``model_name`` what people call it.
    ``security_patch`` is Android's ISO date; iOS has none.
    """

    platform: Platform
    serial_number: str
    model: str
    model_name: str
    os_version: str
    build: str
    udid: str | None = None
    imei: str | None = None
    security_patch: str | None = None


@unique
class Trust(StrEnum):
    """How a handset stands towards this desk."""

    TRUSTED = "trusted"
    LOCKED = "locked"
    """A passcode must be entered before it will even ask."""
    ASKING = "asking"
    """The dialog (Trust / Allow USB debugging) is on its screen."""
    DENIED = "denied"
    """Somebody tapped no; it asks again only after a replug."""
    FORBIDDEN = "forbidden"
    """Pairing is closed by policy and our supervision identity is not one that may open it."""
    UNREACHABLE = "unreachable"
    """The hub sees a connection but no handset answers behind it (offline, no permissions, recovery)."""


@unique
class Hindrance(StrEnum):
    """Why a handset cannot be enrolled as it lies there. Each has one sentence in ``ui``."""

    NOT_ACTIVATED = "not activated"
    ACTIVATION_LOCKED = "activation-locked"
    FIND_MY_ON = "Find My is on"
    ALREADY_SET_UP = "already set up"
    """iOS: past Setup Assistant, so a (placeholder) cloud configuration exists and error 14002 is certain."""
    OWNED_BY_ANOTHER = "owned by another organisation"
    LOCKDOWN_MODE = "Lockdown Mode is on"
    ACCOUNTS_PRESENT = "accounts present"
    EXTRA_USERS = "extra users present"
    STILL_BOOTING = "still starting"
    TRADE_IN_MODE = "trade-in mode"
    OS_TOO_OLD = "operating system too old"
    BATTERY_LOW = "battery low"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One hindrance with what the handset said about it, e.g. the owner's name. ``detail`` is hostile text, bounded."""

    hindrance: Hindrance
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """What preflight wants to know, read just now. ``battery_percent`` is None where the handset does not say."""

    obstacles: tuple[Obstacle, ...] = ()
    battery_percent: int | None = None


@unique
class Ownership(StrEnum):
    """Who manages the handset: supervision on iOS, device owner on Android."""

    NOBODY = "nobody"
    OURS = "ours"
    ANOTHER = "another"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Who manages the handset, as the handset says; ``organisation`` is hostile text, bounded.

    ``missing`` names what an enrolment by us still lacks, such as the device management; empty if nothing.
    ``provisional_until`` is an ISO 8601 date: until then its holder may leave automated enrolment (Apple gives 30 days
    to handsets that were added by hand); empty where that does not apply.
    """

    ownership: Ownership
    organisation: str = ""
    detail: str = ""
    missing: str = ""
    provisional_until: str = ""


@unique
class Strength(StrEnum):
    """How well a fact is known: ``effective`` was computed by the handset, ``declared`` was only installed there."""

    DECLARED = "declared"
    EFFECTIVE = "effective"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that the lock-down demands (a restriction, a profile, an owner) and whether it holds now.

    ``name`` keeps the platform's own spelling (``allowAppInstallation``, ``no_install_apps``).
    """

    name: str
    holds: bool
    wanted: str
    found: str
    strength: Strength


@dataclass(frozen=True, slots=True)
class LockDown:
    """The lock-down as found: every requirement of the policy, strangers, and what could not be read.

    ``strangers`` names management that is not ours: unknown profiles, foreign administrators.
    """

    requirements: tuple[Requirement, ...] = ()
    strangers: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()

    @property
    def in_force(self) -> bool:
        """True if all of it was read and every requirement holds."""
        return not self.unread and not self.strangers and all(r.holds for r in self.requirements)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a verification judges, read just now; what could not be read is named in either part's ``unread``."""

    inventory: Inventory
    lock_down: LockDown


@unique
class SealState(StrEnum):
    """How a handset stands after its last order."""

    SEALED = "sealed"
    NOTHING_TO_SEAL = "nothing to seal"
    """The policy closes nothing at the end, or has closed it already."""
    NOT_SEALED = "not sealed"
    """Anything else, doubt among it."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What became of the seal. ``evidence`` says by what a sealed handset is known, ``detail`` why another is not."""

    state: SealState
    evidence: tuple[str, ...] = ()
    detail: str = ""


class Handset(Protocol):
    """One attached handset. Calls are made one at a time (the session sees to it); many handsets run side by side."""

    @property
    def attachment(self) -> Attachment:
        """Where it is connected; costs nothing."""
        ...

    async def identify(self) -> Identity | Glimpse:
        """Say who it is, without asking anybody to tap anything."""
        ...

    async def trust(self) -> Trust:
        """Make one attempt to be trusted and say how it stands; asking again while a dialog is up is harmless."""
        ...

    async def condition(self) -> Condition:
        """Read what stands in the way of enrolment; needs trust."""
        ...

    async def enrolment(self) -> Enrolment:
        """Read who manages it; needs trust."""
        ...

    async def enrol(self) -> Enrolment:
        """Make it ours and read that back. Does nothing where it already is; never takes another's.

        Raises HandsetRefused with the handset's own reason.
        """
        ...

    async def apply(self, effective: EffectivePolicy) -> LockDown:
        """Put the lock-down in force and read it back; needs enrolment by us. Idempotent."""
        ...

    async def lock_down(self, effective: EffectivePolicy) -> LockDown:
        """Read the lock-down that ``effective`` asks for, changing nothing."""
        ...

    async def inventory(self) -> Inventory:
        """Read every app of every user. What could not be read is in ``unread``, never left out in silence."""
        ...

    async def read(self, effective: EffectivePolicy) -> Reading:
        """Read all that a verification judges: apps and lock-down, as :meth:`inventory` and :meth:`lock_down` do."""
        ...

    async def seal(self, effective: EffectivePolicy) -> Seal:
        """Close what was open for this desk alone, for good, as the policy asks. The very last call: all that is to
        be verified must be verified and recorded before, for nothing may answer afterwards.
        """
        ...

    async def close(self) -> None:
        """Let go of sockets and threads; safe at any time, twice too."""
        ...


@runtime_checkable
class Erasable(Protocol):
    """A handset that can be erased over the cable."""

    async def is_as_new(self) -> bool:
        """Tell whether it lies there as out of its box: not set up, managed by nobody; needs trust."""
        ...

    async def erase(self) -> None:
        """Order the erase; returns when the handset took the order and, soon after, vanishes and comes back."""
        ...


@dataclass(frozen=True, slots=True)
class Arrived:
    """Something was plugged in, or was there when watching began."""

    attachment: Attachment


@dataclass(frozen=True, slots=True)
class Departed:
    """It is gone; its sockets are dead."""

    attachment: Attachment


@dataclass(frozen=True, slots=True)
class Changed:
    """The same connection stands differently (adb: offline -> unauthorized -> device); worth asking again."""

    attachment: Attachment


@dataclass(frozen=True, slots=True)
class HubLost:
    """The hub daemon cannot be reached; watching goes on and tries again. ``sentence`` says what to do."""

    platform: Platform
    sentence: str


@dataclass(frozen=True, slots=True)
class HubFound:
    """The hub daemon answers (again)."""

    platform: Platform


Movement = Arrived | Departed | Changed | HubLost | HubFound


class Hub(Protocol):
    """All handsets of one platform that this machine can see."""

    @property
    def platform(self) -> Platform:
        """Which platform it serves."""
        ...

    async def attached(self) -> list[Attachment]:
        """List what is attached now. Raises HubError where the daemon cannot be reached."""
        ...

    def movements(self) -> AsyncGenerator[Movement, None]:
        """Yield arrivals and departures as they happen, beginning with those already there; never ends by itself."""
        ...

    def handset(self, attachment: Attachment) -> Handset:
        """Open a handset on a connection; no traffic yet."""
        ...

    async def close(self) -> None:
        """Stop watching and free everything, threads and processes included."""
        ...
