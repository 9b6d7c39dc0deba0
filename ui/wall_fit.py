"""How large the cards of a wall may be, so that all of them are seen at once in the room that there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from ui.card_faces import Density

GAP = 6
"""Logical pixels between two cards."""
STRETCH = 1.3
"""How much wider than its least width a card may become to fill the line."""
DESK_ZOOMS = (1.4, 1.2, 1.0)
FAR_ZOOMS = (3.2, 2.8, 2.4, 2.1, 1.8, 1.6, 1.4, 1.2, 1.0)
"""Sizes of tiles: beside the detail, and where the wall has the window to itself to be read from afar."""
LEAST = {Density.SMALL: 0.9, Density.TINY: 0.85}
"""How much smaller letters may become before tiles lose their word, and before one has to scroll."""
CARDS = (Density.LARGE, Density.MEDIUM)
"""These tell more than a tile and have headings on lines of their own; they are never zoomed."""

Measure = Callable[[Density, float], tuple[int, int]]
"""Gives the least width and the height of a card of a density and a zoom."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How cards are laid out. ``head`` is the number of cells that a heading takes, 0 for a line to itself.

    ``apart``: each hub begins a line, so that a line on the wall is a line of ports on the shelf.
    """

    density: Density
    zoom: float
    card: tuple[int, int]
    columns: int
    line: int
    head: int
    apart: bool
    height: int
    """What all lines need."""

    def width(self, cells: int) -> int:
        """Give the width of so many cells, with the gaps between them."""
        return cells * (self.card[0] + GAP) - GAP

    def last_width(self, cards: int) -> int:
        """Give the width of the last card of a hub of so many: what is left of its line, where hubs begin lines."""
        if not self.apart or not self.head:
            return self.card[0]
        used = (self.head + cards - 1) % self.columns
        return self.width(self.columns - used)


def fit(
    hubs: Sequence[int],
    room: tuple[int, int],
    measure: Measure,
    *,
    heading: Callable[[Density], int],
    title: Callable[[float], int],
    wish: Density | None = None,
    far: bool = False,
) -> Fit:
    """Give the largest way in which everything is seen, else the smallest; a wish is kept even where it is not seen.

    ``hubs`` are the numbers of cards of each; ``heading`` gives the height of one that has a line to itself,
    ``title`` the width that one between tiles needs.
    """
    tried: Fit | None = None
    for density, zoom, apart in _ways(wish, far=far):
        tried = _laid(hubs, room[0], measure, heading, title, density, zoom, apart=apart)
        if tried.height <= room[1]:
            return tried
    assert tried is not None, "there is always one way"
    last = wish or Density.TINY
    return _laid(hubs, room[0], measure, heading, title, last, 1.0, apart=True)


def _ways(wish: Density | None, *, far: bool) -> Iterator[tuple[Density, float, bool]]:
    if wish is not None and wish in CARDS:
        yield wish, 1.0, True
        return
    if wish is None and not far:
        yield from ((density, 1.0, True) for density in CARDS)
    for density in (Density.SMALL, Density.TINY) if wish is None else (wish,):
        yield from ((density, zoom, True) for zoom in (FAR_ZOOMS if far else DESK_ZOOMS))
        if wish is None:
            yield density, LEAST[density], True
            yield from ((density, zoom, False) for zoom in (1.4, 1.2, 1.0, LEAST[density]))


def _laid(
    hubs: Sequence[int],
    width: int,
    measure: Measure,
    heading: Callable[[Density], int],
    title: Callable[[float], int],
    density: Density,
    zoom: float,
    *,
    apart: bool,
) -> Fit:
    least, height = measure(density, zoom)
    columns = max(1, (width - GAP) // (least + GAP))
    across = max(1, min((width - GAP) // columns - GAP, round(least * STRETCH)))
    line = max(1, width - 2 * GAP)
    if density in CARDS:
        above = heading(density) + GAP
        needed = sum(above + ceil(number / columns) * (height + GAP) for number in hubs) + GAP
        return Fit(density, zoom, (across, height), columns, line, 0, apart, needed)
    head = min(columns, ceil((title(zoom) + GAP) / (across + GAP)))
    rows = _rows(hubs, columns, head, apart=apart)
    return Fit(density, zoom, (across, height), columns, line, head, apart, rows * (height + GAP) + GAP)


def _rows(hubs: Sequence[int], columns: int, head: int, *, apart: bool) -> int:
    if apart:
        return sum(ceil((head + number) / columns) for number in hubs)
    rows, at = 1, 0
    for number in hubs:
        if at + head > columns:
            rows, at = rows + 1, 0
        at += head
        for _ in range(number):
            if at >= columns:
                rows, at = rows + 1, 0
            at += 1
    return rows
