"""How long a real handset takes for a command, where ``--latency usb`` asks for it.

Seconds per command, from the project's collected knowledge of real handsets (20 to 60 ms for toybox commands, 150 to
500 ms for what goes through the package or policy service, 1 to 4 s for a whole ``dumpsys package``, most of which are
the packages). That knowledge is
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
    (("dumpsys", "package", "packages"), 1.5),
    (("dumpsys", "package", "resolvers"), 0.5),
    (("dumpsys", "package", "preferred"), 0.3),
    (("dumpsys", "package", "domain-preferred-apps"), 0.3),
    (("dumpsys", "package"), 2.5),
    (("dumpsys",), 0.25),
    (("am",), 0.3),
    (("appops",), 0.3),
    (("service",), 0.06),
    (("logcat",), 0.2),
    (("getprop",), 0.04),
    (("echo",), 0.0),  # part of mksh: no process is started
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
    words = list(argv)
    while words[:1] == ["dumpsys"] and words[1:2] == ["-t"]:  # how long to wait at most is not how long it takes
        del words[1:3]
    for beginning, seconds in COMMAND_SECONDS:
        if tuple(words[: len(beginning)]) == beginning:
            return DUMP_ONE_PACKAGE_SECONDS if beginning == ("dumpsys", "package") and len(words) > 2 else seconds
    return TOYBOX_SECONDS
