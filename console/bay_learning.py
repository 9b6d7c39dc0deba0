"""One learning of the bays in a terminal: what is plugged in and what is typed, taken in turn."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from console import assembly
from console.call import Call
from console.settings import load_settings
from provisioning.errors import HubError
from provisioning.handset import Arrived, Departed, Hub, HubLost, Movement
from provisioning.platforms import Platform
from provisioning.turns import Turns
from provisioning.watch import watch

if TYPE_CHECKING:
    from provisioning.bays.bay_map import BayEntry
    from provisioning.bays.desk_bays import DeskBays
    from provisioning.bays.learning import Learning
    from provisioning.home.home import Home

Connection = tuple[Platform, str]


async def learn_bays(call: Call, home: Home, desk: DeskBays, hub: str, ports: int, wait: float) -> tuple[BayEntry, ...]:
    """Learn until a person or ``ports`` ends it, or nothing happens for ``wait`` seconds; keep it and give it.

    Raises UsageError where nothing was learnt.
    """
    hubs = assembly.hubs(home, load_settings(home.settings_file), desk.labels, Turns())
    try:
        present = {one async for one in _present(call, hubs)}
        learning = desk.begin_learning(hub)
        call.tell(f"Plug one handset into each port in turn. The first is {learning.next_label}.")
        async with aclosing(watch(hubs)) as movements, _typed() as keys:
            moved = asyncio.ensure_future(anext(movements))
            typed = asyncio.ensure_future(keys.get())
            try:
                while not ports or len(learning.learnt) < ports:
                    done, _ = await asyncio.wait({moved, typed}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                    if not done:
                        call.tell(f"Nothing new for {wait:g} seconds.")
                        break
                    if typed in done:
                        if not _obey(call, desk, learning, typed.result()):
                            break
                        typed = asyncio.ensure_future(keys.get())
                    if moved in done:
                        _take(call, desk, moved.result(), present)
                        moved = asyncio.ensure_future(anext(movements))
            finally:
                for future in (moved, typed):
                    future.cancel()
                await asyncio.wait({moved, typed})
        return desk.finish_learning()
    finally:
        for one in hubs:
            await one.close()


async def _present(call: Call, hubs: list[Hub]) -> AsyncGenerator[Connection, None]:
    """Give what hangs there before it begins, which is passed over until it is plugged anew."""
    for hub in hubs:
        try:
            for attachment in await hub.attached():
                yield attachment.platform, attachment.connection
        except HubError as error:
            call.tell(str(error))


def _take(call: Call, desk: DeskBays, movement: Movement, present: set[Connection]) -> None:
    """Take note of a movement, and say what it came to."""
    match movement:
        case HubLost(_, sentence):
            call.tell(sentence)
        case Arrived(one) if (one.platform, one.connection) in present:
            present.discard((one.platform, one.connection))
        case Arrived():
            desk.move(movement)
            if desk.last_step is not None:
                call.tell(desk.last_step.sentence)
        case Departed(one):
            present.discard((one.platform, one.connection))
        case _:
            desk.move(movement)


def _obey(call: Call, desk: DeskBays, learning: Learning, word: str) -> bool:
    """Do what a line from the keyboard says; False ends the learning."""
    match word.strip().casefold()[:1]:
        case "u":
            gone = desk.undo_step()
            call.tell(f"{gone} is forgotten. Next: {learning.next_label}." if gone else "There is nothing to undo.")
        case "h":
            call.tell(f"Next hub: {learning.next_hub(word.strip()[1:])}. The first port is {learning.next_label}.")
        case "f":
            return False
        case _:
            call.tell("u: undo the last port; h: next hub; f: finish and keep. Ctrl+C gives up.")
    return True


@asynccontextmanager
async def _typed() -> AsyncGenerator[asyncio.Queue[str], None]:
    """Give lines from the keyboard as they come; none where nobody can type."""
    queue: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    try:
        loop.add_reader(sys.stdin, lambda: _line(loop, queue))
    except (ValueError, OSError, NotImplementedError):  # no terminal, or Windows
        yield queue
        return
    try:
        yield queue
    finally:
        loop.remove_reader(sys.stdin)


def _line(loop: asyncio.AbstractEventLoop, queue: asyncio.Queue[str]) -> None:
    line = sys.stdin.readline(200)
    if line:
        queue.put_nowait(line)
    else:
        loop.remove_reader(sys.stdin)
