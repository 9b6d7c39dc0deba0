"""The window with nothing rehearsed: the real engine, virtual handsets on real sockets, keys, and what is left."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from cli_bench import CLEAR, desk_on_rack

WORK = Path(__file__).with_name("window_on_the_rack.py")


def test_a_handset_is_led_to_ready_and_handed_over_by_keys_in_the_real_window(tmp_path: Path) -> None:
    with desk_on_rack(tmp_path, "--iphones", "1", "--androids", "1") as (desk, rack):
        environment = {**desk.environment, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(WORK.parents[2])}
        done = subprocess.run(
            [sys.executable, str(WORK), str(desk.home), str(tmp_path / "labels.zpl")],
            env=environment,
            capture_output=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        said = json.loads(done.stdout)
        assert said["code"] == CLEAR
        assert "TRAINING" in said["title"]
        entries = desk.call("ledger", "show", "--officer", "P 12345").document
        handed = [entry for entry in entries if entry["kind"] == "handed_over"]
        assert len(handed) == 1
        assert handed[0]["serial_number"] in {one["serial_number"] for one in rack.announcement["handsets"]}
        printed = (tmp_path / "labels.zpl").read_text("utf-8")
        assert printed.count("^XZ") == 1, "what was handed over gets no label, although it still hangs there"
        assert handed[0]["serial_number"] not in printed
        assert len(list((desk.home / "receipts").glob("*.pdf"))) == 1
        assert desk.call("ledger", "verify").document["ok"] is True
        assert desk.call("handsets").code == CLEAR, "the home is free again: the window has ended its engine"
