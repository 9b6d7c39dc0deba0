"""Print labels for what is ready and unplug it in order, at the real window on a rack; run by its test.

``python unplug_on_the_rack.py HOME SCENARIO LABELS`` prints one JSON document: what was asked for and what was said.
The cables are pulled on the rack; the window hears of it from its engine and from nobody else.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from real_window import Yard, answer, found, in_the_window, shown

from provisioning.status import Phase
from provisioning.virtual.scenario import load_scenario
from ui.label_sheet import LabelSheet
from ui.unplug_sheet import UnplugSheet
from ui.window import MainWindow

ENDS = {Phase.READY, Phase.NOT_CLEAR}
CTRL = Qt.KeyboardModifier.ControlModifier


async def work(yard: Yard, labels: Path) -> dict[str, Any]:
    """Wait until all have ended, then walk: the second too early, what is not clear, the second again, the rest."""
    window = await found(lambda: shown(MainWindow), "the window")
    statuses = window.desk.model.statuses
    await found(lambda: len(statuses) == 4 and all(one.phase in ENDS for one in statuses.values()), "the end of all")
    QTest.keyClick(window, Qt.Key.Key_U, CTRL)
    sheet = await found(lambda: shown(UnplugSheet), "the walk")
    order = [one.key for one in sheet.walk.steps]
    said: dict[str, Any] = {"order": order, "bays": {one.key: one.attachment.bay for one in statuses.values()}}
    await found(lambda: sheet.whose.text().startswith("For officer"), "whose it is")
    found_labels = await window.beside.actions.labels(tuple(order))
    said["whose"] = {serial: label.whom for serial, label in found_labels.items()}
    said["first"] = [sheet.number.text(), sheet.what.text(), sheet.whose.text()]

    QTest.keyClick(sheet.number, Qt.Key.Key_L)
    asked = await found(lambda: shown(LabelSheet), "the labels")
    asked.printer.setText(f"zpl:{labels}")
    asked.go.click()
    await found(lambda: "in the print queue" in asked.said.text(), "the print job")
    asked.close()
    await found(lambda: labels.exists() and labels.read_text("utf-8").count("^XZ") >= len(order), "the labels on paper")

    async def pull(key: str, words: str) -> None:
        await yard.act(lambda rack: rack.unplug(key))
        await found(lambda: words in sheet.said.text(), words)
        said.setdefault("said", []).append(sheet.said.text())

    bad = next(key for key, one in statuses.items() if one.phase is Phase.NOT_CLEAR)
    await pull(order[1], "is next")
    await pull(bad, "was not ready")
    await pull(order[0], "is out")
    await yard.act(lambda rack: rack.replug(order[1]))
    await found(lambda: statuses[order[1]].phase is Phase.READY, "the second, ready again")
    await found(lambda: [one.key for one in sheet.walk.steps] == order[1:], "the second as a step again")
    for key in order[1:]:
        await found(lambda key=key: sheet.number.text() == said["bays"][key], "the next step")
        await pull(key, f"Bay {said['bays'][key]} is out")
    said["end"] = sheet.what.text()
    QApplication.closeAllWindows()
    return said


if __name__ == "__main__":
    yard = Yard(load_scenario(Path(sys.argv[2])))
    with yard.served():
        answer(in_the_window(Path(sys.argv[1]), lambda: work(yard, Path(sys.argv[3]))))
