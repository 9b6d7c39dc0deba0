"""Serve a queue of officers at the real window on a rack, offscreen, by scans and keys alone; run by its test.

``python counter_on_the_rack.py HOME SERIALS`` (a comma between them) prints one JSON document: who got what, how many
scans and keys each took, and how many seconds. What a scanner types comes letter by letter, with its times.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from real_window import Hands, answer, found, in_the_window, shown

from provisioning.status import Phase
from ui.counter_steps import DECLARATION, DONE, SIGNATURE, WHAT
from ui.scanner import QUIET
from ui.window import MainWindow


async def serve(hands: Hands, officer: str, serial: str, trouble: int) -> dict[str, Any]:
    """Hand one handset to one officer. ``trouble`` picks what goes wrong with the scans on the way; 0 nothing."""
    place = hands.window.counter
    begun, scans, keys = time.monotonic(), hands.scans, hands.keys
    if trouble == 1:  # the handset before the card
        await hands.scan(serial)
        await found(lambda: "card first" in place.said.sentence, "the refusal of a handset without an officer")
    await hands.scan(officer)
    await found(lambda: place.step == WHAT and place.visit.officer and place.visit.officer.number == officer, "officer")
    if trouble == 2:  # the card twice
        await hands.scan(officer)
        await found(lambda: "already" in place.said.sentence, "that the officer stands there already")
    if trouble == 3:  # half a scan, as when a cable is pulled
        for letter in serial[:5]:
            QTest.keyClicks(hands.focus(), letter)
        await found(lambda: "broke off" in place.said.sentence, "that a scan broke off")
        await asyncio.sleep(2 * QUIET / 1000)
    if trouble == 4:  # into a field that is for something else
        place.what.others.setFocus()
    await hands.scan(serial, Qt.Key.Key_Tab if trouble == 4 else Qt.Key.Key_Return)
    await found(lambda: place.step == DECLARATION and place.declaration.ticks, "the declaration")
    if trouble == 5:  # the handset twice, and the next officer's card too early
        await hands.scan(serial)
        await hands.scan("P99998")
        await found(lambda: "is not finished" in place.said.sentence, "the refusal of another card")
    while place.step == DECLARATION:
        hands.press(Qt.Key.Key_Space)
    await found(lambda: place.step == SIGNATURE, "the signature")
    if trouble == 6:  # in the middle of a question
        place.signing.pad.begin(place.signing.pad.rect().center().toPointF())
        place.signing.pad.move_to(place.signing.pad.rect().topLeft().toPointF())
        place.signing.pad.lift()
        hands.press(Qt.Key.Key_Escape)
        await found(QApplication.activeModalWidget, "the question")
        await hands.scan(serial)
        await found(lambda: "a question is open" in place.said.sentence, "the refusal of a scan")
        hands.press(Qt.Key.Key_Return)
        await found(lambda: QApplication.activeModalWidget() is None, "the end of the question")
        await hands.in_front()
        place.signing.pad.wipe()
    await found(lambda: place.visit.open, "a clear verification")
    hands.press(Qt.Key.Key_F9)
    await found(lambda: place.step == DONE, "the receipt")
    number = place.said.sentence.split("receipt ")[1].split(".")[0]
    return {
        "officer": officer,
        "serial_number": serial,
        "receipt": number,
        "scans": hands.scans - scans,
        "keys": hands.keys - keys,
        "seconds": time.monotonic() - begun,
        "trouble": trouble,
    }


async def work(serials: list[str]) -> dict[str, Any]:
    """Wait for the handsets, serve the queue, close everything."""
    window = await found(lambda: shown(MainWindow), "the window")
    statuses = window.desk.model.statuses

    def all_ready() -> bool:
        return len(statuses) == len(serials) and all(one.phase is Phase.READY for one in statuses.values())

    begun = time.monotonic()
    await found(all_ready, "handsets that are ready")
    staged = time.monotonic() - begun
    hands = Hands(window)
    await hands.in_front()
    served = [
        await serve(hands, f"P{10_001 + number}", serial, trouble=number % 7 if number % 2 else 0)
        for number, serial in enumerate(serials)
    ]
    ticks = window.counter.declaration.ticks
    read = sum(len(one.words.split()) for one in ticks)
    window.close()
    return {"served": served, "staged": staged, "clauses": len(ticks), "words": read}


if __name__ == "__main__":
    answer(in_the_window(Path(sys.argv[1]), lambda: work(sys.argv[2].split(","))))
