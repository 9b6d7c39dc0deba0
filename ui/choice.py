"""One of a few, chosen from a list that unfolds; as high as a field and in its frame."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from ui.steady import steady


@steady
class Choice(QComboBox):
    """A combo box. The wheel turns the page under it, never what was chosen."""

    def __init__(self, name: str, words: list[str], parent: QWidget | None = None) -> None:
        """``name`` is for assistive technology."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.addItems(words)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the arrow, in the colour of the text: a style sheet can do so only from a file."""
        super().paintEvent(event)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            group = self.palette().currentColorGroup()
            colour = QColor(self.palette().color(group, self.foregroundRole()))
            painter.setPen(QPen(colour, 1.6, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
            at = QPointF(self.width() - 15, self.height() / 2)
            painter.drawPolyline([at + QPointF(x, y) for x, y in ((-4, -2), (0, 2), (4, -2))])
