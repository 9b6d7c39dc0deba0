"""Write resources/fonts/coverage.txt: the characters that the faces of documents can draw. Needs fontTools.

Run it after a face was added or exchanged: ``python tests/tools/font_coverage.py``.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parents[2] / "resources" / "fonts"
FACES = (
    "Inter-Regular.otf",
    "NotoSansArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansThai-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansBengali-Regular.ttf",
    "NotoSansGurmukhi-Regular.ttf",
    "NotoSansGujarati-Regular.ttf",
    "NotoSansTamil-Regular.ttf",
    "NotoSansTelugu-Regular.ttf",
    "NotoSansKannada-Regular.ttf",
    "NotoSansMalayalam-Regular.ttf",
    "NotoSansSinhala-Regular.ttf",
    "NotoSansArmenian-Regular.ttf",
    "NotoSansGeorgian-Regular.ttf",
    "DroidSansFallback.ttf",
    "NotoEmoji-Regular.ttf",
)


def main() -> None:
    """Read the character maps and write their union as ranges."""
    # No stubs, and installed only where this is run.
    ttlib: Any = importlib.import_module("fontTools.ttLib")
    points: set[int] = set()
    for face in FACES:
        font = ttlib.TTFont(FONTS / face)
        points |= set(font.getBestCmap())
    ranges: list[list[int]] = []
    for point in sorted(points):
        if ranges and point == ranges[-1][1] + 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    lines = [f"# Characters that {', '.join(FACES)} can draw. Written by tests/tools/font_coverage.py."]
    lines += [f"{first:04X}-{last:04X}" for first, last in ranges]
    (FONTS / "coverage.txt").write_text("\n".join(lines) + "\n", "ascii")


if __name__ == "__main__":
    main()
