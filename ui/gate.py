"""The gate before a handover: open only for what was verified a moment ago and found clear. No Qt here.

The engine holds the same gate and has the last word; this one keeps a person from being led past it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from provisioning.status import Phase, SessionStatus
from provisioning.verification.judgement import Verdict
from ui.card import model_of
from ui.signs import NOT_BEGUN, PHASE_SIGN, UNDER_WAY, Sign
from ui.standing import standing

_UNDER_WAY = frozenset({Phase.UNPLUGGED, Phase.SEEN, Phase.WORKING, Phase.WAITING})
"""What a handset goes through between a pulled cable and *ready*."""


@unique
class GateState(StrEnum):
    """How the gate stands."""

    NOT_ASKED = "not asked"
    CHECKING = "checking"
    OPEN = "open"
    SHUT = "shut"


@dataclass(frozen=True, slots=True)
class Gate:
    """How the gate stands, and why, in a sentence. ``status`` is what that was read from."""

    state: GateState
    sentence: str
    status: SessionStatus | None = None

    @property
    def sign(self) -> Sign:
        """Give the sign that goes with it."""
        match self.state:
            case GateState.NOT_ASKED:
                return NOT_BEGUN
            case GateState.CHECKING:
                return UNDER_WAY
            case GateState.OPEN:
                return Sign(PHASE_SIGN[Phase.READY].shape, PHASE_SIGN[Phase.READY].tone, "Clear")
            case GateState.SHUT:
                phase = self.status.phase if self.status else Phase.STOPPED
                return PHASE_SIGN[Phase.STOPPED if phase is Phase.READY else phase]


def checking(status: SessionStatus | None) -> Gate:
    """Give the gate while the fresh verification runs."""
    shown = status is not None and status.phase in {Phase.WORKING, Phase.WAITING, Phase.UNPLUGGED}
    doing = standing(status, f"the {model_of(status)}") if status and shown else ""
    return Gate(GateState.CHECKING, doing or "The handset is being verified.", status)


def judged(fresh: SessionStatus) -> Gate:
    """Give the gate after a fresh verification: open if that says *clear* and nothing was left unchecked."""
    said = standing(fresh, f"the {model_of(fresh)}")
    if clear(fresh):
        return Gate(GateState.OPEN, said, fresh)
    return Gate(GateState.SHUT, f"{said} It cannot be handed over as it is.", fresh)


def refused(sentence: str, status: SessionStatus | None) -> Gate:
    """Give the gate after the engine has refused the handover."""
    return Gate(GateState.SHUT, sentence, status)


def still(gate: Gate, now: SessionStatus) -> Gate:
    """Give the gate after news of the handset: an open one shuts when what was verified may no longer hold."""
    if gate.state is GateState.CHECKING:
        return checking(now)
    if gate.state is not GateState.OPEN or gate.status is None:
        return gate
    if clear(now) and now.record == gate.status.record:
        return gate
    if now.phase is Phase.UNPLUGGED:
        said = f"The {model_of(now)} was unplugged before it was handed over."
        return Gate(GateState.SHUT, f"{said} Plug it in again: it is verified anew by itself.", now)
    said = standing(now, f"the {model_of(now)}")
    return Gate(GateState.SHUT, f"{said} What was verified before no longer counts; verify again.", now)


def came_back(gate: Gate, now: SessionStatus) -> bool:
    """Tell whether a gate shut only because of what happened to the cable, and the handset is ready again."""
    was = gate.status.phase if gate.status else None
    return gate.state is GateState.SHUT and now.phase is Phase.READY and was in _UNDER_WAY


def clear(status: SessionStatus) -> bool:
    """Say whether a status is one of a handset that was verified and is clear, with nothing left unchecked."""
    judgement = status.judgement
    return (
        status.phase is Phase.READY
        and judgement is not None
        and judgement.verdict is Verdict.CLEAR
        and not judgement.not_checked
    )
