"""A signature as a picture: SVG that shows what was written and says nothing of how. No Qt here.

Pressure, speed and time are biometric and are not kept: every stroke is one line of even width through points set at
even distances, so not even the spacing of the points tells how fast the pen went.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]
Stroke = Sequence[Point]

WIDTH, HEIGHT = 600, 200
"""Units of the picture."""
INK = 3.0
STEP = 4.0
"""Distance between two points of a stroke, in units."""


def picture(strokes: Sequence[Stroke]) -> bytes:
    """Make SVG of strokes: points at even distances, one width, whole tenths of a unit."""
    paths = "".join(f'<path d="{_path(even(stroke))}"/>' for stroke in strokes if stroke)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<g fill="none" stroke="#101a33" stroke-width="{INK:g}" stroke-linecap="round" stroke-linejoin="round">'
        f"{paths}</g></svg>"
    ).encode()


def even(stroke: Stroke, step: float = STEP) -> list[Point]:
    """Give points on the same line at even distances; first and last point stay."""
    points = [stroke[0]]
    left = step
    for start, end in pairwise(stroke):
        length = math.dist(start, end)
        along = left
        while along <= length:
            share = along / length
            points.append((start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share))
            along += step
        left = along - length
    points.append(stroke[-1])
    return points


def _path(points: Sequence[Point]) -> str:
    first, *rest = points
    if all(point == first for point in rest):
        return f"M{first[0]:.1f} {first[1]:.1f}h0.1"
    pieces = [f"M{first[0]:.1f} {first[1]:.1f}"]
    for start, end in pairwise(points):
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        pieces.append(f"Q{start[0]:.1f} {start[1]:.1f} {middle[0]:.1f} {middle[1]:.1f}")
    pieces.append(f"L{points[-1][0]:.1f} {points[-1][1]:.1f}")
    return "".join(pieces)


def length_of(stroke: Stroke) -> float:
    """Give the length of a stroke, in units."""
    return sum(math.dist(start, end) for start, end in pairwise(stroke))
