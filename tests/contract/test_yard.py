"""Plugged, pulled, swapped, replugged and rebooted ten thousand times: no handset is ever taken for another."""

from __future__ import annotations

import asyncio
import random
from collections import deque

import pytest
from yard import POLICY, JumpingLoop, Ledger, Phone, Rail, Stage, Yard

from provisioning.desk import Desk
from provisioning.handset import Attachment, Glimpse, Identity, LockDown
from provisioning.inventory import Inventory
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy
from provisioning.status import Errand, Phase, SessionStatus
from provisioning.verification.judgement import Judgement
from provisioning.walk import PROVISION


@pytest.mark.parametrize(("seed", "twins"), [(1, 0), (2, 0), (3, 0), (4, 3)])
def test_no_record_carries_anothers_data_and_no_bay_shows_what_is_gone(seed: int, twins: int) -> None:
    yard = Yard(seed, twins=twins)
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(yard.live(2500))
    assert set(yard.events) == {"plug", "pull", "swap", "replug", "reboot", "erase", "flicker", "die", "press"}
    assert yard.books.entries["judged"] > 100


class OneAtATime(Stage):
    """Takes a second for each word, never says who it is, and minds two questions at the same time."""

    async def _on_the_wire(self, doing: str, steps: int = 3) -> None:
        del doing, steps
        assert not self._busy, "calls are made one at a time"
        self._busy = True
        await asyncio.sleep(1)
        self._busy = False

    async def identify(self) -> Glimpse:
        await self._on_the_wire("identify")
        return Glimpse(Platform.ANDROID)


class Nameless(Rail):
    def handset(self, attachment: Attachment) -> Stage:
        return OneAtATime(self.present[attachment.connection][0], attachment, random.Random(1))


def test_a_walk_that_is_begun_while_a_nameless_handset_is_asked_again_waits_for_the_answer() -> None:
    mistakes: list[object] = []

    async def live() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: mistakes.append(context.get("exception")))
        rail, books = Nameless(Platform.ANDROID, random.Random(1)), Ledger({"X": deque(["1-1"])})
        phone = Phone("X", Platform.ANDROID)
        async with Desk([rail], books, books.judge) as desk:
            rail.plug(phone, "1-1", "connection")
            await asyncio.sleep(5)
            rail.flicker(phone)
            rail.flicker(phone)
            await asyncio.sleep(0.1)
            await desk.begin(desk.sessions[0], Errand(PROVISION, POLICY, 0.0))

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(live())
    assert not mistakes


async def erased_while_judged(steps: int) -> list[tuple[Phase, bool]]:
    """Pull, erase and replug a handset so many steps before its verdict; give each phase shown and the truth of it."""
    shown: list[tuple[Phase, bool]] = []
    rail, books, phone = (
        Rail(Platform.ANDROID, random.Random(7)),
        Ledger({"X": deque(["1-1"])}),
        Phone("X", Platform.ANDROID),
    )

    async def judge(
        identity: Identity, inventory: Inventory, lock_down: LockDown, effective: EffectivePolicy
    ) -> tuple[Judgement, str]:
        verdict = await books.judge(identity, inventory, lock_down, effective)
        if phone.plug == 1:
            rail.pull(phone)
            phone.ours = phone.locked_down = False
            rail.plug(phone, "1-1", "again")
            for _ in range(steps):
                await asyncio.sleep(0)
        return verdict

    def note(status: SessionStatus) -> None:
        shown.append((status.phase, phone.ours and phone.locked_down))

    async with Desk([rail], books, judge, on_change=note) as desk:
        desk.keep_walking(Errand(PROVISION, POLICY, None))
        rail.plug(phone, "1-1", "first")
        await asyncio.sleep(60)
    return shown


@pytest.mark.parametrize("steps", range(12))
def test_one_that_is_replugged_at_its_verdict_is_never_shown_as_ready_before_it_is(steps: int) -> None:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        shown = runner.run(erased_while_judged(steps))
    ready = [really for phase, really in shown if phase is Phase.READY]
    assert ready
    assert all(ready)
