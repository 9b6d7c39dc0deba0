"""Who works at this desk: signing in with name and PIN, changing technician, and the lock after a pause."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from provisioning.errors import IssuingDeskError
from provisioning.plain_text import one_line
from ui.actions import DeskActions, Duty
from ui.buttons import Button
from ui.plain import Words
from ui.steady import steady
from ui.tasks import Tasks
from ui.theme import Theme


@steady
class SignInSheet(QDialog):
    """Asks for name and PIN. Where the desk needs a technician it goes away only when one has signed in.

    The wall behind it goes on: what was begun is carried through, and nothing else begins. The PIN never leaves the
    field but for the check, and the field is emptied after every try.

    Signals:
        signed_in: emitted with the technician's name.
        leaving: emitted when a person wants to close the window instead.
    """

    signed_in = Signal(str)
    leaving = Signal()

    def __init__(
        self,
        theme: Theme,
        actions: DeskActions,
        duty: Duty,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
        *,
        locked: str = "",
    ) -> None:
        """``locked`` is the technician who was there before a pause; empty: nobody was."""
        super().__init__(parent)
        self._actions = actions
        self._tasks = Tasks(self, report)
        self._may_leave = bool(duty.technician)
        self.setWindowTitle("Sign in")
        self.name = QComboBox()
        self.name.setEditable(False)
        self.name.setAccessibleName("Technician")
        self.name.addItems(list(duty.names))
        known = locked or duty.technician
        self.name.setCurrentIndex(max(0, duty.names.index(known) if known in duty.names else 0))
        self.pin = QLineEdit()
        self.pin.setAccessibleName("PIN")
        self.pin.setEchoMode(QLineEdit.EchoMode.Password)
        self.pin.setMaxLength(64)
        self._said = Words(wrap=True)
        self._said.setProperty("role", "fault")
        self.go = Button(theme, "Sign in", role="primary")
        self.go.setDefault(True)
        self.go.clicked.connect(self._try)
        self.leave = Button(theme, "Cancel" if self._may_leave else "Close the window")
        self.leave.clicked.connect(self._leave)
        title = "Locked after a pause" if locked else "Who works at this desk?"
        text = (
            f"{one_line(locked, 60)} was signed in. What was begun goes on; all else waits for a sign-in."
            if locked
            else "Every entry in the ledger names who did it."
            if self._may_leave
            else "Work with the handsets begins when somebody signs in: every entry in the ledger names who."
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (label, widget) in enumerate((("Technician", self.name), ("PIN", self.pin))):
            grid.addWidget(Words(label), row, 0)
            grid.addWidget(widget, row, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        foot.addWidget(self.go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 18)
        layout.setSpacing(12)
        layout.addWidget(Words(title, "title", wrap=True))
        layout.addWidget(Words(text, "soft", wrap=True))
        layout.addLayout(grid)
        layout.addWidget(self._said)
        layout.addLayout(foot)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 62)
        self.pin.setFocus()

    @property
    def said(self) -> str:
        """Give what is said about the last try."""
        return self._said.text()

    def _try(self) -> None:
        self._tasks.start(self._check(), "sign in")

    async def _check(self) -> None:
        name, pin = self.name.currentText(), self.pin.text()
        if not pin:
            self._said.setText("Type the PIN.")
            self.pin.setFocus()
            return
        self.pin.clear()
        self._said.setText("")
        self._set_busy(busy=True)
        try:
            answer = await self._actions.sign_in(name, pin)
        except IssuingDeskError:
            self._set_busy(busy=False)
            raise
        self._set_busy(busy=False)
        if answer.technician:
            self.signed_in.emit(answer.technician)
            self.accept()
        else:
            # Whoever was signed in before a wrong try no longer is.
            self._may_leave = False
            self.leave.say("Close the window")
            self._said.setText(answer.sentence)
            self.pin.setFocus()

    def _set_busy(self, *, busy: bool) -> None:
        for widget in (self.name, self.pin, self.go):
            widget.setEnabled(not busy)
        self.go.say("Checking…" if busy else "Sign in")

    def _leave(self) -> None:
        if self._may_leave:
            super().reject()
        else:
            self.leaving.emit()  # the window may stay after all, and then nobody gets past this

    def reject(self) -> None:
        """Go away on Esc only where somebody is signed in."""
        if self._may_leave:
            super().reject()


def modal_sheet(sheet: SignInSheet) -> SignInSheet:
    """Let a sheet cover its window and end with itself."""
    sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    sheet.setWindowModality(Qt.WindowModality.WindowModal)
    return sheet
