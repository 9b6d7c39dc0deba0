"""What happens at a real counter, at the real window on a rack, by scans and keys; each is run by a test.

``python counter_stories.py STORY HOME [WORD…]`` prints one JSON document of what the window said.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from real_window import Hands, Yard, answer, found, in_the_window, shown

from provisioning.status import Phase
from provisioning.virtual.scenario import plain_rack
from ui.counter_place import CounterPlace
from ui.counter_steps import DECLARATION, DONE, SIGNATURE, WHAT
from ui.sign_in import SignInSheet
from ui.window import MainWindow

Story = Callable[[Yard, list[str]], Coroutine[Any, Any, dict[str, Any]]]


async def opened(ready: int = 0) -> Hands:
    """Wait for the window, and for so many handsets that are ready."""
    window = await found(lambda: shown(MainWindow), "the window")
    window.activateWindow()
    statuses = window.desk.model.statuses
    await found(lambda: sum(one.phase is Phase.READY for one in statuses.values()) >= ready, "handsets that are ready")
    return Hands(window)


async def officer(hands: Hands, number: str) -> CounterPlace:
    """Scan a card."""
    place = hands.window.counter
    await hands.scan(number)
    await found(
        lambda: place.step == WHAT and place.visit.officer is not None and place.visit.officer.number == number, number
    )
    return place


async def tick_all(hands: Hands) -> None:
    """Wait for the texts and tick every clause by Space."""
    place = hands.window.counter
    await found(lambda: place.step == DECLARATION and place.declaration.ticks, "the declaration")
    while place.step == DECLARATION:
        hands.press(Qt.Key.Key_Space)
    assert place.step == SIGNATURE


async def receipt(hands: Hands) -> str:
    """Wait for the end of a handover; gives the receipt's number."""
    place = hands.window.counter
    await found(lambda: place.step == DONE, "the receipt")
    return place.said.sentence.split("receipt ")[1].split(".")[0]


async def hand_over(hands: Hands, number: str, serial: str) -> str:
    """Serve one officer, who signs on the paper."""
    place = await officer(hands, number)
    await hands.scan(serial)
    await tick_all(hands)
    await found(lambda: place.visit.open, "a clear verification")
    hands.press(Qt.Key.Key_F9)
    return await receipt(hands)


async def technicians(yard: Yard, words: list[str]) -> dict[str, Any]:
    """Nothing begins before a sign-in; each entry names who; another takes over; locked, nothing new begins."""
    names = dict(word.split("=") for word in words)
    first, second = yard.serials
    hands = await opened()
    window, said = hands.window, dict[str, Any]()
    statuses = window.desk.model.statuses

    def sheet() -> SignInSheet | None:
        widget = QApplication.activeModalWidget()
        return widget if isinstance(widget, SignInSheet) else None

    async def sign_in(name: str, pin: str) -> None:
        asked = await found(sheet, "the sheet")
        asked.name.setCurrentText(name)
        asked.pin.setFocus()
        hands.type(pin)
        await asyncio.sleep(0.1)  # the last letter is held back for a moment
        hands.press(Qt.Key.Key_Return)

    await found(sheet, "the sign-in")
    await found(lambda: {one.serial_number for one in statuses.values()} == set(yard.serials), "both handsets")
    await asyncio.sleep(0.5)
    said["before"] = [str(one.phase) for one in statuses.values()]
    said["wall"] = window.desk.notices.sentences
    await sign_in("A. Khan", "000000")
    asked = await found(sheet, "the sheet")
    await found(lambda: "do not belong together" in asked.said, "the refusal of a wrong PIN")
    said["after a wrong PIN"] = [str(one.phase) for one in statuses.values()]
    await sign_in("A. Khan", names["A. Khan"])
    await opened(ready=2)
    said["then"] = window.desk.notices.sentences
    said["by Khan"] = await hand_over(hands, "P10001", first)
    hands.press(Qt.Key.Key_F4)
    await sign_in("B. Jones", names["B. Jones"])
    await found(lambda: sheet() is None, "the second technician")
    window.activateWindow()
    said["by Jones"] = await hand_over(hands, "P10002", second)
    hands.press(Qt.Key.Key_F4, Qt.KeyboardModifier.ShiftModifier)
    await found(sheet, "the lock")
    await yard.act(lambda rack: rack.unplug(second))
    await found(lambda: statuses[second].phase is Phase.UNPLUGGED, "the pulled cable")
    await yard.act(lambda rack: rack.replug(second))
    await found(lambda: statuses[second].phase is not Phase.UNPLUGGED, "the handset that is back")
    await asyncio.sleep(0.5)
    said["locked"] = str(statuses[second].phase)
    await sign_in("A. Khan", names["A. Khan"])
    await found(lambda: statuses[second].phase is Phase.READY, "work at the sign-in")
    window.close()
    return said


STORIES: dict[str, tuple[Story, int, int]] = {"technicians": (technicians, 0, 2)}
"""Each with how many iPhones and Androids hang on the rack."""


def main() -> None:
    """Serve the rack and play one story."""
    story, iphones, androids = STORIES[sys.argv[1]]
    yard = Yard(plain_rack(iphones, androids))
    with yard.served():
        answer(in_the_window(Path(sys.argv[2]), lambda: story(yard, sys.argv[3:])))


if __name__ == "__main__":
    main()
