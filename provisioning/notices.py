"""What the books know of a handset that somebody has just plugged in, and that whoever holds it should be told.

A notice never keeps other handsets waiting. Two of them keep the handset itself as it is (:data:`KeptAsItIs`): one
that is evidence and one that was reported stolen or lost. Nothing is enrolled, locked down, verified, erased or sealed
on it until a person has booked what it is: each of these would write to it, and what lies on it may be wanted as it
lies. Reading its serial number is all that happens.
"""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.people.recalls import Cause
from provisioning.receipts.receipt import ReturnReason


@dataclass(frozen=True, slots=True)
class StillOut:
    """By the books it is in somebody's hands: it was not taken back before it came here. ``since`` is a day."""

    officer: str
    receipt: str
    since: str


@dataclass(frozen=True, slots=True)
class IssuedTwice:
    """The books have it handed over twice and not taken back in between, as two desks' books put together can."""

    first_officer: str
    first_receipt: str
    officer: str
    receipt: str


@dataclass(frozen=True, slots=True)
class CalledBack:
    """Its holder is suspended or has left, and is to give it back."""

    officer: str
    receipt: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class BroughtByAnother:
    """It came back, by another officer's hands than those it was given into."""

    officer: str
    giver: str
    receipt: str


@dataclass(frozen=True, slots=True)
class ReturnedUnissued:
    """It came back without ever having been handed over; ``receipt`` of the return, empty where none was booked.

    Without one: the handset is managed by us, and these books never heard of it.
    """

    receipt: str


@dataclass(frozen=True, slots=True)
class Missing:
    """It was reported lost or stolen, and here it is."""

    reason: ReturnReason
    officer: str
    receipt: str


@dataclass(frozen=True, slots=True)
class UnderEvidenceHold:
    """It is kept as evidence. ``reason`` and ``reference`` are somebody's words; ``since`` is a day."""

    reason: str
    reference: str
    since: str


KeptAsItIs = Missing | UnderEvidenceHold
Notice = StillOut | IssuedTwice | CalledBack | BroughtByAnother | ReturnedUnissued | KeptAsItIs


def keeping(notices: tuple[Notice, ...]) -> KeptAsItIs | None:
    """Give the notice for which a handset is left as it is, if there is one."""
    return next((one for one in notices if isinstance(one, Missing | UnderEvidenceHold)), None)
