"""Make any text fit for the page: printable with the faces we bundle, bounded, and breakable where it is long.

PDF/A and PDF/UA forbid characters without a glyph, so the typesetter refuses them; a name in a script that we have no
face for must not keep a receipt from being printed. Each of its characters is shown by an empty box; the ledger has
them as they are. Characters that are never seen and only join or dress others (ZWJ, ZWNJ, variation selectors) are
left out where they do so, so that an emoji of several is shown by its pieces; anywhere else they are made visible like
every other control.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import cache
from importlib.resources import files

from provisioning.plain_text import one_line

LIMIT = 300
_LONGEST_RUN = 22
"""Small letters without a space after which a line may break; they fill the narrowest column of the page."""
_WIDE = 1.8
"""How many small letters a capital, or a letter of another script, is wide at most."""
_MOST_MARKS = 3
"""Combining marks on one letter; Vietnamese and pointed Hebrew need no more."""
_BREAK = "\u200b"
_NO_FACE = "□"
_OURS = 0x02FF
"""The last character of Latin writing; nothing of it is ever joined."""
_JOINING, _DRESSING = frozenset("\u200c\u200d"), frozenset("\ufe0e\ufe0f")


def printable(text: str, limit: int = LIMIT, run: int | None = None) -> str:
    """Give ``text`` as one line that can be set in our faces; for each character that cannot be stands an empty box.

    Where more than ``run`` characters (None: what fits into a narrow column) follow one another without a space, a
    character of no width lets the line break.
    """
    shown: list[str] = []
    marks = 0
    for given in unicodedata.normalize("NFC", one_line(_unjoined(text), limit)):
        character = " " if given.isspace() else given
        marks = marks + 1 if unicodedata.combining(character) else 0
        keep = marks <= _MOST_MARKS and _covered(ord(character))
        shown.append(character if keep else _NO_FACE)
    return _breakable("".join(shown), run)


def _breakable(text: str, run: int | None) -> str:
    pieces: list[str] = []
    width = 0.0
    for character in text:
        wide = _WIDE if run is None and (character.isupper() or not character.isascii()) else 1.0
        width = 0.0 if character == " " else width + wide
        if width > (run or _LONGEST_RUN) and not unicodedata.combining(character):
            pieces.append(_BREAK)
            width = wide
        pieces.append(character)
    return "".join(pieces)


def _covered(point: int) -> bool:
    firsts, lasts = _ranges()
    index = bisect_right(firsts, point) - 1
    return index >= 0 and point <= lasts[index]


@cache
def _ranges() -> tuple[tuple[int, ...], tuple[int, ...]]:
    text = (files("resources") / "fonts" / "coverage.txt").read_text("ascii")
    pairs = [line.split("-") for line in text.splitlines() if not line.startswith("#")]
    return tuple(int(first, 16) for first, _ in pairs), tuple(int(last, 16) for _, last in pairs)


def _unjoined(text: str) -> str:
    """Leave out what joins or dresses letters and pictures of other scripts than ours."""
    if not (_JOINING | _DRESSING).intersection(text):
        return text
    return "".join(
        character
        for before, character in zip((" ", *text), text, strict=False)
        if not (character in _DRESSING or (character in _JOINING and (before in _DRESSING or _is_joined(before))))
    )


def _is_joined(character: str) -> bool:
    return ord(character) > _OURS and unicodedata.category(character)[0] in "LMS"
