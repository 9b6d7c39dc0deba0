"""The main window: header, rail, places; what a person wants goes to the engine, what it answers is shown."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from provisioning.errors import HomeError, IssuingDeskError, LedgerError
from provisioning.readers.counts import Count, Figures, Group
from provisioning.status import Phase
from ui.actions import DeskActions, DeskFacts
from ui.batch_place import BatchPlace
from ui.beside_wall import BesideWall
from ui.bridge import Bridge, Changes
from ui.chosen_work import ChosenWork
from ui.commands import BARE, COMMANDS, Command
from ui.counter_place import CounterPlace
from ui.desk_place import DeskPlace
from ui.dialogs import Question, ended
from ui.duty import OnDuty
from ui.header import Header, TrainingBand
from ui.interruptions import Interruptions
from ui.ledger_place import LedgerPlace
from ui.paper_out import PaperOut
from ui.rail import Place, Rail
from ui.return_place import ReturnPlace
from ui.rollout_behind import show_behind
from ui.rollout_place import RolloutPlace
from ui.scanner import Scanner
from ui.sheets import Sheets
from ui.steady import steady
from ui.tasks import Tasks
from ui.theme import Theme
from ui.window_scans import WindowScans

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
        self._facts = facts
        self._theme = theme
        self._leaving = False
        self._tasks = Tasks(self, self.show_error)
        self._scanner = Scanner(self, facts.scanner_prefix)
        self.duty = OnDuty(
            theme,
            actions,
            self,
            self.show_error,
            lock_after=facts.lock_after,
            busy=lambda: self.counter.committing or self.returns.committing,
        )
        self.header = Header(theme, facts)
        self.rail = Rail(theme)
        self.desk = DeskPlace(theme, bridge)
        self.paper = PaperOut(actions.paper, self.show_error, self)
        self.counter = CounterPlace(theme, bridge, actions, self.paper, report=self.show_error)
        self.batch = BatchPlace(theme, actions.batch, actions.paper, self._tasks)
        self.ledger = LedgerPlace(theme, actions, self._tasks)
        self.returns = ReturnPlace(theme, bridge, actions, self.paper, report=self.show_error)
        self.rollout = RolloutPlace(theme, actions.reading, self._tasks)
        self.sheets = Sheets(theme, actions, self.show_error, self)
        self.beside = BesideWall(
            theme, bridge, actions.wall, self, desk=self.desk, header=self.header, sheets=self.sheets,
            report=self.show_error,
        )  # fmt: skip
        self._scans = WindowScans(
            self, self._scanner, actions, self.sheets, self._tasks, header=self.header, desk=self.desk,
            counter=self.counter, returns=self.returns, place=lambda: self.place, go_to=self.go_to,
            look_in_ledger=self._look_for,
        )  # fmt: skip
        self._chosen = ChosenWork(self, theme, actions, self._scans, self._tasks)
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
        if place is not Place.DESK:
            self._show_from_afar(False)
        self._places.setCurrentIndex(list(Place).index(place))
        self.rail.show_place(place)
        match place:
            case Place.DESK:
                self.desk.take_focus()
            case Place.COUNTER:
                self.counter.take_focus()
            case Place.BATCH:
                self.batch.take_focus()
            case Place.LEDGER:
                self.ledger.view.setFocus()
            case Place.RETURNS:
                self.returns.take_focus()
            case Place.ROLLOUT:
                self.rollout.take_focus()

    def begin(self) -> None:
        """Begin to work, once the engine does: who is on duty, what is not printed yet."""
        self.duty.begin()
        self.paper.look()
        self.beside.begin(self._facts.aloud)

    def _note_alone(self, changes: Changes) -> None:
        if changes.alone is not None:
            self.header.show_alone(changes.alone)

    def _tell_alone(self) -> None:
        self.show_error(HomeError(self.header.alone_said))

    def show_error(self, error: BaseException) -> None:
        """Show what went wrong, once; a record in doubt also stops all handing over."""
        from ui.errors import ErrorSheet  # traceback and platform are of no use before something goes wrong

        if not isinstance(error, IssuingDeskError):
            logger.error("a mistake of the program in the window", exc_info=error)
        if isinstance(error, LedgerError):
            self.counter.doubt()
            self.returns.doubt()
            self.desk.notices.show_doubt(str(error))
        sheet = ErrorSheet(self._theme, error, QApplication.activeModalWidget() or self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def _lay_out(self, facts: DeskFacts) -> None:
        for place in (self.desk, self.counter, self.batch, self.ledger, self.returns, self.rollout):
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
        self.header.help_wanted.connect(self.sheets.show_keys)
        self.header.queue_wanted.connect(self.sheets.show_queue)
        self.paper.counted.connect(self.header.show_queue)
        self.sheets.queue_closed.connect(self.paper.look)
        self.sheets.wanted.connect(self._run)
        self.rail.wanted.connect(self.go_to)
        self.desk.unfiltered.connect(search.clear)
        self.desk.wanted.connect(self._run)
        self.desk.wall.activated_key.connect(self._chosen.activate)
        self.ledger.receipt_wanted.connect(self.sheets.show_receipt)
        self.ledger.sheet_wanted.connect(self.sheets.show_reading)
        self.rollout.sheet_wanted.connect(self.sheets.show_reading)
        self.rollout.behind_wanted.connect(self._show_behind)
        self.desk.nothing_found.ledger_wanted.connect(self._look_in_ledger)
        self._bridge.changed.connect(self._note_alone)
        self.header.alone_wanted.connect(self._tell_alone)
        self._bridge.changed.connect(self.ledger.note_change)
        self._bridge.changed.connect(self.batch.note_change)
        self._bridge.changed.connect(self.rollout.note_change)
        self._scanner.touched.connect(self.duty.touched)
        self.duty.changed.connect(self.header.show_technician)
        self.duty.changed.connect(self.desk.notices.show_technician)
        self.duty.replaced.connect(self.counter.begin)
        self.counter.handed_over.connect(self._chosen.follow_seals)
        self.duty.replaced.connect(self.returns.begin)
        self.returns.taken_back.connect(self.ledger.note_change)
        self.returns.exchange_wanted.connect(self._chosen.exchange)
        self.returns.recalls_wanted.connect(lambda: self._run(Command.RECALLS))
        self.duty.leaving.connect(self.close)
        interrupted = Interruptions(self._actions, self.paper, self.desk.notices, self.sheets, self._tasks, self)
        self.duty.answered.connect(interrupted.tell)
        self.header.change_wanted.connect(self.duty.change)
        self._scanner.rushed.connect(self._type)

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
                self._chosen.ask(self._actions.look_again)
            case Command.PROVISION:
                self._chosen.ask(self._actions.provision)
            case Command.PROVISION_ALL:
                self._start(self._actions.provision_all(), command)
            case Command.STOP:
                self._chosen.ask(self._actions.stop)
            case Command.HAND_OVER:
                self._chosen.hand_over()
            case Command.TAKE_BACK:
                self._chosen.take_back()
            case Command.RECALLS:
                self.sheets.show_recalls(self._scans.take_back)
            case Command.SEAL:
                self._chosen.seal()
            case Command.ENROLMENT_CODE:
                self._start(self.sheets.show_code(), command)
            case Command.BAYS:
                self.sheets.show_bays(self.desk)
            case Command.DESK:
                self.go_to(Place.DESK)
            case Command.COUNTER:
                self.go_to(Place.COUNTER)
            case Command.BATCH:
                self.go_to(Place.BATCH)
            case Command.LEDGER:
                self.go_to(Place.LEDGER)
            case Command.RETURNS:
                self.go_to(Place.RETURNS)
            case Command.REFRESH if self.place is Place.COUNTER:
                self.counter.verify_again()
            case Command.ROLLOUT:
                self.go_to(Place.ROLLOUT)
            case Command.FIND:
                self.go_to(Place.LEDGER)
                self.ledger.search.setFocus()
                self.ledger.search.selectAll()
            case Command.REFRESH:
                {Place.BATCH: self.batch, Place.ROLLOUT: self.rollout}.get(self.place, self.ledger).read()
            case Command.PRINT_QUEUE:
                self.sheets.show_queue()
            case Command.LABELS:
                self.sheets.show_labels(self.desk)
            case Command.UNPLUG:
                self.beside.show_walk()
            case Command.ALOUD:
                self.beside.show_aloud()
            case Command.BACK:
                self._signing_place.go_back()
            case Command.ON_PAPER:
                self._signing_place.sign_on_paper()
            case Command.TECHNICIAN:
                self.duty.change()
            case Command.LOCK:
                self.duty.lock()
            case Command.LANGUAGE:
                self._signing_place.other_language()
            case Command.LARGER:
                self.desk.resize_cards(1)
            case Command.SMALLER:
                self.desk.resize_cards(-1)
            case Command.FIT:
                self.desk.resize_cards(0)
            case Command.FROM_AFAR:
                self._show_from_afar(not self.desk.from_afar)
            case Command.SCHEME:
                self._theme.next()
            case Command.HELP:
                self.sheets.show_keys()

    def _show_behind(self, group: Group, count: Count, found: Figures) -> None:
        self._start(show_behind(self._actions.reading, self.ledger, group, count, found), "show what is behind a bar")
        self.go_to(Place.LEDGER)

    def _look_in_ledger(self) -> None:
        self._look_for(self.header.search.text())

    def _look_for(self, text: str) -> None:
        """Look for something in the whole ledger."""
        self.go_to(Place.LEDGER)
        self.ledger.look_for(text)

    def _show_from_afar(self, far: bool) -> None:
        """Give the wall the whole window; the rail and the detail come back with the same key or another place."""
        if far:
            self.go_to(Place.DESK)
        self.desk.show_from_afar(far)
        self.rail.setVisible(not far)

    def _start(self, coroutine: Coroutine[Any, Any, object], name: str) -> None:
        self._tasks.start(coroutine, name)

    @property
    def _signing_place(self) -> CounterPlace | ReturnPlace:
        return self.returns if self.place is Place.RETURNS else self.counter

    def _find(self, text: str) -> None:
        if text and self.place is not Place.DESK:
            self.go_to(Place.DESK)
            self.header.search.setFocus()
        self.desk.look_for(text)

    def _submit(self) -> None:
        text = self.header.search.text().strip()
        if text and not self.desk.choose_found(text):
            self._scans.take_text(text)

    def _pressed(self, letter: str) -> None:
        command = BARE.get(letter.casefold())
        if command is not None:
            self._run(command)
        else:
            self._type(letter)

    def _type(self, text: str) -> None:
        if self.place is Place.DESK and QApplication.activeModalWidget() is None:
            self.header.search.setFocus()
            self.header.search.setText(text)

    async def _confirm_closing(self, working: int) -> None:
        title = "Close while handsets are being worked on?"
        number = "1 handset stops" if working == 1 else f"{working} handsets stop"
        text = f"{number} after the step in hand. Nothing is lost: the work goes on from there at the next start."
        if await ended(Question(self._theme, title, text, yes="Close", no="Stay", parent=self)):
            self._leaving = True
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take letters that no field has taken."""
        text = event.text()
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if text and plain and text.isprintable() and not text.isspace():
            self._pressed(text)
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
        self.beside.close()
        self._tasks.cancel()
        self.duty.end()
        event.accept()
        self.closed.emit()
