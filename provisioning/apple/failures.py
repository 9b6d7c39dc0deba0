"""Ways to await anything of a handset: under a deadline, or side by side, and failing only in words of our own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

from provisioning.errors import HandsetError, HandsetGone, HandsetSilent

TRAFFIC = 5
"""Log level below DEBUG for what goes over the wire: names and sizes of messages, never their values."""

Given = TypeVar("Given")

logger = logging.getLogger(__name__)


class IdentityMissing(HandsetError):
    """Raised when a step needs the organisation's supervision identity and this desk cannot give it.

    Its text is the sentence of the desk's own settings or key store.
    """


class PolicyUnfit(HandsetError):
    """Raised when the policy cannot be made into profiles for this handset; its text is the policy's own sentence."""


async def within(seconds: float, doing: str, work: Awaitable[Given]) -> Given:
    """Await ``work`` for at most ``seconds``. Raises HandsetSilent when they pass, HandsetGone when it is cut off.

    pymobiledevice3 11.45 raises CancelledError from its clean-up although nobody cancelled (service_connection.py,
    ``close_stream_writer`` after a TLS timeout); it is told from a real cancellation by the task's own count and
    becomes HandsetGone, so that no task dies in silence.
    """
    task = asyncio.current_task()
    cancellations = task.cancelling() if task is not None else 0
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError as error:
        raise HandsetSilent(doing, seconds) from error
    except asyncio.CancelledError as error:
        if task is None or task.cancelling() > cancellations:
            raise
        logger.debug("a connection was cut off by the library's own clean-up while %s", doing)
        raise HandsetGone(doing) from error


@asynccontextmanager
async def side_by_side() -> AsyncGenerator[asyncio.TaskGroup]:
    """Group conversations on connections of their own; the first to fail ends the others and is itself raised."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
