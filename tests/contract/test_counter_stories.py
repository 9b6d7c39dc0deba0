"""The counter at the real window against the real engine: what is said there, and what is in the ledger afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_bench import CLEAR, Desk

HERE = Path(__file__).parent


def played(desk: Desk, story: str, *words: str) -> dict[str, Any]:
    """Play a story in a process of its own; gives what the window said."""
    done = subprocess.run(
        [sys.executable, str(HERE / "counter_stories.py"), story, str(desk.home), *words],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    said = json.loads(done.stdout)
    assert said["code"] == CLEAR
    return said


def entries(desk: Desk, kind: str) -> list[dict[str, Any]]:
    return [one for one in desk.call("ledger", "show").document if one["kind"] == kind]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    made = Desk(tmp_path / "home", within=capsys)
    assert made.call("init", "--training").code == CLEAR
    return made


@pytest.mark.timeout(180)
def test_nothing_begins_before_somebody_signs_in_and_every_entry_names_who(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = {"A. Khan": "740193", "B. Jones": "917302"}
    monkeypatch.setenv("ISSUING_DESK_NEW_PIN", pins["A. Khan"])
    assert desk.call("technicians", "add", "A. Khan").code == CLEAR
    monkeypatch.setenv("ISSUING_DESK_NEW_PIN", pins["B. Jones"])
    monkeypatch.setenv("ISSUING_DESK_PIN", pins["A. Khan"])
    assert desk.call("--technician", "A. Khan", "technicians", "add", "B. Jones").code == CLEAR

    said = played(desk, "technicians", *(f"{name}={pin}" for name, pin in pins.items()))
    assert said["before"] == said["after a wrong PIN"] == ["seen", "seen"]
    assert "Sign in to start" in said["wall"][0]
    assert said["then"] == []
    assert said["locked"] == "seen"
    shown = desk.call("ledger", "show").document
    handed = {one["body"]["receipt"]: one["technician"] for one in shown if one["kind"] == "handed_over"}
    assert handed == {said["by Khan"]: "A. Khan", said["by Jones"]: "B. Jones"}
    begun = next(place for place, one in enumerate(shown) if one["kind"] == "signed_in")
    assert not [one for one in shown[:begun] if one["serial_number"]], "nothing was done with a handset before"
    work = [one for one in shown[begun:] if one["kind"] not in {"sign_in_failed", "signed_out"}]
    assert {one["technician"] for one in work} == set(pins), "no entry without a who"
    assert desk.call("ledger", "verify").document["ok"] is True
