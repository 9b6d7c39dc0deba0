"""Scenes of the readers: the rollout on a made-up year of a force, searches in the whole ledger, sheets."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from rehearsal import six
from rehearsed_reading import frame, life, nothing, one_day, year
from stage import Stage, modal

from provisioning.readers import sums
from provisioning.readers.counts import Group
from ui.rail import Place
from ui.reading_actions import SheetKind, Wanted
from ui.rollout_place import RolloutPlace

QUARTER, MONTH = 2, 1


async def _opened(stage: Stage) -> RolloutPlace:
    window = stage.open(*six())
    window.go_to(Place.ROLLOUT)
    await stage.settle()
    return window.rollout


async def rollout(stage: Stage) -> None:
    """A year of a force: 30,000 handsets, twelve desks."""
    await _opened(stage)


async def rollout_lower(stage: Stage) -> None:
    """The same further down: stock, findings, permits, desks."""
    place = await _opened(stage)
    place.scroll_to_end()


async def rollout_week(stage: Stage) -> None:
    """One week chosen with the keys."""
    place = await _opened(stage)
    place.days_chart.setFocus()
    for _ in range(21):
        QTest.keyClick(place.days_chart, Qt.Key.Key_Right)


async def rollout_quarter(stage: Stage) -> None:
    """Ninety days, each with its bar."""
    place = await _opened(stage)
    place.period.setCurrentIndex(QUARTER)
    await stage.settle()


async def rollout_month(stage: Stage) -> None:
    """Thirty days."""
    place = await _opened(stage)
    place.period.setCurrentIndex(MONTH)
    await stage.settle()


async def rollout_first_day(stage: Stage) -> None:
    """The first day of a rollout."""
    stage.desk.reading.give = lambda _: one_day()
    await _opened(stage)


async def rollout_empty(stage: Stage) -> None:
    """Nothing was issued yet."""
    stage.desk.reading.give = lambda _: nothing()
    await _opened(stage)


async def rollout_loading(stage: Stage) -> None:
    """The ledger is being read for the first time."""
    stage.desk.reading.held = asyncio.Event()
    stage.desk.reading.taken_up = 84_000
    await _opened(stage)
    await stage.settle(0.4)


async def rollout_alone(stage: Stage) -> None:
    """The shared ledger does not answer: the figures are those of before."""
    behind = "The shared ledger at db.force.example/issuing does not answer."
    stage.desk.reading.give = lambda _: replace(year(), as_of=replace(year().as_of, behind=behind))
    await _opened(stage)


async def rollout_behind(stage: Stage) -> None:
    """The entries behind a bar."""
    place = await _opened(stage)
    bars = place.bars[Group.UNIT]
    bars.itemActivated.emit(bars.item(1))
    await stage.settle()


async def rollout_report(stage: Stage) -> None:
    """The report, to be printed or kept."""
    stage.desk.reading.sheet = sums.rollout(year(), frame(), {})
    place = await _opened(stage)
    place.report.click()
    await stage.settle(1.0)
    stage.subject = modal()


async def _found(stage: Stage, text: str) -> None:
    window = stage.open(*six())
    window.go_to(Place.LEDGER)
    await stage.settle()
    window.ledger.look_for(text)
    await stage.settle()


async def found_one(stage: Stage) -> None:
    """An asset tag, typed: one handset."""
    await _found(stage, "mps-104003")


async def found_several(stage: Stage) -> None:
    """The beginning of an IMEI: several handsets."""
    await _found(stage, "3569")


async def found_person(stage: Stage) -> None:
    """A name on the roster."""
    await _found(stage, "Raman")


async def found_nothing(stage: Stage) -> None:
    """Nothing fits; it is said what was looked through."""
    await _found(stage, "ZZ 999")


async def life_of_a_handset(stage: Stage) -> None:
    """The sheet of one handset."""
    stage.desk.reading.sheet = life()
    window = stage.open(*six())
    window.sheets.show_reading(Wanted(SheetKind.HANDSET, "R5C790PNHKX"))
    await stage.settle(1.0)
    stage.subject = modal()
