"""A scanner told from fingers: pace, prefix, ends, half scans, and whatever has the focus when it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from dataclasses import dataclass, field

import pytest
from patience import until
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.scanner import PREFIXED_RUSH, RUSH, Scanner

NOTHING = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
AFTER = 2.5 * RUSH / 1000


@dataclass
class Bench:
    """A window with a field, a tick box and a button, and what the scanner said."""

    window: QWidget
    line: QLineEdit
    tick: QCheckBox
    button: QPushButton
    scanned: list[str] = field(default_factory=list[str])
    rushed: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])
    submitted: list[bool] = field(default_factory=list[bool])
    pressed: list[bool] = field(default_factory=list[bool])
    owner: QObject = field(default_factory=QObject)

    def listen(self, prefix: str = "") -> None:
        scanner = Scanner(self.owner, prefix)
        scanner.scanned.connect(self.scanned.append)
        scanner.rushed.connect(self.rushed.append)
        scanner.broken.connect(self.broken.append)


@pytest.fixture
def bench(qapp: QApplication) -> Generator[Bench]:
    window = QWidget()
    made = Bench(window, QLineEdit(), QCheckBox("Tick"), QPushButton("Press"))
    layout = QVBoxLayout(window)
    for widget in (made.line, made.tick, made.button):
        layout.addWidget(widget)
    made.line.returnPressed.connect(lambda: made.submitted.append(True))
    made.button.clicked.connect(lambda: made.pressed.append(True))
    made.listen()
    window.show()
    window.activateWindow()
    yield made
    made.owner.deleteLater()
    window.hide()
    window.deleteLater()


def widgets(bench: Bench) -> tuple[QWidget, ...]:
    return bench.line, bench.tick, bench.button, bench.window


@pytest.mark.parametrize("end", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab])
async def test_a_rush_with_its_end_is_a_scan_and_goes_no_further(bench: Bench, end: Qt.Key) -> None:
    for widget in widgets(bench):
        widget.setFocus()
        QTest.keyClicks(widget, "R5CT 30ABC")
        QTest.keyClick(widget, end)
        assert QApplication.focusWidget() in {widget, None, bench.line, bench.tick, bench.button}
    await asyncio.sleep(AFTER)
    assert bench.scanned == ["R5CT 30ABC"] * 4
    assert bench.line.text() == ""
    assert not bench.tick.isChecked()
    assert bench.submitted == bench.pressed == bench.broken == []


async def test_a_scanner_that_ends_with_two_keys_submits_nothing_either(bench: Bench) -> None:
    QTest.keyClicks(bench.line, "231187")
    QTest.keyClick(bench.line, Qt.Key.Key_Return)
    QTest.keyClick(bench.line, Qt.Key.Key_J, CTRL)
    QTest.keyClicks(bench.line, "231188")
    QTest.keyClick(bench.line, Qt.Key.Key_Tab)
    QTest.keyClick(bench.line, Qt.Key.Key_Return)
    assert bench.scanned == ["231187", "231188"]
    assert bench.submitted == []


async def test_what_is_typed_by_fingers_arrives_in_its_order(bench: Bench) -> None:
    bench.line.setFocus()
    for letter in "Sian 12":
        QTest.keyClicks(bench.line, letter)
        await asyncio.sleep(1.4 * RUSH / 1000)
    QTest.keyClick(bench.line, Qt.Key.Key_Return)
    assert bench.line.text() == "Sian 12"
    assert bench.submitted == [True]
    assert bench.scanned == bench.broken == bench.rushed == []


async def test_a_letter_held_back_is_there_before_the_key_that_follows_it(bench: Bench) -> None:
    bench.line.setFocus()
    QTest.keyClicks(bench.line, "ab")
    QTest.keyClick(bench.line, Qt.Key.Key_Backspace)
    assert bench.line.text() == "a"
    QTest.keyClicks(bench.line, "cd")
    QTest.keyClick(bench.line, Qt.Key.Key_Return)
    assert bench.line.text() == "acd"
    assert bench.submitted == [True]


async def test_half_a_scan_is_said_and_never_taken(bench: Bench) -> None:
    QTest.keyClicks(bench.button, "2311 8")
    await asyncio.sleep(AFTER)
    assert bench.broken == ["2311 8"]
    assert bench.scanned == []
    assert bench.pressed == [], "the space in it pressed no button"
    QTest.keyClick(bench.line, Qt.Key.Key_Return)
    assert bench.scanned == [], "nor does a Return that comes later make it whole"


async def test_a_scan_that_may_have_lost_its_first_letter_is_not_taken(bench: Bench) -> None:
    """P10011 is one officer, 10011 may be another."""
    bench.line.setFocus()
    QTest.keyClicks(bench.line, "P")
    await until(lambda: bench.line.text() == "P")
    QTest.keyClicks(bench.line, "10011")
    QTest.keyClick(bench.line, Qt.Key.Key_Return)
    assert bench.scanned == []
    assert bench.broken == ["10011"]
    assert bench.submitted == []


async def test_half_a_scan_in_a_field_stays_there_to_be_seen(bench: Bench) -> None:
    QTest.keyClicks(bench.line, "2311")
    await asyncio.sleep(AFTER)
    assert bench.line.text() == "2311"
    assert bench.broken == ["2311"]


async def test_a_few_fast_letters_outside_a_field_are_no_scan(bench: Bench) -> None:
    QTest.keyClicks(bench.window, "ga")
    await asyncio.sleep(AFTER)
    assert bench.rushed == ["ga"]
    assert bench.broken == []


async def test_space_and_return_by_themselves_work_at_once(bench: Bench) -> None:
    bench.tick.setFocus()
    QTest.keyClick(bench.tick, Qt.Key.Key_Space)
    assert bench.tick.isChecked()
    QTest.keyClick(bench.button, Qt.Key.Key_Space)
    assert bench.pressed == [True]


async def test_a_scanner_that_announces_itself_may_be_slow_and_short(bench: Bench) -> None:
    QTest.keyClick(bench.line, Qt.Key.Key_B, CTRL)
    for letter in "42":
        QTest.keyClicks(bench.line, letter)
        await asyncio.sleep(2 * RUSH / 1000)
    QTest.keyClick(bench.line, Qt.Key.Key_Return)
    assert bench.scanned == ["42"]
    assert bench.line.text() == ""
    QTest.keyClick(bench.line, Qt.Key.Key_B, CTRL)
    QTest.keyClicks(bench.line, "4")
    await until(lambda: bench.broken == ["4"], PREFIXED_RUSH / 1000 + 1)
    assert bench.line.text() == ""


async def test_a_prefix_of_the_desks_own(bench: Bench) -> None:
    bench.owner.deleteLater()
    bench.owner = QObject()
    await asyncio.sleep(0)
    bench.listen("~")
    QTest.keyClicks(bench.line, "~42")
    QTest.keyClick(bench.line, Qt.Key.Key_Return)
    assert bench.scanned == ["42"]
    QTest.keyClicks(bench.line, "~")
    await until(lambda: bench.line.text() == "~")


async def test_shift_and_caps_lock_between_the_letters_do_no_harm(bench: Bench) -> None:
    QTest.keyClick(bench.line, Qt.Key.Key_CapsLock)
    for letter in "R5ct":
        QTest.keyPress(bench.line, Qt.Key.Key_Shift)
        QTest.keyClicks(bench.line, letter, SHIFT)
        QTest.keyRelease(bench.line, Qt.Key.Key_Shift)
    QTest.keyClick(bench.line, Qt.Key.Key_CapsLock)
    QTest.keyClick(bench.line, Qt.Key.Key_Return)
    assert [text.upper() for text in bench.scanned] == ["R5CT"]


async def test_commands_are_not_held_back(bench: Bench) -> None:
    bench.line.setText("231187")
    bench.line.selectAll()
    QTest.keyClick(bench.line, Qt.Key.Key_C, CTRL)
    assert QApplication.clipboard().text() == "231187"


async def test_a_field_that_is_gone_by_then_is_no_mistake(bench: Bench) -> None:
    gone = QLineEdit(bench.window)
    gone.show()
    QTest.keyClicks(gone, "a")
    gone.deleteLater()
    await asyncio.sleep(AFTER)
    assert bench.scanned == []
