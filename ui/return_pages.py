"""The pages of a return before it is signed: what comes back, and why, by whom and what becomes of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from provisioning.receipts.receipt import Officer, ReturnReason
from provisioning.receipts.signing import IdentityEvidence
from provisioning.return_case import Case, Whereabouts
from ui.buttons import Button
from ui.choice import Choice
from ui.fields import field
from ui.officer_number import fault_of
from ui.plain import SelectableWords, Words
from ui.return_items import ItemList
from ui.return_phrases import REASONS, case_line, officer_line
from ui.theme import Theme
from ui.what_page import EVIDENCE

HOW = (
    "1.  Scan the receipt, the handset (serial number, IMEI, asset tag) or the officer’s card.",
    "2.  Scan each further handset that lies here, or tick it (Space), and say the reason.",
    "3.  The officer reads and ticks, signs with pen, finger or mouse, by name and code, or on paper (F9).",
    "4.  What is lost or stolen need not lie here: type its number or scan its receipt.",
)


class StartPage(QWidget):
    """Asks for a number of what comes back."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = field("Receipt, serial number, IMEI, asset tag or officer", "Scan it, or type it", role="serial")
        self.number.setMaxLength(400)
        self.recalls = Button(
            theme, "Recall list…", "scroll-text", tip="Who is suspended or has left and still holds what (Ctrl+Shift+O)"
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(Words("What comes back?", "title"))
        layout.addWidget(self.number)
        layout.addSpacing(12)
        for line in HOW:
            layout.addWidget(Words(line, "soft", wrap=True))
        layout.addSpacing(6)
        layout.addWidget(self.recalls, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(1)


class BackPage(QWidget):
    """What of a case comes back, why, and by whose hands.

    Signals:
        changed: emitted when anything on it changes.
    """

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.case: Case | None = None
        self.items = ItemList(theme)
        self._who = SelectableWords(role="strong", wrap=True)
        self._who.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._case_line = Words(role="soft", wrap=True)
        self.reason = Choice("Reason", list(REASONS.values()))
        self.reference = field("Reference", "Crime, exhibit or ticket number")
        self.brought_by = field("Brought by", "Number, if not by that officer", role="serial")
        self.authority = field("In whose place", "What allows them to sign for the officer")
        self.unissued = field("Why it is taken in", "It was never handed over here: why is it taken in?")
        self._unissued_title = Words("Why it is taken in")
        self.identity = Choice("Identity seen", list(EVIDENCE.values()))
        self._lay_out()
        for one in (self.reference, self.brought_by, self.authority, self.unissued):
            one.textChanged.connect(self.changed)
        self.identity.currentIndexChanged.connect(self.changed)
        self.reason.currentIndexChanged.connect(self._reasoned)
        self.items.changed.connect(self.changed)

    def _lay_out(self) -> None:
        page = QWidget()
        form = QVBoxLayout(page)
        form.setContentsMargins(0, 0, 8, 0)
        form.setSpacing(4)
        form.addWidget(self._who)
        form.addWidget(self._case_line)
        titled: list[tuple[QWidget, QWidget]] = [
            (Words("Reason"), self.reason),
            (self._unissued_title, self.unissued),
            (Words("Brought by somebody else"), self.brought_by),
            (Words("On whose word"), self.authority),
            (Words("Reference"), self.reference),
            (Words("Identity seen"), self.identity),
        ]
        for title, widget in titled:
            title.setContentsMargins(0, 5, 0, 0)  # goes with the title where that is hidden
            form.addWidget(title)
            form.addWidget(widget)
        form.addStretch(1)
        around = QScrollArea()
        around.setFrameShape(QFrame.Shape.NoFrame)
        around.setWidgetResizable(True)
        around.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        around.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        around.setWidget(page)
        page.setAutoFillBackground(False)
        around.viewport().setAutoFillBackground(False)
        around.setMinimumWidth(self.fontMetrics().averageCharWidth() * 34)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(20)
        layout.addWidget(self.items, 3)
        layout.addWidget(around, 2)

    @property
    def why(self) -> ReturnReason:
        """Give the reason."""
        return list(REASONS)[self.reason.currentIndex()]

    @property
    def seen(self) -> IdentityEvidence | None:
        """Give how whoever stands there was known."""
        return list(EVIDENCE)[self.identity.currentIndex()]

    @property
    def holder(self) -> Officer | None:
        """Give who has it by the books."""
        return self.case.officer if self.case is not None else None

    @property
    def strange(self) -> bool:
        """True where something is ticked that was never handed over here."""
        return any(row.item.where is Whereabouts.NEVER_ISSUED for row in self.items.ticked)

    def note_seen(self, seen: IdentityEvidence | None) -> None:
        """Note how whoever stands there was known; a person may choose another."""
        self.identity.setCurrentIndex(list(EVIDENCE).index(seen))

    def clear(self) -> None:
        """Begin anew, with nothing."""
        self.case = None
        self.items.clear()
        for one in (self.reference, self.brought_by, self.authority, self.unissued):
            one.clear()
        self.identity.setCurrentIndex(0)
        self.reason.setCurrentIndex(0)

    def open(self, case: Case) -> None:
        """Show a case; what was asked for, or the only handset that is out, is ticked."""
        self.clear()
        self.case = case
        if case.recalled:
            self.reason.setCurrentIndex(list(REASONS).index(ReturnReason.RECALLED))
        self._who.setText(officer_line(case.officer) if case.officer else "Nobody, by the books")
        self._case_line.setText(case_line(case))
        self.add(case)
        wanted = self.items.row_of(case.asked)
        out = [row for row in self.items.rows if row.item.is_handset and row.item.where is Whereabouts.OUT]
        if wanted is None and case.receipt and len(out) == 1:
            wanted = out[0]
        if wanted is not None and wanted.item.may_come_back:
            self.items.tick(wanted)
        self._follow()

    def add(self, case: Case) -> None:
        """Show more of the same officer's."""
        assert self.case is not None, "something is added to a case"
        holder = self.case.officer.number if self.case.officer else ""
        self.items.add(case.items, holder, self.why)

    def why_not(self) -> str:
        """Say what is missing before it can be signed; empty where nothing is."""
        ticked = self.items.ticked
        busy = next((row for row in self.items.rows if row.erasing), None)
        if not ticked:
            return "Scan or tick what comes back."
        if busy is not None:
            return f"{busy.accessibleName()} is being erased. Wait for it: the receipt says whether it was."
        brought = self.brought_by.text().strip()
        if brought and (fault := fault_of(brought)):
            return fault
        if not brought and (self.holder is None or self.authority.text().strip()):
            return "Say who brings it: scan their card, or type their number."
        if self.strange and not self.unissued.text().strip():
            return "Say why it is taken in, though it was never handed over here."
        return ""

    def take_focus(self) -> None:
        """Take the focus to the first thing that can be ticked, else to the reason."""
        row = next((row for row in self.items.rows if row.item.may_come_back and not row.comes_back), None)
        (self.reason if row is None or self.items.ticked else row.tick).setFocus()

    def _reasoned(self) -> None:
        self.items.show_reason(self.why)
        self.changed.emit()

    def _follow(self) -> None:
        strange = any(row.item.where is Whereabouts.NEVER_ISSUED for row in self.items.rows)
        self._unissued_title.setVisible(strange)
        self.unissued.setVisible(strange)
