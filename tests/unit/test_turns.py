"""The bounds of work hold whatever comes, goes, stalls and is cancelled; nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from provisioning.handset import Attachment
from provisioning.platforms import Platform
from provisioning.turns import Bounds, Turns, Work, hub_of
from tests.contract.yard import JumpingLoop

BOUNDS = Bounds(desk=5, looks=3, changes=2, transfers=1, keys=2)
HUBS = ("1-1", "1-2", "")
LENT = 10.0


@dataclass(eq=False)
class Worker:
    work: Work
    hub: str
    lent: float | None
    number: int
    began: float | None = None
    may_end: asyncio.Event | None = None
    task: asyncio.Task[None] | None = None


class Line(RuleBasedStateMachine):
    """Workers come, end, are cancelled, stall; time goes on in jumps."""

    workers: Bundle[Worker] = Bundle("workers")

    def __init__(self) -> None:
        super().__init__()
        self.loop = JumpingLoop()
        self.turns = Turns(BOUNDS)
        self.alive: list[Worker] = []
        self.came = 0

    def teardown(self) -> None:
        """Whatever happened, ending everybody at work lets everybody else work: nobody starves."""
        for _ in range(len(self.alive) + 1):
            working = [one for one in self.alive if one.began is not None]
            assert working or not self.alive, "they wait and nobody works"
            for one in working:
                self._end(one)
            self.settle()
        assert not self.alive
        self.loop.close()

    @rule(target=workers, work=st.sampled_from(Work), hub=st.sampled_from(HUBS), lent=st.sampled_from([LENT, None]))
    def come(self, work: Work, hub: str, lent: float | None) -> Worker:
        worker = Worker(work, hub, lent, self.came)
        self.came += 1
        worker.task = self.loop.create_task(self._work(worker))
        self.alive.append(worker)
        self.settle()
        return worker

    @rule(worker=workers)
    def end(self, worker: Worker) -> None:
        if worker.began is not None and worker in self.alive:
            self._end(worker)
            self.settle()

    @rule(worker=workers)
    def cancel(self, worker: Worker) -> None:
        assert worker.task is not None
        worker.task.cancel()
        self.settle()

    @rule(seconds=st.sampled_from([0.5, LENT + 1]))
    def time_goes_on(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    @invariant()
    def no_bound_is_passed(self) -> None:
        now = self.loop.time()
        counts = [
            one for one in self.alive if one.began is not None and (one.lent is None or now < one.began + one.lent)
        ]
        on_the_desk = [one for one in counts if one.work in {Work.LOOK, Work.CHANGE}]
        assert len(on_the_desk) <= BOUNDS.desk
        by_hub = Counter((one.work, one.hub) for one in counts)
        most = {Work.LOOK: BOUNDS.looks, Work.CHANGE: BOUNDS.changes, Work.TRANSFER: BOUNDS.transfers}
        for (work, _), number in by_hub.items():
            assert work is Work.KEYS or number <= most[work]
        assert sum(number for (work, _), number in by_hub.items() if work is Work.KEYS) <= BOUNDS.keys

    @invariant()
    def who_came_first_of_a_kind_begins_first(self) -> None:
        for one in self.alive:
            if one.began is None:
                later = [
                    other for other in self.alive
                    if (other.work, other.hub) == (one.work, one.hub) and other.number > one.number
                ]  # fmt: skip
                assert all(other.began is None for other in later)

    def _end(self, worker: Worker) -> None:
        assert worker.may_end is not None
        worker.may_end.set()

    async def _work(self, worker: Worker) -> None:
        try:
            worker.may_end = asyncio.Event()
            async with self.turns.turn(worker.work, worker.hub, worker.lent):
                worker.began = asyncio.get_running_loop().time()
                await worker.may_end.wait()
        finally:
            self.alive.remove(worker)

    def settle(self) -> None:
        async def a_few_steps() -> None:
            for _ in range(5):
                await asyncio.sleep(0)

        self.loop.run_until_complete(a_few_steps())


Line.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestLine = Line.TestCase


def test_handsets_share_a_cable_with_their_hub_and_those_on_the_network_with_nobody() -> None:
    def hub(port: str) -> str:
        return hub_of(Attachment(Platform.ANDROID, "x", "bay", port=port))

    assert hub("1-1.3") == hub("1-1.4") == "1-1"
    assert hub("1-1") == "1"
    assert hub("") == ""
    assert hub("127.0.0.1:5555") != hub("127.0.0.1:5557")
