"""The first page of the counter: who stands there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from ui.actions import OfficerFacts
from ui.fields import field
from ui.officer_number import fault_of
from ui.pick_list import PickList
from ui.plain import Words

HOW = (
    "1.  Scan the officer’s card.",
    "2.  Scan each handset; it is verified at once. SIM cards can be scanned too.",
    "3.  The officer reads and ticks (Space), signs with pen, finger or mouse, by name and code, or on paper (F9).",
    "4.  Return hands over, and the receipt is printed. The next card begins the next handover.",
)


class WhoPage(QWidget):
    """The officer: scanned, typed, or found by name; and what must be said of a stranger.

    Signals:
        chosen: emitted with the number of an officer who was picked from those found.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = field("Officer", "Scan the card, or type a number or a part of the name", role="serial")
        self.number.setMaxLength(200)
        self._fault = Words(wrap=True)
        self._fault.setProperty("role", "fault")
        self.found = PickList("Officers found")
        self.found.picked.connect(self.chosen)
        self._name_title, self.name = Words("Name"), field("Name", "If it is to stand on the receipt")
        self._reason_title, self.reason = Words("Reason"), field("Reason", "Why this officer is not on the roster")
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        lines: list[tuple[QWidget, QWidget]] = [(Words("Officer"), self.number), (QWidget(), self._fault)]
        lines += [(QWidget(), self.found), (self._name_title, self.name), (self._reason_title, self.reason)]
        for row, (title, widget) in enumerate(lines):
            grid.addWidget(title, row, 0)
            grid.addWidget(widget, row, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(Words("Who stands here?", "title"))
        layout.addLayout(grid)
        layout.addSpacing(18)
        for line in HOW:
            layout.addWidget(Words(line, "soft", wrap=True))
        layout.addStretch(1)
        self.number.textEdited.connect(lambda: self.say(""))
        self.clear()

    @property
    def fault(self) -> str:
        """Give the sentence that is shown under the field."""
        return self._fault.text() if not self._fault.isHidden() else ""

    def clear(self) -> None:
        """Begin anew."""
        for one in (self.number, self.name, self.reason):
            one.clear()
        self.say("")
        self.ask_for(None)

    def check(self) -> bool:
        """Say whether what was typed can be a number or a name; if not, why not stands under the field."""
        self.say(fault_of(self.number.text()))
        return not self.fault

    def say(self, fault: str) -> None:
        """Show what is wrong, or that nothing is, and take back what was found before."""
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))
        self.number.setProperty("wrong", bool(fault))
        self.number.setAccessibleDescription(fault)
        self.number.style().polish(self.number)
        if fault:
            self.number.setFocus()
            self.number.selectAll()
        self.found.hide()

    def offer(self, officers: Sequence[OfficerFacts]) -> None:
        """Let one be picked of those that were found."""
        self.found.fill((one.number, _line(one)) for one in officers)
        self.found.show()
        self.found.setFocus()

    def ask_for(self, officer: OfficerFacts | None) -> None:
        """Ask what a receipt needs of an officer beyond what the roster knows."""
        stranger = officer is not None and officer.stranger
        unnamed = officer is not None and not officer.name
        for widget in (self._name_title, self.name):
            widget.setVisible(unnamed)
        for widget in (self._reason_title, self.reason):
            widget.setVisible(stranger)


def _line(officer: OfficerFacts) -> str:
    post = ", ".join(one_line(text, 60) for text in (officer.rank, officer.unit) if text)
    return f"{officer.number}   {one_line(officer.name, 80)}   {post}".rstrip()
