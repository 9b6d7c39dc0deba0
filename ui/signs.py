"""What each state looks like: a shape, a tone and a word, so that no state is told by colour alone. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

from provisioning.policy.effective import Decision, Severity
from provisioning.status import Phase, StageRecord
from provisioning.walk import Next
from ui.phrases import PHASE_WORD


@unique
class Shape(StrEnum):
    """The outline of a sign; each can be told from the others at 10 pixels and in grey."""

    DISC = "disc with tick"
    TRIANGLE = "triangle"
    DIAMOND = "diamond"
    DOTS = "ring of dots"
    QUESTION = "question mark"
    SQUARE = "square"
    SLASHED = "slashed ring"
    RING = "ring"


@unique
class Tone(StrEnum):
    """The role of a colour; light, dark and high contrast each give it their own (see ``ui.colours``)."""

    READY = "ready"
    HANDS = "hands"
    FAULT = "fault"
    WORKING = "working"
    UNKNOWN = "unknown"
    STOPPED = "stopped"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class Sign:
    """How one state is shown."""

    shape: Shape
    tone: Tone
    word: str


PHASE_SIGN: Mapping[Phase, Sign] = {
    Phase.READY: Sign(Shape.DISC, Tone.READY, PHASE_WORD[Phase.READY]),
    Phase.WAITING: Sign(Shape.TRIANGLE, Tone.HANDS, PHASE_WORD[Phase.WAITING]),
    Phase.NOT_CLEAR: Sign(Shape.DIAMOND, Tone.FAULT, PHASE_WORD[Phase.NOT_CLEAR]),
    Phase.UNKNOWN: Sign(Shape.QUESTION, Tone.UNKNOWN, PHASE_WORD[Phase.UNKNOWN]),
    Phase.STOPPED: Sign(Shape.SQUARE, Tone.STOPPED, PHASE_WORD[Phase.STOPPED]),
    Phase.UNPLUGGED: Sign(Shape.SLASHED, Tone.CALM, PHASE_WORD[Phase.UNPLUGGED]),
    Phase.WORKING: Sign(Shape.DOTS, Tone.WORKING, PHASE_WORD[Phase.WORKING]),
    Phase.SEEN: Sign(Shape.RING, Tone.CALM, PHASE_WORD[Phase.SEEN]),
}
"""In the order of the summary: first what is done, then what wants somebody, then what goes on by itself."""

SEVERITY_SIGN: Mapping[Severity, Sign] = {
    Severity.DENIED: Sign(Shape.DIAMOND, Tone.FAULT, "Denied"),
    Severity.NEEDS_PERMIT: Sign(Shape.TRIANGLE, Tone.HANDS, "Needs a permit"),
    Severity.REVIEW: Sign(Shape.QUESTION, Tone.UNKNOWN, "To be looked at"),
    Severity.WEAKNESS: Sign(Shape.SQUARE, Tone.STOPPED, "Weakness"),
}

DECISION_SIGN: Mapping[Decision, Sign] = {
    Decision.ALLOWED: Sign(Shape.DISC, Tone.READY, "Allowed"),
    Decision.DENIED: Sign(Shape.DIAMOND, Tone.FAULT, "Denied"),
    Decision.NEEDS_PERMIT: Sign(Shape.TRIANGLE, Tone.HANDS, "Needs a permit"),
    Decision.REVIEW: Sign(Shape.QUESTION, Tone.UNKNOWN, "To be looked at"),
}

MISTRUSTED = Sign(Shape.TRIANGLE, Tone.HANDS, "Mistrusted")
NOTE = Sign(Shape.RING, Tone.CALM, "Note")
NOT_READ = Sign(Shape.QUESTION, Tone.UNKNOWN, "Not checked")
NOT_BEGUN = Sign(Shape.RING, Tone.CALM, "Not begun")
UNDER_WAY = Sign(Shape.DOTS, Tone.WORKING, "Under way")
DONE = Sign(Shape.DISC, Tone.READY, "Done")


def counted(phase: Phase, number: int) -> str:
    """Say how many handsets are in a state: “1 needs hands”, “4 need hands”, “12 ready”."""
    word = PHASE_SIGN[phase].word.lower()
    return f"{number} {word.replace('needs', 'need') if number != 1 else word}"


def stage_sign(record: StageRecord | None, *, current: bool, phase: Phase) -> Sign:
    """Give the sign of one stage: what it said last, unless it is being asked at this moment."""
    if current and phase is Phase.WORKING:
        return UNDER_WAY
    if record is None:
        return NOT_BEGUN
    match record.outcome.next:
        case Next.PROCEED:
            return DONE
        case Next.WAIT:
            return PHASE_SIGN[Phase.UNPLUGGED if phase is Phase.UNPLUGGED else Phase.WAITING]
        case Next.RETRY:
            return UNDER_WAY if phase is Phase.WORKING else PHASE_SIGN[Phase.STOPPED]
        case Next.STOP:
            return PHASE_SIGN.get(phase, PHASE_SIGN[Phase.STOPPED]) if _ended(phase) else PHASE_SIGN[Phase.STOPPED]


def _ended(phase: Phase) -> bool:
    return phase in {Phase.NOT_CLEAR, Phase.UNKNOWN, Phase.STOPPED}
