"""The main window: header, rail, places; what a person wants goes to the engine, what it answers is shown."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from provisioning.errors import IssuingDeskError, LedgerError, UsageError
from provisioning.status import Phase
from ui.actions import DeskActions, DeskFacts
from ui.bridge import Bridge
from ui.commands import BARE, COMMANDS, Command
from ui.desk_place import DeskPlace
from ui.dialogs import Question, ended
from ui.header import Header, TrainingBand
from ui.keystrokes import Keystrokes
from ui.ledger_place import LedgerPlace
from ui.rail import Place, Rail
from ui.sealing import seal_chosen, sealable
from ui.steady import steady
from ui.tasks import Tasks
from ui.theme import Theme

logger = logging.getLogger(__name__)


@steady
class MainWindow(QMainWindow):
    """The glass. Shown by the console, which ends its loop when the last window has closed.

    Signals:
        closed: emitted once, when the window has been closed for good.
    """

    closed = Signal()

    def __init__(self, bridge: Bridge, actions: DeskActions, facts: DeskFacts, theme: Theme) -> None:
        super().__init__()
        self._bridge = bridge
        self._actions = actions
        self._theme = theme
        self._in_doubt = False
        self._leaving = False
        self._code_sheet: QDialog | None = None
        self._tasks = Tasks(self, self.show_error)
        self._keystrokes = Keystrokes(self)
        self.header = Header(theme, facts)
        self.rail = Rail(theme)
        self.desk = DeskPlace(theme, bridge, self._keystrokes)
        self.ledger = LedgerPlace(theme, actions, self._tasks)
        self._places = QStackedWidget()
        self._lay_out(facts)
        self._connect()
        self._bind_keys()
        self.go_to(Place.DESK)
        self.setWindowTitle(f"Issuing Desk – {facts.desk}" + (" – TRAINING" if facts.training else ""))
        self.resize(1360, 820)
        self.desk.take_focus()

    @property
    def place(self) -> Place:
        """Give where one is."""
        return list(Place)[self._places.currentIndex()]

    def go_to(self, place: Place) -> None:
        """Show a place."""
        self._places.setCurrentIndex(list(Place).index(place))
        self.rail.show_place(place)
        if place is Place.DESK:
            self.desk.take_focus()
        else:
            self.ledger.view.setFocus()

    def show_error(self, error: BaseException) -> None:
        """Show what went wrong, once; a record in doubt also stops all handing over."""
        from ui.errors import ErrorSheet  # traceback and platform are of no use before something goes wrong

        if not isinstance(error, IssuingDeskError):
            logger.error("a mistake of the program in the window", exc_info=error)
        if isinstance(error, LedgerError):
            self._in_doubt = True
            self.desk.notices.show_doubt(str(error))
        sheet = ErrorSheet(self._theme, error, QApplication.activeModalWidget() or self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def _lay_out(self, facts: DeskFacts) -> None:
        for place in (self.desk, self.ledger):
            self._places.addWidget(place)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(self._places, 1)
        whole = QWidget()
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        if facts.training:
            layout.addWidget(TrainingBand(self._theme))
        layout.addWidget(self.header)
        layout.addLayout(middle, 1)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        search = self.header.search
        search.textChanged.connect(self._find)
        search.returnPressed.connect(self._submit)
        search.left.connect(self.desk.take_focus)
        self.header.scheme_wanted.connect(self._theme.next)
        self.header.help_wanted.connect(self._show_keys)
        self.rail.wanted.connect(self.go_to)
        self.desk.unfiltered.connect(search.clear)
        self.desk.wanted.connect(self._run)
        self.desk.wall.activated_key.connect(self._activate)
        self.ledger.receipt_wanted.connect(self._show_receipt)
        self._bridge.changed.connect(self.ledger.note_change)
        self._keystrokes.pressed.connect(self._pressed)
        self._keystrokes.rushed.connect(self._type)
        self._keystrokes.scanned.connect(self._scanned)

    def _bind_keys(self) -> None:
        for command, keys in COMMANDS.items():
            for sequence in keys.keys:
                if len(sequence) > 1:
                    shortcut = QShortcut(QKeySequence(sequence), self)
                    shortcut.activated.connect(lambda command=command: self._run(command))

    def _run(self, command: Command) -> None:
        """Do what a key or a button asks for."""
        match command:
            case Command.SEARCH:
                self.header.search.setFocus()
                self.header.search.selectAll()
            case Command.NEXT_HANDS:
                self.go_to(Place.DESK)
                self.desk.choose_next_wait()
            case Command.LOOK_AGAIN:
                self._ask(self._actions.look_again)
            case Command.PROVISION:
                self._ask(self._actions.provision)
            case Command.PROVISION_ALL:
                self._start(self._actions.provision_all(), command)
            case Command.STOP:
                self._ask(self._actions.stop)
            case Command.HAND_OVER:
                self._hand_over()
            case Command.SEAL:
                self._seal()
            case Command.ENROLMENT_CODE:
                self._start(self._show_code(), command)
            case Command.DESK:
                self.go_to(Place.DESK)
            case Command.LEDGER:
                self.go_to(Place.LEDGER)
            case Command.REFRESH:
                self.ledger.read()
            case Command.LARGER:
                self.desk.resize_cards(1)
            case Command.SMALLER:
                self.desk.resize_cards(-1)
            case Command.FIT:
                self.desk.resize_cards(0)
            case Command.SCHEME:
                self._theme.next()
            case Command.HELP:
                self._show_keys()

    def _ask(self, action: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        chosen = self.desk.chosen
        if chosen is not None and self.place is Place.DESK:
            self._start(action(chosen.key), f"for {chosen.key}")

    def _start(self, coroutine: Coroutine[Any, Any, object], name: str) -> None:
        self._tasks.start(coroutine, name)

    def _activate(self, key: str) -> None:
        """Hand over what was double-clicked, if it can be."""
        if self.desk.model.statuses[key].phase is Phase.READY:
            self._hand_over()

    def _hand_over(self) -> None:
        chosen = self.desk.chosen
        if chosen is None or self.place is not Place.DESK:
            return
        if self._in_doubt:
            self.show_error(
                UsageError("Nothing may be handed over while the record is in doubt. Have it verified first.")
            )
        elif chosen.phase is not Phase.READY:
            self.show_error(UsageError("This handset is not ready. Its card says what is missing."))
        else:
            from ui.handover import HandoverDialog  # built when first needed

            dialog = HandoverDialog(
                self._theme, self._bridge, self._actions, chosen, report=self.show_error, parent=self
            )
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    def _seal(self) -> None:
        chosen = self.desk.chosen
        if chosen is None or self.place is not Place.DESK:
            return
        if self._in_doubt:
            self.show_error(UsageError("Nothing may be sealed while the record is in doubt. Have it verified first."))
        elif not sealable(chosen):
            self.show_error(UsageError("Only an Android that is ready can be sealed. Its card says what is missing."))
        else:
            self._start(seal_chosen(self._theme, self._actions, chosen, self), f"seal {chosen.key}")

    async def _show_code(self) -> None:
        if self._code_sheet is not None and isValid(self._code_sheet):
            self._code_sheet.activateWindow()
            return
        code = await self._actions.enrolment_code()
        from ui.enrolment_code import EnrolmentSheet

        sheet = EnrolmentSheet(self._theme, self._actions, code, self.show_error, self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._code_sheet = sheet
        sheet.show()  # not modal: the wall goes on, and what comes back shows there too

    def _show_keys(self) -> None:
        from ui.help import KeyList

        sheet = KeyList(self._theme, self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def _show_receipt(self, number: str) -> None:
        from ui.receipt import ReceiptSheet

        sheet = ReceiptSheet(self._theme, self._actions, number, self.show_error, self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def _find(self, text: str) -> None:
        if text and self.place is not Place.DESK:
            self.go_to(Place.DESK)
            self.header.search.setFocus()
        self.desk.look_for(text)

    def _submit(self) -> None:
        text = self.header.search.text().strip()
        if text and not self.desk.choose_found(text):
            self._start(self._find_receipt(text), "find a receipt")

    async def _find_receipt(self, number: str) -> None:
        try:
            await self._actions.receipt_pdf(number)
        except UsageError as error:
            self.desk.nothing_found.say_also(str(error))
            return
        self.header.search.clear()
        self._show_receipt(number)

    def _pressed(self, letter: str) -> None:
        command = BARE.get(letter.casefold())
        if command is not None:
            self._run(command)
        else:
            self._type(letter)

    def _type(self, text: str) -> None:
        self.header.search.setFocus()
        self.header.search.setText(text)

    def _scanned(self, text: str) -> None:
        self.header.search.setText(text)
        self._submit()

    async def _confirm_closing(self, working: int) -> None:
        title = "Close while handsets are being worked on?"
        number = "1 handset stops" if working == 1 else f"{working} handsets stop"
        text = f"{number} after the step in hand. Nothing is lost: the work goes on from there at the next start."
        if await ended(Question(self._theme, title, text, yes="Close", no="Stay", parent=self)):
            self._leaving = True
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take letters that no field has taken: a key by itself, or a scan."""
        text = event.text()
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._keystrokes.pending:
            self._keystrokes.end()
        elif text and plain and text.isprintable() and not text.isspace():
            self._keystrokes.take(text)
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask before work is interrupted; then end everything that this window has started."""
        working = self.desk.model.tally().get(Phase.WORKING, 0)
        if working and not self._leaving:
            event.ignore()
            self._start(self._confirm_closing(working), "ask about closing")
            return
        self._leaving = True
        self._tasks.cancel()
        event.accept()
        self.closed.emit()
