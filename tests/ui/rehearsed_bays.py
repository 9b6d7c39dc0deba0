"""BayActions from memory: what the window is told about bays in tests and pictures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from provisioning.errors import UsageError
from ui.bay_actions import BayFacts, LearningFacts, UsbAdvice

LOSES = "Bay 1-4 lost 3 of its last 5 handsets in mid-work, the other bays none: change its cable, or use another port."

CROWDED = (
    UsbAdvice("Hub 3 can do USB 3 but runs at 480 Mbit/s: its cable or its socket is USB 2.",
              "Leave it where handsets are many; else use a USB 3 cable.", blocking=False),
    UsbAdvice(
        "Controller 0000:00:14.0 holds 30 of about 32 devices (88 of 96 endpoints), hubs included, so 2 of its 18 free "
        "sockets can be used.",
        "Move hub 2 to a socket of controller 0000:03:00.0 (often the rear ones), there 1 of 32 are in use.",
        blocking=True,
    ),
)  # fmt: skip


def hubs(number: int = 3, ports: int = 10) -> tuple[BayFacts, ...]:
    """Give hubs whose bays are known; the fourth of the first loses handsets."""
    return tuple(
        BayFacts(f"{hub}-{port}", str(hub), port, hub + port, LOSES if (hub, port) == (1, 4) else "")
        for hub in range(1, number + 1)
        for port in range(1, ports + 1)
    )


@dataclass
class RehearsedBays:
    """``facts`` is how a learning stands; what the window asks is in ``asked``."""

    known: tuple[BayFacts, ...] = ()
    facts: LearningFacts = field(default_factory=lambda: LearningFacts("1", "1-1"))
    advice: tuple[UsbAdvice, ...] = ()
    asked: list[str] = field(default_factory=list[str])

    async def bays(self) -> tuple[BayFacts, ...]:
        return self.known

    async def usb_advice(self) -> tuple[UsbAdvice, ...]:
        return self.advice

    async def begin_learning(self) -> LearningFacts:
        self.asked.append("begin")
        return self.facts

    async def learning(self) -> LearningFacts:
        return self.facts

    async def undo(self) -> LearningFacts:
        self.asked.append("undo")
        self.facts = replace(self.facts, learnt=self.facts.learnt[:-1], sentence="")
        return self.facts

    async def next_hub(self) -> LearningFacts:
        self.asked.append("next hub")
        self.facts = replace(self.facts, hub="2", next_label="2-1", sentence="")
        return self.facts

    async def finish_learning(self) -> tuple[str, ...]:
        self.asked.append("finish")
        if not self.facts.learnt:
            raise UsageError("No port was learnt.")
        return self.facts.learnt

    async def give_up_learning(self) -> None:
        self.asked.append("give up")
