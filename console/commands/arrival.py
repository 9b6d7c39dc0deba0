"""Waiting for handsets that were named by serial number and are not to be seen, or do not yet say who they are.

An iPhone with iOS 26 lets nothing be seen on its cable until it is unlocked (Wired Accessories), and none tells its
serial number before it trusts this desk. So whoever has no name yet is asked for trust, as long as the wait lasts; the
others go on meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from provisioning.desk import Desk
from provisioning.session import Session
from provisioning.status import Errand, SessionStatus
from provisioning.walk import StageName

LOOK_AGAIN = 0.2
"""Seconds between two looks at who has come."""
INTRODUCTION = (StageName.IDENTIFY, StageName.TRUST)
ABSENT = (
    "It is not seen on any cable, or does not say its serial number before it trusts this desk. Unlock it, plug it in "
    "again and tap “Trust”."
)


async def lead_all(desk: Desk, errand: Errand) -> list[SessionStatus]:
    """Lead everybody who is attached to the end of their walks, each from the moment that it has said who it is.

    So nobody waits for one that keeps silent about its name.
    """
    under_way: dict[Session, asyncio.Task[SessionStatus]] = {}
    settled = asyncio.create_task(desk.settle(), name="settle")
    try:
        while not settled.done():
            for session in desk.sessions:
                if session not in under_way and session.status().identity is not None:
                    under_way[session] = desk.begin(session, errand)
            await asyncio.wait({settled}, timeout=LOOK_AGAIN / 4)
        await settled
    finally:
        settled.cancel()
    return await desk.run(desk.sessions, errand, under_way)


async def lead_named(desk: Desk, errands: Mapping[str, Errand]) -> dict[str, SessionStatus | None]:
    """Lead the named handsets to the end of their walks; gives their statuses, None for whoever never came."""
    led = await asyncio.gather(*(_lead(desk, serial, errand) for serial, errand in errands.items()))
    return dict(zip(errands, led, strict=True))


async def _lead(desk: Desk, serial: str, errand: Errand) -> SessionStatus | None:
    session = await _arrival(desk, serial, errand)
    if session is None:
        return None
    while True:
        status = await desk.begin(session, errand)  # one that is under way, such as an introduction, ends first
        if status.walk == tuple(errand.stages):
            return status


async def _arrival(desk: Desk, serial: str, errand: Errand) -> Session | None:
    patience = errand.patience if errand.patience is not None else float("inf")
    ends = time.monotonic() + patience
    while (session := desk.find(serial)) is None and time.monotonic() < ends:
        for nameless in desk.sessions:
            if nameless.plugged_in and nameless.status().identity is None and not desk.walking(nameless):
                desk.begin(nameless, Errand(INTRODUCTION, errand.effective, max(0.0, ends - time.monotonic())))
        await asyncio.sleep(LOOK_AGAIN)
    return session
