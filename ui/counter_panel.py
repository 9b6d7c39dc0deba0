"""The left of the counter: who stands there and what they get, each handset with its gate."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from ui.actions import OfficerFacts
from ui.counter_rows import HandsetRow, ThingRow
from ui.counter_visit import Visit
from ui.plain import SelectableWords, Words
from ui.theme import Theme


class VisitPanel(QFrame):
    """Follows one :class:`~ui.counter_visit.Visit`.

    Signals:
        verify_wanted: emitted with the key of a handset that a person wants verified again.
        removed: emitted with the key of a handset, or the number of a thing, that does not go along after all.
        changed: emitted when the condition of something was written.
        argued: emitted when it was said why a handset goes to somebody whom the orders do not mean.
    """

    verify_wanted = Signal(str)
    removed = Signal(str)
    changed = Signal()
    argued = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("role", "panel")
        self.setAccessibleName("Who gets what")
        self._visit = Visit()
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
        self._visit = visit
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
                row.condition.textEdited.connect(partial(self._describe, key))
                row.override.textEdited.connect(partial(self._argue, key))
                self.rows[key] = row
                self._rows.addWidget(row)
            self.rows[key].show_chosen(chosen)
            self.rows[key].shut(done=done)
        for key in [key for key in self.things if key not in visit.things]:
            _drop(self.things.pop(key))
        for key, one in visit.things.items():
            if key not in self.things:
                thing = ThingRow(self._theme, one)
                thing.removed.connect(lambda key=key: self.removed.emit(key))
                thing.condition.textEdited.connect(partial(self._describe, key))
                self.things[key] = thing
                self._rows.addWidget(thing)
            self.things[key].shut(done=done)
        self._along.setText(f"With: {', '.join(along)}" if along else "")
        self._along.setVisible(bool(along))

    def _describe(self, key: str, text: str) -> None:
        if key in self._visit.handsets:
            self._visit.handsets[key].condition = text
        else:
            self._visit.things[key] = replace(self._visit.things[key], condition=text)
        self.changed.emit()

    def _argue(self, key: str, text: str) -> None:
        self._visit.handsets[key].override = text
        self.argued.emit()


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


def _drop(widget: QWidget) -> None:
    widget.hide()
    widget.deleteLater()
