"""The way from the engine's thread to the glass."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator

import pytest
from patience import until
from PySide6.QtCore import QTimer
from rehearsal import PROVISION, ready, waiting, working

from provisioning.platforms import Platform
from provisioning.status import Phase, SessionStatus
from ui.bridge import PERIOD, Bridge, Changes


@pytest.fixture
def bridge() -> Generator[Bridge]:
    made = Bridge()
    yield made
    made.close()


@pytest.fixture
def told(bridge: Bridge) -> list[Changes]:
    heard: list[Changes] = []
    bridge.changed.connect(heard.append)
    return heard


async def test_the_first_change_after_a_pause_is_told_at_once(
    bridge: Bridge, told: list[Changes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.bridge.PERIOD", 600.0)
    bridge.post(ready(0))
    await until(lambda: told)
    assert told[0].statuses == (ready(0),)


async def test_many_threads_lose_no_last_state_and_make_few_signals(bridge: Bridge, told: list[Changes]) -> None:
    busy = {number: [working(number, stage) for stage in PROVISION] for number in range(40)}

    def engine(first: int) -> None:
        for step in range(300):
            for number in range(first, first + 10):
                bridge.post(busy[number][step % 6])
        for number in range(first, first + 10):
            bridge.post(ready(number))

    began = time.monotonic()
    threads = [threading.Thread(target=engine, args=(10 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        await asyncio.sleep(0.01)
    last: dict[str, SessionStatus] = {}

    def settled() -> bool:
        last.update({status.key: status for changes in told for status in changes.statuses})
        return len(last) == 40 and all(status.phase is Phase.READY for status in last.values())

    await until(settled)
    assert len(told) <= (time.monotonic() - began) / PERIOD + 2


async def test_at_most_one_signal_a_period(bridge: Bridge, told: list[Changes]) -> None:
    began = time.monotonic()
    while time.monotonic() - began < 6 * PERIOD or len(told) < 3:
        bridge.post(ready(0))
        await asyncio.sleep(0.001)
    assert len(told) <= (time.monotonic() - began) / PERIOD + 2


async def test_nothing_runs_while_there_is_nothing_to_tell(bridge: Bridge, told: list[Changes]) -> None:
    bridge.post(ready(0))
    await until(lambda: told)
    assert not any(timer.isActive() for timer in bridge.findChildren(QTimer))
    await asyncio.sleep(2 * PERIOD)
    assert len(told) == 1


async def test_the_last_word_about_a_session_counts(bridge: Bridge, told: list[Changes]) -> None:
    bridge.post(ready(0))
    bridge.post_gone(ready(0).key)
    bridge.post_gone(ready(1).key)
    bridge.post(waiting(1))
    await until(lambda: told)
    assert told[0].gone == (ready(0).key,)
    assert told[0].statuses == (waiting(1),)


async def test_a_lost_hub_is_told_with_its_sentence_and_found_again(bridge: Bridge, told: list[Changes]) -> None:
    bridge.post_hub(Platform.IOS, "usbmuxd does not answer.")
    await until(lambda: told)
    bridge.post_hub(Platform.IOS, None)
    await until(lambda: len(told) == 2)
    assert told[0].hubs == ((Platform.IOS, "usbmuxd does not answer."),)
    assert told[1].hubs == ((Platform.IOS, None),)


async def test_a_closed_bridge_takes_no_more_from_any_thread(bridge: Bridge, told: list[Changes]) -> None:
    bridge.close()
    thread = threading.Thread(target=bridge.post, args=(ready(0),))
    thread.start()
    thread.join()
    await asyncio.sleep(2 * PERIOD)
    assert told == []
