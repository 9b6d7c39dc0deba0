"""The vocabulary of a walk: its stages in order, what may come next, and the outcomes that any stage can meet.

Theory of operation. A walk leads one handset through stages. A stage looks, acts, looks again and returns one member
of its declared union of outcomes. Every outcome class says in ``next`` what the walk does:

* ``PROCEED``  the stage is done, on to the next;
* ``WAIT``     a person must act; the same stage is asked again until it passes or the wait runs out;
* ``RETRY``    nobody need act; the same stage is asked again after a pause, a bounded number of times;
* ``STOP``     this walk ends here; what lies behind it was not checked.

A stage never remembers: after an unplug, a reboot or a restart of the console the walk begins at the first stage
again, and each stage finds its own work done (``already``) by asking the handset.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import ClassVar


@unique
class StageName(StrEnum):
    """The stages in the order of a walk; the words of the command-line contract."""

    IDENTIFY = "identify"
    TRUST = "trust"
    ERASE = "erase"
    PREFLIGHT = "preflight"
    ENROL = "enrol"
    APPLY = "apply"
    VERIFY = "verify"
    SEAL = "seal"


PROVISION = tuple(stage for stage in StageName if stage not in {StageName.ERASE, StageName.SEAL})
"""Everything up to *ready*."""
ERASE = (StageName.IDENTIFY, StageName.TRUST, StageName.ERASE)
"""Takes a used handset back to Setup Assistant; never without a person's explicit word."""
PROVISION_ANEW = tuple(stage for stage in StageName if stage is not StageName.SEAL)
"""Erases first, then everything up to *ready*."""
INSPECT = (StageName.IDENTIFY, StageName.TRUST, StageName.VERIFY)
"""Reads and judges, changes nothing."""
SEALING = (StageName.IDENTIFY, StageName.TRUST, StageName.VERIFY, StageName.SEAL)
"""Closes what was open for the desk, after a verification that is on the books and clear; nothing comes after it."""


@unique
class Next(StrEnum):
    """What the walk does after an outcome."""

    PROCEED = "proceed"
    WAIT = "wait"
    RETRY = "retry"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class WentAway:
    """The handset was unplugged or rebooted; the walk goes on when it is back."""

    next: ClassVar[Next] = Next.WAIT
    doing: str


@dataclass(frozen=True, slots=True)
class KeptSilent:
    """A deadline passed."""

    next: ClassVar[Next] = Next.RETRY
    doing: str
    seconds: float


@dataclass(frozen=True, slots=True)
class StillStarting:
    """The handset answers, but its services are not all up yet; the same stage is asked again when they may be."""

    next: ClassVar[Next] = Next.WAIT
    doing: str


@dataclass(frozen=True, slots=True)
class AnsweredGarbage:
    """An answer could not be read."""

    next: ClassVar[Next] = Next.RETRY
    doing: str
    detail: str


@dataclass(frozen=True, slots=True)
class SaidNo:
    """The handset refused in words that no stage has an outcome of its own for."""

    next: ClassVar[Next] = Next.STOP
    doing: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeskLacks:
    """The desk itself lacks what the stage needs (a controller, an identity); ``sentence`` says what to do."""

    next: ClassVar[Next] = Next.STOP
    sentence: str


Interruption = WentAway | KeptSilent | StillStarting | AnsweredGarbage | SaidNo | DeskLacks
