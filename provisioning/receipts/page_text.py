r"""Make any text fit for the page: printable with the faces we bundle, bounded, and breakable where it is long.

PDF/A and PDF/UA forbid characters without a glyph, so the typesetter refuses them; a name in a script that we have no
face for must not keep a receipt from being printed. It is shown by its code points instead, as ``\u6f22``.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import cache
from importlib.resources import files

from provisioning.plain_text import one_line

LIMIT = 300
LONGEST_RUN = 22
"""Characters without a space after which a line may break; the break is a character of no width."""
_MOST_MARKS = 3
"""Combining marks on one letter; Vietnamese and pointed Hebrew need no more."""
_BREAK = "\u200b"


def printable(text: str, limit: int = LIMIT, run: int = LONGEST_RUN) -> str:
    r"""Give ``text`` as one line that can be set in our faces; what cannot be is shown as ``\u…``."""
    shown: list[str] = []
    marks = 0
    for given in unicodedata.normalize("NFC", one_line(text, limit)):
        character = " " if given.isspace() else given
        marks = marks + 1 if unicodedata.combining(character) else 0
        keep = marks <= _MOST_MARKS and _covered(ord(character))
        shown.append(character if keep else _code(character))
    return re.sub(rf"\S{{{run}}}(?=\S)", lambda found: found.group() + _BREAK, "".join(shown))


def _covered(point: int) -> bool:
    firsts, lasts = _ranges()
    index = bisect_right(firsts, point) - 1
    return index >= 0 and point <= lasts[index]


@cache
def _ranges() -> tuple[tuple[int, ...], tuple[int, ...]]:
    text = (files("resources") / "fonts" / "coverage.txt").read_text("ascii")
    pairs = [line.split("-") for line in text.splitlines() if not line.startswith("#")]
    return tuple(int(first, 16) for first, _ in pairs), tuple(int(last, 16) for _, last in pairs)


def _code(character: str) -> str:
    value = ord(character)
    return f"\\u{value:04x}" if value < 0x10000 else f"\\U{value:08x}"
