"""Take back at the real window on a rack, offscreen, by scans and keys; run by its test.

``python returns_on_the_rack.py HOME PLAN`` (a JSON file) prints one JSON document: of each return its receipt and what
the window said.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from counter_on_the_rack import Hands, found, shown
from pyotp.totp import TOTP
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from console import window as console_window
from console.call import Call
from provisioning.errors import IssuingDeskError
from provisioning.home.home import open_home
from provisioning.receipts.coming_back import NextState
from provisioning.receipts.receipt import ReturnReason
from provisioning.status import Phase, SessionStatus
from ui import counter_steps
from ui.actions import DeskActions
from ui.notice_phrases import notice_sentence
from ui.rail import Place
from ui.return_asking import ReasonSheet
from ui.return_frame import DECLARATION, DONE, ITEMS, SIGNATURE, START
from ui.return_items import ItemRow
from ui.return_phrases import NEXT, REASONS
from ui.return_recalls import RecallSheet
from ui.signature import SignaturePad
from ui.window import MainWindow


@dataclass
class Returns:
    """The technician at the place of returns; ``plan`` says which handset is which."""

    hands: Hands
    plan: dict[str, Any]

    def __post_init__(self) -> None:
        self.window = self.hands.window
        self.place = self.window.returns

    def status(self, serial: str) -> SessionStatus | None:
        statuses = self.window.desk.model.statuses.values()
        return next((one for one in statuses if one.serial_number == serial), None)

    async def open(self, scan: str, serial: str) -> ItemRow:
        """Scan something and give the row of a handset."""
        if self.place.step == DONE:
            self.hands.press(Qt.Key.Key_Return)
            await found(lambda: self.place.step == START, "the next return")
        await self.hands.scan(scan)
        await found(lambda: self.place.step == ITEMS, f"the return of {scan}")
        row = self.place.back_page.items.row_of(serial)
        assert row is not None, self.place.said.sentence
        return row

    def choose(self, reason: ReturnReason) -> None:
        self.place.back_page.reason.setCurrentIndex(list(REASONS).index(reason))

    async def tick_all(self) -> None:
        """Go on from the items, and tick every statement."""
        self.hands.press(Qt.Key.Key_Return)
        await found(
            lambda: self.place.step == SIGNATURE or (self.place.step == DECLARATION and self.place.declaration.ticks),
            "the declaration",
        )
        while self.place.step == DECLARATION:
            self.hands.press(Qt.Key.Key_Space)
        await found(lambda: self.place.step == SIGNATURE, "the signature")

    async def ended(self) -> str:
        """Go on from the signature and give the receipt's number."""
        await found(self.place.go_on.isEnabled, "what is to be booked")
        self.hands.press(Qt.Key.Key_Return)
        await found(lambda: self.place.step == DONE, "the receipt of the return")
        await found(lambda: self.place.receipt.isVisible(), "the receipt on the screen")
        return self.place.said.sentence.split("Receipt ")[1].split(":")[0]

    async def on_paper(self) -> str:
        await self.tick_all()
        self.hands.press(Qt.Key.Key_F9)
        await found(lambda: self.place.step == DONE, "the receipt of the return")
        return self.place.said.sentence.split("Receipt ")[1].split(":")[0]

    def draw(self, pad: SignaturePad) -> None:
        """Sign with the mouse."""
        left = Qt.MouseButton.LeftButton
        QTest.mousePress(pad, left, pos=QPoint(20, 40))
        for step in range(1, 24):
            QTest.mouseMove(pad, QPoint(20 + 8 * step, 40 + 12 * (step % 3)))
        QTest.mouseRelease(pad, left, pos=QPoint(210, 40))

    async def window_again(self) -> None:
        """Give the window the focus back when a dialog has ended; a window manager does that."""

        def has_focus() -> bool:
            if QApplication.activeModalWidget() is None and not self.window.isActiveWindow():
                self.window.activateWindow()
            return QApplication.focusWidget() is not None and self.window.isActiveWindow()

        await found(has_focus, "the focus in the window")

    async def erase(self, row: ItemRow) -> str:
        """Press the button and say yes; give what is said of it in the end."""
        before = self.place.said.sentence
        row.erase.click()
        question = await found(QApplication.activeModalWidget, "the question before an erase")
        assert isinstance(question, QDialog)
        question.accept()
        await self.window_again()
        await found(lambda: row.erasing, "the erase to begin")
        await found(lambda: not row.erasing and self.place.said.sentence != before, "the end of the erase")
        return self.place.said.sentence


async def both_sign(at: Returns) -> dict[str, Any]:
    """An iPhone is erased while the officer reads; cable and SIM card do not come back; both sign with the mouse."""
    serial = at.plan["erased"]
    row = await at.open(at.plan["receipts"][serial], serial)
    await found(lambda: row.erase.isVisible(), "the button for an erase")
    said = await at.erase(row)
    row.condition.setText("Good")
    row.accessories.ticks[1].setChecked(True)
    await at.tick_all()
    at.draw(at.place.signing.pad)
    at.draw(at.place.signing.desk_pad)
    return {"receipt": await at.ended(), "said": said, "line": row.line}


async def will_not_be_erased(at: Returns) -> dict[str, Any]:
    """Find My is on: it is left as it is and nothing says that it was erased. The officer is absent."""
    serial = at.plan["find my"]
    row = await at.open(serial, serial)
    await found(lambda: row.erase.isVisible(), "the button for an erase")
    said = await at.erase(row)
    at.hands.press(Qt.Key.Key_Return)
    await found(lambda: at.place.step == DECLARATION and at.place.declaration.ticks, "the declaration")
    at.place.go_on.click()
    await found(lambda: at.place.step == SIGNATURE, "the signature")
    assert not at.place.go_on.isEnabled(), "nobody signs what was not ticked, and a reason is wanted"
    at.place.signing.reason.setText("Absent: it came by internal post")
    return {"receipt": await at.ended(), "said": said, "line": row.line}


async def by_name_and_code(at: Returns) -> dict[str, Any]:
    """An Android by its IMEI; a name is typed, with a one-time code."""
    serial = at.plan["android"]
    row = await at.open(at.plan["imei"], serial)
    await found(lambda: "cannot be" in row.line, "why there is no erase")
    assert not row.erase.isVisible()
    line = row.line
    await at.tick_all()
    at.place.signing.types.setChecked(True)
    at.place.signing.name.setText("Officer Three")
    at.place.signing.code.setText(TOTP(at.plan["secret"]).now())
    return {"receipt": await at.ended(), "line": line}


async def kept_as_evidence(at: Returns) -> dict[str, Any]:
    """A damaged handset becomes evidence: what is declared speaks of no erase, and from then on work is refused."""
    serial = at.plan["evidence"]
    row = await at.open(serial, serial)
    at.choose(ReturnReason.DAMAGED)
    row.next.setCurrentIndex(list(NEXT).index(NextState.EVIDENCE_HOLD))
    assert not row.erase.isVisible()
    at.place.back_page.reference.setText("EX/7")
    receipt = await at.on_paper()
    clauses = [tick.words for tick in at.place.declaration.ticks]
    at.window.go_to(Place.DESK)
    status = await found(lambda: at.status(serial), "the handset")
    refused: list[str] = []
    actions: DeskActions = vars(at.window)["_actions"]  # no button offers either: whoever asked all the same is refused
    for deed in (actions.way_back.erase, actions.seal):
        try:
            refused.append(str(await deed(status.key)))
        except IssuingDeskError as error:
            refused.append(str(error))
    at.window.go_to(Place.RETURNS)
    return {"receipt": receipt, "clauses": clauses, "refused": refused}


async def stolen_then_found(at: Returns) -> dict[str, Any]:
    """Reported stolen without the handset; it is plugged in and that is noticed; then it is booked as found."""
    serial = at.plan["stolen"]
    await at.open(serial, serial)
    at.choose(ReturnReason.STOLEN)
    at.place.back_page.reference.setText("CR/4471/26")
    stolen = await at.on_paper()
    row = await at.open(serial, serial)
    line = row.line
    receipt = await at.on_paper()
    return {"stolen": stolen, "receipt": receipt, "line": line}


async def dead_and_not_here(at: Returns) -> dict[str, Any]:
    """A handset that says nothing any more comes back by its asset tag."""
    serial = at.plan["dead"]
    row = await at.open(at.plan["tag"], serial)
    at.choose(ReturnReason.DAMAGED)
    assert not row.erase.isVisible()
    row.condition.setText("Does not switch on")
    return {"receipt": await at.on_paper(), "after": str(row.after)}


async def exchanged(at: Returns) -> dict[str, Any]:
    """The old one comes back, the new one goes out, to the same officer, without the card again."""
    serial, new = at.plan["old"], at.plan["new"]
    await at.open(serial, serial)
    at.choose(ReturnReason.EXCHANGE)
    receipt = await at.on_paper()
    at.hands.press(Qt.Key.Key_Return)
    counter = at.window.counter
    await found(lambda: counter.step == counter_steps.WHAT and counter.visit.officer, "the counter")
    await found(lambda: (one := at.status(new)) and one.phase is Phase.READY, "a handset that is ready")
    await at.hands.scan(new)
    await found(lambda: counter.step == counter_steps.DECLARATION and counter.declaration.ticks, "the declaration")
    while counter.step == counter_steps.DECLARATION:
        at.hands.press(Qt.Key.Key_Space)
    await found(lambda: counter.step == counter_steps.SIGNATURE and counter.visit.open, "a clear verification")
    at.hands.press(Qt.Key.Key_F9)
    await found(lambda: counter.step == counter_steps.DONE, "the receipt")
    given = counter.said.sentence.split("receipt ")[1].split(".")[0]
    at.hands.press(Qt.Key.Key_Return)
    at.window.go_to(Place.RETURNS)
    return {"receipt": receipt, "given": given}


async def suspended(at: Returns) -> dict[str, Any]:
    """An officer is suspended in the recall list, and what they hold is taken back from there."""
    at.place.recalls_wanted.emit()
    sheet = await found(lambda: shown(RecallSheet), "the recall list")
    sheet.number.setText("P10008")
    sheet.suspend.click()
    why = await found(lambda: shown(ReasonSheet), "the question why")
    why.reason.setText("PSD/119")
    why.go.click()
    row = await found(lambda: next((one for one in sheet.rows if one.officer == "P10008"), None), "the officer")
    row.back.click()
    await found(lambda: at.place.step == ITEMS, "the return of all that they hold")
    await at.window_again()
    at.place.back_page.items.rows[0].tick.setChecked(True)
    return {"receipt": await at.on_paper()}


async def work(plan: dict[str, Any]) -> dict[str, Any]:
    """Take back one after the other, scan the first receipt once more, close everything."""
    window = await found(lambda: shown(MainWindow), "the window")
    statuses = window.desk.model.statuses
    await found(
        lambda: {one.serial_number for one in statuses.values()} >= set(plan["plugged in"]), "the handsets' numbers"
    )
    window.activateWindow()
    at = Returns(Hands(window), plan)
    window.go_to(Place.RETURNS)
    acts: list[Callable[[Returns], Awaitable[dict[str, Any]]]] = [
        both_sign, will_not_be_erased, by_name_and_code, kept_as_evidence, stolen_then_found, dead_and_not_here,
        suspended, exchanged,
    ]  # fmt: skip
    said: dict[str, Any] = {}
    said["noticed"] = {
        one.serial_number: [notice_sentence(notice, "it") for notice in one.notices]
        for one in statuses.values()
        if one.serial_number
    }
    for act in acts:
        said[act.__name__] = await act(at)
    await at.hands.scan(plan["receipts"][plan["android"]])
    await found(lambda: "is back already" in at.place.said.sentence, "that it is back already")
    window.close()
    return said


def main() -> None:
    """Open the window as the program does; the work begins as soon as its loop runs."""
    app = QApplication([])
    home = open_home(Path(sys.argv[1]))
    plan = json.loads(Path(sys.argv[2]).read_bytes())
    tasks: list[asyncio.Task[dict[str, Any]]] = []

    def ended(task: asyncio.Task[dict[str, Any]]) -> None:
        if task.exception() is not None:
            for top in app.topLevelWidgets():
                top.close()

    def when_the_loop_runs() -> None:
        try:
            tasks.append(asyncio.get_running_loop().create_task(work(plan)))
        except RuntimeError:  # it does not yet
            QTimer.singleShot(20, when_the_loop_runs)
            return
        tasks[0].add_done_callback(ended)

    QTimer.singleShot(0, when_the_loop_runs)
    code = console_window.run_at(Call(home.path, as_json=False), home)
    print(json.dumps({"code": int(code), **tasks[0].result()}))


if __name__ == "__main__":
    main()
