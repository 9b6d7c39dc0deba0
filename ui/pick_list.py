"""A list of which one line is picked, by keys or a tap."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from ui.steady import steady

_KEY = Qt.ItemDataRole.UserRole


@steady
class PickList(QListWidget):
    """Lines of which one is picked, by Return, Space or a click.

    Signals:
        picked: emitted with the key of the line.
    """

    picked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMinimumHeight(self.fontMetrics().height() * 4)
        self.itemClicked.connect(self._pick)

    def fill(self, lines: Iterable[tuple[str, str]]) -> None:
        """Show these, each with its key; the one that was current stays so."""
        wanted = list(lines)
        if [(key, text) for key, text in wanted] == [
            (self.item(row).data(_KEY), self.item(row).text()) for row in range(self.count())
        ]:
            return
        current = self.item(self.currentRow()).data(_KEY) if self.currentRow() >= 0 else None
        self.clear()
        for key, text in wanted:
            item = QListWidgetItem(text)
            item.setData(_KEY, key)
            self.addItem(item)
        keys = [key for key, _ in wanted]
        self.setCurrentRow(keys.index(current) if current in keys else 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pick on Return and Space; letters do not jump about, they may belong to a scan."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            if self.currentRow() >= 0:
                self._pick(self.item(self.currentRow()))
            return
        if event.text().isprintable() and event.text().strip():
            event.ignore()
            return
        super().keyPressEvent(event)

    def _pick(self, item: QListWidgetItem) -> None:
        self.picked.emit(item.data(_KEY))
