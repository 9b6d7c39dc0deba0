"""What the window asks of the readers, over a real home: figures, searches, sheets, and that a long reading ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cli_bench import CLEAR, called
from made_up_year import DeskBook, Year
from year_of_a_force import Force

from console.engine_thread import EngineThread
from console.printing import office_of
from console.reading_actions import ConsoleReading
from provisioning.errors import UsageError
from provisioning.home.home import Home, open_home
from provisioning.readers.counts import Group
from ui.reading_actions import SheetKind, Wanted


@dataclass
class Ready:
    """Stands for an engine's thread that has opened a home."""

    engine: Any

    async def ready(self) -> Any:
        return self.engine


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Home:
    assert called(tmp_path / "home", capsys, "init", "--training").code == CLEAR
    return open_home(tmp_path / "home")


async def test_the_window_reads_counts_finds_and_makes_sheets(home: Home) -> None:
    with home.open_ledger() as ledger:
        book = DeskBook(0, cast("Any", ledger)._store)
        book.ledger = ledger
        ledger._clock = book.tell  # pyright: ignore[reportPrivateUsage]
        Year(Force(3, 20, date.today(), days=40), [book] * 12).write()
        engine = SimpleNamespace(home=home, ledger=ledger, sign_in=SimpleNamespace(technician="A. Khan"))
        reading = ConsoleReading(cast("EngineThread", Ready(engine)), office_of(home))
        found = await reading.figures(None)
        assert found.issued > 15
        bar = found.by_model[0]
        assert len(await reading.behind(Group.MODEL, bar.key, found.first, found.last)) == bar.number
        serial = next(iter(ledger.entries(kind="handed_over", limit=1))).subject or ""
        match = (await reading.find(serial.lower())).matches[0]
        assert {line.subject for line in await reading.entries_of(match)} == {serial}
        for kind, subject in ((SheetKind.ROLLOUT, ""), (SheetKind.EXCEPTIONS, ""), (SheetKind.PUBLIC, ""),
                              (SheetKind.HANDSET, serial)):  # fmt: skip
            assert (await reading.sheet_file(Wanted(kind, subject), "pdf")).startswith(b"%PDF")
        with pytest.raises(UsageError):
            await reading.sheet_pages(Wanted(SheetKind.PERSON, "nobody"), 60)
        looks = [entry.body["look"] for entry in ledger.entries(kind="viewed")]
        assert {"ledger", "record"} <= set(looks)
        reading.close()
        assert (home.path / "reading" / "own.sqlite").exists()


def test_a_reading_that_is_under_way_ends_with_the_window(home: Home) -> None:
    reading = ConsoleReading(cast("EngineThread", Ready(None)), office_of(home))
    reading.close()
    with pytest.raises(UsageError, match="closed"):
        reading._tell(2000)  # pyright: ignore[reportPrivateUsage]
