"""Bars that stand: how many a day or a week, over a time axis; from zero, with every bar to be reached by keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from provisioning.readers.counts import Count, weeks
from ui.plain import tooltip
from ui.steady import steady
from ui.theme import Theme

MOST_DAYS = 100
"""Days that have a bar each; of a longer period, weeks have."""
_TICKS = 4
_WIDEST = 56.0
"""Pixels of a bar: that of a single day is no wall."""


def scale_of(largest: int) -> tuple[int, int]:
    """Give the top of an axis from zero and the step of its ticks: 1, 2 or 5 times a power of ten."""
    step = next(step for step in _steps() if step * _TICKS >= largest)
    return max(1, -(-largest // step)) * step, step


def _steps() -> Iterator[int]:
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


@steady
class DayChart(QWidget):
    """One bar a day or a week. Left and Right choose, Home and End go to the ends, Return opens what is behind.

    Signals:
        wanted: emitted with the :class:`Count` that is to be opened, and whether it is a week.
    """

    wanted = Signal(object, bool)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        """``name`` is for assistive technology."""
        super().__init__(parent)
        self._theme = theme
        self._name = name
        self._bars: Sequence[Count] = ()
        self._weekly = False
        self.chosen = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self._tell()

    @property
    def weekly(self) -> bool:
        """True where a bar is a week."""
        return self._weekly

    @property
    def bars(self) -> Sequence[Count]:
        """Give what the bars count."""
        return self._bars

    def show_days(self, by_day: Sequence[Count]) -> None:
        """Show these days, or the weeks that they make."""
        self._weekly = len(by_day) > MOST_DAYS
        self._bars = weeks(by_day) if self._weekly else by_day
        self.chosen = min(self.chosen, len(self._bars) - 1)
        self._tell()
        self.update()

    def said(self, at: int) -> str:
        """Say one bar in words."""
        one = self._bars[at]
        part = f" ({one.detail})" if self._weekly and one.detail != "7 days" else ""
        return f"{one.label}{part}: {one.number:,}"

    def sizeHint(self) -> QSize:
        """Be wide and low."""
        return QSize(600, round(self.fontMetrics().height() * 12))

    def minimumSizeHint(self) -> QSize:
        """Keep room for an axis and a few bars."""
        return QSize(260, round(self.fontMetrics().height() * 9))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go along the bars; open one."""
        last = len(self._bars) - 1
        match event.key():
            case Qt.Key.Key_Left:
                self._choose(max(0, self.chosen - 1))
            case Qt.Key.Key_Right:
                self._choose(min(last, self.chosen + 1))
            case Qt.Key.Key_Home:
                self._choose(0)
            case Qt.Key.Key_End:
                self._choose(last)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if 0 <= self.chosen <= last:
                self.wanted.emit(self._bars[self.chosen], self._weekly)
            case _:
                super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the bar under the pointer, or above it."""
        at = self._at(event.position().x())
        if at >= 0:
            self._choose(at)
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open it."""
        at = self._at(event.position().x())
        if at >= 0:
            self.wanted.emit(self._bars[at], self._weekly)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the bar under the pointer."""
        at = self._at(event.position().x())
        if at >= 0:
            QToolTip.showText(event.globalPosition().toPoint(), tooltip(self.said(at)), self)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axis, bars, and what is chosen in words."""
        colours = self._theme.colours
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(self._theme.fonts.body)
            metrics = painter.fontMetrics()
            plot = self._plot()
            top, step = scale_of(max((one.number for one in self._bars), default=0))
            for value in range(0, top + 1, step):
                y = round(plot.bottom() - plot.height() * value / top) + 0.5
                painter.setPen(QPen(QColor(colours.edge if value == 0 else colours.line), 1))
                if value == 0 or colours.line != colours.text:
                    painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
                painter.setPen(QColor(colours.soft))
                place = QRectF(0, y - metrics.height(), plot.left() - 8, metrics.height() * 2)
                painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:,}")
            self._draw_bars(painter, plot, top)
            self._draw_months(painter, plot)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(colours.accent), 2))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)

    def _draw_bars(self, painter: QPainter, plot: QRectF, top: int) -> None:
        colours = self._theme.colours
        count = len(self._bars)
        if not count:
            return
        slot = plot.width() / count
        wide = min(_WIDEST, max(1.0, slot - max(1.0, min(4.0, slot * 0.2))))
        painter.setPen(Qt.PenStyle.NoPen)
        for at, one in enumerate(self._bars):
            high = plot.height() * one.number / top
            chosen = at == self.chosen
            if chosen:
                painter.setBrush(QColor(colours.selection))
                painter.drawRect(QRectF(plot.left() + at * slot, plot.top(), slot, plot.height()))
            painter.setBrush(QColor(colours.accent))
            painter.drawRect(QRectF(plot.left() + at * slot + (slot - wide) / 2, plot.bottom() - high, wide, high))
        if 0 <= self.chosen < count:
            painter.setPen(QColor(colours.text))
            painter.setFont(self._theme.fonts.strong)
            text = self.said(self.chosen)
            room = painter.fontMetrics().horizontalAdvance(text) + 4
            x = min(max(plot.left(), plot.left() + (self.chosen + 0.5) * slot - room / 2), plot.right() - room)
            painter.drawText(QRectF(x, 4, room, plot.top() - 4), Qt.AlignmentFlag.AlignVCenter, text)
            painter.setFont(self._theme.fonts.body)

    def _draw_months(self, painter: QPainter, plot: QRectF) -> None:
        """Name days or months under the axis, as many as have room."""
        count = len(self._bars)
        slot = plot.width() / max(1, count)
        painter.setPen(QColor(self._theme.colours.soft))
        metrics = painter.fontMetrics()
        daily = not self._weekly and count <= 31
        before, free = "", plot.left()
        for at, one in enumerate(self._bars):
            day = date.fromordinal(int(one.key))
            named = f"{day.day} {day:%b}" if daily else f"{day:%b}"
            if named == before:
                continue
            first_of_all = not before
            before = named
            wide = metrics.horizontalAdvance(named)
            x = plot.left() + at * slot
            if x < free or x + wide > plot.right() + 4 or (first_of_all and not daily and day.day > 21):
                continue
            painter.drawLine(QPointF(x + 0.5, plot.bottom()), QPointF(x + 0.5, plot.bottom() + 4))
            painter.drawText(QPointF(x + 2, plot.bottom() + metrics.ascent() + 5), named)
            free = x + wide + 10

    def _plot(self) -> QRectF:
        metrics = self.fontMetrics()
        top, _ = scale_of(max((one.number for one in self._bars), default=0))
        left = metrics.horizontalAdvance(f"{top:,}") + 16
        head = metrics.height() + 10
        return QRectF(left, head, self.width() - left - 10, self.height() - head - metrics.height() - 12)

    def _at(self, x: float) -> int:
        plot = self._plot()
        if not self._bars or not plot.left() <= x <= plot.right():
            return -1
        return min(len(self._bars) - 1, int((x - plot.left()) * len(self._bars) / plot.width()))

    def _choose(self, at: int) -> None:
        if self._bars and at != self.chosen:
            self.chosen = at
            self._tell()
            self.update()

    def _tell(self) -> None:
        """Give assistive technology the whole in one sentence, and the bar that is chosen."""
        total = sum(one.number for one in self._bars)
        what = "weeks" if self._weekly else "days"
        said = f"{self._name}: {len(self._bars)} {what}, {total:,} in all"
        if total:
            most = max(range(len(self._bars)), key=lambda at: self._bars[at].number)
            said += f", most in {self.said(most)}"
        self.setAccessibleName(said)
        self.setAccessibleDescription(self.said(self.chosen) if 0 <= self.chosen < len(self._bars) else "")
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
