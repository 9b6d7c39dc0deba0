"""The ledger as a list: the latest entries, newest first, to be searched; a line with a receipt opens it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import (
    QModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from provisioning.plain_text import one_line
from provisioning.readers.found import Match
from ui.actions import DeskActions, LedgerLine
from ui.buttons import Button
from ui.found_panel import FoundPanel
from ui.lines import Index, Lines, lines_view
from ui.marks import Picture
from ui.plain import Words, tooltip
from ui.reading_again import ReadingAgain
from ui.steady import steady
from ui.tasks import Tasks
from ui.theme import Theme

LIMIT = 500
"""Entries that are shown; the command line shows them all."""
COLUMNS = ("No.", "Time", "What", "Subject", "Sentence", "Receipt")
_SENTENCE = COLUMNS.index("Sentence")
_SERIAL = frozenset({"Subject", "Receipt"})
_WIDE = 130
"""Letters that fit into one line of the list before a column is left out."""
_SETTLE = 1_000
"""Milliseconds after a change at the desk before the list is read again; a hundred handsets change all the time."""


@steady
class LedgerLines(Lines[LedgerLine]):
    """The lines as a table."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._theme = theme

    def show_lines(self, lines: Sequence[LedgerLine]) -> None:
        """Show these; lines that are there already stay as they are, so that the selection does."""
        if self._lines and lines and self._lines[0] in lines:
            fresh = lines.index(self._lines[0])
            if list(lines[fresh:]) == list(self._lines)[: len(lines) - fresh]:
                if fresh:
                    self.beginInsertRows(QModelIndex(), 0, fresh - 1)
                    self._lines = (*lines[:fresh], *self._lines)
                    self.endInsertRows()
                return
        self.beginResetModel()
        self._lines = lines
        self.endResetModel()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give one field as plain text."""
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _fields(line)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(_fields(line)[index.column()])
        if role == Qt.ItemDataRole.FontRole and COLUMNS[index.column()] in _SERIAL:
            return self._theme.fonts.serial
        if role == Qt.ItemDataRole.ForegroundRole and COLUMNS[index.column()] in {"No.", "Time"}:
            return QColor(self._theme.colours.soft)
        return None


@steady
class LedgerPlace(QWidget):
    """The list with its search field. Reads while it can be seen and only then.

    Signals:
        receipt_wanted: emitted with the number of a receipt that is to be shown.
        sheet_wanted: emitted with the :class:`~ui.reading_actions.Wanted` sheet that is to be looked at and printed.
    """

    receipt_wanted = Signal(str)
    sheet_wanted = Signal(object)

    def __init__(self, theme: Theme, actions: DeskActions, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._actions = actions
        self._tasks = tasks
        self._model = LedgerLines(theme, self)
        self._filter = QSortFilterProxyModel(self)
        self._filter.setSourceModel(self._model)
        self._filter.setFilterKeyColumn(-1)
        self._filter.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find anything; Return looks in the whole ledger")
        self.search.setAccessibleName("Find in these entries; Return looks in the whole ledger")
        self.search.setMaxLength(200)
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(420)
        self.search.textChanged.connect(self._find)
        self.search.returnPressed.connect(lambda: self.look_for(self.search.text()))
        self.found = FoundPanel(theme)
        self.found.hide()
        self.found.chosen.connect(self._show_match)
        self.found.closed.connect(self.show_latest)
        self.found.sheet_wanted.connect(self.sheet_wanted)
        self._count = Words(role="soft")
        refresh = Button(theme, "Read again", "refresh-cw", tip="Read the latest entries again (F5)")
        refresh.clicked.connect(self.read)
        self.view = self._table()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(_nothing_yet(theme))
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Words("Ledger", "title"))
        head.addWidget(self._count, 1)
        head.addWidget(self.search, 2)
        head.addWidget(refresh)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self.found)
        layout.addWidget(self._stack, 1)
        self._again = ReadingAgain(self, tasks, self._read, "read the ledger", settle=_SETTLE, soon=self.read)

    @property
    def chosen(self) -> LedgerLine | None:
        """Give the line that is chosen."""
        index = self.view.currentIndex()
        return self._model.line(self._filter.mapToSource(index).row()) if index.isValid() else None

    def note_change(self) -> None:
        """Something happened at the desk: read again soon, if anybody is looking."""
        self._again.soon()

    def look_for(self, text: str) -> None:
        """Look for something in the whole ledger."""
        text = text.strip()
        if text:
            self.search.setText(text)
            self._tasks.start(self._look_for(text), "look in the ledger")

    def show_behind(self, title: str, count: int, lines: Sequence[LedgerLine]) -> None:
        """Show the entries that something else was counted from."""
        more = f" The newest {len(lines):,} of them:" if len(lines) < count else ""
        self.found.say(f"{title}.{more}")
        self._show(lines)

    def show_latest(self) -> None:
        """Show the latest entries again."""
        self.found.hide()
        self.search.clear()
        self.read()
        self.view.setFocus()

    async def _look_for(self, text: str) -> None:
        self.found.say(f"“{one_line(text, 60)}” is looked for…")
        found = await self._actions.reading.find(text)
        self.found.show_found(found)
        self._show(())
        if found.matches:
            await self._read_match(found.matches[0])

    def _show_match(self, match: Match) -> None:
        self._tasks.start(self._read_match(match), "read what was found")

    async def _read_match(self, match: Match) -> None:
        lines = await self._actions.reading.entries_of(match)
        self.found.choose(match, len(lines))
        self._show(lines)

    def _show(self, lines: Sequence[LedgerLine]) -> None:
        """Show lines in the place of the latest."""
        self.search.clear()
        self._model.show_lines(())
        self._model.show_lines(lines)
        self._find("")
        self._stack.setCurrentIndex(0)

    def read(self) -> None:
        """Read the latest entries, unless something else is shown."""
        if self.found.isHidden():
            self._again.now()

    async def _read(self) -> None:
        lines = await self._actions.recent_entries(LIMIT)
        if self.found.isHidden():
            self._model.show_lines(lines)
            self._find(self.search.text())

    def _find(self, text: str) -> None:
        self._filter.setFilterFixedString(text.strip())
        shown, total = self._filter.rowCount(), self._model.rowCount()
        latest = "entries" if total < LIMIT or not self.found.isHidden() else "latest entries"
        self._count.setText(f"{shown} of {total} {latest}" if text.strip() else f"{total} {latest}")
        self._stack.setCurrentIndex(0 if total else 1)

    def _open(self, index: QModelIndex) -> None:
        line = self._model.line(self._filter.mapToSource(index).row())
        if line.receipt:
            self.receipt_wanted.emit(line.receipt)

    def _table(self) -> QTableView:
        view = lines_view(self._filter, "Latest entries of the ledger")
        header = view.horizontalHeader()
        header.setSectionResizeMode(_SENTENCE, QHeaderView.ResizeMode.Stretch)
        body, serial = view.fontMetrics(), QFontMetrics(self._theme.fonts.serial)
        widest = ("999999", "23 Nov 2026, 23:59", "Handover refused", "M" * 15, "", "M" * 16)
        for column, text in enumerate(widest):
            if column != _SENTENCE:
                metrics = serial if COLUMNS[column] in _SERIAL else body
                header.resizeSection(column, metrics.horizontalAdvance(text) + 24)
        view.activated.connect(self._open)
        return view

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the kind, which the sentence begins with, where there is little room."""
        super().resizeEvent(event)
        room = self.fontMetrics().averageCharWidth() * _WIDE
        self.view.setColumnHidden(COLUMNS.index("What"), self.width() < room)

    def showEvent(self, event: QShowEvent) -> None:
        """Read when it comes to be seen."""
        super().showEvent(event)
        self.read()


def _fields(line: LedgerLine) -> tuple[str, ...]:
    return (
        str(line.number),
        _when(line.time),
        one_line(line.kind.replace("_", " ").capitalize(), 40),
        one_line(line.subject, 60),
        one_line(line.sentence, 400),
        one_line(line.receipt, 40),
    )


def _when(moment: datetime) -> str:
    """Give the time of day, and the date before it unless it is today."""
    here = moment.astimezone()
    today = here.date() == datetime.now().astimezone().date()
    return f"{here:%H:%M:%S}" if today else f"{here:%d %b %Y, %H:%M}"


def _nothing_yet(theme: Theme) -> QWidget:
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.addStretch(2)
    layout.addWidget(Picture(theme, "scroll-text", 44), alignment=Qt.AlignmentFlag.AlignHCenter)
    layout.addSpacing(8)
    words = Words(
        "Nothing has been entered yet. The first handset that is plugged in makes the first entry.", wrap=True
    )
    words.setAlignment(Qt.AlignmentFlag.AlignCenter)
    layout.addWidget(words)
    layout.addStretch(3)
    return widget
