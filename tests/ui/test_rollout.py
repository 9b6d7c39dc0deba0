"""The rollout in the window: figures that can be read, reached by keys and opened; and what was found in the ledger."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from patience import until
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from rehearsal import ready
from rehearsed_reading import lately, year
from scenes import Stage, modal

from provisioning.readers.counts import Group
from ui.day_chart import scale_of
from ui.pages_sheet import PagesSheet
from ui.rail import Place
from ui.rollout_place import RolloutPlace
from ui.window import MainWindow


async def opened(stage: Stage) -> tuple[MainWindow, RolloutPlace]:
    window = stage.open(ready(0))
    await until(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: window.rollout.figures)
    return window, window.rollout


async def test_figures_are_read_when_they_can_be_seen_and_say_as_of_when(stage: Stage) -> None:
    window = stage.open(ready(0))
    await stage.settle()
    assert not stage.desk.reading.asked
    window.go_to(Place.ROLLOUT)
    await until(lambda: window.rollout.figures)
    assert window.rollout.tiles[0].number.text() == f"{year().issued:,}"
    assert f"As of {year().as_of.entries:,} entries of 12 desks" in window.rollout.as_of.text()


async def test_every_bar_is_heard_by_a_screen_reader(stage: Stage) -> None:
    _, place = await opened(stage)
    bars = place.bars[Group.UNIT]
    interface = QAccessible.queryAccessibleInterface(bars)
    first = year().by_unit[0]
    assert interface.child(0).text(QAccessible.Text.Name) == f"{first.label}: {first.number:,}"
    assert f"{len(year().by_unit)} rows" in bars.accessibleName()
    chart = place.days_chart
    assert f"{year().issued:,} in all" in chart.accessibleName()
    QTest.keyClick(chart, Qt.Key.Key_Home)
    assert chart.accessibleDescription() == chart.said(0)


async def test_a_bar_opens_the_entries_behind_it_by_keys_alone(stage: Stage) -> None:
    window, place = await opened(stage)
    place.bars[Group.MODEL].setFocus()
    place.bars[Group.MODEL].setCurrentRow(0)
    QTest.keyClick(place.bars[Group.MODEL], Qt.Key.Key_Return)
    await until(lambda: window.place is Place.LEDGER and window.ledger.view.model().rowCount() == 60)
    first = year().by_model[0]
    assert f"{first.label}, issued from" in window.ledger.found.sentence.text()
    assert stage.desk.reading.asked[-1][:3] == ("behind", "model", first.key)
    window.ledger.note_change()  # what is shown stays while the desk works
    await stage.settle()
    assert window.ledger.view.model().rowCount() == 60


async def test_a_week_opens_its_own_days(stage: Stage) -> None:
    _, place = await opened(stage)
    QTest.keyClick(place.days_chart, Qt.Key.Key_End)
    QTest.keyClick(place.days_chart, Qt.Key.Key_Return)
    await until(lambda: stage.desk.reading.asked[-1][0] == "behind")
    assert stage.desk.reading.asked[-1][3:] == ("2026-11-16", "2026-11-20")


async def test_the_rest_of_a_long_list_unfolds(stage: Stage) -> None:
    _, place = await opened(stage)
    bars = place.bars[Group.UNIT]
    bars.itemActivated.emit(bars.item(bars.count() - 1))
    assert bars.count() == len(year().by_unit)


async def test_another_period_is_counted_anew(stage: Stage) -> None:
    _, place = await opened(stage)
    place.period.setCurrentIndex(1)
    await until(lambda: place.figures == lately(30))
    assert not place.days_chart.weekly
    assert len(place.days_chart.bars) == 30


async def test_a_long_first_reading_is_shown_and_holds_nothing_up(stage: Stage) -> None:
    stage.desk.reading.held = asyncio.Event()
    stage.desk.reading.taken_up = 84_000
    window = stage.open(ready(0))
    window.go_to(Place.ROLLOUT)
    await until(lambda: "84,000 entries were read" in window.rollout.as_of.text())
    window.go_to(Place.DESK)
    stage.desk.reading.held.set()
    await until(lambda: window.rollout.figures)


async def test_figures_of_before_say_that_the_shared_ledger_does_not_answer(stage: Stage) -> None:
    behind = "The shared ledger does not answer."
    stage.desk.reading.give = lambda _: replace(year(), as_of=replace(year().as_of, behind=behind))
    _, place = await opened(stage)
    assert place.behind.isVisible()
    assert f"{behind} These are the figures of before" in place.behind.text()


async def test_the_report_can_be_printed_and_kept(stage: Stage) -> None:
    _, place = await opened(stage)
    place.report.click()
    await until(lambda: any(one[0] == "sheet_pages" for one in stage.desk.reading.asked))
    assert isinstance(modal(), PagesSheet)


async def test_anything_is_found_from_the_one_field(stage: Stage) -> None:
    window = stage.open(ready(0))
    window.header.search.setText("MPS-104003")
    window.desk.nothing_found.look.click()
    await until(lambda: window.ledger.found.sheet.isVisible())
    assert "Asset tag MPS-104003, of handset R5C790PNHKX" in window.ledger.found.sentence.text()
    window.ledger.found.sheet.click()
    await until(lambda: ("sheet_pages", "handset", "R5C790PNHKX") in stage.desk.reading.asked)


async def test_at_an_empty_wall_what_is_typed_is_looked_for_in_the_ledger_at_once(stage: Stage) -> None:
    window = stage.open()
    window.header.search.setText("mps-104003")
    window.header.search.returnPressed.emit()
    await until(lambda: window.place is Place.LEDGER and "MPS-104003" in window.ledger.found.sentence.text())


async def test_of_several_each_can_be_chosen_and_of_none_it_is_said_where_was_looked(stage: Stage) -> None:
    window = stage.open(ready(0))
    window.go_to(Place.LEDGER)
    window.ledger.look_for("3569")
    await until(lambda: window.ledger.found.names.count() == 3)
    window.ledger.found.names.setCurrentRow(2)
    QTest.keyClick(window.ledger.found.names, Qt.Key.Key_Return)
    await until(lambda: ("entries_of", "356938035643825") in stage.desk.reading.asked)
    window.ledger.look_for("nobody")
    await until(lambda: "Nothing is “nobody” in 254,229 entries" in window.ledger.found.sentence.text())
    window.ledger.show_latest()
    await until(lambda: ("recent_entries",) in stage.desk.asked and window.ledger.found.isHidden())


def test_axes_begin_at_zero_and_end_above_the_largest() -> None:
    for largest in (*range(60), 99, 100, 101, 1161, 30_654):
        top, step = scale_of(largest)
        assert largest <= top
        assert top % step == 0
        assert top // step <= 4
