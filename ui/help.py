"""All that the window can do, under F1: the list of keys, to be searched, and run from where one stands.

One sheet is both the list of keys and the command palette: whoever looks a key up is mostly about to press it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QHeaderView, QLineEdit, QVBoxLayout, QWidget

from ui.buttons import Button
from ui.commands import COMMANDS, OTHER_KEYS, Command
from ui.lines import Index, Lines, lines_view
from ui.plain import Words
from ui.steady import steady
from ui.theme import Theme

_MOVES = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})
_FOUND_BY_NO_WORD = "Nothing is called that. Try another word."


@dataclass(frozen=True, slots=True)
class Way:
    """Something that can be done. ``command`` is None for keys that move about and cannot be run from a list."""

    title: str
    keys: str
    command: Command | None

    def is_meant_by(self, text: str) -> bool:
        """Tell whether every word of ``text`` is in its title, or in its keys."""
        said = f"{self.title} {self.keys}".casefold()
        return all(word in said for word in text.casefold().split())


@steady
class Ways(Lines[Way]):
    """What can be done, and by which keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(("What", "Keys"), parent)
        self._all: Sequence[Way] = (
            *(Way(keys.title, written(keys.keys), command) for command, keys in COMMANDS.items()),
            *(Way(title, keys, None) for keys, title in OTHER_KEYS),
        )
        self._lines = self._all

    def look_for(self, text: str) -> None:
        """Show what is meant by ``text``, what begins with it first; all of it where it is empty."""
        self.beginResetModel()
        found = [way for way in self._all if way.is_meant_by(text)]
        begins = text.casefold().strip()
        self._lines = sorted(found, key=lambda way: not way.title.casefold().startswith(begins)) if begins else found
        self.endResetModel()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give title and keys."""
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            way = self.line(index.row())
            return way.keys if index.column() else way.title
        return None


@steady
class KeyList(QDialog):
    """Everything that can be done, as a list that is searched; Return does what is chosen.

    Signals:
        wanted: emitted with the :class:`~ui.commands.Command` once the sheet has closed.
    """

    wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("What can be done here")
        self.field = QLineEdit()
        self.field.setPlaceholderText("What do you want to do?")
        self.field.setAccessibleName("What do you want to do?")
        self.field.setClearButtonEnabled(True)
        self.ways = Ways(self)
        self.view = lines_view(self.ways, "What can be done, and by which keys")
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        head = self.view.horizontalHeader()
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._nothing = Words(_FOUND_BY_NO_WORD, "soft")
        self._do, close = Button(theme, "Do it", role="primary"), Button(theme, "Close")
        self._do.setDefault(True)
        self._do.clicked.connect(self._take)
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(Words("Arrow keys choose, Return does it.", "soft"))
        foot.addStretch(1)
        foot.addWidget(close)
        foot.addWidget(self._do)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(12)
        for widget in (Words("What can be done here", "title"), self.field, self._nothing):
            layout.addWidget(widget)
        layout.addWidget(self.view, 1)
        layout.addLayout(foot)
        letter = self.fontMetrics()
        self.resize(letter.averageCharWidth() * 92, letter.height() * 36)
        self.field.textChanged.connect(self._look)
        self.field.installEventFilter(self)
        self.view.selectionModel().currentChanged.connect(self._offer)
        self.view.doubleClicked.connect(self._take)
        self._look("")
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys move the choice while one types."""
        pressed = watched is self.field and event.type() is QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent) and event.key() in _MOVES:
            QApplication.sendEvent(self.view, event)
            return True
        return super().eventFilter(watched, event)

    def _look(self, text: str) -> None:
        self.ways.look_for(text)
        self._nothing.setVisible(not self.ways.rowCount())
        self.view.setCurrentIndex(self.ways.index(0, 0) if self.ways.rowCount() else QModelIndex())
        self._offer()

    def _offer(self) -> None:
        self._do.setEnabled(self._chosen is not None)

    @property
    def _chosen(self) -> Command | None:
        row = self.view.currentIndex().row()
        return self.ways.line(row).command if row >= 0 else None

    def _take(self) -> None:
        command = self._chosen
        if command is not None:
            self.accept()
            self.wanted.emit(command)


def written(keys: tuple[str, ...]) -> str:
    """Give key sequences as this platform writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    return " or ".join(QKeySequence(one).toString(native) or one for one in keys)
