"""The icons of the window: one family (lucide), drawn in the colour that is asked for, rendered when first shown."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

SIDE = 18
"""Logical pixels of an icon in a button."""
_SCALES = (1.0, 1.5, 2.0, 3.0)


class Icons:
    """Icons and pixmaps by name (a file in ``resources/icons``) and colour; each is rendered once."""

    def __init__(self) -> None:
        self._icons: dict[tuple[str, str, str], QIcon] = {}

    def icon(self, name: str, colour: str, disabled: str | None = None) -> QIcon:
        """Give an icon in ``colour``, and in ``disabled`` where its control is; sharp at 100 to 300 %."""
        key = (name, colour, disabled or colour)
        if key not in self._icons:
            made = QIcon()
            for scale in _SCALES:
                made.addPixmap(self.pixmap(name, colour, SIDE, scale), QIcon.Mode.Normal)
                made.addPixmap(self.pixmap(name, key[2], SIDE, scale), QIcon.Mode.Disabled)
            self._icons[key] = made
        return self._icons[key]

    def pixmap(self, name: str, colour: str, side: int, scale: float) -> QPixmap:
        """Render an icon ``side`` logical pixels wide for a screen of this scale."""
        source = files("resources").joinpath("icons", f"{name}.svg").read_text("utf-8")
        renderer = QSvgRenderer(QByteArray(source.replace("currentColor", colour).encode()))
        pixmap = QPixmap(round(side * scale), round(side * scale))
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            renderer.render(painter, QRectF(0, 0, side, side))
        return pixmap
