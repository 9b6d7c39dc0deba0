"""The signature pad: pen, finger or mouse draw strokes; what leaves it is a picture (see ``ui.ink``)."""

from __future__ import annotations

import math
from itertools import pairwise

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QTabletEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.ink import HEIGHT, INK, WIDTH, Point, length_of, picture
from ui.steady import steady
from ui.theme import Theme

LEAST = 60.0
"""Units of ink below which it is a slip of the pen, not a signature."""
MOST_POINTS = 20_000
DECLINES = "Without them, choose that the officer does not sign, and say why."


@steady
class SignaturePad(QWidget):
    """A field to sign in.

    Signals:
        changed: emitted after each stroke and when it is wiped.
    """

    changed = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, name: str = "Signature", otherwise: str = DECLINES
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._strokes: list[list[Point]] = []
        self._drawing = False
        self._points = 0
        self.setAccessibleName(name)
        self.setAccessibleDescription(f"Sign here with pen, finger or mouse. {otherwise}")
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_StaticContents)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    @property
    def signed(self) -> bool:
        """True once there is enough ink to be a signature."""
        return sum(length_of(stroke) for stroke in self._strokes) >= LEAST

    def svg(self) -> bytes:
        """Give the picture as SVG, ink on nothing, in units of 600 by 200."""
        return picture(self._strokes)

    def wipe(self) -> None:
        """Begin again."""
        self._strokes.clear()
        self._points = 0
        self._drawing = False
        self.update()
        self.changed.emit()

    def begin(self, at: QPointF) -> None:
        """Put the pen down."""
        self._drawing = True
        self._strokes.append([self._unit(at)])
        self.update()

    def move_to(self, at: QPointF) -> None:
        """Draw on to here."""
        if self._drawing and self._points < MOST_POINTS:
            point = self._unit(at)
            if math.dist(point, self._strokes[-1][-1]) >= 1.0:
                self._strokes[-1].append(point)
                self._points += 1
                self.update()

    def lift(self) -> None:
        """Take the pen up."""
        if self._drawing:
            self._drawing = False
            self.changed.emit()

    def hasHeightForWidth(self) -> bool:
        """Keep the shape."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Give the height that goes with a width."""
        return width * HEIGHT // WIDTH

    def sizeHint(self) -> QSize:
        """Ask for the size of a line to sign on."""
        return QSize(WIDTH, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Give the size below which nobody can sign."""
        return QSize(WIDTH // 2, HEIGHT // 2)

    def event(self, event: QEvent) -> bool:
        """Take fingers and pens; the rest goes its usual way."""
        if isinstance(event, QTouchEvent) and event.device().type() is QInputDevice.DeviceType.TouchScreen:
            return self._touched(event)
        return super().event(event)

    def tabletEvent(self, event: QTabletEvent) -> None:
        """Draw with a pen that touches; one that hovers has no pressure."""
        kind = event.type()
        if kind is QEvent.Type.TabletPress:
            self.begin(event.position())
        elif kind is QEvent.Type.TabletMove and event.pressure() > 0:
            self.move_to(event.position())
        elif kind is QEvent.Type.TabletRelease:
            self.lift()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Draw with the left button."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.begin(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw on."""
        self.move_to(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        self.lift()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Wipe on Delete and Backspace."""
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.wipe()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw paper, line and ink. Paper is white and ink dark in every scheme: it is what will be printed."""
        colours = self._theme.colours
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            focused = self.hasFocus()
            painter.setPen(QPen(QColor(colours.accent if focused else colours.edge), 2 if focused else 1))
            painter.setBrush(QColor("#ffffff"))
            paper = self._paper()
            painter.drawRoundedRect(paper.adjusted(1, 1, -1, -1), 6, 6)
            painter.scale(paper.width() / WIDTH, paper.width() / WIDTH)
            painter.setPen(QPen(QColor("#9aa3b0"), 1.2))
            base = HEIGHT * 0.76
            painter.drawLine(QPointF(48, base), QPointF(WIDTH - 24, base))
            cross = QPainterPath(QPointF(24, base - 12))
            cross.lineTo(36, base)
            cross.moveTo(36, base - 12)
            cross.lineTo(24, base)
            painter.drawPath(cross)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(
                QPen(QColor("#101a33"), INK, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            )
            for stroke in self._strokes:
                path = QPainterPath(QPointF(*stroke[0]))
                for start, end in pairwise(stroke):
                    path.quadTo(QPointF(*start), QPointF((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
                path.lineTo(QPointF(stroke[-1][0] + 0.01, stroke[-1][1]))
                painter.drawPath(path)

    def _touched(self, event: QTouchEvent) -> bool:
        points = event.points()
        if event.type() is QEvent.Type.TouchBegin:
            self.begin(points[0].position())
        elif event.type() is QEvent.Type.TouchUpdate:
            self.move_to(points[0].position())
        else:
            self.lift()
        event.accept()
        return True

    def _paper(self) -> QRectF:
        """Give where one signs: as large as there is room, in the shape of the picture."""
        width = min(float(self.width()), self.height() * WIDTH / HEIGHT)
        return QRectF(0, 0, width, width * HEIGHT / WIDTH)

    def _unit(self, at: QPointF) -> Point:
        paper = self._paper()
        scale = WIDTH / max(1.0, paper.width())
        return (min(max(at.x() * scale, 0.0), float(WIDTH)), min(max(at.y() * scale, 0.0), float(HEIGHT)))
