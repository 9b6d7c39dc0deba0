"""Turn what a pen drew into an image, and forget how it was drawn.

The way a pen moves is a biometric; only the look of a signature is kept. Points are laid along each line at even
distances, so that neither their number nor their spacing tells how fast the hand was.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from provisioning.receipts.receipt import Picture

Point: TypeAlias = tuple[float, float]
Stroke: TypeAlias = Sequence[Point]
"""From pen down to pen up, in any unit, y downwards."""

_WIDTH, _HEIGHT = 600.0, 200.0
_PEN = 4.0
_MARGIN = 8.0
_STEP = 5.0
"""Distance between kept points, in the units of the drawing."""
_MOST_POINTS = 100_000
_LONGEST_LINE = 40_000.0
"""Units of all lines together: the width of the drawing, sixty times."""
_FARTHEST = 1e7


def strokes_to_svg(strokes: Sequence[Stroke]) -> Picture:
    """Give strokes as an SVG image, scaled to one size. Raises ValueError where nothing was drawn, or far too much."""
    drawn = [[point for point in stroke if all(abs(at) < _FARTHEST for at in point)] for stroke in strokes]
    drawn = [stroke for stroke in drawn if stroke]
    if sum(len(stroke) for stroke in drawn) > _MOST_POINTS:
        raise ValueError("more was drawn than any signature")
    if sum(_length(stroke) for stroke in drawn) < 1 / _FARTHEST:
        raise ValueError("nothing was drawn")
    fitted = _fitted(drawn)
    if sum(_length(stroke) for stroke in fitted) > _LONGEST_LINE:
        raise ValueError("more was drawn than any signature")
    paths = "".join(f'<path d="{_path(_even(stroke))}"/>' for stroke in fitted)
    return Picture(
        "image/svg+xml",
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}">'
            f'<g fill="none" stroke="#000" stroke-width="{_PEN:g}" stroke-linecap="round" stroke-linejoin="round">'
            f"{paths}</g></svg>"
        ).encode("ascii"),
    )


def _fitted(strokes: Sequence[Stroke]) -> list[list[Point]]:
    """Scale and centre the drawing into the frame, keeping its proportions."""
    xs, ys = [x for stroke in strokes for x, _ in stroke], [y for stroke in strokes for _, y in stroke]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    room_x, room_y = _WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN
    scale = min(room_x / width if width else math.inf, room_y / height if height else math.inf)
    left, top = (_WIDTH - width * scale) / 2, (_HEIGHT - height * scale) / 2
    return [[((x - min(xs)) * scale + left, (y - min(ys)) * scale + top) for x, y in stroke] for stroke in strokes]


def _even(stroke: Stroke) -> list[Point]:
    """Lay points along the line at even distances; its ends stay."""
    kept = [stroke[0]]
    due = _STEP
    for (x0, y0), (x1, y1) in pairwise(stroke):
        length = math.hypot(x1 - x0, y1 - y0)
        while length and due <= length:
            part = due / length
            kept.append((x0 + (x1 - x0) * part, y0 + (y1 - y0) * part))
            due += _STEP
        due -= length
    if stroke[-1] != kept[-1]:
        kept.append(stroke[-1])
    return kept


def _path(points: Sequence[Point]) -> str:
    """Draw through the points: straight for two, else curves from middle to middle, which have no corners."""
    at = [f"{x:.1f} {y:.1f}" for x, y in points]
    if len(points) == 1:
        return f"M{at[0]}h0.1"
    if len(points) == 2:
        return f"M{at[0]}L{at[1]}"
    middles = [f"{(x0 + x1) / 2:.1f} {(y0 + y1) / 2:.1f}" for (x0, y0), (x1, y1) in pairwise(points[1:])]
    curves = "".join(f"Q{through} {to}" for through, to in zip(at[1:-1], [*middles[:-1], at[-1]], strict=True))
    return f"M{at[0]}{curves}"


def _length(stroke: Stroke) -> float:
    return sum(math.dist(a, b) for a, b in pairwise(stroke))
