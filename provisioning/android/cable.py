"""Everything that goes over the cable of one handset: one worker thread, one call at a time, every call bounded.

adbutils' calls block and have no asyncio form, so each handset owns a thread; twenty handsets work side by side and
a stalled one holds up nobody. Reading and parsing both happen in that thread, off the engine's loop. A cancelled
call ends at once: its socket is shut down from the loop's thread, and the adb server closes the stream to the handset.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from provisioning.android import shell, sync
from provisioning.android.deadlines import Deadlines
from provisioning.android.properties import API_LEVEL_COMMAND, api_level
from provisioning.android.reading import StillStarting, Unreadable, whole
from provisioning.android.script import Answer, Script
from provisioning.android.server import AdbServer
from provisioning.android.side_by_side import shared_out
from provisioning.android.transports import Transport
from provisioning.android.wire import Deadline, Ended, Garbage, Line, Overdue, Refused, Unreachable, Wire, WireError
from provisioning.errors import (
    HandsetError,
    HandsetGarbled,
    HandsetGone,
    HandsetRefused,
    HandsetSilent,
    HandsetStarting,
    HubError,
)
from provisioning.plain_text import one_line

Given = TypeVar("Given")

logger = logging.getLogger(__name__)

ORDINARY = 1 << 20
"""Bytes of output that an ordinary script may have; dumps of all packages say their own."""
CLOSED = "closed"
"""The adb server's word where a handset's adbd would not open the service that was asked for."""
_GONE = ("not found", "no device with transport id", "device offline", "still connecting", "no devices", "detached")
NOT_ALLOWED = ("unauthorized", "still authorizing", "insufficient permissions", "no permissions")
_SERIAL = "getprop ro.serialno"


class SomebodyElse(WireError):
    """Raised when another handset answers on the transport than the one that answered before."""


class Cable:
    """The way to the handset on one transport. ``name`` is for logs only."""

    def __init__(self, server: AdbServer, transport: int, name: str, deadlines: Deadlines) -> None:
        self.server = server
        self.deadlines = deadlines
        self.transport = transport
        self.calls = 0
        """Shell calls made so far, each one connection; for benchmarks."""
        self.serial: str | None = None
        """``ro.serialno`` as first read; every later call reads it again and stops where it differs."""
        self.api_level: int | None = None
        """``ro.build.version.sdk`` once it was read; it cannot change while the same handset stays on the transport."""
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"adb {name}")
        self._lines: set[Line] = set()
        self._closed = False

    async def run(self, doing: str, work: Callable[[Talk], Given]) -> Given:
        """Do blocking ``work`` in the handset's thread. Whatever it raises becomes a HandsetError that says ``doing``.

        Cancelling ends the work at its socket.
        """
        if self._closed:
            raise HandsetGone(doing)
        line = Line()
        self._lines.add(line)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work, Talk(self, line))
        except (WireError, Unreadable, HubError) as error:
            raise translated(error, doing) from error
        finally:
            # Cut always: on a cancelled call it ends the work, after a finished one there is nothing to cut.
            line.cut()
            self._lines.discard(line)

    async def close(self) -> None:
        """End what is going on and the thread; safe at any time, twice too."""
        self._closed = True
        for line in tuple(self._lines):
            line.cut()
        # Not waited for: the thread ends by itself, its socket is shut down.
        self._executor.shutdown(wait=False, cancel_futures=True)


class Talk:
    """The blocking side of a cable, handed to the work that runs in its thread."""

    def __init__(self, cable: Cable, line: Line) -> None:
        self.deadlines = cable.deadlines
        self._cable = cable
        self._line = line

    def ask(self, commands: Sequence[str], seconds: float, largest: int = ORDINARY) -> list[Answer]:
        """Run commands in one shell call and give their answers, after making sure that the same handset answers.

        ``seconds`` bounds the whole call, ``largest`` all output together in bytes. Raises WireError, Unreadable.
        """
        return self.ask_together([commands], seconds, largest)[0]

    def ask_together(
        self, groups: Sequence[Sequence[str]], seconds: float, largest: int = ORDINARY
    ) -> list[list[Answer]]:
        """Run groups of commands side by side, each group in a shell of its own; else as :meth:`ask`.

        Android answers ``pm`` and ``dumpsys`` from several threads, and each takes it some tenths of a second.
        """
        scripts = [Script([_SERIAL, *commands]) for commands in groups]
        replies = self._run([script.text for script in scripts], seconds, largest)
        found: list[list[Answer]] = []
        for script, reply in zip(scripts, replies, strict=True):
            serial, *answers = script.read(reply)
            self._recognise(serial)
            found.append(answers)
        return found

    def ask_each(self, commands: Iterable[str], seconds: float, largest: int = ORDINARY) -> dict[str, Answer]:
        """Run commands that have nothing to do with each other, shared out over several shells; answers by command.

        Else as :meth:`ask`; each shell makes sure by itself that the same handset answers.
        """
        answers = self.ask_together(shared_out(commands), seconds, largest)
        return {answer.command: answer for group in answers for answer in group}

    def say(self, command: str, seconds: float, largest: int = ORDINARY) -> shell.Reply:
        """Run one command as it stands. Raises WireError."""
        return self._run([command], seconds, largest)[0]

    def api_level(self) -> int:
        """Give Android's API level, asking for it the first time. Raises WireError, Unreadable."""
        if self._cable.api_level is None:
            (answer,) = self.ask((API_LEVEL_COMMAND,), self.deadlines.identify)
            self._cable.api_level = api_level(whole(answer))
        return self._cable.api_level

    def push(self, source: Path, target: str, seconds: float) -> None:
        """Copy a file to the handset, readable by all. Raises WireError, OSError where ``source`` cannot be read."""
        with self._wire(Deadline(seconds)) as wire:
            sync.push(wire, source, target)

    def listed(self) -> Transport | None:
        """Give the transport's line in the adb server's list; None where it is not there any more."""
        return next(
            (one for one in self._cable.server.transports(self._line) if one.number == self._cable.transport), None
        )

    @property
    def transport(self) -> int:
        """Give the number of the transport that this talk is on."""
        return self._cable.transport

    @property
    def serial(self) -> str | None:
        """Give ``ro.serialno`` as first read."""
        return self._cable.serial

    def all_listed(self) -> list[Transport]:
        """Give every line of the adb server's list. Raises HubError."""
        return self._cable.server.transports(self._line)

    def serial_on(self, transport: int) -> str:
        """Read ``ro.serialno`` of whatever hangs on another transport. Raises WireError, Unreadable."""
        deadline = Deadline(self.deadlines.identify)
        server = self._cable.server
        with shell.on_transport(server.host, server.port, transport, deadline, self._line) as wire:
            (reply,) = shell.run([wire], [_SERIAL], ORDINARY, deadline)
        return reply.stdout.decode("utf-8", "replace").strip()

    def open_watch(self) -> Wire:
        """Open a wire that lasts as long as the adb server does and says whenever its list changes."""
        server = self._cable.server
        watch = Wire(server.host, server.port, None, self._line)
        try:
            watch.request("host:track-devices")
        except BaseException:
            watch.close()
            raise
        return watch

    def say_to_the_end(self, command: str, seconds: float, largest: int = ORDINARY) -> bytes:
        """Run one command that may end the connection; give what it wrote until then. Raises WireError."""
        with self._wire(Deadline(seconds)) as wire:
            return shell.heard_until_end(wire, command, largest)

    def _run(self, commands: Sequence[str], seconds: float, largest: int) -> list[shell.Reply]:
        deadline = Deadline(seconds)
        with ExitStack() as stack:
            wires = [stack.enter_context(self._wire(deadline)) for _ in commands]
            return shell.run(wires, commands, largest, deadline)

    def _wire(self, deadline: Deadline) -> Wire:
        self._cable.calls += 1
        server = self._cable.server
        return shell.on_transport(server.host, server.port, self._cable.transport, deadline, self._line)

    def _recognise(self, answer: Answer) -> None:
        serial = answer.text.strip()
        if answer.code != 0:
            raise Unreadable("it gives no serial number")
        if self._cable.serial is None:
            self._cable.serial = serial
        elif self._cable.serial != serial:
            raise SomebodyElse("another handset answers")


def translated(error: WireError | Unreadable | HubError, doing: str) -> HandsetError:
    """Give the error in the words of the house."""
    match error:
        case Overdue():
            return HandsetSilent(doing, error.seconds)
        case StillStarting():
            logger.debug("while %s: %s", doing, one_line(str(error)))
            return HandsetStarting(doing)
        case Garbage() | Unreadable():
            return HandsetGarbled(doing, one_line(str(error)))
        case Refused(reason=reason) if any(word in reason for word in NOT_ALLOWED):
            return HandsetRefused(doing, "this computer is not allowed to debug it; accept the prompt on its screen")
        case Refused(reason=reason) if reason != CLOSED and not any(word in reason for word in _GONE):
            return HandsetRefused(doing, one_line(reason))
        case Ended() | Unreachable() | SomebodyElse() | Refused() | HubError() | WireError():
            logger.debug("gone while %s: %s", doing, one_line(str(error)))
            return HandsetGone(doing)
