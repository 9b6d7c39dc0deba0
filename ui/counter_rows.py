"""The cards at the left of the counter: one for each handset with its gate, one for each thing with a number."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout

from provisioning.plain_text import one_line
from ui.agreement import Thing
from ui.buttons import Button
from ui.card import bay_of, model_of
from ui.counter_visit import Chosen
from ui.fields import field
from ui.finding_list import FindingList
from ui.gate import Gate, GateState
from ui.marks import Badge
from ui.notice_phrases import notice_sentence
from ui.plain import SelectableWords, Words
from ui.theme import Theme

_WORD = {GateState.NOT_ASKED: "Not verified yet", GateState.CHECKING: "Verifying…"}


class HandsetRow(QFrame):
    """One handset of the visit with its gate.

    Signals:
        verify_wanted, removed: emitted when its button is pressed.
    """

    verify_wanted = Signal()
    removed = Signal()

    def __init__(self, theme: Theme, chosen: Chosen) -> None:
        super().__init__()
        self.setProperty("role", "card")
        status = chosen.status
        self._badge = Badge(theme, chosen.gate.sign)
        self._sentence = SelectableWords(wrap=True)
        self._sentence.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._progress = QProgressBar()
        self._progress.setAccessibleName("Verification under way")
        self._progress.setTextVisible(False)
        self._findings = FindingList(theme)
        self._unread = FindingList(theme)
        self.again = Button(theme, "Verify again", "refresh-cw", tip="Read the handset again (F5)")
        self.again.clicked.connect(self.verify_wanted)
        self.leave_out = Button(theme, "Leave out", "x", role="quiet", tip="This handset is not handed over after all")
        self.leave_out.clicked.connect(self.removed)
        self.setAccessibleName(f"{model_of(status)} {one_line(status.serial_number or '', 40)}")
        self._order = Words(role="soft", wrap=True)
        self.override = field("Reason", "Why it goes to this officer all the same")
        self._notices = Words(role="fault", wrap=True)
        self.condition = field("Condition", "Condition, if anything is to be noted")
        head = QHBoxLayout()
        head.addWidget(Words(model_of(status), "strong", wrap=True), 1)
        head.addWidget(Words(f"Bay {bay_of(status).label}", "soft"))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.again)
        buttons.addWidget(self.leave_out)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(5)
        layout.addLayout(head)
        layout.addWidget(SelectableWords(one_line(status.serial_number or "", 40), "serial"))
        layout.addWidget(self._badge, alignment=Qt.AlignmentFlag.AlignLeft)
        for widget in (self._progress, self._sentence, self._findings, self._unread):
            layout.addWidget(widget)
        for widget in (self._notices, self._order, self.override, self.condition):
            layout.addWidget(widget)
        layout.addLayout(buttons)

    @property
    def sentence(self) -> str:
        """Give what is said about its gate."""
        return self._sentence.text()

    def show_chosen(self, chosen: Chosen) -> None:
        """Show how its gate stands."""
        gate: Gate = chosen.gate
        self._badge.show_sign(gate.sign, _WORD.get(gate.state, ""))
        self._sentence.setText(gate.sentence)
        self._sentence.setVisible(gate.state is not GateState.OPEN)
        checking, shut = gate.state is GateState.CHECKING, gate.state is GateState.SHUT
        self._progress.setVisible(checking)
        # A busy bar that is hidden would go on moving, and an idle window would not be idle.
        self._progress.setRange(0, 0 if checking else 1)
        judgement = gate.status.judgement if gate.status and shut else None
        self._findings.show_findings(judgement.findings if judgement else ())
        self._unread.show_unread(judgement.not_checked if judgement else ())
        self.again.setVisible(shut)
        told = chosen.entitled
        self._order.setText(told.sentence)
        self._order.setProperty("role", "soft" if chosen.argued else "fault")
        self._order.style().polish(self._order)
        self._order.setVisible(bool(told.sentence))
        self.override.setVisible(told.otherwise)
        who = f"the {model_of(chosen.status)}"
        self._notices.setText(" ".join(notice_sentence(one, who) for one in chosen.status.notices))
        self._notices.setVisible(bool(chosen.status.notices))

    def shut(self, *, done: bool) -> None:
        """Take no more, once it is handed over."""
        self.leave_out.setVisible(not done)
        for one in (self.condition, self.override):
            one.setReadOnly(done)
        self.condition.setVisible(not done or bool(self.condition.text()))


class ThingRow(QFrame):
    """A SIM card or the like, known by its number.

    Signals:
        removed: emitted when its button is pressed.
    """

    removed = Signal()

    def __init__(self, theme: Theme, thing: Thing) -> None:
        super().__init__()
        what = thing_word(thing)
        self.setProperty("role", "card")
        self.leave_out = Button(theme, "Leave out", "x", role="quiet", tip=f"This {what} is not handed over after all")
        self.leave_out.clicked.connect(self.removed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(5)
        layout.addWidget(Words(what, "strong"))
        layout.addWidget(SelectableWords(one_line(thing.number, 40), "serial"))
        self.condition = field("Condition", "Condition, if anything is to be noted")
        layout.addWidget(self.condition)
        layout.addWidget(self.leave_out, alignment=Qt.AlignmentFlag.AlignLeft)

    def shut(self, *, done: bool) -> None:
        """Take no more, once it is handed over."""
        self.leave_out.setVisible(not done)
        self.condition.setReadOnly(done)
        self.condition.setVisible(not done or bool(self.condition.text()))


def thing_word(thing: Thing) -> str:
    """Name what has a number: a SIM card unless it says otherwise."""
    return thing.label or "SIM card"
