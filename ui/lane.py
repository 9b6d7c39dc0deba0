"""What stands beside the wall while no handset is chosen: all that need a person, first what takes the least."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStackedLayout, QVBoxLayout, QWidget

from provisioning.status import SessionStatus
from ui.card import bay_of, model_of
from ui.marks import Picture, mark_icon
from ui.plain import Words
from ui.signs import PHASE_SIGN
from ui.standing import standing
from ui.steady import steady
from ui.theme import Theme

HINT = "Choose a handset on the wall, or scan one, to see all about it."


@steady
class Lane(QWidget):
    """The list, or a hint while nothing needs anybody.

    Signals:
        chosen: emitted with the key of the handset that was clicked, or on which Return was pressed.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._waits: Sequence[SessionStatus] = ()
        self._title = Words(role="title", wrap=True)
        self.list = QListWidget()
        self.list.setProperty("role", "lane")
        self.list.setAccessibleName("What needs you, first what takes the least")
        self.list.setWordWrap(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(16, 14, 10, 10)
        layout.setSpacing(2)
        layout.addWidget(self._title)
        layout.addWidget(Words("First what takes the least. F8 goes from one to the next.", "soft", wrap=True))
        layout.addSpacing(8)
        layout.addWidget(self.list, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(_hint(theme))
        self._stack.addWidget(page)
        theme.changed.connect(self._fill)

    def show_waits(self, waits: Sequence[SessionStatus]) -> None:
        """Show these, in this order."""
        # By identity: comparing two statuses by value compares all their apps.
        if list(map(id, waits)) != list(map(id, self._waits)):
            self._waits = tuple(waits)
            if self.isVisible():
                self._fill()

    def showEvent(self, event: object) -> None:
        """Fill the list when it comes to be seen."""
        del event
        self._fill()

    def _fill(self) -> None:
        number = len(self._waits)
        self._stack.setCurrentIndex(1 if number else 0)
        self._title.setText(f"{number} need{'s' if number == 1 else ''} you")
        row = self.list.currentRow()
        key = self.list.item(row).data(Qt.ItemDataRole.UserRole) if row >= 0 else ""
        at = self.list.verticalScrollBar().value()
        with QSignalBlocker(self.list):
            self.list.clear()
            for status in self._waits:
                sign, bay = PHASE_SIGN[status.phase], bay_of(status).label
                said = standing(status, f"the {model_of(status)}")
                item = QListWidgetItem(mark_icon(self._theme, sign), f"{bay}  {said}")
                item.setData(Qt.ItemDataRole.UserRole, status.key)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"Bay {bay}, {sign.word}: {said}")
                self.list.addItem(item)
                if status.key == key:
                    self.list.setCurrentItem(item)
        self.list.verticalScrollBar().setValue(at)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))


def _hint(theme: Theme) -> QWidget:
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(28, 28, 28, 28)
    layout.setSpacing(8)
    layout.addStretch(2)
    layout.addWidget(Picture(theme, "smartphone", 36), alignment=Qt.AlignmentFlag.AlignHCenter)
    words = Words(HINT, "soft", wrap=True)
    words.setAlignment(Qt.AlignmentFlag.AlignCenter)
    layout.addWidget(words)
    layout.addStretch(3)
    return widget
