"""The walk along the cables and the labels for it, with the real engine: only what is green, in the order of bays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_bench import CLEAR, Desk

WORK = Path(__file__).with_name("unplug_on_the_rack.py")
SCENARIO = """
[[handset]]
profile = "iphone-15"
serial_number = "F2LXGREEN2"
bay = "1-10"

[[handset]]
profile = "iphone-15"
serial_number = "F2LXGREEN1"
bay = "1-2"

[[handset]]
profile = "iphone-15"
serial_number = "F2LXTIKTOK"
bay = "1-3"
apps = ["com.zhiliaoapp.musically"]

[[handset]]
profile = "iphone-15"
serial_number = "F2LXGREEN3"
bay = "2-1"
"""
MANIFEST = """Serial number,Asset tag,Officer
F2LXGREEN1,MET-00001,P10001
F2LXGREEN2,MET-00002,
F2LXTIKTOK,MET-00003,
F2LXGREEN3,MET-00004,
"""
ORDERS = """Officer number,Model,Order
P10002,iPhone 15,PO-7
"""


@pytest.mark.timeout(150)
def test_what_is_green_gets_its_label_and_is_unplugged_in_the_order_of_bays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(tmp_path / "home", within=capsys)
    assert desk.call("init", "--training").code == CLEAR
    for name, text in (("scenario.toml", SCENARIO), ("June.csv", MANIFEST)):
        (tmp_path / name).write_text(text, "utf-8")
    assert desk.call("batch", "import", str(tmp_path / "June.csv")).code == CLEAR
    (tmp_path / "Orders.csv").write_text(ORDERS, "utf-8")
    assert desk.call("orders", "import", str(tmp_path / "Orders.csv")).code == CLEAR
    labels = tmp_path / "labels.zpl"
    done = subprocess.run(
        [sys.executable, str(WORK), str(desk.home), str(tmp_path / "scenario.toml"), str(labels)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(WORK.parents[2])},
        capture_output=True,
        timeout=140,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    said = json.loads(done.stdout)
    green = ["F2LXGREEN1", "F2LXGREEN2", "F2LXGREEN3"]
    assert said["order"] == green
    assert said["first"] == ["1-2", "MET-00001 · iPhone 15", "For officer P10001"]
    by_order = [said["whose"][serial] for serial in green]
    assert by_order[0] == "officer P10001", "the manifest's word comes before an order by model"
    assert sorted(by_order[1:]) == ["", "officer P10002"]
    printed = labels.read_text("utf-8").split("^XZ")
    assert [next(one for one in (*green, "F2LXTIKTOK") if one in label) for label in printed[:-1]] == green
    assert said["said"] == [
        "That was bay 1-10; bay 1-2 is next. Keep its label with it, or plug it in again.",
        "Bay 1-3 was not ready (not clear): plug the iPhone 15 in again.",
        "Bay 1-2 is out.",
        "Bay 1-10 is out.",
        "Bay 2-1 is out.",
    ]
    assert said["end"] == "All that were ready are out."
