"""The bays of a rack by commands: the scenario says them, `bays learn` learns them, both platforms show them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_bench import CLEAR, UNKNOWN, USAGE, desk_on_rack

SCENARIO = """\
[[hub]]
name = "2"
ports = 4

[[handset]]
profile = "iphone-15"

[[handset]]
profile = "galaxy-a54"
bay = "2-3"
"""


def test_the_bays_of_a_scenario_are_those_of_both_engines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = tmp_path / "rack.toml"
    scenario.write_text(SCENARIO, "utf-8")
    with desk_on_rack(tmp_path, "--scenario", str(scenario), within=capsys) as (desk, rack):
        announcement = tmp_path / "announcement.json"
        announcement.write_text(json.dumps(rack.announcement), "utf-8")
        taken = desk.call("bays", "import", str(announcement))
        assert (taken.code, sorted(taken.document)) == (CLEAR, ["2-1", "2-2", "2-3", "2-4"])
        bays = {one["platform"]: one["bay"] for one in desk.call("handsets").document}
        assert bays == {"ios": "2-1", "android": "2-3"}
        listed = {one["bay"]: one for one in desk.call("bays", "list").document}
        assert (listed["2-4"]["hub"], listed["2-4"]["position"], listed["2-1"]["ports"]) == ("2", 4, ["2-1"])
        assert {one["handsets"] for one in listed.values()} == {0}

        assert desk.call("bays", "rename", "2-3", "Window").code == CLEAR
        bays = {one["platform"]: one["bay"] for one in desk.call("handsets").document}
        assert bays["android"] == "Window"
        assert desk.call("bays", "rename", "2-1", "Window").code == USAGE
        assert desk.call("bays", "forget", "--hub", "2").code == CLEAR
        assert desk.call("bays", "list").document == []
        looked = desk.call("bays", "preflight", "--handsets", "40", "--sysfs", str(tmp_path / "nothing"))
        assert looked.code == UNKNOWN, "what cannot be looked at is not called fine"
        assert looked.document["findings"][0]["trouble"] == "not read"
        assert desk.call("bays", "power", "2-1").code == USAGE
        gone = desk.call("bays", "learn", "--wait", "1")
        assert gone.code == USAGE, "nothing was plugged in, so nothing is learnt"
        assert "nothing is changed" in gone.document["error"]
