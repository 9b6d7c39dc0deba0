"""The loopback port of one adbd, kept while nobody answers on it.

A handset that is unplugged, rebooting or sealed refuses connections; its port stays bound all the while, so that it
comes back under the same address and nobody else can take it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

HOST = "127.0.0.1"

Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Port:
    """A bound port that can be opened and closed again and again."""

    def __init__(self, accept: Accept) -> None:
        self._accept = accept
        self._reserved: socket.socket | None = _bound(0)
        self.number: int = self._reserved.getsockname()[1]
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        """Give ``127.0.0.1:PORT``, which is also the serial of its adb transport."""
        return f"{HOST}:{self.number}"

    @property
    def listening(self) -> bool:
        """Tell whether connections are accepted."""
        return self._server is not None

    async def listen(self) -> None:
        """Accept connections from now on; does nothing if it already does."""
        if self._server is not None:
            return
        reserved, self._reserved = self._reserved or _bound(self.number), None
        self._server = await asyncio.start_server(self._accept, sock=reserved, limit=2**20)

    def refuse(self) -> None:
        """Refuse connections from now on; those that exist are the caller's."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        # Somebody else may have been quicker on a busy machine; listen() then says so.
        with contextlib.suppress(OSError):
            self._reserved = _bound(self.number)

    def release(self) -> None:
        """Let go of the port for good."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None


def _bound(number: int) -> socket.socket:
    # asyncio switches Nagle's delay off only for sockets that name their protocol; with it each answer costs 40 ms.
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((HOST, number))
    except OSError:
        held.close()
        raise
    return held
