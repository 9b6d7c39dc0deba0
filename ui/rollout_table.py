"""The desks and their rates, as a table: numbers that are compared with each other belong in columns."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QFrame, QHeaderView, QSizePolicy, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from provisioning.readers.counts import DeskRate
from ui.lines import Index, Lines, lines_view
from ui.plain import Words
from ui.steady import steady
from ui.theme import Theme

COLUMNS = ("Desk", "Issued", "Came back", "Made ready", "Hours at work", "Ready an hour")
RATE = (
    "An hour at work is one in which a walk ended at the desk or something changed hands there; "
    "a rate is given from three hours on."
)


@steady
class DeskLines(Lines[DeskRate]):
    """The desks as lines."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give one field."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _fields(self._lines[index.row()])[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column():
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Put titles of numbers over the numbers."""
        if role == Qt.ItemDataRole.TextAlignmentRole and section:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return super().headerData(section, orientation, role)

    def show_lines(self, lines: Sequence[DeskRate]) -> None:
        """Show these."""
        self.beginResetModel()
        self._lines = lines
        self.endResetModel()


@steady
class DeskTable(QWidget):
    """The table, as high as its lines, and what its rate means.

    Signals:
        wanted: emitted with the :class:`DeskRate` whose entries are to be opened.
    """

    wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        del theme
        self.model = DeskLines(COLUMNS, self)
        self.view = lines_view(self.model, "Desks and their rates")
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.view.activated.connect(self._open)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        layout.addWidget(Words(RATE, "soft", wrap=True))

    def show_desks(self, desks: Sequence[DeskRate]) -> None:
        """Show these."""
        self.model.show_lines(desks)
        row = self.view.verticalHeader().defaultSectionSize()
        self.view.setFixedHeight(self.view.horizontalHeader().sizeHint().height() + row * max(1, len(desks)) + 4)

    def _open(self, index: QModelIndex) -> None:
        self.wanted.emit(self.model.line(index.row()))


def _fields(one: DeskRate) -> tuple[str, ...]:
    rate = f"{one.per_hour:.1f}" if one.per_hour is not None else "–"
    return (
        one_line(one.name, 40), f"{one.issued:,}", f"{one.returned:,}", f"{one.ready:,}", f"{one.hours:,}", rate,
    )  # fmt: skip
