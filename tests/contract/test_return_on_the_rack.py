"""The way back at the real window: handed over, then taken back by a scan of its receipt, without a mouse."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cli_bench import CLEAR, desk_on_rack

WORK = Path(__file__).with_name("return_on_the_rack.py")


@pytest.mark.timeout(120)
def test_a_scanned_receipt_brings_its_handset_back(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("Warrant number,Name,Rank,Unit\nP10001,Officer One,Constable,Lambeth", "utf-8")
    with desk_on_rack(tmp_path, "--iphones", "0", "--androids", "1", "--latency", "none") as (desk, rack):
        assert desk.call("officers", "import", str(roster)).code == CLEAR
        serial = rack.announcement["handsets"][0]["serial_number"]
        done = subprocess.run(
            [sys.executable, str(WORK), str(desk.home), serial],
            env={**desk.environment, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(WORK.parents[2])},
            capture_output=True,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        said = json.loads(done.stdout)
        assert said["offered"] == [serial]
        (back,) = [one for one in desk.call("ledger", "show").document if one["kind"] == "returned"]
        assert (back["serial_number"], back["body"]["officer"]) == (serial, "P10001")
        assert back["body"]["receipt"] == said["back"] != said["receipt"]
        document = back["body"]["document"]
        assert document["reason"] == "returned"
        pdf = desk.home / "receipts" / f"receipt-{said['back']}.pdf"
        verified = desk.call("receipt", "verify", "--pdf", str(pdf)).document
        assert verified["kind"] == "return"
        assert desk.call("ledger", "verify").document["ok"] is True
