"""The window by keyboard: every task without the mouse, scans told from keys, errors and closing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TypeVar

import pytest
from patience import until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from rehearsal import FACTS, burdened, identity, many, not_clear, ready, seen, six, waiting, working
from scenes import Stage, modal

from provisioning.errors import LedgerError, UsageError
from provisioning.notices import StillOut
from provisioning.platforms import Platform
from provisioning.status import Phase
from ui.bridge import LedgerAlone
from ui.commands import BARE, COMMANDS, Command
from ui.errors import ErrorSheet, details_of, what_happened
from ui.header import TrainingBand
from ui.help import KeyList
from ui.rail import Place
from ui.receipt import ReceiptSheet
from ui.scanner import RUSH
from ui.window import MainWindow

KEYS = [status.key for status in six()]


@pytest.fixture
async def window(stage: Stage) -> MainWindow:
    made = stage.open(*six())
    await until(lambda: len(made.desk.model.statuses) == 6)
    made.activateWindow()
    made.desk.wall.setFocus()
    return made


def press(widget: QWidget, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    held = Qt.KeyboardModifier.NoModifier
    for modifier in modifiers:
        held |= modifier
    QTest.keyClick(widget, key, held)


CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def texts(widget: QWidget) -> set[str]:
    return {label.text() for label in widget.findChildren(QLabel) if label.isVisible()}


Dialog = TypeVar("Dialog", bound=QWidget)


def dialog_of(window: MainWindow, kind: type[Dialog]) -> Dialog | None:
    return next((child for child in window.findChildren(kind) if child.isVisible()), None)


async def test_arrows_choose_and_the_detail_follows(window: MainWindow) -> None:
    press(window.desk.wall, Qt.Key.Key_Home)
    press(window.desk.wall, Qt.Key.Key_Right)
    assert window.desk.detail.status is not None
    assert window.desk.detail.status.key == KEYS[1]


async def test_the_detail_follows_its_handset(stage: Stage, window: MainWindow) -> None:
    window.desk.choose(KEYS[1])
    stage.desk.show(ready(1))
    await until(lambda: window.desk.detail.status and window.desk.detail.status.phase is Phase.READY)


@pytest.mark.parametrize(
    ("key", "modifiers", "asked"),
    [
        (Qt.Key.Key_R, (), "look_again"),
        (Qt.Key.Key_Return, (CTRL,), "provision"),
        (Qt.Key.Key_Period, (CTRL,), "stop"),
    ],
)
async def test_a_key_asks_the_engine_about_the_chosen_handset(
    stage: Stage, window: MainWindow, key: Qt.Key, modifiers: tuple[Qt.KeyboardModifier, ...], asked: str
) -> None:
    window.desk.choose(KEYS[3])
    press(window.desk.wall, key, *modifiers)
    await until(lambda: stage.desk.asked)
    assert stage.desk.asked == [(asked, KEYS[3])]


async def test_a_key_for_all_asks_once(stage: Stage, window: MainWindow) -> None:
    press(window, Qt.Key.Key_Return, CTRL, SHIFT)
    await until(lambda: stage.desk.asked)
    assert stage.desk.asked == [("provision_all",)]


async def test_nothing_is_asked_while_nothing_is_chosen(stage: Stage, window: MainWindow) -> None:
    press(window.desk.wall, Qt.Key.Key_R)
    press(window, Qt.Key.Key_Return, CTRL)
    await asyncio.sleep(3 * RUSH / 1000)
    assert stage.desk.asked == []


async def test_f8_goes_round_the_waits_the_quickest_first(stage: Stage, window: MainWindow) -> None:
    stage.desk.show(burdened(0))
    await until(lambda: len(window.desk.hands.keys) == 3)
    chosen: list[str] = []
    for _ in range(4):
        press(window, Qt.Key.Key_F8)
        chosen.append(window.desk.wall.key)
    assert chosen == [waiting(3).key, burdened(0).key, not_clear(2).key, waiting(3).key]


async def test_while_nothing_is_chosen_all_that_need_somebody_stand_beside_the_wall(
    stage: Stage, window: MainWindow
) -> None:
    stage.desk.show(burdened(0))
    lane = window.desk.detail.lane.list
    await until(lambda: lane.count() == 3)
    assert [lane.item(row).text().split()[0] for row in range(3)] == ["1-4", "1-1", "1-3"]
    assert lane.item(2).text().startswith("1-3  The iPad (10th generation) is not clear: TikTok")
    lane.setFocus()
    lane.setCurrentRow(1)
    press(lane, Qt.Key.Key_Return)
    assert window.desk.wall.key == burdened(0).key
    press(window.desk.wall, Qt.Key.Key_Escape)
    assert window.desk.chosen is None
    assert lane.isVisible()


async def test_f11_gives_the_wall_the_window_and_another_place_takes_it_back(window: MainWindow) -> None:
    press(window, Qt.Key.Key_F11)
    assert not window.rail.isVisible()
    assert not window.desk.detail.isVisible()
    press(window, Qt.Key.Key_2, CTRL)
    assert window.rail.isVisible()
    press(window, Qt.Key.Key_1, CTRL)
    assert window.desk.detail.isVisible()


async def test_ctrl_h_hands_over_what_is_ready(window: MainWindow) -> None:
    window.desk.choose(KEYS[0])
    press(window.desk.wall, Qt.Key.Key_H, CTRL)
    assert window.place is Place.COUNTER
    assert list(window.counter.visit.handsets) == [KEYS[0]]


async def test_ctrl_h_refuses_what_is_not_ready_in_a_sentence(window: MainWindow) -> None:
    window.desk.choose(KEYS[2])
    press(window.desk.wall, Qt.Key.Key_H, CTRL)
    assert window.place is Place.DESK
    sheet = dialog_of(window, ErrorSheet)
    assert sheet is not None
    press(sheet, Qt.Key.Key_Escape)


async def test_a_scan_anywhere_chooses_its_handset_and_fires_no_key(stage: Stage, window: MainWindow) -> None:
    """A Samsung serial number begins with R, which by itself means: look again."""
    window.desk.choose(KEYS[0])
    serial = identity(5).serial_number
    assert serial.startswith("R")
    for widget in (window.desk.wall, window.rail, window.desk.detail):
        widget.setFocus()
        QTest.keyClicks(widget, serial)
        press(widget, Qt.Key.Key_Return)
        await until(lambda: window.desk.wall.key == serial)
        window.desk.choose(KEYS[0])
    await asyncio.sleep(3 * RUSH / 1000)
    assert {what[0] for what in stage.desk.asked} == {"read_scan"}
    assert window.place is Place.DESK


async def test_an_imei_is_found_too(window: MainWindow) -> None:
    imei = identity(1).imei
    assert imei
    QTest.keyClicks(window.desk.wall, imei)
    press(window.desk.wall, Qt.Key.Key_Return)
    await until(lambda: window.desk.wall.key == KEYS[1])


async def test_typing_on_the_wall_begins_a_search(window: MainWindow) -> None:
    QTest.keyClicks(window.desk.wall, "ga")
    await until(lambda: window.header.search.text() == "ga")
    assert window.header.search.hasFocus()
    assert window.desk.model.shown == [KEYS[1], KEYS[5]]
    press(window.header.search, Qt.Key.Key_Escape)
    assert len(window.desk.model.shown) == 6
    press(window.header.search, Qt.Key.Key_Escape)
    assert window.desk.wall.hasFocus()


async def test_a_slash_goes_to_the_search(window: MainWindow) -> None:
    press(window.desk.wall, Qt.Key.Key_Slash)
    await until(window.header.search.hasFocus)
    assert window.header.search.text() == ""


async def test_a_receipt_number_opens_its_receipt(stage: Stage, window: MainWindow) -> None:
    window.header.search.setFocus()
    QTest.keyClicks(window.header.search, "D4-2026-00042")
    press(window.header.search, Qt.Key.Key_Return)
    await until(lambda: dialog_of(window, ReceiptSheet))
    assert ("receipt_pdf", "D4-2026-00042") in stage.desk.asked


async def test_a_number_that_nobody_knows_is_said_where_it_was_looked_for(window: MainWindow) -> None:
    QTest.keyClicks(window.header.search, "XYZ")
    press(window.header.search, Qt.Key.Key_Return)
    await until(lambda: any("no number that this desk knows" in text for text in texts(window.desk.nothing_found)))


async def test_ctrl_3_shows_the_ledger_ctrl_2_the_counter_and_ctrl_1_the_desk(stage: Stage, window: MainWindow) -> None:
    press(window, Qt.Key.Key_2, CTRL)
    assert window.place is Place.COUNTER
    press(window, Qt.Key.Key_4, CTRL)
    assert window.place is Place.LEDGER
    await until(lambda: window.ledger.view.model().rowCount() == 40)
    press(window, Qt.Key.Key_1, CTRL)
    assert window.place is Place.DESK
    assert window.desk.wall.hasFocus()


async def test_a_change_at_the_desk_is_read_from_the_ledger_only_while_it_is_seen(
    stage: Stage, window: MainWindow
) -> None:
    stage.desk.show(ready(1))
    await asyncio.sleep(0.2)
    assert ("recent_entries",) not in stage.desk.asked
    window.go_to(Place.LEDGER)
    await until(lambda: ("recent_entries",) in stage.desk.asked)


async def test_a_change_while_the_ledger_is_read_is_read_afterwards(stage: Stage, window: MainWindow) -> None:
    stage.desk.held = asyncio.Event()
    window.go_to(Place.LEDGER)
    await until(lambda: ("recent_entries",) in stage.desk.asked)
    window.ledger.read()
    stage.desk.held.set()
    await until(lambda: stage.desk.asked.count(("recent_entries",)) == 2)


async def test_f1_lists_every_command_and_does_the_one_that_is_typed_for(window: MainWindow) -> None:
    press(window, Qt.Key.Key_F1)
    sheet = dialog_of(window, KeyList)
    assert sheet is not None
    listed = {sheet.ways.line(row).title for row in range(sheet.ways.rowCount())}
    assert {keys.title for keys in COMMANDS.values()} <= listed
    sheet.field.setText("receipt that")
    assert [sheet.ways.line(row).command for row in range(sheet.ways.rowCount())] == [Command.RETURNS]
    press(sheet.field, Qt.Key.Key_Return)
    assert window.place is Place.RETURNS
    assert not sheet.isVisible()


async def test_what_nothing_is_called_does_nothing_and_is_said(window: MainWindow) -> None:
    press(window, Qt.Key.Key_K, CTRL)
    sheet = dialog_of(window, KeyList)
    assert sheet is not None
    sheet.field.setText("zebra")
    press(sheet.field, Qt.Key.Key_Return)
    assert sheet.isVisible()
    assert any("Nothing is called that" in text for text in texts(sheet))
    sheet.field.clear()
    press(sheet.field, Qt.Key.Key_Down)
    assert sheet.view.currentIndex().row() == 1, "arrow keys choose while one types"
    press(sheet, Qt.Key.Key_Escape)
    assert window.place is Place.DESK


def test_every_command_has_keys_and_no_two_share_one() -> None:
    assert set(COMMANDS) == set(Command)
    keys = [key for command in COMMANDS.values() for key in command.keys]
    assert len(keys) == len(set(keys))
    harmless = {Command.SEARCH, Command.LOOK_AGAIN}
    assert set(BARE.values()) <= harmless, "what a letter alone does must do no harm when it was meant for a field"


async def test_cards_are_resized_by_keys(window: MainWindow) -> None:
    before = window.desk.wall.density
    press(window, Qt.Key.Key_Minus, CTRL)
    assert window.desk.wall.density is not before
    press(window, Qt.Key.Key_0, CTRL)
    assert window.desk.wall.density is before


async def test_a_lost_hub_is_said_until_it_is_found(stage: Stage, window: MainWindow) -> None:
    stage.bridge.post_hub(Platform.IOS, "usbmuxd does not answer. Start it.")
    await until(lambda: window.desk.notices.sentences)
    assert window.desk.notices.sentences == ["iPhones and iPads cannot be seen: usbmuxd does not answer. Start it."]
    stage.bridge.post_hub(Platform.IOS, None)
    await until(lambda: not window.desk.notices.sentences)
    assert not window.desk.notices.isVisible()


async def test_an_error_of_the_engine_becomes_a_sheet(stage: Stage, window: MainWindow) -> None:
    stage.desk.error = UsageError("The handset is busy. Wait until its card says so.")
    window.desk.choose(KEYS[0])
    press(window, Qt.Key.Key_Return, CTRL)
    await until(lambda: dialog_of(window, ErrorSheet))


async def test_a_record_in_doubt_stops_all_handing_over(window: MainWindow) -> None:
    window.show_error(LedgerError("Entry 4 does not fit. Run “issuing-desk ledger verify”."))
    assert "in doubt" in window.desk.notices.sentences[0]
    window.desk.choose(KEYS[0])
    assert "in doubt" in window.counter.why_not or not window.counter.visit.handsets


def test_an_error_is_told_as_what_happened_and_what_to_do() -> None:
    assert what_happened(UsageError("The file is empty. Choose another. Or none.")) == (
        "The file is empty.",
        "Choose another. Or none.",
    )
    happened, to_do = what_happened(ZeroDivisionError("division by zero"))
    assert "mistake" in happened
    assert to_do


def test_details_hold_places_but_no_values() -> None:
    def fail(passcode: str) -> None:
        raise ValueError(passcode)

    with pytest.raises(ValueError, match="hunter2") as caught:
        fail("hunter2")
    details = details_of(caught.value)
    assert "ValueError" in details
    assert "in fail" in details
    assert "hunter2" not in details


async def test_training_cannot_be_missed(stage: Stage) -> None:
    window = stage.open(*six(), facts=replace(FACTS, training=True))
    band = window.findChild(TrainingBand)
    assert isinstance(band, TrainingBand)
    assert band.isVisible()
    assert band.width() == window.width()
    assert "TRAINING" in window.windowTitle()


async def test_an_empty_desk_says_how_to_begin(stage: Stage) -> None:
    window = stage.open()
    assert any("Plug a handset" in text for text in texts(window))


async def test_closing_at_rest_closes(stage: Stage) -> None:
    window = stage.open(ready(0), seen(1))
    await until(lambda: window.desk.model.statuses)
    closed: list[bool] = []
    window.closed.connect(lambda: closed.append(True))
    window.close()
    assert not window.isVisible()
    assert closed == [True]


async def test_closing_during_work_asks_first(stage: Stage) -> None:
    window = stage.open(working(0))
    await until(lambda: window.desk.model.statuses)
    window.close()
    assert window.isVisible()
    await until(lambda: QApplication.activeModalWidget() is not None)
    press(modal(), Qt.Key.Key_Escape)
    await until(lambda: QApplication.activeModalWidget() is None)
    assert window.isVisible()


async def test_a_filter_by_state_is_pressed_and_released(window: MainWindow) -> None:
    buttons = window.desk.summary.findChildren(QPushButton)
    next(button for button in buttons if "not clear" in button.text()).click()
    assert window.desk.model.shown == [KEYS[2]]
    window.desk.choose(KEYS[0])
    assert len(window.desk.model.shown) == 6, "choosing a hidden handset lets everything be seen again"


async def test_256_handsets_are_shown_and_followed(stage: Stage) -> None:
    window = stage.open(*many(256))
    await until(lambda: len(window.desk.model.shown) == 256)
    stage.desk.show(*[ready(number, ports=16) for number in range(256)])
    await until(lambda: window.desk.model.tally()[Phase.READY] == 256)


async def test_keys_work_as_soon_as_the_first_handset_is_there(stage: Stage) -> None:
    window = stage.open()
    window.activateWindow()
    await stage.settle()
    stage.desk.show(*six())
    await until(lambda: len(window.desk.model.statuses) == 6)
    assert window.desk.wall.hasFocus()


async def test_what_the_books_know_of_a_handset_is_said_above_the_wall_until_it_is_gone(stage: Stage) -> None:
    window = stage.open(ready(0))
    out = StillOut("231187", "D4-000017", "2025-03-02")
    stage.desk.show(replace(ready(0), notices=(out,)))
    await until(lambda: window.desk.notices.sentences)
    assert identity(0).serial_number in window.desk.notices.sentences[0]
    assert "231187" in window.desk.notices.sentences[0]
    stage.bridge.post_gone(ready(0).key)
    await until(lambda: not window.desk.notices.sentences)


async def test_a_desk_that_works_alone_says_so_until_it_does_not(stage: Stage, window: MainWindow) -> None:
    assert window.header.alone_said == ""
    stage.bridge.post_alone(LedgerAlone("The shared ledger at db/x does not answer.", 12))
    await until(lambda: "12 entries of this desk wait" in window.header.alone_said)
    window.header.alone_wanted.emit()
    await until(lambda: dialog_of(window, ErrorSheet) is not None)
    stage.bridge.post_alone(LedgerAlone("", 0))
    await until(lambda: window.header.alone_said == "")
