"""Buttons that keep their icon in the colours of the theme, and a tick box whose words may run over several lines."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QPushButton, QSizePolicy, QWidget

from ui.plain import caption, tooltip
from ui.steady import steady
from ui.theme import Theme


class Button(QPushButton):
    """A push button. ``role`` is "", "primary" (what one came for; one to a page) or "quiet" (no frame)."""

    def __init__(
        self, theme: Theme, text: str, icon: str = "", *, role: str = "", tip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        if role:
            self.setProperty("role", role)
        self.setAutoDefault(False)
        self.setIconSize(QSize(16, 16))
        self.say(text)
        if tip:
            self.setToolTip(tooltip(tip))
            self.setAccessibleDescription(tip)
        if icon:
            theme.changed.connect(self._dress)
            self._dress()

    def say(self, text: str) -> None:
        """Show another text; it is shown letter by letter."""
        self.setText(f"\u2009{caption(text)}" if self._icon and text else caption(text))
        self.setAccessibleName(text or self.accessibleName())

    def _dress(self) -> None:
        colours = self._theme.colours
        colour = colours.on_accent if self.property("role") == "primary" else colours.text
        self.setIcon(self._theme.icons.icon(self._icon, colour, colours.soft))


@steady
class Tick(QCheckBox):
    """A tick box with plain words that wrap; the whole of it can be tapped, large enough for a finger."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words = text
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    @property
    def words(self) -> str:
        """Give what is ticked."""
        return self._words

    def hasHeightForWidth(self) -> bool:
        """Let the layout ask how high it is."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Give the height that the words need."""
        box = self.fontMetrics().boundingRect(
            QRect(0, 0, max(40, width - self._indent()), 10_000), Qt.TextFlag.TextWordWrap, self._words
        )
        return max(box.height(), self._side()) + 12

    def sizeHint(self) -> QSize:
        """Give the place of the words on one line, if that is not too long."""
        width = min(self.fontMetrics().horizontalAdvance(self._words), 420) + self._indent() + 4
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Give the least place."""
        return QSize(self._indent() + 80, self._side() + 12)

    def hitButton(self, pos: object) -> bool:
        """Take a tap anywhere."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw box, tick, words and focus."""
        colours = self._theme.colours
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            side = self._side()
            box = QRectF(5, (min(self.height(), side + 12) - side) / 2, side, side).adjusted(0.75, 0.75, -0.75, -0.75)
            on = self.isChecked()
            painter.setPen(QPen(QColor(colours.accent if on else colours.edge), 1.5))
            painter.setBrush(QColor(colours.accent if on else colours.sunken))
            painter.drawRoundedRect(box, 4, 4)
            if on:
                at = box.center()
                painter.setPen(
                    QPen(QColor(colours.on_accent), 2.0, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin)
                )
                unit = side / 20
                painter.drawPolyline([at + QPointF(x, y) * unit for x, y in ((-5, 0.5), (-1.5, 4), (5, -4))])
            painter.setPen(QColor(colours.text if self.isEnabled() else colours.soft))
            top = 6 + max(0, (side - self.fontMetrics().height()) // 2)
            words = QRect(self._indent(), top, self.width() - self._indent(), self.height() - top)
            painter.drawText(words, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft, self._words)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(colours.accent), 2))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)

    def _side(self) -> int:
        return round(self.fontMetrics().height() * 1.25)

    def _indent(self) -> int:
        return self._side() + 15
