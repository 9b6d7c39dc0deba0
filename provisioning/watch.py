"""Arrivals and departures of all hubs, as they happen, in one stream; a hub that fails never stops the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from provisioning.errors import HubError
from provisioning.handset import Hub, HubLost, Movement

logger = logging.getLogger(__name__)

AGAIN = 2.0
"""Seconds before a hub that gave up is asked again."""


async def watch(hubs: Sequence[Hub]) -> AsyncGenerator[Movement, None]:
    """Yield the movements of every hub, beginning with what is attached already; ends only when closed."""
    queue: asyncio.Queue[Movement] = asyncio.Queue()
    tasks = [asyncio.create_task(_forward(hub, queue), name=f"watch {hub.platform}") for hub in hubs]
    try:
        while True:
            yield await queue.get()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _forward(hub: Hub, queue: asyncio.Queue[Movement]) -> None:
    while True:
        try:
            async with aclosing(hub.movements()) as movements:
                async for movement in movements:
                    queue.put_nowait(movement)
        except HubError as error:
            logger.warning("hub %s: %s", hub.platform, error)
            queue.put_nowait(HubLost(hub.platform, str(error)))
        await asyncio.sleep(AGAIN)
