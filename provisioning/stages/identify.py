"""Identify: learn who the handset is, as far as it tells without being asked to trust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from provisioning.batches.manifest import Manifest, Mismatch
from provisioning.handset import Glimpse, Handset, Identity
from provisioning.notices import KeptAsItIs
from provisioning.walk import Next


@dataclass(frozen=True, slots=True)
class Identified:
    """It gave serial number and all; it is on our books from now on."""

    next: ClassVar[Next] = Next.PROCEED
    identity: Identity


@dataclass(frozen=True, slots=True)
class Glimpsed:
    """It is there but says no more until it trusts this desk."""

    next: ClassVar[Next] = Next.PROCEED
    glimpse: Glimpse


@dataclass(frozen=True, slots=True)
class Swapped:
    """Another handset than the one that this walk belongs to hangs on the connection."""

    next: ClassVar[Next] = Next.STOP
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class HereTwice:
    """Something in another bay says at the same moment that it is this handset: a clone, or the same one connected
    twice. Nothing may be booked for either, since the books know handsets by serial number.
    """

    next: ClassVar[Next] = Next.STOP
    serial_number: str
    other_bay: str


@dataclass(frozen=True, slots=True)
class NotAsListed:
    """The manifest of the batch does not mean this handset; ``mismatch`` says why."""

    next: ClassVar[Next] = Next.STOP
    identity: Identity
    mismatch: Mismatch


@dataclass(frozen=True, slots=True)
class LeftAsItIs:
    """It is evidence, or was reported missing: nothing is done to it until a person has booked what it is."""

    next: ClassVar[Next] = Next.STOP
    identity: Identity
    notice: KeptAsItIs


Outcome = Identified | Glimpsed | Swapped | HereTwice | NotAsListed | LeftAsItIs


async def identify(handset: Handset, expected: str | None = None, told: Identity | None = None) -> Outcome:
    """Ask who it is; nobody need tap anything.

    ``expected`` is the serial number that this walk has seen before, if any; ``told`` what it has said on this
    connection this very moment, when the desk welcomed it.
    """
    found = told or await handset.identify()
    if isinstance(found, Glimpse):
        return Glimpsed(found)
    if expected is not None and found.serial_number != expected:
        return Swapped(expected, found.serial_number)
    return Identified(found)


def unlisted(identity: Identity, manifest: Manifest | None) -> NotAsListed | None:
    """Compare a handset that has said who it is with the manifest of its batch, if there is one."""
    mismatch = manifest.mismatch(identity.serial_number, identity.imei) if manifest is not None else None
    return NotAsListed(identity, mismatch) if mismatch is not None else None
