"""Pages as pictures, one at a time, fitted into their place; turned with the arrow keys, the wheel or two buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.steady import steady

_FOOT = 22
"""Pixels below the page for its number."""


@steady
class PageView(QWidget):
    """Shows PNG pages. What is asked for while they are made is said in their place."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._pages: tuple[bytes, ...] = ()
        self._at = 0
        self._image = QImage()
        self._fitted = QPixmap()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_pages(self, pages: Sequence[bytes]) -> None:
        """Show these pages, the first of them first."""
        self._pages = tuple(pages)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if len(self._pages) > 1 else Qt.FocusPolicy.NoFocus)
        self.turn_to(0)

    @property
    def page(self) -> int:
        """Give the number of the page that is shown, from 1; 0 before there is one."""
        return self._at + 1 if self._pages else 0

    def turn_to(self, at: int) -> None:
        """Show the page at this place, from 0, or the nearest that there is."""
        self._at = max(0, min(at, len(self._pages) - 1))
        self._image = QImage.fromData(self._pages[self._at]) if self._pages else QImage()
        self._fitted = QPixmap()
        self.setAccessibleDescription(self._said())
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for enough to make out a page."""
        return QSize(320, 380)

    def minimumSizeHint(self) -> QSize:
        """Make do with little."""
        return QSize(120, 120)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn the page."""
        steps = {
            Qt.Key.Key_Right: 1, Qt.Key.Key_PageDown: 1, Qt.Key.Key_Down: 1,
            Qt.Key.Key_Left: -1, Qt.Key.Key_PageUp: -1, Qt.Key.Key_Up: -1,
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None or len(self._pages) < 2:
            super().keyPressEvent(event)
            return
        self.turn_to(self._at + step)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the page."""
        if len(self._pages) > 1 and event.angleDelta().y():
            self.turn_to(self._at + (1 if event.angleDelta().y() < 0 else -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Turn on at the right half, back at the left."""
        if len(self._pages) > 1:
            self.turn_to(self._at + (1 if event.position().x() > self.width() / 2 else -1))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the page, its edge, and which one it is."""
        with QPainter(self) as painter:
            if self._image.isNull():
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The page is being made…")
                return
            many = len(self._pages) > 1
            place = QRect(0, 0, self.width(), self.height() - (_FOOT if many else 0))
            self._fit(place.size())
            shown = self._fitted.deviceIndependentSize().toSize()
            at = ((place.width() - shown.width()) // 2, (place.height() - shown.height()) // 2)
            painter.drawPixmap(*at, self._fitted)
            painter.setPen(self.palette().mid().color())
            painter.drawRect(*at, shown.width() - 1, shown.height() - 1)
            if many:
                painter.setPen(self.palette().text().color())
                foot = QRect(0, place.height(), self.width(), _FOOT)
                painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, f"‹  {self._said()}  ›")

    def _said(self) -> str:
        return f"page {self.page} of {len(self._pages)}" if self._pages else ""

    def _fit(self, place: QSize) -> None:
        wanted = place * self.devicePixelRatioF()
        if self._fitted.size() != self._image.size().scaled(wanted, Qt.AspectRatioMode.KeepAspectRatio):
            fitted = self._image.scaled(
                wanted, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            self._fitted = QPixmap.fromImage(fitted)
            self._fitted.setDevicePixelRatio(self.devicePixelRatioF())
