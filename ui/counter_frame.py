"""The counter's pages with what stands around them: steps, what was said last, who gets what, and the way on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from ui.actions import DeskActions
from ui.buttons import Button
from ui.counter_panel import VisitPanel
from ui.counter_steps import DECLARATION, DONE, SIGNATURE, WHAT, Done, Steps
from ui.declaration_page import DeclarationPage
from ui.plain import Words
from ui.receipt import ReceiptView
from ui.scan_line import ScanLine
from ui.signature_page import SignaturePage
from ui.tasks import Tasks
from ui.theme import Theme
from ui.what_page import WhatPage
from ui.who_page import WhoPage


class CounterFrame(QWidget):
    """Lays the counter out; what happens on it is :class:`~ui.counter_place.CounterPlace`."""

    def __init__(
        self,
        theme: Theme,
        actions: DeskActions,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.tasks = Tasks(self, report)
        self.panel = VisitPanel(theme)
        self.who = WhoPage()
        self.what = WhatPage(theme)
        self.declaration = DeclarationPage(theme)
        self.signing = SignaturePage(theme)
        self.receipt = ReceiptView(theme, actions, self.tasks)
        self.said = ScanLine(theme)
        self.done = Done(theme)
        self.cancel = Button(theme, "Cancel", tip="Hand nothing over and begin anew (Esc)")
        self.back = Button(theme, "Back", tip="One page back (Alt+Left)")
        self.paper = Button(theme, "Signs on paper", tip="Hand over; the officer signs the printed receipt (F9)")
        self.go_on = Button(theme, "Continue", role="primary", tip="Return")
        self._steps = Steps()
        self._why = Words(role="soft", wrap=True)
        self._pages = QStackedWidget()
        self._busy = QProgressBar()
        self._busy.setRange(0, 1)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName("The handover is being written to the ledger")
        self._busy.hide()
        self._lay_out()

    @property
    def step(self) -> int:
        """Give the page that is open."""
        return self._pages.currentIndex()

    @property
    def why_not(self) -> str:
        """Give what is said about why it does not go on."""
        return self._why.text()

    def open_page(self, step: int) -> None:
        """Open a page and say where one is."""
        self._pages.setCurrentIndex(step)
        self._steps.show_step(step)
        self.go_on.say({SIGNATURE: "Hand over", DONE: "Next officer"}.get(step, "Continue"))
        self.back.setVisible(step in {WHAT, DECLARATION, SIGNATURE})

    def say_why(self, why: str, *, fault: bool) -> None:
        """Say why it does not go on; nothing where it does."""
        self._why.setText(why)
        self._why.setProperty("role", "fault" if fault else "soft")
        self._why.style().polish(self._why)

    def show_writing(self, *, on: bool) -> None:
        """Show that the ledger is being written."""
        self._busy.setVisible(on)
        # A busy bar that is hidden would go on moving, and an idle window would not be idle.
        self._busy.setRange(0, 0 if on else 1)

    def shut_pages(self, focused: QWidget | None, *, shut: bool) -> None:
        """Keep people from ticking and signing what cannot be handed over; the focus goes to what can be done."""
        inside = focused is None or self._pages.isAncestorOf(focused)
        self._pages.setEnabled(not shut)
        row = next((row for row in self.panel.rows.values() if not row.again.isHidden()), None)
        if shut and inside and row is not None:
            row.again.setFocus()

    def take_focus(self) -> None:
        """Take the focus to what the open page asks for."""
        match self.step:
            case 0:
                self.who.number.setFocus()
            case 1:
                (self.what.others if self.what.ready.isHidden() else self.what.ready).setFocus()
            case 2:
                self.declaration.take_focus()
            case 3:
                self.signing.take_focus()
            case _:
                self.go_on.setFocus()

    def _lay_out(self) -> None:
        done = QWidget()
        done_layout = QVBoxLayout(done)
        done_layout.setContentsMargins(0, 0, 0, 0)
        done_layout.setSpacing(10)
        done_layout.addWidget(self.done)
        done_layout.addWidget(self.receipt, 1)
        for page in (self.who, self.what, self.declaration, self.signing, done):
            self._pages.addWidget(page)
        head = QFrame()
        head.setProperty("role", "bar")
        head_layout = QHBoxLayout(head)
        head_layout.setContentsMargins(20, 7, 14, 7)
        head_layout.setSpacing(18)
        head_layout.addWidget(self._steps)
        head_layout.addWidget(self.said, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._why, 1)
        for button in (self.cancel, self.back, self.paper, self.go_on):
            foot.addWidget(button)
        right = QVBoxLayout()
        right.setContentsMargins(24, 18, 24, 16)
        right.setSpacing(12)
        right.addWidget(self._pages, 1)
        right.addWidget(self._busy)
        right.addLayout(foot)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        self.panel.setFixedWidth(self.fontMetrics().averageCharWidth() * 40)
        middle.addWidget(self.panel)
        middle.addLayout(right, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addLayout(middle, 1)
