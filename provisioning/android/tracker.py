"""The adb server's own word that something changed, so that a plug is seen at once and not at the next poll."""

from __future__ import annotations

import asyncio
import logging
import threading
import time

from provisioning.android.server import AdbServer
from provisioning.android.wire import Line, Wire, WireError

logger = logging.getLogger(__name__)

STOP_LIMIT = 2.0
AGAIN = 1.0
"""Seconds between two beginnings, so that a server that hangs up at once is not asked in a circle."""


class Tracker:
    """A thread that holds ``host:track-devices`` open and sets ``nudge`` on ``loop`` at each message, and at its end.

    The connection has no timeout (silence is normal; adbutils' tracker with one raises after that much of it) and is
    ended by cutting its line. What a message says is not used: adbutils turns each change of state into an ``absent``
    first, and identical serials into one.
    """

    def __init__(self, server: AdbServer, loop: asyncio.AbstractEventLoop, nudge: asyncio.Event) -> None:
        self._server = server
        self._loop = loop
        self._nudge = nudge
        self._line = Line()
        self._thread: threading.Thread | None = None
        self._begun = time.monotonic() - AGAIN

    def begin(self) -> None:
        """Begin to listen, or begin again where the server had hung up; harmless while it listens."""
        now = time.monotonic()
        if now - self._begun >= AGAIN and (self._thread is None or not self._thread.is_alive()):
            self._begun = now
            self._thread = threading.Thread(target=self._listen, name="adb tracker", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread, for good; returns when it has ended."""
        self._line.cut()
        if self._thread is not None:
            self._thread.join(STOP_LIMIT)

    def _listen(self) -> None:
        try:
            with Wire(self._server.host, self._server.port, None, self._line) as wire:
                wire.request("host:track-devices")
                while True:
                    wire.block()
                    self._wake()
        except WireError as error:
            logger.debug("tracking ended: %s", error)
            self._wake()

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._nudge.set)
        except RuntimeError:
            # The loop is closed already; nobody is left to be told.
            pass
