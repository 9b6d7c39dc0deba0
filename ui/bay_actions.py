"""Everything that the window asks for about bays; the console implements it over the engine's thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BayFacts:
    """One bay that is known. ``sentence`` says why its port is to be mistrusted; empty where it is not."""

    label: str
    hub: str
    position: int
    handsets: int = 0
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class UsbAdvice:
    """What is wrong with how the hubs are plugged in. ``blocking``: handsets will be missing; else it costs time."""

    sentence: str
    mend: str
    blocking: bool


@dataclass(frozen=True, slots=True)
class LearningFacts:
    """How a learning stands. ``last`` is the label of the port that was plugged into last, empty before the first.

    ``repeated`` is True where that port had been learnt before; ``sentence`` says what happened and what is next.
    """

    hub: str
    next_label: str
    learnt: tuple[str, ...] = ()
    last: str = ""
    repeated: bool = False
    sentence: str = ""


class BayActions(Protocol):
    """What the window may ask for. Every method raises only IssuingDeskError, whose text the technician reads."""

    async def bays(self) -> tuple[BayFacts, ...]:
        """Give every bay that is known, empty ones among them."""
        ...

    async def usb_advice(self) -> tuple[UsbAdvice, ...]:
        """Look at controllers and hubs as if a handset were in every bay that is known; nothing on a training desk."""
        ...

    async def begin_learning(self) -> LearningFacts:
        """Begin to learn; until it ends, no work begins with what is plugged in."""
        ...

    async def learning(self) -> LearningFacts:
        """Say how it stands."""
        ...

    async def undo(self) -> LearningFacts:
        """Forget the last port."""
        ...

    async def next_hub(self) -> LearningFacts:
        """Go on with the next hub."""
        ...

    async def finish_learning(self) -> tuple[str, ...]:
        """Keep what was learnt; gives the labels. UsageError where nothing was."""
        ...

    async def give_up_learning(self) -> None:
        """End it and keep nothing; does nothing where none is under way."""
        ...
