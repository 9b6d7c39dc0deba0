"""The way back at the counter: what comes back, why and by whom, what is declared, both signatures, the receipt.

Opened by a scan of a receipt, a handset that is out or an officer's card. Nothing is booked before the last Return;
whatever is called off before leaves ledger and handsets as they were. An erase is a deed of its own and is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from provisioning.errors import IssuingDeskError
from provisioning.return_case import Case
from provisioning.return_reasons import MISSING
from provisioning.scans import Scan
from provisioning.status import Phase, SessionStatus
from ui.actions import DeskActions, Refused
from ui.agreement_pages import DeclarationPage, SignaturePage
from ui.bridge import Bridge, Changes
from ui.buttons import Button
from ui.dialogs import Question, ended
from ui.page_keys import take_page_key
from ui.plain import SelectableWords, Words
from ui.receipt import ReceiptView
from ui.return_actions import CameBack
from ui.return_asking import ask_erase, ask_release
from ui.return_items import ItemRow
from ui.return_pages import BackPage, StartPage
from ui.return_phrases import taken_back
from ui.return_request import request_of
from ui.return_scans import ReturnScans
from ui.scan_line import Said, ScanLine
from ui.steady import steady
from ui.tasks import Tasks
from ui.theme import Theme

START, ITEMS, DECLARATION, SIGNATURE, DONE = range(5)
FIRST = "Scan a receipt, a handset or an officer’s card."


@dataclass(slots=True)
class _Turn:
    """One return, from its first scan to its end. ``name`` names it in the ledger, so that it is not booked twice."""

    name: str = field(default_factory=lambda: uuid4().hex)
    committing: bool = False


@steady
class ReturnPlace(QWidget):
    """Takes back one case after the other. ``report`` is told of errors.

    Signals:
        taken_back: emitted with the :class:`~ui.return_actions.CameBack` once it is in the ledger.
        recalls_wanted: emitted when a person asks who is to give everything back.
    """

    taken_back = Signal(object)
    recalls_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        bridge: Bridge,
        actions: DeskActions,
        *,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._actions = actions
        self._tasks = Tasks(self, report)
        self._statuses: dict[str, SessionStatus] = {}
        self._turn = _Turn()
        self._in_doubt = False
        self.start = StartPage(theme)
        self.back_page = BackPage(theme)
        self.declaration = DeclarationPage(theme)
        self.signing = SignaturePage(theme)
        self.receipt = ReceiptView(theme, actions, self._tasks)
        self.said = ScanLine(theme)
        self.scans = ReturnScans(self, actions)
        self._pages = QStackedWidget()
        self._done = SelectableWords(role="title", wrap=True)
        self._remarks = Words(wrap=True)
        self._why = Words(role="soft", wrap=True)
        self._busy = QProgressBar()
        self.cancel = Button(theme, "Cancel", tip="Take nothing back and begin anew (Esc)")
        self.back = Button(theme, "Back", tip="One page back (Alt+Left)")
        self.paper = Button(theme, "Signs on paper", tip="Take back; the officer signs the printed receipt (F9)")
        self.go_on = Button(theme, "Continue", role="primary", tip="Return")
        self._lay_out()
        self._connect(bridge)
        self.begin()

    @property
    def step(self) -> int:
        """Give the page that is open."""
        return self._pages.currentIndex()

    @property
    def why_not(self) -> str:
        """Give what is said about why it does not go on."""
        return self._why.text()

    @property
    def committing(self) -> bool:
        """True while a return is being written."""
        return self._turn.committing

    def doubt(self) -> None:
        """Stop all taking back: the record is in doubt."""
        self._in_doubt = True
        self._follow()

    def take_focus(self) -> None:
        """Take the focus to what the open page asks for."""
        match self.step:
            case 0:
                self.start.number.setFocus()
            case 1:
                self.back_page.take_focus()
            case 2:
                self.declaration.take_focus()
            case 3:
                self.signing.take_focus()
            case _:
                self.go_on.setFocus()

    def begin(self) -> None:
        """Begin anew, with nothing."""
        self._turn = _Turn()
        self.start.number.clear()
        self.back_page.clear()
        self.declaration.begin_anew()
        self.signing.clear()
        self.said.say(FIRST, Said.HINT)
        self.turn_to(START)

    async def take(self, scan: Scan) -> None:
        """Do what a scan means at this point, or say why it means nothing here."""
        await self.scans.take(scan)

    def open(self, case: Case, sentence: str) -> None:
        """Begin with a case."""
        self._turn = _Turn()
        self.declaration.begin_anew()
        self.signing.clear()
        self.back_page.open(case)
        self._show_plugged_in()
        self.said.say(sentence, Said.TAKEN)
        self.turn_to(ITEMS)

    def change(self, sentence: str) -> None:
        """Take it that what comes back has changed: what was signed was signed for something else."""
        self.signing.clear()
        self._show_plugged_in()
        self.said.say(sentence, Said.TAKEN)
        if self.step != ITEMS:
            self.turn_to(ITEMS)
        self._follow()

    def refuse(self, sentence: str) -> None:
        """Say why something was not taken."""
        self.said.say(sentence, Said.REFUSED)

    def sign_on_paper(self) -> None:
        """Take back; the officer signs the printed receipt."""
        if self.paper.isVisibleTo(self) and self.paper.isEnabled():
            self.signing.sign_on_paper()
            self._go_on()

    def other_language(self) -> None:
        """Show the declaration in the next language."""
        if self.step == DECLARATION:
            self.declaration.show_other_language()

    def go_back(self) -> None:
        """Go one page back."""
        if self.step in {ITEMS, DECLARATION, SIGNATURE} and not self.committing:
            if self.step == ITEMS:
                self.leave()
            else:
                self.turn_to(ITEMS if self.step == DECLARATION or self._nothing_given_back else DECLARATION)

    def leave(self) -> None:
        """Call the return off; with a signature not unasked."""
        if self.committing:
            return
        if self.step not in {START, DONE} and (self.signing.pad.signed or self.signing.desk_pad.signed):
            self._tasks.start(self._confirm_leaving(), "ask about leaving")
        else:
            self.begin()

    def turn_to(self, step: int) -> None:
        """Open a page."""
        self._pages.setCurrentIndex(step)
        if step == SIGNATURE:
            self.signing.begin(0 if self._nothing_given_back else self.declaration.unticked)
        self._follow()
        if self.isVisible():
            self.take_focus()

    # --- how it is put together -----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        done = QWidget()
        done_layout = QVBoxLayout(done)
        done_layout.setContentsMargins(0, 0, 0, 0)
        done_layout.setSpacing(6)
        done_layout.addWidget(self._done)
        done_layout.addWidget(self._remarks)
        done_layout.addWidget(self.receipt, 1)
        for page in (self.start, self.back_page, self.declaration, self.signing, done):
            self._pages.addWidget(page)
        self._busy.setRange(0, 1)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName("The return is being written to the ledger")
        self._busy.hide()
        head = QFrame()
        head.setProperty("role", "bar")
        head_layout = QHBoxLayout(head)
        head_layout.setContentsMargins(20, 7, 14, 7)
        head_layout.addWidget(self.said, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._why, 1)
        for button in (self.cancel, self.back, self.paper, self.go_on):
            foot.addWidget(button)
        body = QVBoxLayout()
        body.setContentsMargins(24, 14, 24, 16)
        body.setSpacing(12)
        body.addWidget(self._pages, 1)
        body.addWidget(self._busy)
        body.addLayout(foot)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addLayout(body, 1)

    def _connect(self, bridge: Bridge) -> None:
        self.cancel.clicked.connect(self.leave)
        self.back.clicked.connect(self.go_back)
        self.paper.clicked.connect(self.sign_on_paper)
        self.go_on.clicked.connect(self._go_on)
        self.start.recalls.clicked.connect(self.recalls_wanted)
        self.start.number.textChanged.connect(self._follow)
        self.back_page.changed.connect(self._changed)
        self.back_page.items.erase_wanted.connect(self._erase)
        self.back_page.items.release_wanted.connect(self._release)
        self.declaration.changed.connect(self._follow)
        self.declaration.complete.connect(self._read)
        self.signing.changed.connect(self._follow)
        bridge.changed.connect(self._hear)

    @property
    def _nothing_given_back(self) -> bool:
        return self.back_page.why in MISSING

    # --- handsets on the desk -------------------------------------------------------------------------------------

    def _hear(self, changes: Changes) -> None:
        for key in changes.gone:
            self._statuses.pop(key, None)
        for status in changes.statuses:
            self._statuses[status.key] = status
        self._show_plugged_in()

    def _show_plugged_in(self) -> None:
        here = {one.serial_number for one in self._statuses.values() if one.phase is not Phase.UNPLUGGED}
        for row in self.back_page.items.rows:
            row.show_plugged_in(here=row.item.is_handset and row.item.identifier in here)

    def _key_of(self, serial: str) -> str:
        return next((one.key for one in self._statuses.values() if one.serial_number == serial), "")

    def _erase(self, row: ItemRow) -> None:
        self._tasks.start(self._erased(row, self._key_of(row.item.identifier)), "erase")

    async def _erased(self, row: ItemRow, key: str) -> None:
        if not key or row.erasing or not row.erasable or not await ask_erase(self._theme, row.item, self.window()):
            return
        row.show_erasing(erasing=True)
        self._follow()
        try:
            result = await asyncio.shield(self._actions.way_back.erase(key))
            fresh = await self._actions.way_back.of_number(row.item.identifier)
            row.show_item(next((one for one in fresh.items if one.identifier == row.item.identifier), row.item))
            self.said.say(result.sentence, Said.TAKEN if result.erased else Said.REFUSED)
        finally:
            row.show_erasing(erasing=False)
            self._follow()

    def _release(self, row: ItemRow) -> None:
        self._tasks.start(self._released(row), "release from evidence")

    async def _released(self, row: ItemRow) -> None:
        answer = await ask_release(self._theme, row.item, self.window())
        if answer is None:
            return
        sentence = await self._actions.way_back.release(row.item.identifier, *answer)
        fresh = await self._actions.way_back.of_number(row.item.identifier)
        row.show_item(next((one for one in fresh.items if one.identifier == row.item.identifier), row.item))
        self.said.say(sentence, Said.TAKEN)

    # --- going on -------------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        match self.step:
            case 0:
                self._tasks.start(self.scans.take_typed(self.start.number.text().strip()), "look up what was typed")
            case 1 if self._nothing_given_back:
                self.turn_to(SIGNATURE)
            case 1:
                self._tasks.start(self._declare(), "load the declaration")
            case 2:
                self.turn_to(SIGNATURE)
            case 3:
                self._tasks.start(self._commit(), "take back")
            case _:
                self.begin()

    async def _declare(self) -> None:
        self.declaration.show_texts(await self._actions.way_back.declarations())
        if self.step == ITEMS and not self.back_page.why_not():
            self.turn_to(DECLARATION)

    def _read(self) -> None:
        if self.step == DECLARATION and self.go_on.isEnabled():
            self.turn_to(SIGNATURE)

    async def _commit(self) -> None:
        turn = self._turn
        request = request_of(self.back_page, self.declaration, self.signing, turn.name)
        if request is None or turn.committing or self._in_doubt:
            return
        self._set_committing(turn, committing=True)
        try:
            # Once asked for, it is carried through, whatever becomes of this window.
            result = await asyncio.shield(self._actions.way_back.take_back(request))
        except IssuingDeskError:
            self._set_committing(turn, committing=False)
            raise
        self._set_committing(turn, committing=False)
        match result:
            case Refused(sentence):
                self.refuse(f"Nothing was taken back. {sentence}")
            case CameBack():
                self._finish(result, len(request.handsets) + len(request.others))

    def _finish(self, result: CameBack, count: int) -> None:
        self._done.setText(f"Receipt {result.receipt_number}   ·   ledger entry {result.entry_number}")
        self._remarks.setText(" ".join((f"Next: {result.next_state}.", *result.remarks)))
        self.receipt.show_receipt(result.receipt_number, result.pdf or None)
        self.said.say(f"{taken_back(result.receipt_number, count, result.next_state)} {FIRST}", Said.TAKEN)
        self.turn_to(DONE)
        self.taken_back.emit(result)

    # --- what is shown --------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        """What comes back, why or by whom was changed: nobody has signed for that."""
        if self.signing.pad.signed or self.signing.declines.isChecked():
            self.signing.clear()
        self._follow()

    def _set_committing(self, turn: _Turn, *, committing: bool) -> None:
        turn.committing = committing
        self._busy.setVisible(committing)
        self._busy.setRange(0, 0 if committing else 1)
        self._follow()

    def _why_not(self) -> str:
        if self.step == DONE:
            return ""
        if self._in_doubt:
            return "Nothing may be taken back while the record is in doubt. Have it verified first."
        if self.step == START:
            return "" if self.start.number.text().strip() else "Nothing scanned yet."
        if why := self.back_page.why_not():
            return why
        if self.step == DECLARATION and self.declaration.text is None:
            return "The declaration is being loaded."
        return "Not signed yet." if self.step == SIGNATURE and self.signing.signature is None else ""

    def _follow(self) -> None:
        """Let the buttons say what can be done now, and if not, why not."""
        step, why, committing = self.step, self._why_not(), self.committing
        self._why.setText("Writing to the ledger…" if committing else why)
        self._why.setProperty("role", "fault" if self._in_doubt else "soft")
        self._why.style().polish(self._why)
        self._pages.setEnabled(not committing)
        self.go_on.setEnabled(not why and not committing)
        done = "Book it" if self._nothing_given_back else "Take back"
        self.go_on.say({START: "Look up", SIGNATURE: done, DONE: "Next return"}.get(step, "Continue"))
        self.back.setVisible(step in {DECLARATION, SIGNATURE})
        self.paper.setVisible(step == SIGNATURE and self.signing.signature is None)
        unticked = 0 if self._nothing_given_back else self.declaration.unticked
        self.paper.setEnabled(not committing and not self._in_doubt and not unticked)
        self.cancel.setVisible(step not in {START, DONE})
        for button in (self.back, self.cancel):
            button.setEnabled(not committing)

    async def _confirm_leaving(self) -> None:
        title, text = "Leave without taking back?", "The signature is thrown away. Nothing is written to the ledger."
        if await ended(Question(self._theme, title, text, yes="Leave", no="Stay", parent=self.window())):
            self.begin()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on with Return, leave with Esc."""
        if not take_page_key(event, may_go_on=self.go_on.isEnabled(), go_on=self._go_on, leave=self.leave):
            super().keyPressEvent(event)
