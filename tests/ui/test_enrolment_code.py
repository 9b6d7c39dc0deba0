"""The code for factory-fresh Androids and the seal by keyboard: shown, followed, ended, taken down; asked and said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import segno
import zxingcpp
from patience import until
from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from rehearsal import enrolment_code, judgement, ready, returned, six, waiting
from scenes import Stage

from provisioning.errors import LedgerError, UsageError
from provisioning.stages import seal, verify
from provisioning.status import StageRecord
from provisioning.walk import StageName
from ui.actions import HandedOver, SealResult
from ui.colours import Scheme
from ui.commands import Command
from ui.dialogs import Question
from ui.enrolment_code import NOBODY_YET, EnrolmentSheet
from ui.errors import ErrorSheet
from ui.sealing import SealSheet
from ui.window import MainWindow

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PAYLOAD = '{"android.app.extra.PROVISIONING_WIFI_PASSWORD":"sesame99","more":"' + "y" * 900 + '"}'
ANDROID = ready(5)


@pytest.fixture
async def window(stage: Stage) -> MainWindow:
    made = stage.open(*six())
    await until(lambda: len(made.desk.model.statuses) == 6)
    made.activateWindow()
    made.desk.wall.setFocus()
    return made


def shown(kind: type[QWidget]) -> QWidget | None:
    return next((one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()), None)


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


async def code_sheet(window: MainWindow) -> EnrolmentSheet:
    QTest.keyClick(window.desk.wall, Qt.Key.Key_E, CTRL)
    await until(lambda: shown(EnrolmentSheet))
    sheet = shown(EnrolmentSheet)
    assert isinstance(sheet, EnrolmentSheet)
    return sheet


def read_by_camera(widget: QWidget) -> list[str]:
    """Read every code in what is on the screen."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    with Image.open(BytesIO(buffer.data().data())) as picture:
        return [one.text for one in zxingcpp.read_barcodes(picture.convert("L"))]


def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    return tuple(tuple(bool(module) for module in row) for row in segno.make_qr(text, error="m").matrix)


async def test_a_camera_reads_it_off_the_screen_until_it_is_closed(stage: Stage, window: MainWindow) -> None:
    """A code of a thousand bytes, in the dark theme, in the smallest window."""
    stage.theme.choose(Scheme.DARK)
    stage.desk.code = enrolment_code(modules=modules(PAYLOAD))
    sheet = await code_sheet(window)
    sheet.resize(QSize(900, 500))
    await stage.settle()
    assert read_by_camera(sheet) == [PAYLOAD]
    assert "Issuing desk" in texts(sheet)
    assert "Nothing in it ends" in texts(sheet)
    assert "sesame99" not in repr(stage.desk.code)
    picture = sheet.picture
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert picture.empty
    await until(lambda: shown(EnrolmentSheet) is None)
    stage.theme.choose(Scheme.LIGHT)


async def test_it_follows_each_handset_that_comes_back(stage: Stage, window: MainWindow) -> None:
    sheet = await code_sheet(window)
    assert NOBODY_YET in texts(sheet)
    stage.desk.back = returned()
    await until(lambda: "enrolled with this organisation" in texts(sheet))
    assert all(one.sentence in texts(sheet) for one in returned())
    assert not sheet.isModal(), "the wall goes on beside it"
    sheet.close()


async def test_a_token_that_has_ended_takes_the_code_down(stage: Stage, window: MainWindow) -> None:
    stage.desk.code = enrolment_code(expires=datetime.now(UTC) + timedelta(seconds=0.8))
    sheet = await code_sheet(window)
    assert "less than a minute left" in texts(sheet)
    await until(lambda: sheet.picture.empty)
    assert "This code has ended" in texts(sheet)
    assert read_by_camera(sheet) == []
    sheet.close()


async def test_what_the_desk_lacks_for_a_code_is_said(stage: Stage, window: MainWindow) -> None:
    stage.desk.error = UsageError("The password of the Wi-Fi network “Desk” is not kept here.")
    QTest.keyClick(window.desk.wall, Qt.Key.Key_E, CTRL)
    await until(lambda: shown(ErrorSheet))
    assert "is not kept here" in texts(shown(ErrorSheet) or window)
    assert shown(EnrolmentSheet) is None


@pytest.mark.parametrize(
    ("result", "word"),
    [
        (SealResult(True, "It is sealed: no computer reaches it any more (away from adb for 10 s)."), "Sealed"),
        (SealResult(False, "It is not sealed: it is still on adb after it was ordered to close it."), "Not sealed"),
        (SealResult(None, "It needs no seal: the policy leaves debugging open."), "Needs no seal"),
    ],
)
async def test_a_seal_is_asked_done_and_said(stage: Stage, window: MainWindow, result: SealResult, word: str) -> None:
    stage.desk.sealing = result
    window.desk.choose(ANDROID.key)
    QTest.keyClick(window.desk.wall, Qt.Key.Key_S, CTRL | SHIFT)
    await until(lambda: shown(Question))
    question = shown(Question)
    assert question is not None
    assert ("seal", ANDROID.key) not in stage.desk.asked
    (yes,) = [button for button in question.findChildren(QPushButton) if button.text() == "Seal"]
    yes.click()
    await until(lambda: shown(SealSheet))
    sheet = shown(SealSheet)
    assert sheet is not None
    assert result.sentence in texts(sheet)
    assert any(child.accessibleName() == word for child in sheet.findChildren(QWidget))
    sheet.close()


@pytest.mark.parametrize("sealed", [False, True, None])
async def test_a_seal_that_a_handover_began_is_heard_of_only_if_it_failed(
    stage: Stage, window: MainWindow, sealed: bool | None
) -> None:
    """The next officer is being served meanwhile: a card that is scanned is taken, and its Return closes nothing."""
    stage.desk.sealing = SealResult(sealed, "The Pixel 8 in bay 1-1 is not sealed: it is still on adb.")
    window.counter.handed_over.emit(HandedOver("D4-2026-00042", 1187, b"", (ANDROID.key,)))
    await until(lambda: ("sealed", ANDROID.key) in stage.desk.asked)
    await stage.settle()
    sheet = shown(SealSheet)
    if sealed is not False:
        assert sheet is None
        return
    assert sheet is not None
    assert "it is still on adb" in texts(sheet)
    assert ANDROID.key in texts(sheet)
    assert (sheet.isModal(), QApplication.activeModalWidget()) == (False, None)
    stage.scan("231187")
    await until(lambda: window.counter.visit.officer is not None)
    assert sheet.isVisible()
    sheet.close()


async def test_a_record_in_doubt_at_the_seal_is_said(stage: Stage, window: MainWindow) -> None:
    stage.desk.error = LedgerError("The ledger cannot be written.")
    window.counter.handed_over.emit(HandedOver("D4-2026-00042", 1187, b"", (ANDROID.key,)))
    await until(lambda: shown(ErrorSheet))
    assert window.counter.in_doubt
    (shown(ErrorSheet) or window).close()


async def test_what_only_the_seal_puts_in_force_is_said_beside_the_verdict(stage: Stage, window: MainWindow) -> None:
    found = verify.Verified(judgement(), "rec-2026-0001", ("no_debugging_features",))
    stages = (*ANDROID.stages[:-1], replace(ANDROID.stages[-1], outcome=found))
    stage.desk.show(replace(ANDROID, stages=stages))
    window.desk.choose(ANDROID.key)
    detail = window.desk.detail
    await until(lambda: "no_debugging_features, which the seal sets" in texts(detail))
    assert "With the seal" in texts(detail)
    sealed = StageRecord(StageName.SEAL, seal.Sealed(("away from adb for 10 s",)), 12.0)
    stage.desk.show(replace(ANDROID, stages=(*stages, sealed)))
    await until(lambda: "is sealed" in texts(detail))
    assert "With the seal" not in texts(detail)


async def test_leaving_it_open_seals_nothing_and_what_is_not_ready_is_not_asked_about(
    stage: Stage, window: MainWindow
) -> None:
    window.desk.choose(ANDROID.key)
    QTest.keyClick(window.desk.wall, Qt.Key.Key_S, CTRL | SHIFT)
    await until(lambda: shown(Question))
    question = shown(Question)
    assert question is not None
    QTest.keyClick(question, Qt.Key.Key_Return)
    await until(lambda: shown(Question) is None)
    for key in (ready(0).key, waiting(3).key):  # an iPhone; an Android that waits
        window.desk.choose(key)
        window.desk.wanted.emit(Command.SEAL)
        await until(lambda: shown(ErrorSheet))
        (shown(ErrorSheet) or window).close()
        await until(lambda: shown(ErrorSheet) is None)
    assert not [asked for asked in stage.desk.asked if asked[0] == "seal"]
