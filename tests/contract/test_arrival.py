"""Handsets named by serial number are waited for: one that shows itself late, and one that has no name before trust."""

from __future__ import annotations

from pathlib import Path

import pytest
from walk_bench import errand, rack_of

from console import assembly
from console.commands.arrival import lead_named
from provisioning.status import Phase

SCENARIO = """
[[handset]]
profile = "iphone-15"
serial_number = "F2LXK0V1Q6"
faults = ["not-on-cable until=1"]
[[handset]]
profile = "iphone-15"
serial_number = "F2LXK0V1Q7"
state = "set-up"
faults = ["trust-dialog late=1 after=0.1"]
[[handset]]
profile = "iphone-13"
serial_number = "F2LXK0V1Q8"
"""


async def test_who_shows_itself_late_is_led_as_soon_as_it_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = assembly.make_home(tmp_path / "home", training=True, organisation=None, desk_name=None)
    async with rack_of(monkeypatch, tmp_path, SCENARIO), assembly.engine(home, "test") as engine:
        await engine.desk.settle()
        wanted = ["F2LXK0V1Q6", "F2LXK0V1Q7", "F2LXK0V1Q8", "NEVERSEEN"]
        led = await lead_named(engine.desk, dict.fromkeys(wanted, await errand(engine, patience=6.0)))
        assert list(led) == wanted
        assert led.pop("NEVERSEEN") is None
        there = [status for status in led.values() if status is not None]
        assert [status.serial_number for status in there] == wanted[:3]
        assert [status.phase for status in there] == [Phase.READY, Phase.STOPPED, Phase.READY]
