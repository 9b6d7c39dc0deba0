"""Thirty officers in a row at the real window: scans and keys, no mouse, no mix-up, ledger and receipts right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cli_bench import CLEAR, desk_on_rack

WORK = Path(__file__).with_name("counter_on_the_rack.py")
OFFICERS = 30


@pytest.mark.timeout(180)
def test_thirty_officers_are_served_by_scans_and_keys_without_a_mix_up(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    lines = [f"P{10_001 + number},Officer {number},Constable,Lambeth" for number in range(OFFICERS)]
    roster.write_text("\n".join(["Warrant number,Name,Rank,Unit", *lines, "P99998,Next,Constable,Lambeth"]), "utf-8")
    half = str(OFFICERS // 2)
    with desk_on_rack(tmp_path, "--iphones", half, "--androids", half, "--latency", "none") as (desk, rack):
        assert desk.call("officers", "import", str(roster)).code == CLEAR
        serials = [one["serial_number"] for one in rack.announcement["handsets"]]
        done = subprocess.run(
            [sys.executable, str(WORK), str(desk.home), ",".join(serials)],
            env={**desk.environment, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(WORK.parents[2])},
            capture_output=True,
            timeout=170,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        said = json.loads(done.stdout)
        wanted = {f"P{10_001 + number}": serial for number, serial in enumerate(serials)}
        assert {one["officer"]: one["serial_number"] for one in said["served"]} == wanted
        handed = [one for one in desk.call("ledger", "show").document if one["kind"] == "handed_over"]
        assert {one["body"]["officer"]: one["serial_number"] for one in handed} == wanted
        assert [one["body"]["receipt"] for one in handed] == [one["receipt"] for one in said["served"]]
        assert len({one["body"]["receipt"] for one in handed}) == OFFICERS
        assert {file.stem.removeprefix("receipt-") for file in (desk.home / "receipts").glob("*.pdf")} == {
            one["body"]["receipt"] for one in handed
        }
        assert desk.call("ledger", "verify").document["ok"] is True
        for one in said["served"]:
            if one["trouble"] == 0:
                assert one["scans"] == 2
                assert one["keys"] == said["clauses"] + 1 <= 6, "as many as a staged handset may cost"
        (tmp_path / "said.json").write_bytes(done.stdout)
        print(json.dumps({"staged": said["staged"], "most seconds": max(one["seconds"] for one in said["served"])}))
