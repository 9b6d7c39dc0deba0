"""The left of the counter: who stands there and what they get, each handset with its gate."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from ui.actions import OfficerFacts
from ui.buttons import Button
from ui.card import bay_of, model_of
from ui.counter_visit import Chosen, Visit
from ui.finding_list import FindingList
from ui.gate import Gate, GateState
from ui.marks import Badge
from ui.plain import SelectableWords, Words
from ui.theme import Theme

_WORD = {GateState.NOT_ASKED: "Not verified yet", GateState.CHECKING: "Verifying…"}


class VisitPanel(QFrame):
    """Follows one :class:`~ui.counter_visit.Visit`.

    Signals:
        verify_wanted: emitted with the key of a handset that a person wants verified again.
        removed: emitted with the key of a handset, or the number of a thing, that does not go along after all.
    """

    verify_wanted = Signal(str)
    removed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("role", "panel")
        self.setAccessibleName("Who gets what")
        self._who = _Officer()
        self._nobody = Words("Nobody yet", "title")
        self._items_title = Words(role="strong")
        self.rows: dict[str, HandsetRow] = {}
        self.things: dict[str, ThingRow] = {}
        self._along = Words(role="soft", wrap=True)
        page = QWidget()
        self._layout = QVBoxLayout(page)
        self._layout.setContentsMargins(20, 18, 20, 18)
        self._layout.setSpacing(8)
        for widget in (self._nobody, self._who, self._items_title):
            self._layout.addWidget(widget)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        self._layout.addLayout(self._rows)
        self._layout.addWidget(self._along)
        self._layout.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        page.setAutoFillBackground(False)
        scroll.viewport().setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def show_visit(self, visit: Visit, along: tuple[str, ...], *, done: bool = False) -> None:
        """Show how far a visit has come; ``along`` is what goes with the handsets without a number of its own."""
        self._nobody.setVisible(visit.officer is None)
        self._who.setVisible(visit.officer is not None)
        if visit.officer is not None:
            self._who.show_officer(visit.officer)
        number = len(visit.handsets)
        self._items_title.setText(f"Receives {number} handset{'s' if number != 1 else ''}" if number else "")
        self._items_title.setVisible(number > 0)
        for key in [key for key in self.rows if key not in visit.handsets]:
            _drop(self.rows.pop(key))
        for key, chosen in visit.handsets.items():
            if key not in self.rows:
                row = HandsetRow(self._theme, chosen)
                row.verify_wanted.connect(lambda key=key: self.verify_wanted.emit(key))
                row.removed.connect(lambda key=key: self.removed.emit(key))
                self.rows[key] = row
                self._rows.addWidget(row)
            self.rows[key].show_chosen(chosen)
            self.rows[key].leave_out.setVisible(not done)
        for key in [key for key in self.things if key not in visit.things]:
            _drop(self.things.pop(key))
        for key, what in visit.things.items():
            if key not in self.things:
                thing = ThingRow(self._theme, what, key)
                thing.removed.connect(lambda key=key: self.removed.emit(key))
                self.things[key] = thing
                self._rows.addWidget(thing)
            self.things[key].leave_out.setVisible(not done)
        self._along.setText(f"With: {', '.join(along)}" if along else "")
        self._along.setVisible(bool(along))


class _Officer(QWidget):
    """Who it is. No photograph: the desk looks at the person and the card, the program at neither."""

    def __init__(self) -> None:
        super().__init__()
        self._name = SelectableWords(role="title", wrap=True)
        self._number = SelectableWords(role="serial")
        self._post = Words(role="soft", wrap=True)
        self._roster = Words(wrap=True)
        self._permits = Words(wrap=True)
        self._holds = Words(wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 10)
        layout.setSpacing(4)
        for widget in (self._name, self._number, self._post, self._roster, self._permits, self._holds):
            layout.addWidget(widget)

    def show_officer(self, officer: OfficerFacts) -> None:
        """Show the facts of an officer."""
        self._name.setText(one_line(officer.name, 80) or "Name not known")
        self._number.setText(officer.number)
        post = " · ".join(one_line(text, 80) for text in (officer.rank, officer.unit) if text)
        self._post.setText(post)
        self._post.setVisible(bool(post))
        self._roster.setProperty("role", "fault" if officer.stranger else "soft")
        self._roster.setText(
            "" if officer.on_roster else "Not on the roster" if officer.roster else "This desk has no roster"
        )
        self._roster.setVisible(not officer.on_roster)
        self._roster.style().polish(self._roster)
        self._permits.setText(
            "Permits: " + "; ".join(one_line(one, 80) for one in officer.permits) if officer.permits else "No permits"
        )
        held = [f"{one_line(one.serial_number, 40)} since {one.since}" for one in officer.holds]
        more = f" and {len(held) - 4} more" if len(held) > 4 else ""
        self._holds.setText(f"Holds {', '.join(held[:4])}{more}" if held else "Holds no handset")


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


class ThingRow(QFrame):
    """A SIM card or the like, known by its number.

    Signals:
        removed: emitted when its button is pressed.
    """

    removed = Signal()

    def __init__(self, theme: Theme, what: str, number: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.leave_out = Button(theme, "Leave out", "x", role="quiet", tip=f"This {what} is not handed over after all")
        self.leave_out.clicked.connect(self.removed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(5)
        layout.addWidget(Words(what, "strong"))
        layout.addWidget(SelectableWords(one_line(number, 40), "serial"))
        layout.addWidget(self.leave_out, alignment=Qt.AlignmentFlag.AlignLeft)


def _drop(widget: QWidget) -> None:
    widget.hide()
    widget.deleteLater()
