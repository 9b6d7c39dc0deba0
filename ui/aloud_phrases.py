"""What is said aloud of bays: an outcome each, gathered so that forty at once are a few sentences. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from itertools import groupby

from provisioning.status import Phase, SessionStatus
from ui.bays import Bay, hub_title
from ui.card import bay_of
from ui.short_phrases import note, wanted

RUN = 4
"""Neighbouring ports from which on “1 to 4” is said in place of all of them."""
MOST = 8
"""Ports that one sentence names; the rest is counted."""


@unique
class Aloud(StrEnum):
    """How outcomes are told beside being shown."""

    OFF = "off"
    SOUNDS = "sounds"
    SPEECH = "speech"


@unique
class Cue(StrEnum):
    """The two kinds of outcome, each with a tone of its own."""

    NEEDS = "needs"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the handset in a bay; ``why`` is said after the bays: “ready”, “is not clear”."""

    bay: Bay
    cue: Cue
    why: str


def outcome_of(status: SessionStatus) -> Outcome | None:
    """Give what is to be told of a handset as it stands now; None while it goes on by itself."""
    why = _why(status)
    cue = Cue.READY if status.phase is Phase.READY else Cue.NEEDS
    return Outcome(bay_of(status), cue, why) if why else None


def _why(status: SessionStatus) -> str:
    words = note(status)
    match status.phase:
        case Phase.READY:
            return "ready"
        case Phase.WAITING:
            return f"needs you: {words}" if words else "needs you"
        case Phase.UNPLUGGED:
            return f"needs you: {words}" if wanted(status) else ""
        case Phase.NOT_CLEAR:
            return "is not clear"
        case Phase.UNKNOWN:
            return "is not proven clear"
        case Phase.STOPPED:
            return f"stopped: {words}" if words else "stopped"
        case Phase.WORKING | Phase.SEEN:
            return ""


def sentences(outcomes: Sequence[Outcome]) -> list[tuple[str, tuple[Outcome, ...]]]:
    """Give one sentence for each hub and kind, with what it tells: first what needs somebody, hubs as people count."""
    ordered = sorted(outcomes, key=lambda one: (one.cue is Cue.READY, one.bay.order[:2], one.why, one.bay.order))
    told: list[tuple[str, tuple[Outcome, ...]]] = []
    for _, group in groupby(ordered, key=lambda one: (one.cue, one.bay.hub, one.why)):
        same = tuple(group)
        told.append((_sentence(same), same))
    return told


def _sentence(same: tuple[Outcome, ...]) -> str:
    hub, why = same[0].bay.hub, same[0].why
    ports = [_port(one.bay) for one in same]
    several = len(ports) > 1
    if several:
        why = why.replace("needs you", "need you").replace("is not", "are not")
    where = f"{hub_title(hub).replace('-', ' ')}: " if hub else ""
    return f"{where}{'bays' if several else 'bay'} {_listed(ports)} {why}."


def _port(bay: Bay) -> str:
    """Give the port without its hub; a dash would be read as “to” or “minus”."""
    port = bay.label.removeprefix(bay.hub).lstrip(" -.·/") if bay.hub else bay.label
    return (port or bay.label).replace("-", " ")


def _listed(ports: Sequence[str]) -> str:
    """Say ports: “3”, “3, 7 and 9”, “1 to 16 and 18”."""
    pieces: list[str] = []
    at = 0
    while at < len(ports):
        end = at + 1
        while end < len(ports) and _follows(ports[end - 1], ports[end]):
            end += 1
        run = ports[at:end]
        pieces += [f"{run[0]} to {run[-1]}"] if len(run) >= RUN else run
        at = end
    if len(pieces) > MOST:
        shown = pieces[: MOST - 1]
        return f"{', '.join(shown)} and others"
    return " and ".join([", ".join(pieces[:-1]), pieces[-1]] if len(pieces) > 1 else pieces)


def _follows(one: str, other: str) -> bool:
    return one.isdecimal() and other.isdecimal() and int(other) == int(one) + 1
