"""Draw the sign of a state: its shape in the colour of its tone, crisp from 10 pixels on."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QIcon, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.signs import Shape, Sign
from ui.steady import steady
from ui.theme import Theme


def draw_mark(painter: QPainter, box: QRectF, shape: Shape, colour: str, hole: str) -> None:
    """Draw ``shape`` into ``box`` (a square). ``hole`` is what lies behind it: ticks and the like are cut out in it."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = box.width()
    painter.translate(box.center())
    ink = QColor(colour)
    stroke = QPen(ink, max(1.6, side * 0.13), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    cut = QPen(QColor(hole), stroke.widthF(), stroke.style(), stroke.capStyle(), stroke.joinStyle())
    half = side / 2
    ring = half - stroke.widthF() / 2
    match shape:
        case Shape.DISC:
            _fill(painter, ink, _disc(half))
            painter.setPen(cut)
            painter.drawPolyline(_points((-0.46, 0.02), (-0.12, 0.36), (0.46, -0.32), side=half))
        case Shape.TRIANGLE:
            _fill(painter, ink, _polygon((0, -0.98), (1.06, 0.86), (-1.06, 0.86), side=half))
            painter.setPen(cut)
            painter.drawLine(QPointF(0, -0.24 * half), QPointF(0, 0.2 * half))
            painter.drawPoint(QPointF(0, 0.54 * half))
        case Shape.DIAMOND:
            _fill(painter, ink, _polygon((0, -1.1), (1.1, 0), (0, 1.1), (-1.1, 0), side=half))
        case Shape.DOTS:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(ink))
            for step in range(8):
                angle = step * math.pi / 4
                at = QPointF(math.cos(angle), math.sin(angle)) * (half * 0.82)
                painter.drawEllipse(at, side * 0.09, side * 0.09)
        case Shape.QUESTION:
            painter.setPen(stroke)
            arc = QPainterPath(QPointF(-0.42 * half, -0.42 * half))
            arc.cubicTo(
                QPointF(-0.42 * half, -1.12 * half),
                QPointF(0.62 * half, -1.12 * half),
                QPointF(0.5 * half, -0.3 * half),
            )
            arc.cubicTo(QPointF(0.42 * half, 0.02 * half), QPointF(0, 0.02 * half), QPointF(0, 0.38 * half))
            painter.drawPath(arc)
            painter.drawPoint(QPointF(0, 0.86 * half))
        case Shape.SQUARE:
            _fill(painter, ink, _square(half * 0.86))
        case Shape.SLASHED:
            painter.setPen(stroke)
            painter.drawEllipse(QPointF(0, 0), ring, ring)
            painter.drawLine(QPointF(-ring, ring) * 0.68, QPointF(ring, -ring) * 0.68)
        case Shape.RING:
            painter.setPen(stroke)
            painter.drawEllipse(QPointF(0, 0), ring, ring)
    painter.restore()


@steady
class Mark(QWidget):
    """A sign by itself, as tall as a line of text. Assistive technology reads the word beside it, not the drawing."""

    def __init__(self, theme: Theme, sign: Sign, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sign = sign
        theme.changed.connect(self.update)

    def show_sign(self, sign: Sign) -> None:
        """Show another sign."""
        if sign != self._sign:
            self._sign = sign
            self.update()

    def sizeHint(self) -> QSize:
        """Give the place that it needs."""
        side = round(self.fontMetrics().capHeight() * 1.3)
        return QSize(side + 2, side + 2)

    def minimumSizeHint(self) -> QSize:
        """Give the same; a mark does not shrink."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it in the middle."""
        side = float(self.sizeHint().width() - 2)
        box = QRectF(0, 0, side, side)
        box.moveCenter(QRectF(self.rect()).center())
        colours = self._theme.colours
        with QPainter(self) as painter:
            draw_mark(painter, box, self._sign.shape, colours.tones[self._sign.tone].mark, colours.surface)


@steady
class Badge(QWidget):
    """Sign and word on the tint of their tone: what stands first about a handset."""

    def __init__(self, theme: Theme, sign: Sign, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sign = sign
        self.setFont(theme.fonts.strong)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(sign.word)
        theme.changed.connect(self.update)

    @property
    def word(self) -> str:
        """Give the word that it shows."""
        return self._sign.word

    def show_sign(self, sign: Sign, word: str = "") -> None:
        """Show another sign, under a word other than its own if one is given."""
        self._sign = replace(sign, word=word or sign.word)
        self.setAccessibleName(self._sign.word)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Give the place that sign and word need."""
        metrics = self.fontMetrics()
        return QSize(self._side() + metrics.horizontalAdvance(self._sign.word) + 28, round(metrics.height() * 1.6))

    def minimumSizeHint(self) -> QSize:
        """Give the same."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw tint, sign and word."""
        own = self._theme.colours.tones[self._sign.tone]
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(QColor(own.tint))
            painter.setPen(QPen(QColor(own.mark), 1))
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
            side = float(self._side())
            mark = QRectF(11, (self.height() - side) / 2, side, side)
            draw_mark(painter, mark, self._sign.shape, own.mark, own.tint)
            painter.setPen(QColor(own.mark))
            words = self.rect().adjusted(round(side) + 17, 0, 0, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._sign.word)

    def _side(self) -> int:
        return round(self.fontMetrics().capHeight() * 1.3)


@steady
class Picture(QWidget):
    """A large icon in the soft colour, for places that are empty. It says nothing that the words beside it do not."""

    def __init__(self, theme: Theme, name: str, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = name
        self.setFixedSize(side, side)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        colour, scale = self._theme.colours.soft, self.devicePixelRatioF()
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._theme.icons.pixmap(self._name, colour, self.width(), scale))


def mark_icon(theme: Theme, sign: Sign, side: int = 14) -> QIcon:
    """Give a sign as the icon of a button."""
    colours = theme.colours
    icon = QIcon()
    for scale in (1.0, 1.5, 2.0, 3.0):
        pixmap = QPixmap(round(side * scale), round(side * scale))
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            box = QRectF(1, 1, side - 2, side - 2)
            draw_mark(painter, box, sign.shape, colours.tones[sign.tone].mark, colours.surface)
        icon.addPixmap(pixmap)
    return icon


def _fill(painter: QPainter, ink: QColor, path: QPainterPath) -> None:
    painter.fillPath(path, ink)


def _disc(radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(0, 0), radius, radius)
    return path


def _square(half: float) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(-half, -half, 2 * half, 2 * half), half * 0.2, half * 0.2)
    return path


def _polygon(*corners: tuple[float, float], side: float) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF(_points(*corners, side=side)))
    path.closeSubpath()
    return path


def _points(*corners: tuple[float, float], side: float) -> list[QPointF]:
    return [QPointF(x * side, y * side) for x, y in corners]
