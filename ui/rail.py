"""The rail of places at the left. Only places that do something are on it."""

from __future__ import annotations

from enum import StrEnum, unique

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui.plain import tooltip
from ui.theme import Theme


@unique
class Place(StrEnum):
    """Where one can be in the window."""

    DESK = "Desk"
    COUNTER = "Counter"
    BATCH = "Batch"
    LEDGER = "Ledger"
    RETURNS = "Returns"
    ROLLOUT = "Rollout"


_ICON = {
    Place.DESK: "layout-grid",
    Place.COUNTER: "pen-line",
    Place.BATCH: "package",
    Place.LEDGER: "scroll-text",
    Place.RETURNS: "undo-2",
    Place.ROLLOUT: "chart-column",
}


class Rail(QFrame):
    """One button a place.

    Signals:
        wanted: emitted with the :class:`Place` that was pressed.
    """

    wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._buttons: dict[Place, QToolButton] = {}
        self.setProperty("role", "rail")
        self.setAccessibleName("Places")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 12, 8, 12)
        layout.setSpacing(4)
        group = QButtonGroup(self)
        for number, place in enumerate(Place, start=1):
            button = QToolButton()
            button.setProperty("role", "quiet")
            button.setCheckable(True)
            button.setText(f"\u2009{place}")
            button.setAccessibleName(place)
            button.setToolTip(tooltip(f"{place} (Ctrl+{number})"))
            button.setIconSize(QSize(18, 18))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _=False, place=place: self.wanted.emit(place))
            group.addButton(button)
            layout.addWidget(button)
            self._buttons[place] = button
        layout.addStretch(1)
        theme.changed.connect(self._dress)
        self._dress()

    def show_place(self, place: Place) -> None:
        """Mark where one is."""
        self._buttons[place].setChecked(True)

    def _dress(self) -> None:
        for place, button in self._buttons.items():
            button.setIcon(self._theme.icons.icon(_ICON[place], self._theme.colours.text))
