"""The handsets of one batch as a table that is filtered by how they stand and by what is typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import QModelIndex, QObject, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from provisioning.batches.standing import Standing
from provisioning.plain_text import one_line
from provisioning.status import Phase
from ui.batch_actions import BatchLine
from ui.lines import Index, Lines, lines_view
from ui.marks import mark_icon
from ui.plain import tooltip
from ui.signs import PHASE_SIGN, Shape, Sign, Tone
from ui.steady import steady
from ui.theme import Theme

COLUMNS = ("Serial number", "Model", "Asset tag", "State", "Match", "Since", "What to do")
WIDEST = ("0" * 13, "Galaxy A54 5G", "MET-00000", "Lost or stolen", "not on the manifest", "23 Nov, 23:59", "")
STANDING_SIGN: Mapping[Standing, Sign] = {
    Standing.CLEAR: Sign(Shape.DISC, Tone.READY, "Clear"),
    Standing.OUT: Sign(Shape.DISC, Tone.READY, "Handed over"),
    Standing.NOT_CLEAR: PHASE_SIGN[Phase.NOT_CLEAR],
    Standing.UNKNOWN: PHASE_SIGN[Phase.UNKNOWN],
    Standing.STOPPED: Sign(Shape.TRIANGLE, Tone.HANDS, "Stopped"),
    Standing.BACK: Sign(Shape.SQUARE, Tone.STOPPED, "Came back"),
    Standing.LOST: Sign(Shape.DIAMOND, Tone.FAULT, "Lost or stolen"),
    Standing.SEEN: Sign(Shape.RING, Tone.CALM, "Seen"),
    Standing.MISSING: Sign(Shape.SLASHED, Tone.CALM, "Never seen"),
}
"""In the order in which they are counted: what is done first, then what wants somebody, then what is to come."""

_STATE, _SERIAL, _TAG, _MATCH = (COLUMNS.index(one) for one in ("State", "Serial number", "Asset tag", "Match"))
SPARE = tuple(COLUMNS.index(one) for one in ("Since", "Asset tag", "Model"))
"""Columns that are left out where there is little room; the report has them all."""


@steady
class BatchLines(Lines[BatchLine]):
    """The lines as a table."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._theme = theme

    def show_lines(self, lines: Sequence[BatchLine]) -> None:
        """Show these; while they are the same handsets the selection stays."""
        same = [one.serial_number for one in lines] == [one.serial_number for one in self._lines]
        if same:
            self._lines = lines
            if lines:
                self.dataChanged.emit(self.index(0, 0), self.index(len(lines) - 1, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self._lines = lines
        self.endResetModel()

    def serial_of(self, index: Index) -> str:
        """Give the serial number in a row; empty where there is no row."""
        return self._lines[index.row()].serial_number if index.isValid() else ""

    def index_of(self, serial_number: str) -> QModelIndex:
        """Give the first row of a serial number; an invalid index where it is not here."""
        for row, line in enumerate(self._lines):
            if serial_number and line.serial_number == serial_number:
                return self.index(row, 0)
        return QModelIndex()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give one field as plain text, a state with its sign."""
        if not index.isValid():
            return None
        line, column = self._lines[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _fields(line)[column]
            case Qt.ItemDataRole.ToolTipRole:
                return tooltip(_fields(line)[column])
            case Qt.ItemDataRole.DecorationRole if column == _STATE:
                return mark_icon(self._theme, STANDING_SIGN[line.standing])
            case Qt.ItemDataRole.FontRole if column in {_SERIAL, _TAG}:
                return self._theme.fonts.serial
            case Qt.ItemDataRole.ForegroundRole if column == _MATCH and line.match and not line.agrees:
                return QColor(self._theme.colours.tones[Tone.HANDS].mark)
            case _:
                return None


@steady
class BatchFilter(QSortFilterProxyModel):
    """Lets through the lines of one standing, or all of them, that hold what was typed."""

    def __init__(self, lines: BatchLines, parent: QObject) -> None:
        super().__init__(parent)
        self._lines = lines
        self.standing: Standing | None = None
        self.text = ""
        self.setSourceModel(lines)

    def choose(self, standing: Standing | None, text: str) -> None:
        """Show what stands so and holds ``text``."""
        self.standing, self.text = standing, text.strip().casefold()
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        """Tell whether a line is shown."""
        del source_parent
        line = self._lines.line(source_row)
        if self.standing is not None and line.standing is not self.standing:
            return False
        return not self.text or any(self.text in field.casefold() for field in _fields(line))


def batch_table(theme: Theme, model: BatchFilter) -> QTableView:
    """Make the table."""
    view = lines_view(model, "Handsets of this batch")
    header = view.horizontalHeader()
    header.setSectionResizeMode(len(COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
    header.setMinimumSectionSize(60)
    body, serial = view.fontMetrics(), QFontMetrics(theme.fonts.serial)
    for column, text in enumerate(WIDEST[:-1]):
        metrics = serial if column in {_SERIAL, _TAG} else body
        header.resizeSection(column, metrics.horizontalAdvance(text) + (42 if column == _STATE else 20))
    return view


def _fields(line: BatchLine) -> tuple[str, ...]:
    return (
        one_line(line.serial_number, 40),
        one_line(line.model, 60) or "–",
        one_line(line.asset_tag, 40) or "–",
        STANDING_SIGN[line.standing].word,
        line.match or "–",
        _when(line.since),
        one_line(line.sentence, 400),
    )


def _when(since: str) -> str:
    if not since:
        return "–"
    here = datetime.fromisoformat(since).astimezone()
    today = here.date() == datetime.now().astimezone().date()
    return f"{here:%H:%M:%S}" if today else f"{here:%d %b, %H:%M}"
