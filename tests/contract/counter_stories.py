"""What happens at a real counter, at the real window on a rack, by scans and keys; each is run by a test.

``python counter_stories.py STORY HOME [WORD…]`` prints one JSON document of what the window said.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from pyotp.totp import TOTP
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from real_window import Hands, Yard, answer, draw, found, in_the_window, shown

from console import handover_actions
from provisioning.receipts.items import ItemKind
from provisioning.receipts.receipt import ReturnReason
from provisioning.status import Phase
from provisioning.virtual.scenario import plain_rack
from ui import return_place
from ui.counter_place import CounterPlace
from ui.counter_steps import DECLARATION, DONE, SIGNATURE, WHAT
from ui.return_phrases import REASONS
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


def titles(place: CounterPlace) -> list[str]:
    """Give the titles of the texts that are shown."""
    return [one.title for one in place.declaration.shown.texts] if place.declaration.shown else []


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
        await hands.type(pin)
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


async def agreements(yard: Yard, words: list[str]) -> dict[str, Any]:
    """A proxy; a typed name under two terms in Welsh, countersigned; a refusal under a permit; an exchange."""
    sim, secret = words
    proxied, typed, refused, exchanged = yard.serials
    hands = await opened(ready=4)
    place, said = hands.window.counter, dict[str, Any]()

    await officer(hands, "P10001")
    place.what.proxy.setFocus()
    await hands.scan("P10009")
    await found(place.what.authority.hasFocus, "the field for the authority")
    await hands.type("Memo 12/26")
    await hands.scan(proxied)
    await tick_all(hands)
    await found(lambda: place.visit.open, "a clear verification")
    hands.press(Qt.Key.Key_F9)
    said["proxy"] = await receipt(hands)

    await officer(hands, "P10002")
    await hands.scan(sim)
    await found(lambda: sim in place.visit.things, "the SIM card")
    await hands.scan(typed)
    await found(lambda: place.step == DECLARATION and len(titles(place)) == 2, "two texts")
    said["texts"] = titles(place)
    hands.press(Qt.Key.Key_F6)
    said["in Welsh"] = titles(place)
    await tick_all(hands)
    place.signing.types.setFocus()
    hands.press(Qt.Key.Key_Space)
    await hands.type("Officer Two")
    draw(place.signing.desk_pad)
    await found(lambda: place.visit.open, "a clear verification")
    for code in ("000000", TOTP(secret).now()):
        place.signing.code.setFocus()
        await hands.type(code)
        hands.press(Qt.Key.Key_Return)
        if code == "000000":
            await found(lambda: "one-time code" in place.said.sentence, "the refusal of a wrong code")
            said["wrong code"] = place.said.sentence
    said["typed"] = await receipt(hands)

    await officer(hands, "P10003")
    said["permits"] = [one.text() for one in place.panel.findChildren(QLabel) if "Permits" in one.text()]
    await hands.scan(refused)
    await found(lambda: place.step == DECLARATION and place.declaration.ticks, "the declaration")
    hands.press(Qt.Key.Key_Space)
    hands.press(Qt.Key.Key_Return)
    await found(lambda: place.step == SIGNATURE, "the signature")
    assert not place.go_on.isEnabled()
    await hands.type("Disagrees with the second statement")
    await found(place.go_on.isEnabled, "that a refusal can be written down")
    hands.press(Qt.Key.Key_Return)
    said["refused"] = await receipt(hands)

    await hands.scan(said["proxy"])
    back = hands.window.returns
    await found(lambda: back.step == return_place.ITEMS, "the return")
    back.back_page.reason.setCurrentIndex(list(REASONS).index(ReturnReason.EXCHANGE))
    hands.press(Qt.Key.Key_Return)
    await found(
        lambda: back.step == return_place.DECLARATION and back.declaration.ticks, "what is declared at a return"
    )
    while back.step == return_place.DECLARATION:
        hands.press(Qt.Key.Key_Space)
    hands.press(Qt.Key.Key_F9)
    await found(lambda: back.step == return_place.DONE, "the receipt of the return")
    said["came back"] = back.said.sentence.split("Receipt ")[1].split(":")[0]
    hands.press(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    await officer(hands, "P10001")
    for number in (said["typed"], said["came back"]):
        place.what.exchange.setFocus()
        place.what.exchange.clear()
        await hands.scan(number)
        await found(lambda number=number: place.what.exchange.text() == number, "the receipt in its field")
        if number == said["typed"]:
            await hands.scan(exchanged)
        else:
            hands.press(Qt.Key.Key_Return)
        await tick_all(hands)
        await found(lambda: place.visit.open, "a clear verification")
        hands.press(Qt.Key.Key_F9)
        if number == said["typed"]:
            await found(lambda: "Nothing was handed over" in place.said.sentence, "the refusal of another receipt")
            said["wrong exchange"] = place.said.sentence
            place.go_back()
            place.go_back()
    said["exchange"] = await receipt(hands)
    hands.window.close()
    return said


async def chaos(yard: Yard, words: list[str]) -> dict[str, Any]:
    """The cable is pulled and another handset comes while the officer signs; no printer; then the desk is killed."""
    (told,) = words
    first, other, second = yard.serials
    hands = await opened(ready=3)
    place, said = hands.window.counter, dict[str, Any]()
    await yard.act(lambda rack: rack.unplug(other))

    await officer(hands, "P10001")
    await hands.scan(first)
    await tick_all(hands)
    draw(place.signing.pad)
    await found(place.go_on.isEnabled, "a clear verification")
    await yard.act(lambda rack: rack.unplug(first))
    await found(lambda: place.visit.shut, "the shut gate")
    said["pulled"] = place.panel.rows[first].sentence
    await yard.act(lambda rack: rack.replug(other))
    statuses = hands.window.desk.model.statuses
    await found(lambda: statuses[other].phase is Phase.READY, "another handset in its place")
    hands.press(Qt.Key.Key_F9)
    said["swapped"] = [list(place.visit.handsets), place.step == SIGNATURE, place.why_not]
    hands.press(Qt.Key.Key_Return)  # in a hurry: the button that verifies again has the focus
    await yard.act(lambda rack: rack.replug(first))
    await found(lambda: place.visit.open, "that it is verified anew by itself")
    said["still signed"] = place.signing.pad.signed
    hands.press(Qt.Key.Key_Return)
    said["first"] = await receipt(hands)
    await found(lambda: "being printed" in place.receipt.said, "the print")
    await found(lambda: "not printed" in hands.window.header.queue_said, "the count of what is not printed")
    said["paper"] = [place.receipt.said, hands.window.header.queue_said]

    Path(told).write_text(json.dumps(said), "utf-8")
    handover_actions.receipt_pdf = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
    await hand_over(hands, "P10002", second)
    return said


async def restarted(yard: Yard, words: list[str]) -> dict[str, Any]:
    """The printer is there again: what was queued, and what was interrupted, comes out."""
    (port,) = words
    jobs: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        jobs.append(await reader.read())
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", int(port))
    hands = await opened()
    notices = hands.window.desk.notices
    await found(lambda: any("interrupted" in one for one in notices.sentences), "what was interrupted")
    await found(lambda: len(jobs) == 2, "two receipts on paper")
    said = {"notices": notices.sentences, "jobs": [b"\x1b@" in one for one in jobs]}
    server.close()
    hands.window.close()
    return said


async def hundred(yard: Yard, words: list[str]) -> dict[str, Any]:
    """Very many items under twelve terms on one signature; ``words`` are numbers of SIM cards, then how many items."""
    *sims, items = words
    hands = await opened(ready=len(yard.serials))
    place = hands.window.counter
    begun = time.monotonic()
    await officer(hands, "P10001")
    kinds = [kind for kind in ItemKind if kind not in {ItemKind.SIM, ItemKind.OTHER}]
    rest = int(items) - len(yard.serials) - len(sims)
    # As a person pastes a list; what is typed by hand is no machine's time.
    place.what.others.setText(", ".join(f"{kinds[at % len(kinds)]}: N-{at}" for at in range(rest)))
    for number in (*sims, *yard.serials):
        await hands.scan(number)
        await found(lambda number=number: number in place.visit.things or number in place.visit.handsets, number)
    await found(lambda: place.visit.open and len(titles(place)) == 12, "twelve texts and clear verifications")
    verified = time.monotonic()
    await tick_all(hands)
    draw(place.signing.pad)
    await found(place.go_on.isEnabled, "that it can be handed over")
    hands.press(Qt.Key.Key_Return)
    number = await receipt(hands)
    done = time.monotonic()
    said = {"receipt": number, "verified": verified - begun, "handed over": done - verified, "texts": titles(place)}
    hands.window.close()
    return said | {"scans": hands.scans, "keys": hands.keys}


STORIES: dict[str, tuple[Story, int, int]] = {
    "technicians": (technicians, 0, 2),
    "agreements": (agreements, 1, 3),
    "chaos": (chaos, 0, 3),
    "restarted": (restarted, 0, 0),
    "hundred": (hundred, 4, 4),
}
"""Each with how many iPhones and Androids hang on the rack."""


def main() -> None:
    """Serve the rack and play one story."""
    story, iphones, androids = STORIES[sys.argv[1]]
    yard = Yard(plain_rack(iphones, androids))
    with yard.served():
        answer(in_the_window(Path(sys.argv[2]), lambda: story(yard, sys.argv[3:])))


if __name__ == "__main__":
    main()
