"""A connection to one of a handset's daemons: messages out and in, each under a deadline, failing in our own words.

The bytes, streams and TLS are pymobiledevice3's :class:`ServiceConnection`; what it lacks is added here: a receive
timeout, bounds on size, property lists parsed off the loop when they are large, and cutting the connection after
any failure, because an answer that comes late would be taken for the next one.
Importing this module imports pymobiledevice3 (0.4 to 1 s): do that in a thread, see ``handset.py``.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

from pymobiledevice3.exceptions import ConnectionTerminatedError, PyMobileDevice3Exception
from pymobiledevice3.service_connection import ServiceConnection

from provisioning.apple import answers
from provisioning.apple.answers import Answer, Malformed
from provisioning.apple.deadlines import Deadlines
from provisioning.apple.failures import TRAFFIC, within
from provisioning.errors import HandsetError, HandsetGarbled, HandsetGone, HandsetRefused, HandsetSilent

LARGEST_MESSAGE = 32 * 1024 * 1024
"""Bytes in one message; 96 real apps with everything were 0.7 MB in all, and they come ten at a time."""
LARGE = 32 * 1024
"""Bytes above which parsing goes to a thread: 85 µs a kilobyte, so 3 ms of the loop's time."""

SHORT = 64 * 1024
"""Bytes up to which an answer may be remembered, so that all that is remembered stays within a few megabytes."""

Given = TypeVar("Given")

logger = logging.getLogger(__name__)


class RecordRejected(HandsetRefused):
    """Raised when the handset ends TLS with an alert: it does not know the certificate of our pair record."""

    def __init__(self, doing: str) -> None:
        super().__init__(doing, "it does not accept this desk's pairing any more; trust this desk on its screen again.")


class Wire(ServiceConnection):
    """One conversation with one daemon. Every method raises HandsetError only, and is dead after one."""

    max_frame_size = LARGEST_MESSAGE

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str, deadlines: Deadlines
    ) -> None:
        super().__init__(reader, writer)
        self.name = name
        self._deadlines = deadlines
        self.remembers = True
        """False: each answer is read anew, because it may hold a secret, or is no other handset's."""

    @property
    def alive(self) -> bool:
        """True while neither end has hung up, as far as this end has heard."""
        return not self._closed and not self.reader.at_eof() and self.reader.exception() is None

    async def secure(self, context: ssl.SSLContext, doing: str) -> None:
        """Go over to TLS. Raises HandsetSilent on a stalled handshake and RecordRejected on an alert."""
        await self._guarded(self._deadlines.handshake, doing, super().start_tls(context))
        logger.log(TRAFFIC, "%s: TLS", self.name)

    async def ask(self, doing: str, message: Answer, seconds: float | None = None) -> Answer:
        """Send a message and give the answer, a dictionary."""
        await self.say(doing, message)
        return await self.hear(doing, seconds)

    async def say(self, doing: str, message: Answer) -> None:
        """Send a message."""
        payload = answers.encode(message)
        logger.log(TRAFFIC, "%s < %s, %d bytes", self.name, _name_of(message), len(payload))
        await self._guarded(self._deadlines.answer, doing, super().send_prefixed(payload))

    async def hear(self, doing: str, seconds: float | None = None) -> Answer:
        """Wait for a message and give it, a dictionary."""
        payload = await self.hear_bytes(doing, seconds)
        try:
            return answers.mapping(await decoded(payload, remember=self.remembers))
        except Malformed as error:
            await self.cut()
            raise HandsetGarbled(doing, str(error)) from error

    async def hear_bytes(self, doing: str, seconds: float | None = None) -> bytes:
        """Wait for a message and give it unread, for those who parse off the loop."""
        patience = self._deadlines.answer if seconds is None else seconds
        payload = await self._guarded(patience, doing, super().recv_prefixed())
        logger.log(TRAFFIC, "%s > %d bytes", self.name, len(payload))
        return payload

    async def close(self) -> None:
        """Close politely, and cut what does not close. Safe at any time."""
        with suppress(HandsetError):
            await within(self._deadlines.farewell, "closing a connection", super().close())
        self.writer.transport.abort()

    async def cut(self) -> None:
        """Cut the connection at once: nothing more is believed of it."""
        self._closed = True
        await asyncio.sleep(0)  # lets a TLS upgrade that was just cancelled let go of the transport first
        self.writer.transport.abort()

    async def _guarded(self, seconds: float, doing: str, work: Awaitable[Given]) -> Given:
        try:
            return await within(seconds, doing, work)
        except ConnectionTerminatedError as error:
            await self.cut()
            raise _told_apart(error, seconds, doing) from error
        except PyMobileDevice3Exception as error:
            await self.cut()
            raise HandsetGarbled(doing, "a message of impossible size") from error
        except OSError as error:
            await self.cut()
            raise HandsetGone(doing) from error
        except BaseException:
            await self.cut()
            raise


async def decoded(payload: bytes, *, remember: bool = True) -> object:
    """Parse a property list, in a thread when it is large. Raises Malformed."""
    decode = answers.decode_once if remember and len(payload) <= SHORT else answers.decode
    return await asyncio.to_thread(decode, payload) if len(payload) > LARGE else decode(payload)


def _told_apart(error: BaseException, seconds: float, doing: str) -> HandsetError:
    cause = error.__cause__
    if isinstance(cause, TimeoutError):
        return HandsetSilent(doing, seconds)
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, (ssl.SSLZeroReturnError, ssl.SSLEOFError)):
        alert = "ALERT" in (cause.reason or "")
        return RecordRejected(doing) if alert else HandsetGarbled(doing, "its TLS is broken")
    return HandsetGone(doing)


def _name_of(message: Answer) -> str:
    return next((str(message[key]) for key in ("Request", "RequestType", "Command", "command") if key in message), "?")
