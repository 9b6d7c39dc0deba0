"""What the window asks for about bays, carried out on the engine's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from console.assembly import Engine
from console.engine_thread import EngineThread
from console.shift import take_newcomers
from provisioning.bays.bay_map import BayMap
from provisioning.bays.learning import Learning
from ui.bay_actions import BayFacts, LearningFacts, UsbAdvice


class ConsoleBays:
    """Implements ``ui.bay_actions.BayActions``."""

    def __init__(self, thread: EngineThread) -> None:
        self._thread = thread

    async def bays(self) -> tuple[BayFacts, ...]:
        """Give every bay that is known, empty ones among them."""

        async def work(engine: Engine) -> tuple[BayFacts, ...]:
            suspicious, records = engine.bays.suspicions(), engine.bays.records()
            found = {bay.label: bay for bays in engine.bays.hubs().values() for bay in bays}
            return tuple(
                BayFacts(
                    label,
                    found[label].hub if label in found else "",
                    found[label].position if label in found else 0,
                    records[label].ever if label in records else 0,
                    suspicious[label].sentence if label in suspicious else "",
                )
                for label in dict.fromkeys((*found, *suspicious))
            )

        return await self._thread.call(work)

    async def usb_advice(self) -> tuple[UsbAdvice, ...]:
        """Look at controllers and hubs as if a handset were in every bay that is known."""

        async def work(engine: Engine) -> tuple[UsbAdvice, ...]:
            if engine.home.training:
                return ()  # its handsets hang on no USB
            known = {bay.label for bays in engine.bays.hubs().values() for bay in bays}
            taken = {one.status().attachment.bay for one in engine.desk.sessions if one.plugged_in}
            return await asyncio.to_thread(_advice, engine.bays.map, len(known - taken))

        return await self._thread.call(work)

    async def begin_learning(self) -> LearningFacts:
        """Begin to learn; until it ends, no work begins with what is plugged in."""

        async def work(engine: Engine) -> LearningFacts:
            engine.bays.begin_learning()
            await take_newcomers(engine)
            return _facts(engine)

        return await self._thread.call(work)

    async def learning(self) -> LearningFacts:
        """Say how it stands."""

        async def work(engine: Engine) -> LearningFacts:
            return _facts(engine)

        return await self._thread.call(work)

    async def undo(self) -> LearningFacts:
        """Forget the last port."""

        async def work(engine: Engine) -> LearningFacts:
            engine.bays.undo_step()
            return _facts(engine)

        return await self._thread.call(work)

    async def next_hub(self) -> LearningFacts:
        """Go on with the next hub."""
        return await self._learn(lambda learning: learning.next_hub())

    async def finish_learning(self) -> tuple[str, ...]:
        """Keep what was learnt; gives the labels."""

        async def work(engine: Engine) -> tuple[str, ...]:
            learnt = engine.bays.finish_learning()
            await take_newcomers(engine)
            return tuple(bay.label for bay in learnt)

        return await self._thread.call(work)

    async def give_up_learning(self) -> None:
        """End it and keep nothing."""

        async def work(engine: Engine) -> None:
            engine.bays.give_up_learning()
            await take_newcomers(engine)

        await self._thread.call(work)

    async def _learn(self, act: Callable[[Learning], object]) -> LearningFacts:
        async def work(engine: Engine) -> LearningFacts:
            if engine.bays.learning is not None:
                act(engine.bays.learning)
            return _facts(engine)

        return await self._thread.call(work)


def _advice(bays: BayMap, handsets: int) -> tuple[UsbAdvice, ...]:
    from provisioning.bays.usb_preflight import usb_preflight
    from provisioning.bays.usb_tree import read_tree

    tree = read_tree()
    found = usb_preflight(tree, handsets, bays.today(tree).hub_named)
    return tuple(UsbAdvice(one.sentence, one.mend, one.blocking) for one in found)


def _facts(engine: Engine) -> LearningFacts:
    learning, step = engine.bays.learning, engine.bays.last_step
    if learning is None:
        return LearningFacts("", "")
    return LearningFacts(
        learning.hub,
        learning.next_label,
        tuple(bay.label for bay in learning.learnt),
        step.label if step is not None else "",
        step is not None and not step.new,
        step.sentence if step is not None else "",
    )
