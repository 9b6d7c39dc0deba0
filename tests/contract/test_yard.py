"""Plugged, pulled, swapped, replugged and rebooted ten thousand times: no handset is ever taken for another."""

from __future__ import annotations

import asyncio

import pytest
from yard import JumpingLoop, Yard


@pytest.mark.parametrize(("seed", "twins"), [(1, 0), (2, 0), (3, 0), (4, 3)])
def test_no_record_carries_anothers_data_and_no_bay_shows_what_is_gone(seed: int, twins: int) -> None:
    yard = Yard(seed, twins=twins)
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(yard.live(2500))
    assert set(yard.events) == {"plug", "pull", "swap", "replug", "reboot", "erase", "flicker", "die", "press"}
    assert yard.books.entries["judged"] > 100
