"""A deadline, a cancellation and pymobiledevice3's stray cancellation are three things and stay so."""

from __future__ import annotations

import asyncio

import pytest

from provisioning.apple.failures import within
from provisioning.errors import HandsetGone, HandsetSilent


async def _stray() -> None:
    """Raise what the library's clean-up raises although nobody cancelled."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.cancel()
    await future


async def test_silence_is_named_after_its_deadline() -> None:
    with pytest.raises(HandsetSilent) as caught:
        await within(0.01, "reading who it is", asyncio.sleep(30))
    assert "reading who it is" in str(caught.value)
    assert caught.value.seconds == 0.01


async def test_a_stray_cancellation_becomes_an_error_that_a_session_catches() -> None:
    with pytest.raises(HandsetGone):
        await within(5, "pairing", _stray())
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_real_cancellation_stays_one() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.sleep(30)

    task = asyncio.create_task(within(10, "pairing", work()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def test_a_real_cancellation_wins_over_a_stray_one() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(30)
        finally:
            await _stray()

    task = asyncio.create_task(within(10, "pairing", work()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_deadline_of_somebody_above_is_theirs() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await within(10, "pairing", asyncio.sleep(30))
