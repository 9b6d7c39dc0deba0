"""What a session shows of itself: frozen pieces that cross threads and feed wall, command line and report alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Protocol

from provisioning.batches.manifest import Manifest
from provisioning.handset import Attachment, Glimpse, Identity
from provisioning.notices import Notice
from provisioning.outcomes import Outcome
from provisioning.policy.effective import EffectivePolicy
from provisioning.verification.judgement import Judgement
from provisioning.walk import StageName


@unique
class Phase(StrEnum):
    """How a session stands, for the wall and for ``handsets``."""

    SEEN = "seen"
    WORKING = "working"
    WAITING = "waiting"
    UNPLUGGED = "unplugged"
    READY = "ready"
    NOT_CLEAR = "not clear"
    UNKNOWN = "unknown"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class StageRecord:
    """What a stage said last, and how many seconds were spent on it in this walk, waits included.

    Of these ``waited`` were spent waiting for a person, and ``queued`` for a turn among the other handsets.
    """

    name: StageName
    outcome: Outcome
    seconds: float
    waited: float = 0.0
    queued: float = 0.0


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """All that may be shown of a session at one moment."""

    key: str
    attachment: Attachment
    phase: Phase
    identity: Identity | None = None
    glimpse: Glimpse | None = None
    stage: StageName | None = None
    stages: tuple[StageRecord, ...] = ()
    judgement: Judgement | None = None
    record: str = ""
    seconds: float = 0.0
    walk: tuple[StageName, ...] = ()
    notices: tuple[Notice, ...] = ()
    """What the books know of this handset that somebody should be told, the gravest first."""

    @property
    def serial_number(self) -> str | None:
        """Give the serial number once it is known."""
        return self.identity.serial_number if self.identity else None


@dataclass(frozen=True, slots=True)
class Errand:
    """What a session is to do: which stages, under which policy, how long to wait for people (None: for ever)."""

    stages: Sequence[StageName]
    effective: EffectivePolicy
    patience: float | None
    manifest: Manifest | None = None
    """What the batch should hold; a handset that is not meant by it is not worked on."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A provisioning walk that has ended at ``bay`` in ``end``; ``seconds`` are all of it, waits included."""

    bay: str
    end: Phase
    policy: str
    steps: tuple[StageRecord, ...]
    seconds: float


class Books(Protocol):
    """Where a session writes what happened; every call returns after the entry is on disk."""

    async def notices(self, serial_number: str) -> tuple[Notice, ...]:
        """Say what the books know of a handset that somebody should be told, the gravest first."""
        ...

    async def identified(self, identity: Identity, bay: str) -> bool:
        """Book that this handset was seen here; tells whether nothing was ever done to it by these books."""
        ...

    async def unheard_of(self, identity: Identity) -> None:
        """Book that a handset to which nothing was done here is managed by us: another desk had it."""
        ...

    async def passed(self, identity: Identity, stage: StageName, outcome: Outcome, effective: EffectivePolicy) -> None:
        """Book a stage that changed or confirmed something; repeating it for the same fact books nothing new."""
        ...

    async def stopped(self, identity: Identity, stage: StageName, outcome: Outcome) -> None:
        """Book that a walk ended before *ready*."""
        ...

    async def stopped_nameless(
        self, attachment: Attachment, glimpse: Glimpse | None, stage: StageName, outcome: Outcome
    ) -> None:
        """Book that a walk ended before the handset on this cable has said who it is."""
        ...

    async def walked(self, identity: Identity, walk: Walk) -> None:
        """Book how a walk went that was to end in *ready*, however it ended: its steps and their seconds."""
        ...
