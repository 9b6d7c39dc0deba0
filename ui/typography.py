"""The faces of the window: two sizes, two weights, tabular figures, and a face for serial numbers."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.resources import files

from PySide6.QtGui import QFont, QFontDatabase

TEXT_FAMILY = "Inter"
SERIAL_FAMILY = "Atkinson Hyperlegible Mono"
BODY_POINTS = 13.0 if sys.platform == "darwin" else 10.0
"""macOS counts 72 points to the inch, the others 96: about 13 pixels everywhere at 100 %."""
TITLE_RATIO = 1.45
NUMBER_RATIO = 7.0
_FILES = ("Inter-Regular.otf", "Inter-SemiBold.otf", "AtkinsonHyperlegibleMono-Regular.ttf")


@dataclass(frozen=True, slots=True)
class Typography:
    """The fonts that may be used; nothing in the window makes another, but a tile of the wall may grow its own."""

    body: QFont
    strong: QFont
    title: QFont
    serial: QFont
    number: QFont
    """A number that is read from a metre away."""


def grown(font: QFont, ratio: float) -> QFont:
    """Give the same face, ``ratio`` times as large: for tiles that are read from afar."""
    if ratio == 1.0:
        return font
    larger = QFont(font)
    larger.setPointSizeF(font.pointSizeF() * ratio)
    return larger


def load(scale: float = 1.0) -> Typography:
    """Make the bundled faces known and give the fonts, ``scale`` times their usual size. Needs a QGuiApplication."""
    for name in _FILES:
        QFontDatabase.addApplicationFontFromData(files("resources").joinpath("fonts", name).read_bytes())
    body = _tabular(QFont(TEXT_FAMILY), BODY_POINTS * scale)
    strong = QFont(body)
    strong.setWeight(QFont.Weight.DemiBold)
    title = QFont(strong)
    title.setPointSizeF(BODY_POINTS * scale * TITLE_RATIO)
    serial = QFont(SERIAL_FAMILY)
    serial.setPointSizeF(BODY_POINTS * scale)
    serial.setStyleHint(QFont.StyleHint.Monospace)
    number = QFont(strong)
    number.setPointSizeF(BODY_POINTS * scale * NUMBER_RATIO)
    return Typography(body, strong, title, serial, number)


def _tabular(font: QFont, points: float) -> QFont:
    font.setPointSizeF(points)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
