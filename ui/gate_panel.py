"""The left half of the handover: which handset it is, how the gate stands, and what keeps it shut."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from provisioning.status import SessionStatus
from ui.buttons import Button
from ui.card import bay_of, model_of
from ui.finding_list import FindingList
from ui.gate import NOT_ASKED, Gate, GateState
from ui.marks import Badge
from ui.plain import SelectableWords, Words
from ui.theme import Theme


class GatePanel(QFrame):
    """Follows one :class:`~ui.gate.Gate`.

    Signals:
        verify_wanted: emitted when a person wants a fresh verification.
    """

    verify_wanted = Signal()

    def __init__(self, theme: Theme, status: SessionStatus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAccessibleName("Verification")
        self._badge = Badge(theme, NOT_ASKED.sign)
        self._sentence = SelectableWords(wrap=True)
        self._progress = QProgressBar()
        self._progress.setAccessibleName("Verification under way")
        self._progress.setTextVisible(False)
        self._findings = FindingList(theme)
        self._unread = FindingList(theme)
        self.again = Button(theme, "Verify again", "refresh-cw", tip="Read the handset again (F5)")
        self.again.setShortcut("F5")
        self.again.clicked.connect(self.verify_wanted)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(6)
        layout.addWidget(Words(model_of(status), "title", wrap=True))
        if status.serial_number:
            layout.addWidget(SelectableWords(one_line(status.serial_number, 40), "serial"))
        layout.addWidget(Words(f"Bay {bay_of(status).label}", "soft"))
        layout.addSpacing(18)
        layout.addWidget(self._badge)
        layout.addSpacing(2)
        for widget in (self._progress, self._sentence, self._findings, self._unread):
            layout.addWidget(widget)
        layout.addSpacing(4)
        layout.addWidget(self.again, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        page.setAutoFillBackground(False)
        scroll.viewport().setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self.show_gate(NOT_ASKED)

    @property
    def sentence(self) -> str:
        """Give what is said about the gate."""
        return self._sentence.text()

    def show_gate(self, gate: Gate) -> None:
        """Show how the gate stands."""
        self._badge.show_sign(gate.sign, _WORD.get(gate.state, ""))
        self._sentence.setText(gate.sentence)
        checking = gate.state is GateState.CHECKING
        self._progress.setVisible(checking)
        # A busy bar that is hidden would go on moving, and an idle window would not be idle.
        self._progress.setRange(0, 0 if checking else 1)
        shut = gate.state is GateState.SHUT
        judgement = gate.status.judgement if gate.status and shut else None
        self._findings.show_findings(judgement.findings if judgement else ())
        self._unread.show_unread(judgement.not_checked if judgement else ())
        self.again.setVisible(shut)


_WORD = {GateState.NOT_ASKED: "Not verified yet", GateState.CHECKING: "Verifying…"}
