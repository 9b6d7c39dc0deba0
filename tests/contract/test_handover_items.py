"""Many items at once by commands, and what is left of a handover that stopped between signature and receipt."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_bench import CLEAR, NOT_CLEAR, POLICY, USAGE, Desk, desk_on_rack
from test_cli_bad_input import mounted
from test_cli_line import signature

SIM = "8944110068308532105"
SCENARIO = """
[[handset]]
profile = "iphone-15"

[[handset]]
profile = "galaxy-a54"

[[handset]]
profile = "galaxy-a54"
apps = ["com.zhiliaoapp.musically"]
"""


def kinds(desk: Desk, serial: str) -> list[tuple[str, str]]:
    """Give what the ledger says of who has an item."""
    shown = desk.call("ledger", "show", "--serial", serial).document
    return [(one["kind"], one["body"]["receipt"]) for one in shown if "receipt" in one["body"]]


@pytest.mark.timeout(300)
def test_one_signature_for_all_items_and_nothing_goes_where_one_is_not_clear(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with desk_on_rack(tmp_path, scenario=SCENARIO, within=capsys) as (desk, rack):
        iphone, android, tiktok = (one["serial_number"] for one in rack.announcement["handsets"])
        desk.call("provision", *POLICY)
        signed = ("--officer", "P1", "--signature", str(signature(tmp_path)))

        refused = desk.call("handover", iphone, tiktok, *signed, "--item", f"sim: {SIM}")
        assert (refused.code, refused.document["handed_over"]) == (NOT_CLEAR, False)
        assert [one["serial_number"] for one in refused.document["verdicts"]] == [tiktok]
        assert kinds(desk, iphone) == []

        pdf = tmp_path / "all.pdf"
        done = desk.call(
            "handover", iphone, android, *signed, "--override", "P2 is away", "--item", f"sim: {SIM}",
            "--item", "charger: 20 W; quantity=2", "--condition", "new", "--accessory", f"{iphone}=case",
            "--identity", "warrant-card:99887766", "--proxy", "P9", "--authority", "Memo 4", "--pdf", str(pdf),
        )  # fmt: skip
        assert done.code == CLEAR, done.document
        number = done.document["receipt"]
        assert kinds(desk, android) == [("handed_over", number)]
        assert kinds(desk, SIM) == [("item_handed_over", number)]
        again = desk.call("handover", *signed, "--item", f"sim: {SIM}")
        assert (again.code, again.document["error"].startswith(f"{SIM} is already out")) == (USAGE, True)

        read = desk.call("receipt", "verify", "--pdf", str(pdf))
        assert (read.code, read.document["item_count"]) == (CLEAR, 4)
        assert "person who collected" in " ".join(read.document["does_not_prove"])
        part, file = desk.call("receipt", "extract", number, android, str(tmp_path / "one.json")), tmp_path / "one.json"
        assert part.document["item"] == 2
        text = file.read_text("utf-8")
        assert "P2 is away" in text
        assert "…7766" in text
        assert "99887766" not in text
        assert SIM not in text
        assert desk.call("receipt", "verify", "--extract", str(file)).code == CLEAR
        assert desk.call("ledger", "verify").document["ok"]


def stopped(home: Path, way: str, *moments: str) -> list[dict[str, Any]]:
    """Stop handovers at these moments, and give what was there after each restart."""
    script = Path(__file__).with_name("interrupted.py")
    environment = dict(os.environ) | {"USBMUXD_SOCKET_ADDRESS": "127.0.0.1:9", "ANDROID_ADB_SERVER_PORT": "9"}
    told = subprocess.run(
        [sys.executable, str(script), str(home), way, *moments],
        env=environment, capture_output=True, check=True, timeout=120, cwd=script.parents[2],
    )  # fmt: skip
    return [json.loads(line) for line in told.stdout.splitlines()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_console_killed_between_signature_and_receipt_says_what_became_of_it(tmp_path: Path) -> None:
    never, holds, end = stopped(tmp_path / "home", "kill", "in the transaction", "before the paper")
    assert never["first"]["code"] is None
    assert never["receipts"] == []
    assert "it never happened. Do it again." in never["again"]["said"]
    assert never["again"]["answer"]["handed_over"]
    (number,) = holds["receipts"]
    assert f"it holds, by receipt {number}" in holds["again"]["said"]
    assert holds["again"]["answer"]["handed_over"] is False
    assert holds["paper"]["code"] == CLEAR
    assert (end["verify"]["answer"]["ok"], end["left"]) == (True, [])


@pytest.mark.skipif(shutil.which("mount") is None or not hasattr(os, "fork"), reason="needs mount and fork")
def test_a_disk_that_fills_between_signature_and_receipt_costs_the_paper_or_nothing_happened(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "-o", "size=4m") as disk:
        never, holds, end = stopped(disk / "home", "full", "noted", "before the paper")
    assert (never["first"]["code"], never["receipts"]) == (USAGE, [])
    assert never["first"]["answer"]["error"].startswith("Nothing was handed over. The disk is full")
    (number,) = holds["receipts"]
    assert holds["first"]["answer"]["handed_over"]
    assert f"issuing-desk receipt pdf {number} FILE" in holds["first"]["answer"]["error"]
    assert holds["paper"]["code"] == CLEAR
    assert (end["verify"]["answer"]["ok"], end["left"]) == (True, [])
