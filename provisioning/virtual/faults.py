"""What goes wrong with one virtual handset, how often still, and how long its answers take."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from provisioning.virtual.scenario import Fault


@dataclass(slots=True)
class _Armed:
    fault: Fault
    passed: int = 0
    struck: int = 0


class FaultBox:
    """The faults of one handset. A fault with ``at=`` waits for a message; one without stands from the start.

    ``at=`` matches the message's whole name, or its beginning up to a blank (``at="pm list packages"`` matches
    ``pm list packages --user 0``), or anything with ``at=*``. ``skip=N`` lets the first N such messages pass and
    ``times=N`` (default 1, 0 = always) bounds how often it strikes after that.
    """

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._armed = [_Armed(fault) for fault in faults]

    def arm(self, fault: Fault) -> None:
        """Add a fault while the handset runs, as a test or a trainer does."""
        self._armed.append(_Armed(fault))

    def disarm(self, name: str) -> None:
        """Take away every fault of that name."""
        self._armed = [armed for armed in self._armed if armed.fault.name != name]

    def strike(self, message: str, names: Container[str] | None = None) -> Fault | None:
        """Give the fault that strikes at this message, using it up by one; None where none does.

        Called once for each message as it arrives; the first fault in the scenario's order wins. ``names`` bounds the
        search to faults of these names.
        """
        for armed in self._armed:
            if not _meets(armed.fault.at, message) or (names is not None and armed.fault.name not in names):
                continue
            armed.passed += 1
            if armed.passed <= armed.fault.number("skip", 0):
                continue
            times = armed.fault.number("times", 1)
            if times and armed.struck >= times:
                continue
            armed.struck += 1
            return armed.fault
        return None

    def waits_for(self, message: str) -> bool:
        """Tell whether some fault names this very message (``at=*`` names none), used up or not."""
        return any(armed.fault.at == message for armed in self._armed)

    def standing(self, name: str) -> Fault | None:
        """Give the first fault of that name that waits for no message."""
        return next(iter(self.all_standing(name)), None)

    def all_standing(self, name: str) -> list[Fault]:
        """List the faults of that name that wait for no message, in the scenario's order."""
        return [armed.fault for armed in self._armed if armed.fault.name == name and not armed.fault.at]


class Pace:
    """How long a handset takes over each message, in seconds.

    ``seconds`` is the one table of a platform, each figure with its source beside it; ``otherwise`` holds for
    messages that it does not name.
    """

    def __init__(self, seconds: Mapping[str, float], otherwise: float = 0.0) -> None:
        self._seconds = dict(seconds)
        self._otherwise = otherwise

    def seconds(self, message: str) -> float:
        """Give the delay of a message in seconds."""
        return self._seconds.get(message.split(" ", 1)[0], self._otherwise)

    async def wait(self, message: str) -> None:
        """Let that time pass; costs nothing, not even a turn of the loop, where there is none."""
        delay = self.seconds(message)
        if delay > 0:
            await asyncio.sleep(delay)


NO_DELAY = Pace({})
"""Every answer at once, for tests and benchmarks (``latency = "none"``)."""


def _meets(at: str, message: str) -> bool:
    return bool(at) and (at in ("*", message) or message.startswith(f"{at} "))
