"""Work at the real window on a rack, offscreen, by its keys; run by test_window_on_the_rack.py in a process of its own.

``python window_on_the_rack.py HOME LABELS`` prints one JSON document: the receipt's number and what the wall showed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from real_window import answer, draw, found, in_the_window, shown

from provisioning.status import Phase
from ui.counter_steps import DECLARATION, DONE, SIGNATURE
from ui.label_sheet import LabelSheet
from ui.window import MainWindow


async def work(labels: Path) -> dict[str, Any]:
    """Wait for two ready handsets, hand the first over, print a label for the other one, close everything."""
    window = await found(lambda: shown(MainWindow), "the window")
    statuses = window.desk.model.statuses

    def all_ready() -> bool:
        return len(statuses) == 2 and all(one.phase is Phase.READY for one in statuses.values())

    await found(all_ready, "handsets that are ready")
    QTest.keyClick(window.desk.wall, Qt.Key.Key_Home)
    QTest.keyClick(window.desk.wall, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    place = window.counter
    place.who.number.setText("P 12345")
    QTest.keyClick(place.who.number, Qt.Key.Key_Return)
    await found(lambda: place.step == DECLARATION and place.declaration.ticks, "the declaration")
    for tick in place.declaration.ticks:
        QTest.keyClick(tick, Qt.Key.Key_Space)
    await found(lambda: place.step == SIGNATURE, "the signature")
    for pad in (place.signing.pad, place.signing.desk_pad):
        draw(pad)
    await found(place.go_on.isEnabled, "a clear verification")  # the handset is being verified again meanwhile
    QTest.keyClick(place.signing.pad, Qt.Key.Key_Return)
    await found(lambda: place.step == DONE, "the receipt")
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    asked = await found(lambda: shown(LabelSheet), "the labels")
    asked.printer.setText(f"zpl:{labels}")
    asked.go.click()
    await found(lambda: "in the print queue" in asked.said.text(), "the print job")
    await found(labels.exists, "the label on paper")
    asked.close()
    said = {"phases": [str(one.phase) for one in statuses.values()], "title": window.windowTitle()}
    window.close()
    return said


if __name__ == "__main__":
    answer(in_the_window(Path(sys.argv[1]), lambda: work(Path(sys.argv[2]))))
