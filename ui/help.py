"""The list of keys under F1."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.buttons import Button
from ui.commands import COMMANDS, OTHER_KEYS
from ui.plain import Words
from ui.theme import Theme


class KeyList(QDialog):
    """All keys, as this platform writes them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(1, 1)
        lines = [(written(keys.keys), keys.title) for keys in COMMANDS.values()]
        for number, (keys, title) in enumerate([*lines, *OTHER_KEYS]):
            grid.addWidget(Words(keys, "strong"), number, 0)
            grid.addWidget(Words(title), number, 1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        close = Button(theme, "Close", role="primary")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(14)
        layout.addWidget(Words("Keys", "title"))
        layout.addWidget(scroll, 1)
        layout.addLayout(foot)
        self.resize(self.fontMetrics().averageCharWidth() * 84, self.fontMetrics().height() * 36)
        close.setFocus()


def written(keys: tuple[str, ...]) -> str:
    """Give key sequences as this platform writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    return " or ".join(QKeySequence(one).toString(native) or one for one in keys)
