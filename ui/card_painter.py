"""Paint cards and headings of the wall in three densities; a card is painted once and then copied until it differs."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum, unique

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from provisioning.status import Phase
from ui.card import Card
from ui.marks import draw_mark
from ui.signs import MISTRUSTED, PHASE_SIGN, Sign, Tone, counted
from ui.theme import Theme
from ui.wall_model import Heading, mistrust

_LOUD = frozenset({Tone.HANDS, Tone.FAULT, Tone.UNKNOWN, Tone.STOPPED})
"""Tones that fill the whole card: somebody has to look."""
_SHORT = {Phase.WAITING: "Hands"}
_CACHE_BYTES = 48 << 20


@unique
class Density(StrEnum):
    """How much a card tells; all of them tell bay, state and word."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class Look:
    """How a card lies there at the moment."""

    size: tuple[int, int]
    selected: bool
    hovered: bool
    focused: bool
    scale: float


class CardPainter:
    """Knows the measures of each density and keeps what has been painted (at most 48 MiB)."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._kept: OrderedDict[tuple[Card, Density, Look], QPixmap] = OrderedDict()
        self._bytes = 0
        theme.changed.connect(self.forget)
        fonts = theme.fonts
        self._body = QFontMetricsF(fonts.body)
        self._strong = QFontMetricsF(fonts.strong)
        self._serial = QFontMetricsF(fonts.serial)
        self._line = round(self._body.height() * 1.18)
        self._sign = round(self._body.capHeight() * 1.3)

    @property
    def kept_bytes(self) -> int:
        """Give how much memory the painted cards take."""
        return self._bytes

    def forget(self) -> None:
        """Throw away what has been painted."""
        self._kept.clear()
        self._bytes = 0

    def card_size(self, density: Density) -> tuple[int, int]:
        """Give the least width and the height of a card, logical pixels."""
        letter = self._body.averageCharWidth()
        match density:
            case Density.LARGE:
                return round(letter * 21), self._line * 4 + 26
            case Density.MEDIUM:
                return round(letter * 18), self._line * 2 + 20
            case Density.SMALL:
                words = max(self._strong.horizontalAdvance(_word(phase, density)) for phase in Phase)
                return round(words + self._sign + 20), self._line * 2 + 9

    def heading_height(self, density: Density) -> int:
        """Give the height of a heading that has a line to itself; SMALL headings are as large as a card."""
        return self.card_size(density)[1] if density is Density.SMALL else self._line + 14

    def kept(self, card: Card, density: Density, look: Look) -> QPixmap | None:
        """Give a card that has been painted before."""
        key = (card, density, look)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def card(self, card: Card, density: Density, look: Look) -> QPixmap:
        """Give a card as it has to look."""
        key = (card, density, look)
        kept = self.kept(card, density, look)
        if kept is not None:
            return kept
        made = self._paint(card, density, look)
        self._kept[key] = made
        self._bytes += _bytes(made)
        while self._bytes > _CACHE_BYTES:
            self._bytes -= _bytes(self._kept.popitem(last=False)[1])
        return made

    def heading(self, painter: QPainter, box: QRectF, heading: Heading, density: Density) -> None:
        """Paint a heading straight to the wall."""
        colours = self._theme.colours
        painter.setFont(self._theme.fonts.strong)
        painter.setPen(QColor(colours.text))
        if density is Density.SMALL:
            ready = sum(number for phase, number in heading.counts if phase is Phase.READY)
            total = sum(number for _, number in heading.counts)
            inner = box.adjusted(4, 4, -2, -4)
            top = QRectF(inner.topLeft(), QSizeF(inner.width(), self._line))
            self._text(painter, top, heading.title, self._strong)
            painter.setFont(self._theme.fonts.body)
            painter.setPen(QColor(colours.soft))
            self._text(painter, top.translated(0, self._line), f"{ready} of {total} ready", self._body)
            return
        line = QRectF(box.left() + 2, box.bottom() - self._line - 4, box.width() - 4, self._line)
        self._text(painter, line, heading.title, self._strong)
        at = line.left() + self._strong.horizontalAdvance(heading.title) + 20
        painter.setFont(self._theme.fonts.body)
        told = [(PHASE_SIGN[phase], counted(phase, number), colours.soft) for phase, number in heading.counts]
        if heading.mistrusted:  # first: where there is no room for all, the counts are also above the wall
            told.insert(0, (MISTRUSTED, mistrust(heading.mistrusted), colours.text))
        for sign, words, colour in told:
            width = self._sign + 6 + self._body.horizontalAdvance(words) + 16
            if at + width > line.right():
                break
            self._mark(painter, at, line, sign, colours.window)
            painter.setPen(QColor(colour))
            self._text(painter, QRectF(at + self._sign + 6, line.top(), width, self._line), words, self._body)
            at += width

    def _paint(self, card: Card, density: Density, look: Look) -> QPixmap:
        width, height = look.size
        pixmap = QPixmap(round(width * look.scale), round(height * look.scale))
        pixmap.setDevicePixelRatio(look.scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            fill = self._frame(painter, card, look)
            inner = QRectF(0, 0, width, height)
            match density:
                case Density.LARGE:
                    self._large(painter, inner.adjusted(15, 12, -13, -12), card, fill)
                case Density.MEDIUM:
                    self._medium(painter, inner.adjusted(12, 9, -10, -9), card, fill)
                case Density.SMALL:
                    self._small(painter, inner.adjusted(9, 4, -6, -4), card, fill)
        return pixmap

    def _frame(self, painter: QPainter, card: Card, look: Look) -> str:
        """Paint ground, border and the edge in the state's colour; give the colour of the ground."""
        colours = self._theme.colours
        tone = PHASE_SIGN[card.phase].tone
        own = colours.tones[tone]
        away = card.phase is Phase.UNPLUGGED
        fill = own.tint if tone in _LOUD else colours.window if away else colours.surface
        edge = colours.accent if look.selected else colours.edge if look.hovered or away else colours.line
        thick = (3.0 if look.focused else 2.0) if look.selected else 1.0
        pen = QPen(QColor(edge), thick)
        if away and not look.selected:
            pen.setStyle(Qt.PenStyle.DashLine)
        box = QRectF(0, 0, *look.size).adjusted(thick / 2, thick / 2, -thick / 2, -thick / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(box, 7, 7)
        if not away:
            painter.save()
            painter.setClipRect(QRectF(0, 0, 5, look.size[1]))
            painter.setBrush(QColor(own.mark))
            painter.drawRoundedRect(box, 7, 7)
            painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawRoundedRect(box, 7, 7)
        return fill

    def _large(self, painter: QPainter, box: QRectF, card: Card, fill: str) -> None:
        colours = self._theme.colours
        lines = [QRectF(box.left(), box.top() + self._line * n, box.width(), self._line) for n in range(4)]
        used = self._state(painter, lines[0], card, Density.LARGE, fill)
        self._write(painter, lines[0].adjusted(0, 0, -used, 0), card.bay, self._theme.fonts.strong, colours.text)
        self._write(painter, lines[1], card.model, self._theme.fonts.body, colours.text)
        self._write(painter, lines[2], card.note, self._theme.fonts.body, self._note_colour(card))
        pips = self._pips(painter, lines[3], card)
        self._write(
            painter, lines[3].adjusted(0, 0, -pips, 0), card.serial_number, self._theme.fonts.serial, colours.soft
        )

    def _medium(self, painter: QPainter, box: QRectF, card: Card, fill: str) -> None:
        colours = self._theme.colours
        lines = [QRectF(box.left(), box.top() + self._line * n, box.width(), self._line) for n in range(2)]
        used = self._state(painter, lines[0], card, Density.MEDIUM, fill)
        self._write(painter, lines[0].adjusted(0, 0, -used, 0), card.bay, self._theme.fonts.strong, colours.text)
        tail = self._tail(painter, lines[1], card)
        words = card.note if card.phase is not Phase.READY and card.note else card.model
        self._write(painter, lines[1].adjusted(0, 0, -tail, 0), words, self._theme.fonts.body, self._note_colour(card))

    def _small(self, painter: QPainter, box: QRectF, card: Card, fill: str) -> None:
        colours = self._theme.colours
        first = QRectF(box.left(), box.top(), box.width(), self._line)
        tail = self._tail(painter, first, card)
        self._write(painter, first.adjusted(0, 0, -tail, 0), card.bay, self._theme.fonts.strong, colours.text)
        self._state(painter, first.translated(0, self._line), card, Density.SMALL, fill, left=True)

    def _state(
        self, painter: QPainter, line: QRectF, card: Card, density: Density, fill: str, *, left: bool = False
    ) -> float:
        """Paint shape and word, at the right unless ``left``; give the width that they took."""
        sign = PHASE_SIGN[card.phase]
        word = _word(card.phase, density)
        width = self._sign + 6 + self._strong.horizontalAdvance(word)
        at = line.left() if left else line.right() - width
        self._mark(painter, at, line, sign, fill)
        painter.setFont(self._theme.fonts.strong)
        painter.setPen(QColor(self._theme.colours.tones[sign.tone].mark))
        self._text(painter, QRectF(at + self._sign + 6, line.top(), width, line.height()), word, self._strong)
        return width + 10

    def _tail(self, painter: QPainter, line: QRectF, card: Card) -> float:
        """Paint the last letters of the serial number at the right; give the width that they took."""
        if not card.serial_number:
            return 0.0
        tail = card.serial_number[-4:]
        width = self._serial.horizontalAdvance(tail)
        box = QRectF(line.right() - width, line.top(), width + 1, line.height())
        self._write(painter, box, tail, self._theme.fonts.serial, self._theme.colours.soft)
        return width + 8

    def _pips(self, painter: QPainter, line: QRectF, card: Card) -> float:
        """Paint one dash for each stage, filled as far as the walk has come; give the width that they took."""
        if not card.stages or card.phase is Phase.READY:
            return 0.0
        colours = self._theme.colours
        dash, gap = 9.0, 3.0
        width = card.stages * (dash + gap) - gap
        middle = line.center().y()
        for number in range(card.stages):
            left = line.right() - width + number * (dash + gap)
            if number < card.done:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colours.tones[PHASE_SIGN[card.phase].tone].mark))
                painter.drawRoundedRect(QRectF(left, middle - 2, dash, 4), 2, 2)
            else:
                painter.setPen(QPen(QColor(colours.edge), 1))
                painter.drawLine(QPointF(left + 1, middle), QPointF(left + dash - 1, middle))
        return width + 10

    def _mark(self, painter: QPainter, at: float, line: QRectF, sign: Sign, fill: str) -> None:
        box = QRectF(at, line.center().y() - self._sign / 2, self._sign, self._sign)
        draw_mark(painter, box, sign.shape, self._theme.colours.tones[sign.tone].mark, fill)

    def _note_colour(self, card: Card) -> str:
        colours = self._theme.colours
        tone = PHASE_SIGN[card.phase].tone
        return colours.text if tone in _LOUD else colours.soft

    def _write(self, painter: QPainter, box: QRectF, text: str, font: QFont, colour: str) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        self._text(painter, box, text, QFontMetricsF(font))

    def _text(self, painter: QPainter, box: QRectF, text: str, metrics: QFontMetricsF) -> None:
        """Draw one line, shortened at its end; ``drawText`` knows no markup."""
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _word(phase: Phase, density: Density) -> str:
    word = PHASE_SIGN[phase].word
    return _SHORT.get(phase, word) if density is Density.SMALL else word


def _bytes(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4
