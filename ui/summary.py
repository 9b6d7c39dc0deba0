"""The counts above the wall: one button for each state, pressed to see only what is in that state."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from provisioning.status import Phase
from ui.flow import Flow
from ui.marks import mark_icon
from ui.signs import PHASE_SIGN, counted
from ui.theme import Theme


class Summary(QWidget):
    """Counts by state; a state without a handset is not shown unless it is being filtered for.

    Signals:
        filtered: emitted with the frozenset of pressed phases; empty means all.
    """

    filtered = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tally: dict[Phase, int] = {}
        self._buttons: dict[Phase, QPushButton] = {}
        self.setAccessibleName("Handsets by state")
        layout = Flow(parent=self)
        for phase in PHASE_SIGN:
            button = QPushButton(self)
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.hide()
            button.setProperty("role", "quiet")
            button.toggled.connect(self._toggled)
            self._buttons[phase] = button
            layout.addWidget(button)
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def pressed(self) -> frozenset[Phase]:
        """Give the phases that are filtered for."""
        return frozenset(phase for phase, button in self._buttons.items() if button.isChecked())

    def show_tally(self, tally: Mapping[Phase, int]) -> None:
        """Show these counts."""
        if dict(tally) == self._tally:
            return
        self._tally = dict(tally)
        self._show()

    def _show(self) -> None:
        tally = self._tally
        for phase, button in self._buttons.items():
            number = tally.get(phase, 0)
            button.setText(f"\u2009{counted(phase, number)}")
            button.setAccessibleName(f"{counted(phase, number)}: show only these")
            button.setVisible(number > 0 or button.isChecked())

    def release(self) -> None:
        """Press no button any more."""
        for button in self._buttons.values():
            button.setChecked(False)

    def _toggled(self) -> None:
        self.filtered.emit(self.pressed)
        self._show()

    def _dress(self) -> None:
        for phase, button in self._buttons.items():
            button.setIcon(mark_icon(self._theme, PHASE_SIGN[phase]))
