"""The console killed in the middle of a batch: started again it goes on, finishes, and the ledger says each fact once.

Ten moments of a batch of forty: ``python tests/chaos/kill_console.py``.
"""

from __future__ import annotations

from pathlib import Path

from rack_process import served

from tests.chaos.kill_console import Delivery, survive


def test_killed_twice_it_finishes_and_nothing_is_missing_or_said_twice(tmp_path: Path) -> None:
    with served("--iphones", "3", "--androids", "3") as rack:
        told = survive(Delivery(rack, tmp_path, odd=()), [0.3, 0.7])
    assert told.wrong == []
    assert told.ready == 6
    assert len(told.resumed) == 2
