"""One port on the map of the hubs: drawn, reached by the arrow keys, read aloud."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.hub_plan import EMPTY, PortFace
from ui.marks import draw_mark
from ui.plain import tooltip
from ui.signs import MISTRUSTED
from ui.steady import steady
from ui.theme import Theme

STEPS: Mapping[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
"""Arrow key -> lines down, ports to the right."""


@steady
class PortCell(QAbstractButton):
    """One port: its label, a sign with its word, the model; a triangle in the corner where it is to be mistrusted.

    Signals:
        entered: emitted with the cell when it gets the focus.
        steered: emitted with the cell and the arrow key that was pressed in it.
    """

    entered = Signal(object)
    steered = Signal(object, int)

    def __init__(self, theme: Theme, face: PortFace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.face = face
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self.show_face(face)

    def show_face(self, face: PortFace) -> None:
        """Show how the port stands now."""
        self.face = face
        self.setAccessibleName(face.spoken)
        self.setAccessibleDescription(" ".join(one for one in (face.told, face.warning) if one))
        self.setToolTip(tooltip("\n".join(one for one in (face.told, face.warning) if one)))
        self.update()

    def sizeHint(self) -> QSize:
        """Give the room that the longest word of a sign needs."""
        strong, body = self._strong_line(), self.fontMetrics()
        return QSize(body.horizontalAdvance("Needs hands") + body.height() + 22, strong + 2 * body.height() + 20)

    def minimumSizeHint(self) -> QSize:
        """Give the same; eight of them fit the smallest window."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw frame, label, sign, model and warning."""
        colours, face = self._theme.colours, self.face
        empty = face.sign is EMPTY
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
            edge = QPen(QColor(colours.accent if self.hasFocus() else colours.edge), 2.5 if self.hasFocus() else 1)
            if empty and not self.hasFocus():
                edge.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(edge)
            ground = colours.window if empty else colours.surface
            if face.warning:
                ground = colours.tones[MISTRUSTED.tone].tint
            painter.setBrush(QColor(ground))
            painter.drawRoundedRect(box, 6, 6)
            painter.setPen(QColor(colours.text))
            painter.setFont(self._theme.fonts.strong)
            inner = box.adjusted(9, 6, -8, -6)
            line, high = self.fontMetrics().height(), self._strong_line()
            mark = round(self.fontMetrics().capHeight() * 1.3)
            room = inner.width() - (mark + 6 if face.warning else 0)
            metrics = painter.fontMetrics()
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(
                QRectF(inner.left(), inner.top(), room, high),
                left,
                metrics.elidedText(face.label, Qt.TextElideMode.ElideMiddle, int(room)),
            )
            painter.setFont(self._theme.fonts.body)
            body = self.fontMetrics()
            own = colours.tones[face.sign.tone]
            top = inner.top() + high + 2
            sign = QRectF(inner.left(), top + (line - mark) / 2, mark, mark)
            draw_mark(painter, sign, face.sign.shape, own.mark, ground)
            painter.setPen(QColor(colours.soft if empty else colours.text))
            words = QRectF(inner.left() + mark + 6, top, inner.width() - mark - 6, line)
            painter.drawText(
                words, left, body.elidedText(face.sign.word, Qt.TextElideMode.ElideRight, int(words.width()))
            )
            painter.setPen(QColor(colours.soft))
            under = QRectF(inner.left(), top + line + 1, inner.width(), line)
            painter.drawText(under, left, body.elidedText(face.model, Qt.TextElideMode.ElideRight, int(under.width())))
            if face.warning:
                corner = QRectF(inner.right() - mark, inner.top() + (high - mark) / 2, mark, mark)
                warned = colours.tones[MISTRUSTED.tone].mark
                draw_mark(painter, corner, MISTRUSTED.shape, warned, ground)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell that it is the port in hand."""
        super().focusInEvent(event)
        self.entered.emit(self)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring off."""
        super().focusOutEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrow keys; Return does what Space does."""
        key = event.key()
        if key in STEPS:
            self.steered.emit(self, key)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)

    def _strong_line(self) -> int:
        return self.fontMetrics().height() + 2
