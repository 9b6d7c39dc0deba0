"""Who is on duty in the window: shown in the header, asked for at the start, locked after a pause."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QDialog, QWidget

from ui.actions import DeskActions, Duty
from ui.tasks import Tasks
from ui.theme import Theme


class OnDuty(QObject):
    """Follows who is signed in. A desk without technicians is the account's, and nothing is ever asked or locked.

    Signals:
        changed: emitted with the name of whoever is signed in now; empty: nobody, and nothing begins.
        answered: emitted when somebody answers for what is done from now on: at the start, or at a sign-in.
        replaced: emitted when another technician has taken over: what the one before had begun is not theirs.
        leaving: emitted when a person closes the window instead of signing in.
    """

    changed = Signal(str)
    answered = Signal()
    replaced = Signal()
    leaving = Signal()

    def __init__(
        self,
        theme: Theme,
        actions: DeskActions,
        window: QWidget,
        report: Callable[[BaseException], None],
        *,
        lock_after: float,
        busy: Callable[[], bool],
    ) -> None:
        """``lock_after`` are seconds, 0 for never; ``busy`` tells that something is being written just now."""
        super().__init__(window)
        self._theme = theme
        self._actions = actions
        self._window = window
        self._report = report
        self._busy = busy
        self._duty = Duty()
        self._sheet: QDialog | None = None
        self._before = ""
        self._tasks = Tasks(self, report)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(round(lock_after * 1000))
        self._pause.timeout.connect(self.lock)

    @property
    def technician(self) -> str:
        """Give who is signed in; empty where nobody is."""
        return self._duty.technician

    def begin(self) -> None:
        """Find out who works here; ask where somebody has to sign in."""
        self._tasks.start(self._begin(), "find out who works here")

    def touched(self) -> None:
        """Note that a person is there."""
        if self._duty.technician and self._pause.interval():
            self._pause.start()

    def end(self) -> None:
        """Take the sheet away, such as when the window closes."""
        if self._sheet is not None:
            self._sheet.done(QDialog.DialogCode.Rejected)  # closing asks it, and it may say no

    def change(self) -> None:
        """Let another technician sign in."""
        self._tasks.start(self._change(), "change the technician")

    def lock(self) -> None:
        """Sign out whoever is signed in and ask who works here; not while something is being written."""
        if self._busy():
            self.touched()
        elif self._duty.technician:
            self._tasks.start(self._lock(self._duty.technician), "lock")

    async def _begin(self) -> None:
        self._duty = await self._actions.duty()
        if self._duty.technician:
            self.changed.emit(self._duty.technician)
            self.touched()
        elif self._duty.names:
            self.changed.emit("")
            self._ask("")
            return
        self.answered.emit()

    async def _change(self) -> None:
        self._duty = await self._actions.duty()
        if self._duty.names:
            self._ask("")

    async def _lock(self, before: str) -> None:
        await self._actions.sign_out()
        self._duty = await self._actions.duty(by_account=False)
        self.changed.emit("")
        self.end()  # of a sheet that could be left without signing in
        self._ask(before)

    def _ask(self, locked: str) -> None:
        if self._sheet is not None:
            return
        from ui.sign_in import SignInSheet, modal_sheet  # built when first needed

        self._before = locked or self._duty.technician
        sheet = SignInSheet(self._theme, self._actions, self._duty, self._report, self._window, locked=locked)
        sheet.signed_in.connect(self._signed_in)
        sheet.leaving.connect(self.leaving)
        sheet.finished.connect(self._gone)
        self._sheet = sheet
        modal_sheet(sheet).open()

    def _signed_in(self, name: str) -> None:
        self._duty = Duty(self._duty.names, name)
        self.changed.emit(name)
        self.answered.emit()
        self.touched()
        if self._before and self._before != name:
            self.replaced.emit()

    def _gone(self) -> None:
        self._sheet = None
