"""A two-dimensional code as a camera wants it: black on white in every theme, whole pixels, a quiet zone round it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.steady import steady

QUIET = 4
"""Modules of white that a reader needs on each side (ISO/IEC 18004)."""
LEAST = 2
"""Device pixels of a module below which a phone's camera does not tell them apart from a hand's distance."""


@steady
class CodePicture(QWidget):
    """Shows the modules that it is given, as large as it may; nothing where it has none. They are kept nowhere else."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._modules: Sequence[Sequence[bool]] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)
        self.setAccessibleName("Provisioning code")

    @property
    def empty(self) -> bool:
        """True if no code is shown."""
        return not self._modules

    def show_modules(self, modules: Sequence[Sequence[bool]]) -> None:
        """Show a code, or with no rows none."""
        self._modules = modules
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for as much as an arm's length needs."""
        return QSize(520, 520)

    def minimumSizeHint(self) -> QSize:
        """Give what still can be read from a hand's distance."""
        side = max(240, round((len(self._modules) + 2 * QUIET) * LEAST / self.devicePixelRatioF()))
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw each module as a square of whole device pixels, so that none is blurred."""
        if not self._modules:
            return
        ratio = self.devicePixelRatioF()
        count = len(self._modules) + 2 * QUIET
        side = int(min(self.width(), self.height()) * ratio) // count
        left = (round(self.width() * ratio) - side * count) // 2
        top = (round(self.height() * ratio) - side * count) // 2
        with QPainter(self) as painter:
            painter.scale(1 / ratio, 1 / ratio)
            painter.fillRect(QRect(left, top, side * count, side * count), Qt.GlobalColor.white)
            black = QColor(Qt.GlobalColor.black)
            for row, modules in enumerate(self._modules, start=QUIET):
                for column, dark in enumerate(modules, start=QUIET):
                    if dark:
                        painter.fillRect(QRect(left + column * side, top + row * side, side, side), black)
