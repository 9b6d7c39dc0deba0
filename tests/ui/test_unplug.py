"""Unplug in this order: what is next, what was wrong, and that it goes on where the cables say that it stands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from rehearsal import burdened, not_clear, ready, seen, waiting, working
from scenes import Stage
from shiboken6 import isValid

from provisioning.status import Phase, SessionStatus
from ui.bays import read_bay
from ui.label_sheet import LabelSheet
from ui.unplug_sheet import UnplugSheet
from ui.unplug_walk import UnplugWalk
from ui.wall_actions import Label


def out(status: SessionStatus) -> SessionStatus:
    return replace(status, phase=Phase.UNPLUGGED)


def told(*statuses: SessionStatus) -> dict[str, SessionStatus]:
    return {one.key: one for one in statuses}


def test_only_what_is_ready_is_unplugged_hub_by_hub_and_port_by_port() -> None:
    walk = UnplugWalk(told(ready(17, 16), ready(10, 16), ready(1, 16), waiting(2, 16), not_clear(3, 16), working(0)))
    assert [one.attachment.bay for one in walk.steps] == ["1-2", "1-11", "2-2"]
    assert [one.attachment.bay for one in walk.staying] == ["1-1", "1-3", "1-4"]


def test_the_right_one_is_done_and_the_wrong_one_is_said_with_what_is_next() -> None:
    here = [ready(number) for number in range(4)]
    walk = UnplugWalk(told(*here))
    (right,) = walk.take(told(out(here[0]), *here[1:]))
    assert (right.right, right.sentence) == (True, "Bay 1-1 is out.")
    (wrong,) = walk.take(told(out(here[0]), here[1], out(here[2]), here[3]))
    assert not wrong.right
    assert wrong.sentence.startswith("That was bay 1-3; bay 1-2 is next.")
    assert [one.key for one in walk.steps] == [here[1].key, here[3].key]
    assert walk.out == 2


def test_what_was_not_ready_is_called_back() -> None:
    here = told(ready(0), burdened(1))
    walk = UnplugWalk(here)
    (event,) = walk.take({**here, burdened(1).key: out(burdened(1))})
    assert not event.right
    assert event.sentence == "Bay 1-2 was not ready (needs hands): plug the Galaxy A54 5G in again."
    assert walk.out == 0


def test_two_that_come_out_at_once_in_the_right_order_are_both_right() -> None:
    here = [ready(number) for number in range(3)]
    walk = UnplugWalk(told(*here))
    assert [one.right for one in walk.take(told(out(here[0]), out(here[1]), here[2]))] == [True, True]


def test_what_is_plugged_in_again_is_said_and_becomes_a_step_once_it_is_ready() -> None:
    here = [ready(0), ready(1)]
    walk = UnplugWalk(told(*here))
    walk.take(told(out(here[0]), here[1]))
    (event,) = walk.take(told(seen(0), here[1]))
    assert event.back
    assert [one.key for one in walk.steps] == [here[1].key]
    walk.take(told(*here))
    assert [one.key for one in walk.steps] == [here[0].key, here[1].key]


def test_what_is_skipped_comes_last() -> None:
    walk = UnplugWalk(told(ready(0), ready(1), ready(2)))
    walk.skip()
    assert [one.attachment.bay for one in walk.steps] == ["1-2", "1-3", "1-1"]


MAKERS: tuple[Callable[[int], SessionStatus], ...] = (ready, waiting, not_clear, working)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(MAKERS), st.booleans()), max_size=40))
def test_only_what_is_ready_is_asked_for_and_called_right(
    steps: list[tuple[int, Callable[[int], SessionStatus], bool]],
) -> None:
    now = told(*(ready(number) for number in range(5)), *(waiting(number) for number in range(5, 10)))
    walk = UnplugWalk(now)
    for number, make, pulled in steps:
        before = now[make(number).key]
        due = next((one.key for one in walk.steps), "")
        now = {**now, before.key: out(before) if pulled else make(number)}
        events = walk.take(now)
        assert [one.key for one in events if one.right] == ([before.key] if pulled and before.key == due else [])
        was_there = before.phase is not Phase.UNPLUGGED
        assert [one.key for one in events if not one.back] == ([before.key] if pulled and was_there else [])
        bays = [read_bay(one.attachment.bay).order for one in walk.steps]
        assert bays == sorted(bays)
        assert {one.key for one in walk.steps} == {one.key for one in now.values() if one.phase is Phase.READY}


@pytest.fixture
async def sheet(stage: Stage) -> AsyncGenerator[UnplugSheet]:
    here = [ready(0), ready(1), ready(2), burdened(3)]
    stage.desk.wall.known = {
        here[0].key: Label("MET-00117", "officer 231187 Siân O’Neill"),
        here[1].key: Label("MET-00118"),
    }
    window = stage.open(*here)
    await stage.settle()
    QTest.keyClick(window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    await stage.settle()
    (made,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, UnplugSheet)]
    made.activateWindow()  # a window manager does that
    await until(made.isActiveWindow)
    yield made
    if isValid(made):
        made.close()


async def test_a_step_is_big_names_its_officer_and_ends_with_the_cable(stage: Stage, sheet: UnplugSheet) -> None:
    assert sheet.number.text() == "1-1"
    assert sheet.what.text() == "MET-00117 · iPhone 15"
    assert sheet.whose.text() == "For officer 231187 Siân O’Neill"
    assert sheet.then.text() == "Then 1-2, 1-3."
    stage.desk.show(out(ready(0)))
    await until(lambda: sheet.number.text() == "1-2")
    assert sheet.whose.text() == f"Serial number {ready(1).key}"
    assert sheet.said.text() == "Bay 1-1 is out."
    stage.desk.show(out(ready(2)))
    await until(lambda: sheet.said.text().startswith("That was bay 1-3; bay 1-2 is next."))
    stage.desk.show(out(burdened(3)))
    await until(lambda: sheet.said.text().startswith("Bay 1-4 was not ready (needs hands)"))
    stage.desk.show(out(ready(1)))
    await until(lambda: sheet.what.text() == "All that were ready are out.")


async def test_by_keys_alone_it_is_put_off_left_and_gone_on_with(stage: Stage, sheet: UnplugSheet) -> None:
    QTest.keyClick(sheet.number, Qt.Key.Key_S)
    await until(lambda: sheet.number.text() == "1-2")
    stage.desk.show(out(ready(1)))
    await until(lambda: sheet.number.text() == "1-3")
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    stage.desk.show(out(ready(2)))
    await stage.settle()
    assert stage.window is not None
    stage.window.activateWindow()
    await until(stage.window.isActiveWindow)
    QTest.keyClick(stage.window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    (again,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, UnplugSheet) and one.isVisible()]
    assert again.number.text() == "1-1", "what came out meanwhile is no step, what was put off is next"
    again.close()


async def test_labels_are_asked_for_from_the_walk(stage: Stage, sheet: UnplugSheet) -> None:
    QTest.keyClick(sheet.number, Qt.Key.Key_L)
    await until(lambda: any(isinstance(one, LabelSheet) for one in QApplication.topLevelWidgets()))
    (labels,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, LabelSheet)]
    assert labels.all.text() == "All 3, in bay order"
    labels.close()


async def test_a_scan_that_comes_while_it_is_open_puts_nothing_off(stage: Stage, sheet: UnplugSheet) -> None:
    scanned = "SLSL1234SL"
    QTest.keyClicks(sheet.number, scanned)
    QTest.keyClick(sheet.number, Qt.Key.Key_Return)
    await until(lambda: ("read_scan", scanned.casefold()) in [(one[0], one[-1].casefold()) for one in stage.desk.asked])
    assert sheet.number.text() == "1-1"
