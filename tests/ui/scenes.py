"""The scenes that are photographed and looked at, and that the tests of clipping and naming go through."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QPointF, QSize
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from rehearsal import (
    FACTS,
    RehearsedDesk,
    burdened,
    enrolment_code,
    many,
    not_clear,
    ready,
    returned,
    six,
    unknown,
)
from rehearsed_paper import jobs
from shiboken6 import isValid

from provisioning.errors import LedgerError
from provisioning.platforms import Platform
from provisioning.status import SessionStatus
from provisioning.verification.judgement import Verdict
from ui.actions import DeskFacts
from ui.bridge import Bridge
from ui.commands import Command
from ui.dialogs import Question
from ui.enrolment_code import EnrolmentSheet
from ui.gate import GateState
from ui.handover import HandoverDialog
from ui.print_queue import PrintQueueSheet
from ui.printing import PrintChoice
from ui.rail import Place
from ui.sealing import SealSheet
from ui.signature import SignaturePad
from ui.theme import Theme
from ui.window import MainWindow

FULL = QSize(1440, 900)
SMALLEST = QSize(960, 540)
"""A full HD screen at 200 %."""


class Stage:
    """One window on a rehearsed desk."""

    def __init__(self, theme: Theme, scale: str = "100") -> None:
        self.theme = theme
        self.bridge = Bridge()
        self.desk = RehearsedDesk(self.bridge)
        self.size = FULL if scale == "100" else SMALLEST
        self.window: MainWindow | None = None
        self.subject: QWidget | None = None
        self.errors: list[BaseException] = []

    def open(self, *statuses: SessionStatus, facts: DeskFacts = FACTS) -> MainWindow:
        """Open the main window with these handsets."""
        self.window = MainWindow(self.bridge, self.desk, facts, self.theme)
        self.window.resize(self.size)
        self.window.show()
        self.desk.show(*statuses)
        self.subject = self.window
        return self.window

    def hand_over(self, status: SessionStatus) -> HandoverDialog:
        """Open the handover of a handset by itself."""
        self.desk.show(status)
        dialog = HandoverDialog(self.theme, self.bridge, self.desk, status, report=self.errors.append)
        dialog.resize(dialog.size().boundedTo(self.size - QSize(40, 40)))
        dialog.show()
        self.subject = dialog
        return dialog

    async def settle(self, seconds: float = 0.12) -> None:
        """Let the bridge tell and the widgets lay themselves out."""
        await asyncio.sleep(seconds)
        # On a busy machine that was one turn of the loop; what a turn changed is laid out in the next.
        for _ in range(3):
            QApplication.processEvents()
            await asyncio.sleep(0)

    async def photograph(self, path: Path) -> None:
        """Write what is on stage as PNG."""
        await self.settle(0.35)
        assert self.subject is not None
        assert self.subject.grab().save(str(path))

    def close(self) -> None:
        """Strike the set."""
        sheets = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QDialog)]
        for widget in (self.subject, self.window, *sheets):
            if widget is not None and isValid(widget):
                widget.hide()
                widget.deleteLater()
        self.bridge.close()
        self.bridge.deleteLater()


async def wall_6(stage: Stage) -> None:
    """Six handsets: one waiting, one not clear, one working, three ready."""
    window = stage.open(*six())
    await stage.settle()
    window.desk.choose(six()[3].key)


async def wall_100(stage: Stage) -> None:
    """A hundred handsets."""
    window = stage.open(*many(100))
    await stage.settle()
    window.desk.choose(many(100)[17].key)


async def wall_256(stage: Stage) -> None:
    """Two hundred and fifty-six."""
    stage.open(*many(256))


async def wall_filtered(stage: Stage) -> None:
    """Forty handsets, of which only those are shown that have stopped, are not clear or unknown."""
    window = stage.open(*many(100))
    await stage.settle()
    window.header.search.setText("Galaxy")


async def nothing_found(stage: Stage) -> None:
    """A search without a result."""
    window = stage.open(*six())
    await stage.settle()
    window.header.search.setText("D4-2026-00099")


async def empty(stage: Stage) -> None:
    """Nothing is plugged in."""
    stage.open()


async def training(stage: Stage) -> None:
    """A training desk."""
    window = stage.open(*six(), facts=replace(FACTS, training=True))
    await stage.settle()
    window.desk.choose(six()[0].key)


async def hub_lost(stage: Stage) -> None:
    """usbmuxd does not answer."""
    stage.open(*[status for status in six() if status.attachment.platform is Platform.ANDROID])
    stage.bridge.post_hub(
        Platform.IOS,
        "usbmuxd does not answer on this machine. Start it (systemctl start usbmuxd) or run “issuing-desk doctor”.",
    )


async def record_in_doubt(stage: Stage) -> None:
    """The ledger cannot be trusted; the error sheet says so."""
    window = stage.open(*six())
    await stage.settle()
    window.show_error(
        LedgerError("Entry 412 does not fit the one before it. Stop, and run “issuing-desk ledger verify”.")
    )


async def enrolment_qr(stage: Stage) -> None:
    """The code for factory-fresh Androids: three have come back, each another way."""
    stage.desk.code = enrolment_code(expires=datetime.now(UTC) + timedelta(minutes=47, seconds=30))
    stage.desk.back = returned()
    await _code_sheet(stage)


async def _code_sheet(stage: Stage) -> None:
    window = stage.open(*six())
    await stage.settle()
    window.desk.wanted.emit(Command.ENROLMENT_CODE)
    await stage.settle()
    (sheet,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, EnrolmentSheet) and one.isVisible()]
    sheet.resize(sheet.size().boundedTo(stage.size - QSize(20, 20)))
    stage.subject = sheet


async def enrolment_qr_ended(stage: Stage) -> None:
    """Its token has ended: the code is taken down."""
    stage.desk.code = enrolment_code(expires=datetime.now(UTC) - timedelta(minutes=1))
    await _code_sheet(stage)


async def seal_outcome(stage: Stage) -> None:
    """What a seal came to."""
    window = stage.open(*six())
    await stage.settle()
    sheet = SealSheet(stage.theme, stage.desk.sealing, "R5CTX1", window)
    sheet.show()
    stage.subject = sheet


async def seal_question(stage: Stage) -> None:
    """The question before a seal."""
    window = stage.open(*six())
    await stage.settle()
    window.desk.choose(ready(5).key)
    window.desk.wanted.emit(Command.SEAL)
    await stage.settle()
    (stage.subject,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, Question) and one.isVisible()]


async def error_sheet(stage: Stage) -> None:
    """A mistake of the program."""
    from ui.errors import ErrorSheet

    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        sheet = ErrorSheet(stage.theme, error)
    sheet.show()
    sheet.findChildren(QWidget)
    stage.subject = sheet


async def keys(stage: Stage) -> None:
    """The list under F1."""
    from ui.help import KeyList

    sheet = KeyList(stage.theme)
    sheet.resize(sheet.size().boundedTo(stage.size - QSize(40, 40)))
    sheet.show()
    stage.subject = sheet


async def detail_not_clear(stage: Stage) -> None:
    """What is known of a handset with TikTok on it."""
    window = stage.open(*six())
    await stage.settle()
    window.desk.choose(six()[2].key)


async def detail_apps(stage: Stage) -> None:
    """The same with its apps unfolded."""
    await detail_not_clear(stage)
    assert stage.window is not None
    detail = stage.window.desk.detail
    detail.open_apps()
    await stage.settle()
    detail.scroll_to_end()


async def detail_unknown(stage: Stage) -> None:
    """What is known of a handset that could not be read completely."""
    statuses = [ready(0), unknown(1), burdened(2), not_clear(3)]
    window = stage.open(*statuses)
    await stage.settle()
    window.desk.choose(statuses[1].key)


async def ledger(stage: Stage) -> None:
    """The latest entries."""
    stage.open(*six()).go_to(Place.LEDGER)


async def handover_officer(stage: Stage) -> None:
    """The first page, with an officer number that cannot be taken."""
    dialog = stage.hand_over(ready(0))
    await stage.settle()
    dialog.officer.number.setText("23\x071187")
    dialog.go_on.click()


async def handover_checking(stage: Stage) -> None:
    """The officer reads while the handset is verified."""
    stage.desk.held = asyncio.Event()
    await _to_declaration(stage)


async def handover_declaration(stage: Stage) -> None:
    """The gate is open, three clauses are ticked."""
    dialog = await _to_declaration(stage)
    for tick in dialog.declaration.ticks[:3]:
        tick.setChecked(True)


async def handover_refused(stage: Stage) -> None:
    """The fresh verification has found something."""
    stage.desk.verdict = Verdict.NOT_CLEAR
    await _to_declaration(stage)


async def handover_unknown(stage: Stage) -> None:
    """The fresh verification could not read everything."""
    stage.desk.verdict = Verdict.UNKNOWN
    await _to_declaration(stage)


async def handover_signed(stage: Stage) -> None:
    """Signed, ready to be committed."""
    dialog = await _to_declaration(stage)
    for tick in dialog.declaration.ticks:
        tick.setChecked(True)
    dialog.go_on.click()
    await stage.settle()
    sign(dialog)
    sign(dialog, dialog.signing.desk_pad)


async def handover_declined(stage: Stage) -> None:
    """The officer does not sign."""
    dialog = await _to_declaration(stage)
    dialog.go_on.click()
    dialog.signing.reason.setText("Disagrees with the second statement")


async def print_choice(stage: Stage) -> None:
    """A receipt that was printed before is about to be printed again."""
    stage.desk.paper.again = True
    stage.subject = PrintChoice(stage.theme, stage.desk.paper, "D4-000017", stage.errors.append)
    stage.subject.show()


async def print_queue(stage: Stage) -> None:
    """One job out, one whose printer is absent, one that needs a person, one that is jammed."""
    stage.desk.paper.queue = jobs()
    stage.subject = PrintQueueSheet(stage.theme, stage.desk.paper, stage.errors.append)
    stage.subject.show()


async def handover_receipt(stage: Stage) -> None:
    """Handed over."""
    await handover_signed(stage)
    assert isinstance(stage.subject, HandoverDialog)
    stage.subject.go_on.click()


async def _to_declaration(stage: Stage) -> HandoverDialog:
    dialog = stage.hand_over(ready(0))
    await stage.settle()
    dialog.officer.number.setText("231187")
    dialog.go_on.click()
    await stage.settle()
    assert stage.desk.held is not None or dialog.gate.state in {GateState.OPEN, GateState.SHUT}
    return dialog


def modal() -> QWidget:
    """Give the dialog that is open over everything else."""
    widget = QApplication.activeModalWidget()
    assert widget is not None
    return widget


def sign(dialog: HandoverDialog, pad: SignaturePad | None = None) -> None:
    """Write something that looks like a name, in the officer's pad unless another is given."""
    pad = pad or dialog.signing.pad
    wide, high = pad.width(), pad.height()

    def at(x: float, y: float) -> QPointF:
        return QPointF(x * wide, y * high)

    pad.begin(at(0.14, 0.62))
    for step in range(1, 120):
        t = step / 119
        x = 0.14 + 0.5 * t + 0.03 * math.sin(17 * t)
        y = 0.58 - 0.24 * math.exp(-3 * t) * math.cos(21 * t) - 0.1 * math.sin(33 * t) * (1 - 0.5 * t)
        pad.move_to(at(x, y))
    pad.lift()
    pad.begin(at(0.2, 0.68))
    for step in range(1, 40):
        t = step / 39
        pad.move_to(at(0.2 + 0.52 * t, 0.68 - 0.05 * math.sin(math.pi * t)))
    pad.lift()


SCENES: Mapping[str, Callable[[Stage], Awaitable[None]]] = {
    scene.__name__.replace("_", "-"): scene
    for scene in (
        wall_6,
        wall_100,
        wall_256,
        wall_filtered,
        nothing_found,
        empty,
        training,
        hub_lost,
        record_in_doubt,
        error_sheet,
        keys,
        detail_not_clear,
        detail_apps,
        detail_unknown,
        ledger,
        enrolment_qr,
        enrolment_qr_ended,
        seal_question,
        seal_outcome,
        handover_officer,
        handover_checking,
        handover_declaration,
        handover_refused,
        handover_unknown,
        handover_signed,
        handover_declined,
        handover_receipt,
        print_choice,
        print_queue,
    )
}
