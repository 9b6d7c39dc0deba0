"""What a supervisor should look at: the kinds of exceptions, and one line of their register."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class ExceptionKind(StrEnum):
    """How something departs from the rule."""

    UNSIGNED = "not signed"
    STRANGER = "not on the roster"
    LOST = "lost"
    STOLEN = "stolen"
    NOT_CLEAR = "out and not clear"
    PERMIT_ENDED = "permit ended"
    OVERRIDDEN = "order overridden"
    HELD = "kept as evidence"
    REFUSED = "handover refused"


@dataclass(frozen=True, slots=True)
class Exceptional:
    """One line of the register. ``sentence`` says it to a person."""

    kind: ExceptionKind
    entry: int
    time: str
    serial_number: str
    officer: str
    receipt: str
    sentence: str
