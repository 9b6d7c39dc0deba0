"""The way back at the counter: what comes back, why and by whom, what is declared, both signatures, the receipt.

Opened by a scan of a receipt, a handset that is out or an officer's card. Nothing is booked before the last Return;
whatever is called off before leaves ledger and handsets as they were. An erase is a deed of its own and is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QWidget

from provisioning.receipts.receipt import ReturnReason
from provisioning.return_case import Case
from provisioning.scans import Scan
from ui.actions import DeskActions, Refused
from ui.bridge import Bridge
from ui.committing import Committing
from ui.dialogs import Question, ended
from ui.page_keys import take_page_key
from ui.paper_out import PaperOut
from ui.return_actions import CameBack, ReturnRequest
from ui.return_deeds import Deeds
from ui.return_frame import DECLARATION, DONE, ITEMS, SIGNATURE, START, ReturnFrame
from ui.return_phrases import taken_back
from ui.return_request import coming_of, request_of, why_not
from ui.return_scans import ReturnScans
from ui.scan_line import Said
from ui.steady import steady
from ui.texts import Texts
from ui.theme import Theme

FIRST = "Scan a receipt, a handset or an officer’s card."


@steady
class ReturnPlace(ReturnFrame):
    """Takes back one case after the other. ``report`` is told of errors.

    Signals:
        taken_back: emitted with the :class:`~ui.return_actions.CameBack` once it is in the ledger.
        exchange_wanted: emitted with the officer number and the receipt of what came back, to hand over another.
        recalls_wanted: emitted when a person asks who is to give everything back.
    """

    taken_back = Signal(object)
    exchange_wanted = Signal(str, str)
    recalls_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        bridge: Bridge,
        actions: DeskActions,
        paper: PaperOut,
        *,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, actions, report, parent)
        self._theme = theme
        self._actions = actions
        self._in_doubt = False
        self._name = ""
        self._exchanged: tuple[str, str] | None = None
        self.scans = ReturnScans(self, actions)
        self._committing = Committing(paper, self)
        self._deeds = Deeds(theme, bridge, actions, self.tasks, self.back_page.items, self.said, self)
        self._texts = Texts(
            self.tasks,
            self.declaration,
            lambda: coming_of(self),
            lambda: actions.way_back.terms(*coming_of(self)),
            self,
        )
        self._connect()
        self.begin()

    @property
    def committing(self) -> bool:
        """True while a return is being written."""
        return self._committing.under_way

    def doubt(self) -> None:
        """Stop all taking back: the record is in doubt."""
        self._in_doubt = True
        self._follow()

    def begin(self) -> None:
        """Begin anew, with nothing."""
        self.start.number.clear()
        self.back_page.clear()
        self._nobody_agreed()
        self.said.say(FIRST, Said.HINT)
        self.turn_to(START)

    async def take(self, scan: Scan) -> None:
        """Do what a scan means at this point, or say why it means nothing here."""
        await self.scans.take(scan)

    def open(self, case: Case, sentence: str) -> None:
        """Begin with a case."""
        self._nobody_agreed()
        self.back_page.open(case)
        self._deeds.show_plugged_in()
        self.said.say(sentence, Said.TAKEN)
        self.turn_to(ITEMS)

    def change(self, sentence: str) -> None:
        """Take it that what comes back has changed: what was signed was signed for something else."""
        self.signing.clear()
        self._deeds.show_plugged_in()
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
        if self.committing or self.step not in {ITEMS, DECLARATION, SIGNATURE}:
            return
        if self.step == ITEMS:
            self.leave()
        else:
            self.turn_to(ITEMS if self.step == DECLARATION or self.nothing_given_back else DECLARATION)

    def leave(self) -> None:
        """Call the return off; with a signature not unasked."""
        if self.committing:
            return
        if self.step not in {START, DONE} and (self.signing.pad.signed or self.signing.desk_pad.signed):
            self.tasks.start(self._confirm_leaving(), "ask about leaving")
        else:
            self.begin()

    def turn_to(self, step: int) -> None:
        """Open a page."""
        self.open_page(step)
        if step in {DECLARATION, SIGNATURE} and not self.nothing_given_back:
            self._texts.ask()
        if step == SIGNATURE:
            self.signing.begin(self.unticked)
        self._follow()
        if self.isVisible():
            self.take_focus()

    def _connect(self) -> None:
        self.cancel.clicked.connect(self.leave)
        self.back.clicked.connect(self.go_back)
        self.paper.clicked.connect(self.sign_on_paper)
        self.go_on.clicked.connect(self._go_on)
        self.start.recalls.clicked.connect(self.recalls_wanted)
        self.start.number.textChanged.connect(self._follow)
        self.back_page.changed.connect(self._changed)
        self.declaration.changed.connect(self._follow)
        self.declaration.complete.connect(self._read)
        self.signing.changed.connect(self._follow)
        self._texts.came.connect(self._texts_came)
        self._deeds.changed.connect(self._follow)
        self._deeds.ended.connect(self._deed_ended)
        self._committing.changed.connect(self._follow)

    def _nobody_agreed(self) -> None:
        """Take it that another return begins: nobody has read, ticked or signed anything of it."""
        self._name, self._exchanged = uuid4().hex, None
        self.declaration.begin_anew()
        self._texts.forget()
        self.signing.clear()

    def _texts_came(self) -> None:
        self._follow()
        if self.step == DECLARATION and self.isVisible() and not isinstance(QApplication.focusWidget(), QCheckBox):
            self.declaration.take_focus()

    def _deed_ended(self) -> None:
        if self.step == ITEMS and self.isVisible():
            self.take_focus()

    def _go_on(self) -> None:
        match self.step:
            case 0:
                self.tasks.start(self.scans.take_typed(self.start.number.text().strip()), "look up what was typed")
            case 1:
                self.turn_to(SIGNATURE if self.nothing_given_back else DECLARATION)
            case 2:
                self.turn_to(SIGNATURE)
            case 3:
                self.tasks.start(self._commit(), "take back")
            case _ if self._exchanged is not None:
                exchanged = self._exchanged
                self.begin()
                self.exchange_wanted.emit(*exchanged)
            case _:
                self.begin()

    def _read(self) -> None:
        if self.step == DECLARATION and self.go_on.isEnabled():
            self.turn_to(SIGNATURE)

    async def _commit(self) -> None:
        request = request_of(self, self._name)
        if request is None or self.committing or self._why_not():
            return
        result = await self._committing.write(self._actions.way_back.take_back(request))
        match result:
            case Refused(sentence):
                self.signing.forget_code()
                self.refuse(f"Nothing was taken back. {sentence}")
                self._texts.forget()
                self.turn_to(SIGNATURE)
            case CameBack():
                await self._finish(result, request)

    async def _finish(self, result: CameBack, request: ReturnRequest) -> None:
        count = len(request.handsets) + len(request.others)
        self.done.say(
            result.receipt_number, result.entry_number, " ".join((f"Next: {result.next_state}.", *result.remarks))
        )
        said = taken_back(result.receipt_number, count, result.next_state)
        if request.reason is ReturnReason.EXCHANGE:
            self._exchanged = (request.officer, result.receipt_number)
            self.said.say(f"{said} Return hands over what stands in for it.", Said.TAKEN)
        else:
            self.said.say(f"{said} {FIRST}", Said.TAKEN)
        self.turn_to(DONE)
        self.taken_back.emit(result)
        await self._committing.print_first(result.receipt_number, result.pdf)

    def _changed(self) -> None:
        """What comes back, why or by whom was changed: nobody has signed for that."""
        if self.signing.signature is not None or self.signing.desk_pad.signed:
            self.signing.clear()
        self._follow()

    def _why_not(self) -> str:
        return why_not(self, in_doubt=self._in_doubt, texts_are_these=self._texts.current)

    def _follow(self) -> None:
        """Let the buttons say what can be done now, and if not, why not."""
        step, why, committing = self.step, self._why_not(), self.committing
        self.say_why("Writing to the ledger…" if committing else why, fault=self._in_doubt)
        self.shut_pages(shut=committing)
        self.go_on.setEnabled(not why and not committing)
        self.go_on.say(
            {
                START: "Look up",
                SIGNATURE: "Book it" if self.nothing_given_back else "Take back",
                DONE: "Hand over the new one" if self._exchanged else "Next return",
            }.get(step, "Continue")
        )
        self.paper.setVisible(step == SIGNATURE and self.signing.signature is None)
        self.paper.setEnabled(not committing and not self._in_doubt and not self.unticked)
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
