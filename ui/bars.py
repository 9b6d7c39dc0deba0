"""Bars that lie: one row a count, its label and number in words beside its bar; chosen and opened by keys as by mouse.

Drawn by ourselves: QtCharts is not part of the Qt that we ship, and plot libraries would double the time to start for
what are rectangles. A list of Qt carries them, so that screen readers have every row and keys do what they always do.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from provisioning.plain_text import one_line
from provisioning.readers.counts import Count
from ui.plain import tooltip
from ui.signs import Tone
from ui.steady import steady
from ui.theme import Theme

MOST = 8
"""Rows that are shown before the rest is folded into one."""
_COUNT, _MORE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


@steady
class Bars(QListWidget):
    """A list of counts, the largest first; what does not fit into :data:`MOST` rows unfolds on demand.

    Signals:
        wanted: emitted with the :class:`Count` on which Return was pressed, or that was clicked twice.
    """

    wanted = Signal(object)

    def __init__(
        self, theme: Theme, name: str, *, tone: Tone | None = None, unit: str = "", adds_up: bool = True,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """``name`` is for assistive technology; ``unit`` stands behind numbers; ``adds_up``: their sum says a thing."""
        super().__init__(parent)
        self._theme = theme
        self._name, self._unit, self._adds_up = name, unit, adds_up
        self.tone = tone
        self.largest = 0
        self._counts: Sequence[Count] = ()
        self._unfolded = False
        self.setProperty("role", "bars")
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setItemDelegate(_BarDelegate(theme, self))
        self.setMouseTracking(True)
        self.itemActivated.connect(self._activate)
        theme.changed.connect(self.viewport().update)

    def show_counts(self, counts: Sequence[Count]) -> None:
        """Show these."""
        self._counts = counts
        self._fill()

    def sizeHint(self) -> QSize:
        """Be as high as the rows are."""
        return QSize(280, max(1, self.count()) * self.row_height + 6)

    def minimumSizeHint(self) -> QSize:
        """Never scroll by itself: the page does."""
        return QSize(160, self.sizeHint().height())

    @property
    def row_height(self) -> int:
        """Give the height of a row."""
        return round(self.fontMetrics().height() * 1.65)

    def _fill(self) -> None:
        chosen = self.currentRow()
        shown = self._counts if self._unfolded or len(self._counts) <= MOST + 1 else self._counts[:MOST]
        rest = self._counts[len(shown) :]
        total = sum(one.number for one in self._counts)
        self.largest = max((one.number for one in self._counts), default=0)
        self.clear()
        for one in shown:
            item = QListWidgetItem(one_line(one.label, 60))
            item.setData(_COUNT, one)
            said = f"{one_line(one.label, 80)}: {one.number:,}{self._unit}"
            said += f", {one_line(one.detail, 120)}" if one.detail else ""
            item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
            item.setToolTip(tooltip(said))
            self.addItem(item)
        if rest:
            item = QListWidgetItem(f"{len(rest)} more")
            item.setData(_MORE, f"{sum(one.number for one in rest):,}" if self._adds_up else "")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{len(rest)} more; Return shows them")
            self.addItem(item)
        self.setCurrentRow(min(chosen, self.count() - 1))
        self.setAccessibleName(
            f"{self._name}: {len(self._counts)} rows" + (f", {total:,} in all" if self._adds_up else "")
        )
        self.updateGeometry()

    def _activate(self, item: QListWidgetItem) -> None:
        if item.data(_MORE) is not None:
            row = self.row(item)
            self._unfolded = True
            self._fill()
            self.setCurrentRow(row)
        else:
            self.wanted.emit(item.data(_COUNT))


@steady
class _BarDelegate(QStyledItemDelegate):
    """Draws a row: label, number, bar. The number stands before the bar, in a column of its own."""

    def __init__(self, theme: Theme, bars: Bars) -> None:
        super().__init__(bars)
        self._theme = theme
        self._bars = bars

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Give all rows one height."""
        del option, index
        return QSize(100, self._bars.row_height)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw it."""
        colours, bars = self._theme.colours, self._bars
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(state & QStyle.StateFlag.State_Selected) and bars.hasFocus()
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selection))
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 1, 0, -1), 4, 4)
        painter.setFont(self._theme.fonts.body)
        metrics = painter.fontMetrics()
        number_wide = metrics.horizontalAdvance(f"{bars.largest:,}") + 8
        label_wide = min(round(rect.width() * 0.42), metrics.averageCharWidth() * 30)
        label = QRect(rect.left() + 6, rect.top(), label_wide, rect.height())
        middle = Qt.AlignmentFlag.AlignVCenter
        count, more = index.data(_COUNT), index.data(_MORE)
        painter.setPen(QColor(colours.soft if count is None else colours.text))
        text = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, label_wide)
        painter.drawText(label, middle | Qt.AlignmentFlag.AlignLeft, text)
        number = f"{count.number:,}" if isinstance(count, Count) else str(more)
        place = QRect(label.right(), rect.top(), number_wide, rect.height())
        painter.drawText(place, middle | Qt.AlignmentFlag.AlignRight, number)
        if isinstance(count, Count) and bars.largest:
            left = place.right() + 10
            wide = max(2.0, (rect.right() - 6 - left) * count.number / bars.largest)
            high = max(6.0, rect.height() * 0.46)
            bar = QRectF(left, rect.center().y() + 0.5 - high / 2, wide, high)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.tones[bars.tone].mark if bars.tone else colours.accent))
            painter.drawRect(bar)
        if chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(colours.accent))
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 1.5, -0.5, -1.5), 4, 4)
        painter.restore()
