"""Technicians in the window: nobody works unnamed, a wrong PIN signs nobody in, a pause locks, another begins anew."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from patience import until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from rehearsal import FACTS, six
from scenes import Stage, modal

from provisioning.receipts.items import ItemKind
from ui.agreement import Thing
from ui.dialogs import Question
from ui.sign_in import SignInSheet
from ui.window import MainWindow

PINS = {"A. Khan": "480617", "B. Jones": "917302"}


def sheet() -> SignInSheet:
    widget = QApplication.activeModalWidget()
    assert isinstance(widget, SignInSheet)
    return widget


def shown_in_header(window: MainWindow) -> set[str]:
    return {label.text() for label in window.header.findChildren(QLabel)}


async def opened(stage: Stage, lock_after: float = 600.0) -> MainWindow:
    stage.desk.pins = dict(PINS)
    window = stage.open(*six(), facts=replace(FACTS, lock_after=lock_after))
    window.duty.begin()
    await until(lambda: isinstance(QApplication.activeModalWidget(), SignInSheet))
    return window


async def try_pin(name: str, pin: str) -> None:
    sheet().name.setCurrentText(name)
    sheet().pin.setText(pin)
    QTest.keyClick(sheet().pin, Qt.Key.Key_Return)
    await asyncio.sleep(0.02)


async def test_a_technician_signs_in_with_name_and_pin_and_is_shown(stage: Stage) -> None:
    window = await opened(stage)
    await try_pin("A. Khan", PINS["A. Khan"])
    await until(lambda: QApplication.activeModalWidget() is None)
    assert "A. Khan" in shown_in_header(window)


async def test_a_wrong_pin_signs_nobody_in_and_the_field_is_emptied(stage: Stage) -> None:
    await opened(stage)
    await try_pin("A. Khan", "111111")
    await until(lambda: "do not belong together" in sheet().said)
    assert sheet().pin.text() == ""
    QTest.keyClick(sheet(), Qt.Key.Key_Escape)
    assert sheet().isVisible(), "where somebody has to sign in, nobody gets past"
    await try_pin("A. Khan", PINS["A. Khan"])
    await until(lambda: QApplication.activeModalWidget() is None)


async def test_a_pause_locks_the_window_and_another_technician_begins_anew(stage: Stage) -> None:
    window = await opened(stage, lock_after=0.2)
    await try_pin("A. Khan", PINS["A. Khan"])
    await until(lambda: QApplication.activeModalWidget() is None)
    window.counter.visit.things["8944110065012345675"] = Thing(ItemKind.SIM, "", "8944110065012345675")
    await until(lambda: isinstance(QApplication.activeModalWidget(), SignInSheet))
    assert stage.desk.technician == ""
    await try_pin("B. Jones", PINS["B. Jones"])
    await until(lambda: "B. Jones" in shown_in_header(window))
    assert window.counter.visit.empty
    assert stage.desk.technician == "B. Jones"
    window.duty.deleteLater()


async def test_f4_changes_the_technician_and_esc_keeps_the_one_who_is_there(stage: Stage) -> None:
    window = await opened(stage)
    await try_pin("A. Khan", PINS["A. Khan"])
    await until(lambda: QApplication.activeModalWidget() is None)
    window.activateWindow()
    await stage.settle()
    QTest.keyClick(window, Qt.Key.Key_F4)
    await until(lambda: isinstance(QApplication.activeModalWidget(), SignInSheet))
    QTest.keyClick(sheet(), Qt.Key.Key_Escape)
    await until(lambda: QApplication.activeModalWidget() is None)
    assert "A. Khan" in shown_in_header(window)


async def test_a_desk_without_technicians_asks_nobody(stage: Stage) -> None:
    window = stage.open(*six())
    window.duty.begin()
    await asyncio.sleep(0.05)
    assert QApplication.activeModalWidget() is None
    window.duty.change()
    await asyncio.sleep(0.05)
    assert QApplication.activeModalWidget() is None


async def test_who_closes_the_window_instead_leaves_no_sheet_behind_and_who_stays_has_to_sign_in(stage: Stage) -> None:
    window = await opened(stage)
    sheet().leave.click()  # a handset is worked on, so it is asked first
    await until(lambda: isinstance(QApplication.activeModalWidget(), Question))
    QTest.keyClick(modal(), Qt.Key.Key_Return)  # stay
    await until(lambda: isinstance(QApplication.activeModalWidget(), SignInSheet))
    assert window.isVisible()
    sheet().leave.click()
    await until(lambda: isinstance(QApplication.activeModalWidget(), Question))
    question = QApplication.activeModalWidget()
    assert isinstance(question, Question)
    question.accept()
    await until(lambda: not window.isVisible())
    await until(lambda: QApplication.activeModalWidget() is None)


async def test_shift_f4_locks_also_over_a_sheet_that_could_be_left(stage: Stage) -> None:
    window = await opened(stage)
    await try_pin("A. Khan", PINS["A. Khan"])
    await until(lambda: QApplication.activeModalWidget() is None)
    window.duty.change()
    await until(lambda: isinstance(QApplication.activeModalWidget(), SignInSheet))
    window.duty.lock()
    await until(lambda: stage.desk.technician == "" and "Nobody is signed in" in shown_in_header(window))
    await until(lambda: QApplication.activeModalWidget() is not None)
    QTest.keyClick(sheet(), Qt.Key.Key_Escape)
    await stage.settle()
    assert sheet().isVisible()
    assert "Sign in to start" in window.desk.notices.sentences[0]
