"""Print a receipt: what it will look like, whose copy, on which printer, and why where it was printed before."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from provisioning.printing.job import Job
from provisioning.receipts.form import Form
from ui.buttons import Button
from ui.dialogs import ended
from ui.page_view import PageView
from ui.plain import Words
from ui.print_actions import PrintActions, Printers
from ui.tasks import Tasks
from ui.theme import Theme

PREVIEW_DPI = 90
FORM_NAMES = {
    Form.OFFICER: "Officer’s copy, A4",
    Form.DESK: "Desk copy, A4",
    Form.SLIP_80: "Slip, 80 mm",
    Form.SLIP_58: "Slip, 58 mm",
}
NO_PRINTER = "No printer is set up. Add one in the system’s settings, or type a raw printer’s address above."


async def print_receipt(
    theme: Theme, parent: QWidget, actions: PrintActions, number: str, report: Callable[[BaseException], None]
) -> Job | None:
    """Let a person look, choose and print; None if that was called off. The paper then goes out by itself."""
    choice = PrintChoice(theme, actions, number, report, parent)
    if not await ended(choice):
        return None
    printer, reason = choice.chosen
    return await actions.print_receipt(number, choice.form, printer, reason)


class PrintChoice(QDialog):
    """The choice. Not QPrintDialog: that runs a loop of its own on Windows and would stop the glass."""

    def __init__(
        self,
        theme: Theme,
        actions: PrintActions,
        number: str,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Print receipt {number}")
        self._actions, self._number = actions, number
        self._tasks = Tasks(self, report)
        self._again = False
        self.form = Form.OFFICER
        self.chosen = ("", "")
        """Printer and reason as they stood at the end: the fields do not outlive the dialog."""
        self.preview = PageView("The receipt as it will be printed")
        self.forms = QButtonGroup(self)
        forms = QVBoxLayout()
        forms.setSpacing(4)
        for at, (form, name) in enumerate(FORM_NAMES.items()):
            button = QRadioButton(name)
            button.setChecked(form is self.form)
            self.forms.addButton(button, at)
            forms.addWidget(button)
        self.forms.idClicked.connect(self._choose_form)
        self.names = QListWidget()
        self.names.setAccessibleName("Printer")
        self.names.setProperty("role", "list")
        self.names.setMinimumHeight(96)
        self.names.currentTextChanged.connect(self._choose_printer)
        self.names.itemActivated.connect(self._go)
        self.address = QLineEdit()
        self.address.setAccessibleName("Printer, by name or address")
        self.address.setPlaceholderText("Name, or escpos://HOST:PORT")
        self.address.textChanged.connect(self._look)
        self.why = QLineEdit()
        self.why.setAccessibleName("Reason for printing it again")
        self.why.setPlaceholderText("e.g. jammed, officer lost it")
        self.why.setMaxLength(200)
        self.why.textChanged.connect(self._look)
        self._why_words = Words("It was printed before: give a reason. The paper is marked COPY.", "soft", wrap=True)
        self._said = Words("", "soft", wrap=True)
        self.go, leave = Button(theme, "Print", "printer", role="primary"), Button(theme, "Cancel")
        self.go.setDefault(True)
        self.go.clicked.connect(self._go)
        leave.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(leave)
        foot.addWidget(self.go)
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addWidget(Words("What", "strong"))
        side.addLayout(forms)
        side.addSpacing(6)
        side.addWidget(Words("Printer", "strong"))
        side.addWidget(self.address)
        side.addWidget(self.names, 1)
        side.addWidget(self._said)
        side.addWidget(self._why_words)
        side.addWidget(self.why)
        side.addLayout(foot)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(18)
        layout.addWidget(self.preview, 3)
        layout.addLayout(side, 2)
        self.resize(760, 560)
        self._ask_why(again=False)
        self._look()
        self._tasks.start(self._load(), "look for printers")

    @property
    def printer(self) -> str:
        """Give the printer that was chosen."""
        return self.address.text().strip()

    @property
    def reason(self) -> str:
        """Give why it is printed again; empty where it is the original."""
        return self.why.text().strip() if self._again else ""

    async def _load(self) -> None:
        form = self.form
        found = await self._actions.printers(form)
        again = await self._actions.printed_before(self._number, form)
        if form is self.form:
            self._show(found)
            self._ask_why(again=again)
        self.preview.show_pages(await self._actions.preview(self._number, form, PREVIEW_DPI))

    def _show(self, found: Printers) -> None:
        self.names.blockSignals(True)
        self.names.clear()
        self.names.addItems(list(found.names))
        self.names.blockSignals(False)
        wanted = found.usual or (found.names[0] if found.names else "")
        for item in self.names.findItems(wanted, Qt.MatchFlag.MatchExactly):
            self.names.setCurrentItem(item)
        self.address.setText(wanted)
        self._said.setText("" if found.names else NO_PRINTER)
        self._said.setVisible(not found.names)
        self._look()

    def _ask_why(self, *, again: bool) -> None:
        self._again = again
        self.why.setVisible(again)
        self._why_words.setVisible(again)
        self._look()

    def _choose_form(self, at: int) -> None:
        self.form = tuple(FORM_NAMES)[at]
        self._tasks.cancel()
        self._tasks.start(self._load(), "look for printers")

    def _choose_printer(self, name: str) -> None:
        self.address.setText(name)

    def _look(self) -> None:
        self.go.setEnabled(bool(self.printer) and (not self._again or bool(self.reason)))

    def _go(self) -> None:
        if self.go.isEnabled():
            self.chosen = (self.printer, self.reason)
            self.accept()
