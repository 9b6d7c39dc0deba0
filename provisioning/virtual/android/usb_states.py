"""States that an adb server shows of USB ports only, in front of a real server that knows its handsets by TCP.

``no permissions (…)``, ``connecting``, ``authorizing`` and ``detached`` cannot be had from a handset on a TCP port (or,
as ``authorizing``, for an instant only). A handset in such a state answers nothing, so the server lists it as
``offline``; this front passes everything on unchanged but for that word, and refuses to open its transport in the
words of adb (``transport.cpp``, adb 36; ``UsbNoPermissionsLongHelpText`` of ``sysdeps`` for the first). It is put up
only where a rack has such a handset; while the server is down it hangs up on everybody.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping

_HELP = "http://developer.android.com/tools/device.html"
_WHY = "missing udev rules? user is in the plugdev group"
WORDS: Mapping[str, str] = {
    "no-permissions": f"no permissions ({_WHY}); see [{_HELP}]",
    "connecting": "connecting",
    "authorizing": "authorizing",
    "detached": "detached",
}
"""State of a scenario -> the word in the server's list."""
_REFUSALS: Mapping[str, str] = {
    "no-permissions": f"insufficient permissions for device: {_WHY}\nSee [{_HELP}] for more information",
    "connecting": "device still connecting",
    "authorizing": "device still authorizing",
    "detached": "device is detached",
}
_LISTINGS = ("host:devices", "host:track-devices")
_NUMBER = re.compile(r" transport_id:(\d+)")


class UsbStates:
    """The front; ``states`` maps a handset's serial on the server to its state in the scenario."""

    def __init__(self, states: Mapping[str, str]) -> None:
        self._states = states
        self._server: asyncio.Server | None = None
        self._target = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def open(self, target: int) -> None:
        """Listen in front of the server on port ``target``."""
        self._target = target
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Hang up on everybody."""
        if self._server is not None:
            self._server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._pass_on(reader, writer)
        except (OSError, asyncio.IncompleteReadError, ValueError, asyncio.CancelledError):
            pass  # either side hung up, or spoke no smart-socket protocol, or all ends: hang up too
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _text(reader)
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            state = await self._meant(request)
            if state:
                writer.write(b"FAIL" + _framed(_REFUSALS[state]))
                await writer.drain()
                return
            back.write(_framed(request))
            if not request.startswith(_LISTINGS) or "proto" in request:
                await asyncio.gather(_copy(reader, back), _copy(there, writer))
                return
            status = await there.readexactly(4)
            writer.write(status)
            while True:
                writer.write(_framed(self._reworded(await _text(there))))
                await writer.drain()
        finally:
            back.close()

    async def _meant(self, request: str) -> str:
        """Give the state of the handset whose transport a request would open; empty for any other."""
        for serial, state in self._states.items():
            if request in {f"host:transport:{serial}", f"host:tport:serial:{serial}"}:
                return state
        number = request.removeprefix("host:transport-id:").removeprefix("host:tport:transport-id:")
        if number == request:
            return ""
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            back.write(_framed("host:devices-l"))
            await there.readexactly(4)
            for line in (await _text(there)).splitlines():
                found = _NUMBER.search(line)
                if found is not None and found[1] == number:
                    return self._states.get(line.split()[0], "")
        finally:
            back.close()
        return ""

    def _reworded(self, listing: str) -> str:
        lines = listing.splitlines(keepends=True)
        return "".join(
            line.replace("offline", WORDS[self._states[serial]], 1)
            if (serial := line.split()[0] if line.split() else "") in self._states
            else line
            for line in lines
        )


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(1 << 16):
        target.write(data)
        await target.drain()
    with contextlib.suppress(OSError):
        target.write_eof()


async def _text(reader: asyncio.StreamReader) -> str:
    length = int(await reader.readexactly(4), 16)
    return (await reader.readexactly(length)).decode("utf-8", "replace")


def _framed(text: str) -> bytes:
    data = text.encode()
    return b"%04x" % len(data) + data
