"""Handsets that keep silent cost the others nothing, or the time of one step where they fill every place there is."""

from __future__ import annotations

import asyncio
import random
from collections import deque

from provisioning.desk import Desk
from provisioning.handset import Attachment, LockDown, Reading
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy
from provisioning.status import Errand, Phase, SessionStatus
from provisioning.turns import Bounds, Turns
from provisioning.walk import PROVISION
from provisioning.watchdog import USUAL_LENT
from tests.contract.yard import POLICY, JumpingLoop, Ledger, Phone, Rail, Stage


class Steady(random.Random):
    """Nothing is by chance: every message takes its three steps of a fifth of a second."""

    def random(self) -> float:
        return 0.5

    def randrange(self, *_: int) -> int:  # type: ignore[override]
        return 3

    def choice(self, seq: object) -> float:
        del seq
        return 0.2


class Silent(Stage):
    """Takes its enrolment and never says another word."""

    async def apply(self, effective: EffectivePolicy) -> LockDown:
        del effective
        await asyncio.Event().wait()
        raise AssertionError

    async def read(self, effective: EffectivePolicy) -> Reading:
        raise AssertionError(effective)


class Yard(Rail):
    def handset(self, attachment: Attachment) -> Stage:
        phone, _ = self.present[attachment.connection]
        kind = Silent if phone.serial.startswith("STALLED") else Stage
        return kind(phone, attachment, Steady())


async def seconds_until_all_good_are_ready(stalled: int, good: int, bounds: Bounds | None = None) -> float:
    """Give the seconds on the loop's clock, the stalled ones plugged in first, all on one hub."""
    rail = Yard(Platform.ANDROID, Steady())
    names = [f"STALLED{number}" for number in range(stalled)] + [f"GOOD{number}" for number in range(good)]
    last: dict[str, SessionStatus] = {}
    done = asyncio.Event()

    def note(status: SessionStatus) -> None:
        last[status.key] = status
        ready = [key for key, one in last.items() if key.startswith("GOOD") and one.phase is Phase.READY]
        if len(ready) == good:
            done.set()

    bays = {name: f"1-1.{place}" for place, name in enumerate(names, 1)}
    books = Ledger({name: deque([bay]) for name, bay in bays.items()})
    async with Desk([rail], books, books.judge, turns=Turns(bounds), on_change=note) as desk:
        desk.keep_walking(Errand(PROVISION, POLICY, None))
        for name in names:
            rail.plug(Phone(name, Platform.ANDROID), bays[name], name)
        began = asyncio.get_running_loop().time()
        await done.wait()
        return asyncio.get_running_loop().time() - began


def timed(stalled: int, good: int, bounds: Bounds | None = None) -> float:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(seconds_until_all_good_are_ready(stalled, good, bounds))


def test_twelve_that_stall_cost_the_others_nothing() -> None:
    alone = timed(0, 8)
    assert alone > 1.0
    assert abs(timed(12, 8) - alone) < 0.01


def test_where_they_fill_every_place_the_others_wait_one_step_and_not_for_the_watchdog() -> None:
    narrow = Bounds(desk=4)
    all_well = timed(0, 20, narrow)
    assert timed(12, 8, narrow) <= all_well + 12 / narrow.desk * USUAL_LENT
