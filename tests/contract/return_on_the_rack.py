"""Hand a handset over and take it back at the real window on a rack, offscreen, by scans and keys; run by its test.

``python return_on_the_rack.py HOME SERIAL`` prints one JSON document: the two receipts and what the window said.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from counter_on_the_rack import Hands, found, shown
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from console import window as console_window
from console.call import Call
from provisioning.home.home import open_home
from provisioning.status import Phase
from ui import counter_steps
from ui.return_frame import DECLARATION, DONE, ITEMS, SIGNATURE, START
from ui.window import MainWindow

OFFICER = "P10001"


async def work(serial: str) -> dict[str, Any]:
    """Hand over, scan the receipt, take back, scan it once more."""
    window = await found(lambda: shown(MainWindow), "the window")
    statuses = window.desk.model.statuses
    await found(lambda: any(one.phase is Phase.READY for one in statuses.values()), "a handset that is ready")
    window.activateWindow()
    hands = Hands(window)
    receipt = await hand_over(hands, serial)
    place = window.returns
    await hands.scan(receipt)
    await found(lambda: place.step == ITEMS, "the return")
    offered = [row.item.identifier for row in place.back_page.items.ticked]
    hands.press(Qt.Key.Key_Return)
    await found(lambda: place.step == DECLARATION and place.declaration.ticks, "the declaration of the return")
    while place.step == DECLARATION:
        hands.press(Qt.Key.Key_Space)
    await found(lambda: place.step == SIGNATURE, "the signature")
    hands.press(Qt.Key.Key_F9)
    await found(lambda: place.step == DONE, "the receipt of the return")
    back = place.said.sentence.split("Receipt ")[1].split(":")[0]
    await found(lambda: place.receipt.isVisible(), "the receipt on the screen")
    await hands.scan(receipt)
    await found(lambda: "is back already" in place.said.sentence, "that it is back already")
    said = place.said.sentence
    hands.press(Qt.Key.Key_Return)
    await found(lambda: place.step == START, "the next return")
    window.close()
    return {"receipt": receipt, "back": back, "offered": offered, "said": said}


async def hand_over(hands: Hands, serial: str) -> str:
    """Serve one officer at the counter; gives the receipt's number."""
    place = hands.window.counter
    await hands.scan(OFFICER)
    await found(lambda: place.step == counter_steps.WHAT, "the officer")
    await hands.scan(serial)
    await found(lambda: place.step == counter_steps.DECLARATION and place.declaration.ticks, "the declaration")
    while place.step == counter_steps.DECLARATION:
        hands.press(Qt.Key.Key_Space)
    await found(lambda: place.step == counter_steps.SIGNATURE and place.visit.open, "a clear verification")
    hands.press(Qt.Key.Key_F9)
    await found(lambda: place.step == counter_steps.DONE, "the receipt")
    return place.said.sentence.split("receipt ")[1].split(".")[0]


def main() -> None:
    """Open the window as the program does; the work begins as soon as its loop runs."""
    app = QApplication([])
    home = open_home(Path(sys.argv[1]))
    tasks: list[asyncio.Task[dict[str, Any]]] = []

    def ended(task: asyncio.Task[dict[str, Any]]) -> None:
        if task.exception() is not None:
            for top in app.topLevelWidgets():
                top.close()

    def when_the_loop_runs() -> None:
        try:
            tasks.append(asyncio.get_running_loop().create_task(work(sys.argv[2])))
        except RuntimeError:  # it does not yet
            QTimer.singleShot(20, when_the_loop_runs)
            return
        tasks[0].add_done_callback(ended)

    QTimer.singleShot(0, when_the_loop_runs)
    code = console_window.run_at(Call(home.path, as_json=False), home)
    print(json.dumps({"code": int(code), **tasks[0].result()}))


if __name__ == "__main__":
    main()
