"""Enrol a factory-fresh Android by the code in the real window, then seal it there, by keys; run by its test.

``python enrolment_on_the_rack.py HOME PICTURE`` draws the window with the code to PICTURE, waits for a handset that
scanned it, leads it to ready, seals it, and prints one JSON document with what the window said.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from real_window import answer, found, in_the_window, shown

from provisioning.status import Phase
from ui.dialogs import Question
from ui.enrolment_code import NOBODY_YET, EnrolmentSheet
from ui.sealing import SealSheet
from ui.window import MainWindow

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


async def work() -> dict[str, Any]:
    """Show the code, follow, close it, seal."""
    window = await found(lambda: shown(MainWindow), "the window")
    statuses = window.desk.model.statuses
    await found(lambda: [one for one in statuses.values() if one.phase is Phase.READY], "the handset beside")
    (beside,) = statuses
    QTest.keyClick(window.desk.wall, Qt.Key.Key_E, CTRL)
    sheet = await found(lambda: shown(EnrolmentSheet), "the code")
    assert NOBODY_YET in texts(sheet), "one that was on the desk before has not come back"
    picture = Path(sys.argv[2])
    assert sheet.grab().save(str(picture.with_suffix(".new.png")), "PNG")
    picture.with_suffix(".new.png").rename(picture)
    ours = "enrolled with this organisation"
    followed = await found(lambda: [text for text in texts(sheet) if ours in text], "the handset on the code's list")
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    (key,) = await found(lambda: [key for key in statuses if key != beside], "the handset on the wall")
    await found(lambda: statuses[key].phase is Phase.READY, "the handset to be ready")
    window.activateWindow()
    await found(lambda: QApplication.activeWindow() is window, "the window to have the keys again")
    window.desk.choose(key)
    QTest.keyClick(window.desk.wall, Qt.Key.Key_S, CTRL | SHIFT)
    question = await found(lambda: shown(Question), "the question")
    (yes,) = [button for button in question.findChildren(QPushButton) if button.text() == "Seal"]
    yes.click()
    sealed = await found(lambda: shown(SealSheet), "the outcome of the seal")
    said = {
        "followed": followed,
        "stages": {str(one.name): type(one.outcome).__name__ for one in statuses[key].stages},
        "serial_number": statuses[key].serial_number,
        "seal": texts(sealed),
        "beside": str(statuses[beside].phase),
    }
    sealed.close()
    window.close()
    return said


if __name__ == "__main__":
    answer(in_the_window(Path(sys.argv[1]), work))
