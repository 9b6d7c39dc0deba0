"""Lay one row of the wall into its place: a heading is painted, a card is copied once it has been painted."""

from __future__ import annotations

from math import inf
from time import perf_counter

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.card import Card
from ui.card_painter import CardPainter, Density, Look
from ui.steady import steady
from ui.wall_fit import Fit
from ui.wall_model import Heading, Index, WallModel


@steady
class CardDelegate(QStyledItemDelegate):
    """Lays one card or heading into its place."""

    def __init__(self, model: WallModel, painter: CardPainter, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._painter = painter
        large = painter.card_size(Density.LARGE)
        self.fit = Fit(Density.LARGE, 1.0, large, 1, 0, 0, apart=True, height=0)
        self._until = inf
        self._painted = 0
        self.behind = QRegion()
        """Where cards were left over."""
        self._shown: dict[tuple[str, int, int], QPixmap] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Give a card's size; a heading takes a line or some cells, the last card of a hub what is left of its line."""
        laid = self.fit
        height = laid.card[1]
        if isinstance(self._model.face(index.row()), Card):
            ends = self._model.ends(index.row())
            return QSize(laid.last_width(ends) if ends else laid.card[0], height)
        if laid.head:
            return QSize(laid.width(laid.head), height)
        return QSize(laid.line, self._painter.heading_height(laid.density))

    def begin(self, seconds: float) -> None:
        """Begin a turn of painting: after so many seconds cards keep their last look, but one is always painted."""
        self.behind = QRegion()
        self._until, self._painted = perf_counter() + seconds, 0

    def draw(self, painter: QPainter, box: QRect, row: int, look: Look) -> None:
        """Copy the painted card; paint the heading. ``look`` is that of a card in this row."""
        face, laid = self._model.face(row), self.fit
        if isinstance(face, Heading):
            self._painter.heading(painter, QRectF(box), face, laid.density, laid.zoom)
            return
        last = (face.bay, *look.size)
        pixmap = self._painter.kept(face, laid.density, look)
        if pixmap is None and self._painted and perf_counter() >= self._until:
            self.behind |= box
            pixmap = self._shown.get(last)
        elif pixmap is None:
            self._painted += 1
            pixmap = self._painter.card(face, laid.density, look)
        if pixmap is not None:
            self._shown[last] = pixmap
            painter.drawPixmap(box.topLeft(), pixmap)

    def forget(self) -> None:
        """Throw away the last looks: their colours, fonts or sizes hold no more."""
        self._shown.clear()
