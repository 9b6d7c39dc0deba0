"""Draw what stands on a card of the wall, in four densities; the ground below it is drawn by ``ui.card_painter``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from provisioning.status import Phase
from ui.card import Card
from ui.marks import draw_mark
from ui.signs import PHASE_SIGN, Sign, Tone
from ui.theme import Theme
from ui.typography import grown

LOUD = frozenset({Tone.HANDS, Tone.FAULT, Tone.UNKNOWN, Tone.STOPPED})
"""Tones that fill the whole card: somebody has to look."""
SHORT = {Phase.WAITING: "Hands"}
"""Words that are shorter on all but the largest cards."""


@unique
class Density(StrEnum):
    """How much a card tells; all of them tell the bay and the state by its sign, all but the smallest by its word."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    TINY = "tiny"


TILES = frozenset({Density.SMALL, Density.TINY})
"""What is read from afar: a large number, and where somebody is needed the whole tile in the colour of the state."""


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of one card: its ground, what is written on it, and what is written more softly."""

    ground: str
    text: str
    soft: str
    mark: str


class Hand:
    """Fonts of one zoom with their measures, and how a line is written with them."""

    def __init__(self, theme: Theme, zoom: float = 1.0) -> None:
        fonts = theme.fonts
        self.body, self.strong = grown(fonts.body, zoom), grown(fonts.strong, zoom)
        self.title, self.serial = grown(fonts.title, zoom), grown(fonts.serial, zoom)
        body, title = QFontMetricsF(self.body), QFontMetricsF(self.title)
        self.line = round(body.height() * 1.18)
        self.high = round(title.height() * 1.08)
        self.sign = round(body.capHeight() * 1.3)
        self.letter = body.averageCharWidth()

    def wide(self, font: QFont, text: str) -> float:
        """Give the width of a text in one of these fonts."""
        return QFontMetricsF(font).horizontalAdvance(text)

    def write(self, painter: QPainter, box: QRectF, text: str, font: QFont, colour: str) -> None:
        """Write one line, shortened at its end; ``drawText`` knows no markup."""
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    def mark(self, painter: QPainter, at: float, line: QRectF, sign: Sign, ink: str, ground: str) -> None:
        """Draw a sign in the middle of a line, with its left edge at ``at``."""
        box = QRectF(at, line.center().y() - self.sign / 2, self.sign, self.sign)
        draw_mark(painter, box, sign.shape, ink, ground)


def word_of(phase: Phase, density: Density) -> str:
    """Give the word of a state as it stands on a card of this density."""
    word = PHASE_SIGN[phase].word
    return word if density is Density.LARGE else SHORT.get(phase, word)


def card_size(hand: Hand, density: Density, widest: str) -> tuple[int, int]:
    """Give the least width and the height of a card whose bay is at most as wide as ``widest``, logical pixels."""
    bay = hand.wide(hand.title, widest)
    words = max(hand.wide(hand.strong, word_of(phase, density)) for phase in Phase) + hand.sign
    match density:
        case Density.LARGE:
            return round(max(hand.letter * 21, bay + words + 48)), hand.high + hand.line * 3 + 24
        case Density.MEDIUM:
            return round(max(hand.letter * 18, bay + words + 38)), hand.high + hand.line + 16
        case Density.SMALL:
            return round(max(words + 6, bay) + 18), hand.high + hand.line + 8
        case Density.TINY:
            return round(max(bay, hand.sign * 2) * 0.8 + 12), round(hand.high * 0.8 + hand.sign * 1.25 + 13)


def draw_card(hand: Hand, painter: QPainter, box: QRectF, card: Card, density: Density, ink: Ink) -> None:
    """Draw the face of a card into ``box``, the whole of the card."""
    match density:
        case Density.LARGE:
            _large(hand, painter, box.adjusted(15, 11, -13, -11), card, ink)
        case Density.MEDIUM:
            _medium(hand, painter, box.adjusted(12, 7, -10, -8), card, ink)
        case Density.SMALL:
            _small(hand, painter, box.adjusted(10, 3, -6, -4), card, ink)
        case Density.TINY:
            _tiny(hand, painter, box.adjusted(6, 3, -3, -4), card, ink)


def _large(hand: Hand, painter: QPainter, box: QRectF, card: Card, ink: Ink) -> None:
    first = QRectF(box.left(), box.top(), box.width(), hand.high)
    lines = [QRectF(box.left(), first.bottom() + hand.line * n, box.width(), hand.line) for n in range(3)]
    used = _state(hand, painter, first, card, Density.LARGE, ink)
    hand.write(painter, first.adjusted(0, 0, -used, 0), card.bay, hand.title, ink.text)
    hand.write(painter, lines[0], card.model, hand.body, ink.text)
    hand.write(painter, lines[1], card.note, hand.body, _note_colour(card, ink))
    pips = _pips(painter, lines[2], card, ink)
    hand.write(painter, lines[2].adjusted(0, 0, -pips, 0), card.serial_number, hand.serial, ink.soft)


def _medium(hand: Hand, painter: QPainter, box: QRectF, card: Card, ink: Ink) -> None:
    first = QRectF(box.left(), box.top(), box.width(), hand.high)
    second = QRectF(box.left(), first.bottom() + 1, box.width(), hand.line)
    used = _state(hand, painter, first, card, Density.MEDIUM, ink)
    hand.write(painter, first.adjusted(0, 0, -used, 0), card.bay, hand.title, ink.text)
    tail = _tail(hand, painter, second, card, ink)
    words = card.note if card.phase is not Phase.READY and card.note else card.model
    hand.write(painter, second.adjusted(0, 0, -tail, 0), words, hand.body, _note_colour(card, ink))


def _small(hand: Hand, painter: QPainter, box: QRectF, card: Card, ink: Ink) -> None:
    first = QRectF(box.left(), box.top(), box.width(), hand.high)
    bay = hand.wide(hand.title, card.bay)
    if box.width() - bay >= hand.wide(hand.serial, card.serial_number[-4:]) + 10:
        _tail(hand, painter, first, card, ink)
    hand.write(painter, first, card.bay, hand.title, ink.text)
    second = QRectF(box.left(), first.bottom(), box.width(), hand.line)
    _state(hand, painter, second, card, Density.SMALL, ink, left=True)


def _tiny(hand: Hand, painter: QPainter, box: QRectF, card: Card, ink: Ink) -> None:
    font = grown(hand.title, 0.8)
    first = QRectF(box.left(), box.top(), box.width(), hand.high * 0.8)
    hand.write(painter, first, card.bay, font, ink.text)
    side = hand.sign * 1.25
    sign = PHASE_SIGN[card.phase]
    draw_mark(painter, QRectF(box.left() + 1, first.bottom() + 2, side, side), sign.shape, ink.mark, ink.ground)


def _state(
    hand: Hand, painter: QPainter, line: QRectF, card: Card, density: Density, ink: Ink, *, left: bool = False
) -> float:
    """Draw sign and word, at the right unless ``left``; give the width that they took."""
    word = word_of(card.phase, density)
    width = hand.sign + 6 + hand.wide(hand.strong, word)
    at = line.left() if left else line.right() - width
    hand.mark(painter, at, line, PHASE_SIGN[card.phase], ink.mark, ink.ground)
    box = QRectF(at + hand.sign + 6, line.top(), width, line.height())
    hand.write(painter, box, word, hand.strong, ink.mark)
    return width + 10


def _tail(hand: Hand, painter: QPainter, line: QRectF, card: Card, ink: Ink) -> float:
    """Draw the last letters of the serial number at the right; give the width that they took."""
    if not card.serial_number:
        return 0.0
    tail = card.serial_number[-4:]
    width = hand.wide(hand.serial, tail)
    hand.write(painter, QRectF(line.right() - width, line.top(), width + 1, line.height()), tail, hand.serial, ink.soft)
    return width + 8


def _pips(painter: QPainter, line: QRectF, card: Card, ink: Ink) -> float:
    """Draw one dash for each stage, filled as far as the walk has come; give the width that they took."""
    if not card.stages or card.phase is Phase.READY:
        return 0.0
    dash, gap = 9.0, 3.0
    width = card.stages * (dash + gap) - gap
    middle = line.center().y()
    for number in range(card.stages):
        left = line.right() - width + number * (dash + gap)
        if number < card.done:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ink.mark))
            painter.drawRoundedRect(QRectF(left, middle - 2, dash, 4), 2, 2)
        else:
            painter.setPen(QPen(QColor(ink.soft), 1))
            painter.drawLine(QPointF(left + 1, middle), QPointF(left + dash - 1, middle))
    return width + 10


def _note_colour(card: Card, ink: Ink) -> str:
    return ink.text if PHASE_SIGN[card.phase].tone in LOUD else ink.soft
