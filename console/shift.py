"""What begins by itself with handsets that are plugged in: only where somebody answers for it.

A desk with technicians recognises and shows handsets while nobody is signed in, and begins with them at the sign-in.
What a technician began goes on while the window is locked.
"""

from __future__ import annotations

import asyncio

from console.assembly import Engine
from provisioning.batches.book import batch_worked_on
from provisioning.status import Errand
from provisioning.walk import PROVISION


async def standing_errand(engine: Engine) -> Errand:
    """Give what this desk does with a handset that is plugged in: the whole walk, waiting for people for ever.

    While it works on a batch, what that batch's manifest does not mean is left as it is.
    """
    effective = await asyncio.to_thread(engine.counter.effective, engine.settings.policy, None)
    manifest = await asyncio.to_thread(batch_worked_on, engine.home.path, engine.ledger)
    return Errand(PROVISION, effective, patience=None, manifest=manifest)


async def begin_work(engine: Engine) -> None:
    """Begin with what is plugged in and with what will be, where this desk does so and somebody answers for it."""
    if _begins(engine):
        engine.desk.keep_walking(await standing_errand(engine))


async def take_newcomers(engine: Engine) -> None:
    """Let what is plugged in from now on be worked on, or not, as it is right now; nothing that is here begins."""
    engine.desk.lead_newcomers(await standing_errand(engine) if _begins(engine) else None)


def _begins(engine: Engine) -> bool:
    return engine.settings.start_at_plug_in and engine.sign_in.answered and engine.bays.learning is None
