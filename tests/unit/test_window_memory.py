"""What the window remembers of its own at a desk: how outcomes are told aloud."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest

from console.engine_thread import EngineThread
from console.wall_actions import FILE, ConsoleWall, remembered_aloud


def test_nothing_is_told_aloud_until_somebody_chose_it_and_that_is_remembered(tmp_path: Path) -> None:
    assert remembered_aloud(tmp_path) == "off"
    wall = ConsoleWall(cast("EngineThread", None), tmp_path)  # the engine is not asked for it
    asyncio.run(wall.keep_aloud("speech"))
    assert remembered_aloud(tmp_path) == "speech"


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b"{}", b"null", b"\xff"])
def test_a_damaged_memory_is_none(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / FILE).write_bytes(damaged)
    assert remembered_aloud(tmp_path) == "off"
