"""Paint cards and headings of the wall; a card is painted once and then copied until it differs."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from provisioning.status import Phase
from ui.card import Card
from ui.card_faces import LOUD, TILES, Density, Hand, Ink, card_size, draw_card
from ui.signs import MISTRUSTED, PHASE_SIGN, Tone, counted
from ui.theme import Theme
from ui.wall_model import Heading, mistrust

__all__ = ["CardPainter", "Density", "Look"]
_CACHE_BYTES = 48 << 20
_USUAL = "16-16"
"""The widest label of a bay that there is room for in any case."""
_MOST = 12
"""Letters of a label that make cards wider; longer ones are shortened."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a card lies there at the moment."""

    size: tuple[int, int]
    selected: bool
    hovered: bool
    focused: bool
    scale: float
    zoom: float = 1.0


class CardPainter:
    """Knows the measures of each density and keeps what has been painted (at most 48 MiB)."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._kept: OrderedDict[tuple[Card, Density, Look], QPixmap] = OrderedDict()
        self._bytes = 0
        self._hands: dict[float, Hand] = {}
        self.widest = ""
        """The longest label of a bay; cards are wide enough for it."""
        theme.changed.connect(self.forget)

    @property
    def kept_bytes(self) -> int:
        """Give how much memory the painted cards take."""
        return self._bytes

    def forget(self) -> None:
        """Throw away what has been painted."""
        self._kept.clear()
        self._bytes = 0
        self._hands.clear()

    def card_size(self, density: Density, zoom: float = 1.0) -> tuple[int, int]:
        """Give the least width and the height of a card, logical pixels."""
        widest = self.widest if density is Density.TINY and self.widest else max(self.widest, _USUAL, key=len)
        return card_size(self._hand(zoom), density, widest[:_MOST])

    def heading_height(self, density: Density) -> int:
        """Give the height of a heading that has a line to itself."""
        return self.card_size(density)[1] if density in TILES else self._hand(1.0).line + 14

    def title_width(self, title: str, counts: str, zoom: float) -> int:
        """Give the width that a heading between tiles needs."""
        hand = self._hand(zoom)
        return round(max(hand.wide(hand.strong, title), hand.wide(hand.body, counts)) + 10)

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

    def heading(self, painter: QPainter, box: QRectF, heading: Heading, density: Density, zoom: float = 1.0) -> None:
        """Paint a heading straight to the wall."""
        if density in TILES:
            self._short_heading(painter, box, heading, zoom)
            return
        colours, hand = self._theme.colours, self._hand(1.0)
        line = QRectF(box.left() + 2, box.bottom() - hand.line - 4, box.width() - 4, hand.line)
        hand.write(painter, line, heading.title, hand.strong, colours.text)
        at = line.left() + hand.wide(hand.strong, heading.title) + 20
        told = [(PHASE_SIGN[phase], counted(phase, number), colours.soft) for phase, number in heading.counts]
        if heading.mistrusted:  # first: where there is no room for all, the counts are also above the wall
            told.insert(0, (MISTRUSTED, mistrust(heading.mistrusted), colours.text))
        for sign, words, colour in told:
            width = hand.sign + 6 + hand.wide(hand.body, words) + 16
            if at + width > line.right():
                break
            hand.mark(painter, at, line, sign, colours.tones[sign.tone].mark, colours.window)
            box = QRectF(at + hand.sign + 6, line.top(), width, hand.line)
            hand.write(painter, box, words, hand.body, colour)
            at += width

    def _short_heading(self, painter: QPainter, box: QRectF, heading: Heading, zoom: float) -> None:
        """Paint title and count one above the other, where tiles stand beside it."""
        colours, hand = self._theme.colours, self._hand(zoom)
        inner = box.adjusted(4, 3, -2, -3)
        top = QRectF(inner.topLeft(), QSizeF(inner.width(), hand.line))
        warned = hand.sign + 4.0 if heading.mistrusted else 0.0
        hand.write(painter, top.adjusted(0, 0, -warned, 0), heading.title, hand.strong, colours.text)
        if warned:
            mark = colours.tones[MISTRUSTED.tone].mark
            hand.mark(painter, top.right() - hand.sign, top, MISTRUSTED, mark, colours.window)
        below = top.translated(0, hand.line)
        hand.write(painter, below, heading.short_count, hand.body, colours.soft)

    def _hand(self, zoom: float) -> Hand:
        hand = self._hands.get(zoom)
        if hand is None:
            hand = self._hands[zoom] = Hand(self._theme, zoom)
        return hand

    def _paint(self, card: Card, density: Density, look: Look) -> QPixmap:
        width, height = look.size
        pixmap = QPixmap(round(width * look.scale), round(height * look.scale))
        pixmap.setDevicePixelRatio(look.scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        ink = self._ink(card, density)
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._frame(painter, card, look, ink)
            draw_card(self._hand(look.zoom), painter, QRectF(0, 0, width, height), card, density, ink)
        return pixmap

    def _ink(self, card: Card, density: Density) -> Ink:
        """Give the colours: from afar, what wants somebody is filled and written upon in its tint."""
        colours = self._theme.colours
        tone = PHASE_SIGN[card.phase].tone
        own = colours.tones[tone]
        if tone in LOUD:
            if density is Density.LARGE:
                return Ink(own.tint, colours.text, colours.soft, own.mark)
            return Ink(own.mark, own.tint, own.tint, own.tint)
        if card.phase is Phase.UNPLUGGED:
            return Ink(colours.window, colours.text, colours.soft, own.mark)
        ground = own.tint if tone is Tone.READY and density in TILES else colours.surface
        return Ink(ground, colours.text, colours.soft, own.mark)

    def _frame(self, painter: QPainter, card: Card, look: Look, ink: Ink) -> None:
        """Paint ground, border and the edge in the state's colour."""
        colours = self._theme.colours
        own = colours.tones[PHASE_SIGN[card.phase].tone]
        away = card.phase is Phase.UNPLUGGED
        edge = colours.accent if look.selected else colours.edge if look.hovered or away else colours.line
        thick = (3.0 if look.focused else 2.0) if look.selected else 1.0
        pen = QPen(QColor(edge), thick)
        if away and not look.selected:
            pen.setStyle(Qt.PenStyle.DashLine)
        box = QRectF(0, 0, *look.size).adjusted(thick / 2, thick / 2, -thick / 2, -thick / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ink.ground))
        painter.drawRoundedRect(box, 7, 7)
        if not away:
            painter.save()
            painter.setClipRect(QRectF(0, 0, 5, look.size[1]))
            painter.setBrush(QColor(own.mark))
            painter.drawRoundedRect(box, 7, 7)
            painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if look.selected and ink.ground == own.mark:  # a line between the ring and a filled card
            painter.setPen(QPen(QColor(colours.surface), 1.5))
            inset = thick / 2 + 0.75
            painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), 6, 6)
        painter.setPen(pen)
        painter.drawRoundedRect(box, 7, 7)


def _bytes(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4
