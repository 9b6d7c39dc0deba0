"""How long a real handset takes for a command, where ``--latency usb`` asks for it.

Seconds per command, from the project's collected knowledge of real handsets (20 to 60 ms for toybox commands, 150 to
500 ms for what goes through the package or policy service, 1 to 4 s for a whole ``dumpsys package``). That knowledge is
reported, not measured by us: no handset was at hand. With ``none`` nothing waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

Kind = Literal["none", "usb"]

# First match wins; the words are compared with the beginning of the command.
COMMAND_SECONDS: tuple[tuple[tuple[str, ...], float], ...] = (
    (("pm", "install"), 2.5),
    (("package", "install"), 2.5),
    (("cmd", "package", "install"), 2.5),
    (("pm", "list"), 0.35),
    (("pm",), 0.3),
    (("cmd",), 0.2),
    (("package",), 0.3),
    (("dpm",), 0.45),
    (("settings",), 0.15),
    (("dumpsys", "package"), 2.5),
    (("dumpsys",), 0.25),
    (("am",), 0.3),
    (("appops",), 0.3),
    (("service",), 0.06),
    (("logcat",), 0.2),
    (("getprop",), 0.04),
)
TOYBOX_SECONDS = 0.03
DUMP_ONE_PACKAGE_SECONDS = 0.3
BOOT_SECONDS = 25.0
ADB_APPEARS_SECONDS = 1.5
TRANSFER_BYTES_PER_SECOND = 30_000_000


class Latency:
    """Waits as the kind of latency says."""

    def __init__(self, kind: Kind) -> None:
        self._real = kind == "usb"

    @property
    def boot_seconds(self) -> float:
        """Give how long a restart keeps the handset away."""
        return BOOT_SECONDS if self._real else 0.3

    @property
    def appear_seconds(self) -> float:
        """Give the time from plugging in to the first answer of adbd."""
        return ADB_APPEARS_SECONDS if self._real else 0.0

    async def before_command(self, argv: Sequence[str]) -> None:
        """Wait as long as the command takes."""
        if self._real:
            await asyncio.sleep(seconds_of(argv))

    async def for_transfer(self, size: int) -> None:
        """Wait as long as ``size`` bytes take on a cable."""
        if self._real:
            await asyncio.sleep(size / TRANSFER_BYTES_PER_SECOND)


def seconds_of(argv: Sequence[str]) -> float:
    """Give the table's time for a command."""
    words = tuple(argv)
    if words[:2] == ("dumpsys", "package") and len(words) > 2:
        return DUMP_ONE_PACKAGE_SECONDS
    for beginning, seconds in COMMAND_SECONDS:
        if words[: len(beginning)] == beginning:
            return seconds
    return TOYBOX_SECONDS
