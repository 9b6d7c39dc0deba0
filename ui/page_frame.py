"""What stands around pages that are gone through one by one: what was said last above, the way on below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from provisioning.status import Phase
from ui.actions import DeskActions
from ui.buttons import Button
from ui.declaration_page import DeclarationPage
from ui.marks import Mark
from ui.plain import SelectableWords, Words
from ui.receipt import ReceiptView
from ui.scan_line import ScanLine
from ui.signature_page import SignaturePage
from ui.signs import PHASE_SIGN
from ui.tasks import Tasks
from ui.theme import Theme


@dataclass(frozen=True, slots=True)
class FrameWords:
    """What the same buttons mean where they stand; ``done`` is what has been done at the end."""

    done: str
    cancel: str
    on_paper: str
    writing: str


class PageFrame(QWidget):
    """The pages of a place that ends in a signature and a receipt; they are opened by their numbers."""

    def __init__(
        self,
        theme: Theme,
        actions: DeskActions,
        report: Callable[[BaseException], None],
        words: FrameWords,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.tasks = Tasks(self, report)
        self.declaration = DeclarationPage(theme)
        self.signing = SignaturePage(theme)
        self.receipt = ReceiptView(theme, actions, self.tasks)
        self.done = Done(theme, words.done)
        self.said = ScanLine(theme)
        self.cancel = Button(theme, "Cancel", tip=f"{words.cancel} (Esc)")
        self.back = Button(theme, "Back", tip="One page back (Alt+Left)")
        self.paper = Button(
            theme, "Signs on paper", tip=f"{words.on_paper}; the officer signs the printed receipt (F9)"
        )
        self.go_on = Button(theme, "Continue", role="primary", tip="Return")
        self._why = Words(role="soft", wrap=True)
        self._pages = QStackedWidget()
        self._busy = QProgressBar()
        self._busy.setRange(0, 1)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName(words.writing)
        self._busy.hide()

    @property
    def step(self) -> int:
        """Give the page that is open."""
        return self._pages.currentIndex()

    @property
    def why_not(self) -> str:
        """Give what is said about why it does not go on."""
        return self._why.text()

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

    def lay_out(self, *first: QWidget, head: QWidget | None = None, side: QWidget | None = None) -> None:
        """Lay out: the ``first`` pages, then declaration, signature and receipt; ``side`` stands left of them."""
        end = QWidget()
        end_layout = QVBoxLayout(end)
        end_layout.setContentsMargins(0, 0, 0, 0)
        end_layout.setSpacing(10)
        end_layout.addWidget(self.done)
        end_layout.addWidget(self.receipt, 1)
        for page in (*first, self.declaration, self.signing, end):
            self._pages.addWidget(page)
        bar = QFrame()
        bar.setProperty("role", "bar")
        above = QHBoxLayout(bar)
        above.setContentsMargins(20, 7, 14, 7)
        above.setSpacing(18)
        if head is not None:
            above.addWidget(head)
        above.addWidget(self.said, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._why, 1)
        for button in (self.cancel, self.back, self.paper, self.go_on):
            foot.addWidget(button)
        body = QVBoxLayout()
        body.setContentsMargins(24, 18, 24, 16)
        body.setSpacing(12)
        body.addWidget(self._pages, 1)
        body.addWidget(self._busy)
        body.addLayout(foot)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        if side is not None:
            middle.addWidget(side)
        middle.addLayout(body, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(bar)
        whole.addLayout(middle, 1)


class Done(QFrame):
    """What was done, with its numbers, and what is left to be done."""

    def __init__(self, theme: Theme, what: str) -> None:
        super().__init__()
        self._number = SelectableWords(role="title")
        self._entry = Words(role="soft")
        self._ahead = Words(wrap=True)
        self._ahead.hide()
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(Mark(theme, PHASE_SIGN[Phase.READY]), alignment=Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(Words(what, "title"))
        head.addWidget(self._number)
        head.addStretch(1)
        head.addWidget(self._entry)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self._ahead)

    def say(self, receipt: str, entry: int, ahead: str = "") -> None:
        """Say the numbers of receipt and entry, and in sentences what is left to be done."""
        self._number.setText(receipt)
        self._entry.setText(f"Ledger entry {entry}")
        self._ahead.setText(ahead)
        self._ahead.setVisible(bool(ahead))
