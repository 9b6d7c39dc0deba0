"""One connection to the adb server: framed requests under a total deadline, and a way to cut it from another thread.

Plain sockets, not adbutils' ``AdbConnection``, of which five habits are in the way here (2.12.0, read and tried): where
nobody listens it runs ``adb start-server`` with whatever adb is on PATH, and leaks the socket; its timeouts are per
``recv``, so a reply that drips never ends; it sends without making sure that all was sent; it takes a short read for a
whole one in places; and it sleeps 10 ms in each ``close``. adbutils still brings the adb server (``server.py``).
"""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType
from typing import Self

LONGEST_REQUEST = 0xFFFF
"""Bytes; the length before a request has four hex digits."""
CONNECT_LIMIT = 3.0
"""Seconds; the server is on this machine or in its network."""
_CHUNK = 1 << 18
_HEX = frozenset(b"0123456789abcdefABCDEF")


class WireError(Exception):
    """Base of what can go wrong on a connection; ends at the engine's edge as a HandsetError or HubError."""


class Unreachable(WireError):
    """Raised when nothing listens where the adb server should be."""


class Ended(WireError):
    """Raised when the other side hung up before the answer was complete."""


class Overdue(WireError):
    """Raised when the deadline of the whole call passed, however many bytes came in between."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no complete answer within {seconds:g} s")
        self.seconds = seconds


class Refused(WireError):
    """Raised for a ``FAIL`` answer; ``reason`` is the adb server's own text, hostile where a handset wrote it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Garbage(WireError):
    """Raised when the other side breaks the protocol or sends more than any honest answer holds."""


class Deadline:
    """A point in time for a whole call, however many messages it takes."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Give the seconds that are left, always more than none. Raises Overdue."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Overdue(self.seconds)
        return left


class Line:
    """What a blocking call holds on to, so that another thread can cut it. Cut once, it stays cut."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[socket.socket] = set()
        self._cut = False

    def hold(self, connection: socket.socket) -> None:
        """Take the socket that a call is about to block on. Raises Ended where the line is cut already."""
        with self._lock:
            if self._cut:
                raise Ended("cut")
            self._held.add(connection)

    def release(self, connection: socket.socket) -> None:
        """Let go of a socket; call it before closing, so that a later cut cannot meet a stranger's descriptor."""
        with self._lock:
            self._held.discard(connection)

    def cut(self) -> None:
        """End the call that blocks on this line, now and from any thread; harmless at any time."""
        with self._lock:
            self._cut = True
            for held in self._held:
                try:
                    # close() would not wake a recv() that blocks in another thread, shutdown() does.
                    held.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


class Wire:
    """A connection to the adb server at ``host:port``; a context manager that hangs up.

    Opening raises Unreachable. ``deadline`` None means to wait as long as it takes; only ``line`` ends that.
    """

    def __init__(self, host: str, port: int, deadline: Deadline | None, line: Line | None = None) -> None:
        self._deadline = deadline
        self._line = line if line is not None else Line()
        self._pending = bytearray()
        try:
            self._socket = socket.create_connection((host, port), CONNECT_LIMIT)
        except OSError as error:
            raise Unreachable(str(error)) from error
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._line.hold(self._socket)
        except Ended:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; the adb server then ends the stream to the handset too."""
        self._line.release(self._socket)
        self._socket.close()

    def fileno(self) -> int:
        """Give the descriptor, for a selector."""
        return self._socket.fileno()

    @property
    def has_more(self) -> bool:
        """True if bytes came already that nobody has taken; no selector tells of them."""
        return bool(self._pending)

    def request(self, service: str) -> None:
        """Ask the adb server for a service and wait for its ``OKAY``. Raises Refused with its words for ``FAIL``."""
        payload = service.encode()
        if len(payload) > LONGEST_REQUEST:
            raise Garbage(f"a request of {len(payload)} bytes is longer than the adb server takes")
        self.send(b"%04x" % len(payload) + payload)
        self.expect_okay()

    def expect_okay(self) -> None:
        """Read a status word. Raises Refused for ``FAIL``, Garbage for what no adb server says."""
        status = self.receive(4)
        if status == b"FAIL":
            raise Refused(self.block())
        if status != b"OKAY":
            raise Garbage(f"status {status!r}")

    def block(self) -> str:
        """Read a text with its length before it, four hex digits."""
        digits = self.receive(4)
        if not set(digits) <= _HEX:
            raise Garbage(f"length {digits!r}")
        return self.receive(int(digits, 16)).decode("utf-8", "replace")

    def send(self, data: bytes) -> None:
        """Send all of ``data``."""
        try:
            self._socket.settimeout(self._left())
            self._socket.sendall(data)
        except TimeoutError:
            raise Overdue(self._seconds()) from None
        except OSError as error:
            raise Ended(str(error)) from error

    def receive(self, count: int) -> bytes:
        """Read exactly ``count`` bytes."""
        while len(self._pending) < count:
            self._pending += self._more()
        taken = bytes(self._pending[:count])
        del self._pending[:count]
        return taken

    def whatever_comes(self) -> bytes:
        """Read what there is, at least one byte. Raises Ended where the other side has hung up."""
        if self._pending:
            taken = bytes(self._pending)
            self._pending.clear()
            return taken
        return self._more()

    def _more(self) -> bytes:
        try:
            self._socket.settimeout(self._left())
            data = self._socket.recv(_CHUNK)
        except TimeoutError:
            raise Overdue(self._seconds()) from None
        except OSError as error:
            raise Ended(str(error)) from error
        if not data:
            raise Ended("the connection was closed")
        return data

    def _left(self) -> float | None:
        return self._deadline.left() if self._deadline is not None else None

    def _seconds(self) -> float:
        return self._deadline.seconds if self._deadline is not None else 0.0
