"""Make hostile text fit to be shown: one line, bounded, nothing invisible, nothing that turns the line around."""

from __future__ import annotations

import unicodedata

LIMIT = 160
_KEPT = frozenset({"Zs"})


def one_line(text: str, limit: int = LIMIT) -> str:
    r"""Give ``text`` as one printable line of at most ``limit`` characters.

    Control and format characters (line breaks, ANSI escapes, zero-width and bidirectional marks), surrogates and
    unassigned code points are shown as their code, ``\u202e``, so that two different texts never look the same.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    length = 0
    for character in text:
        piece = character if _shows(character) else _code(character)
        length += len(piece)
        if length > limit:
            return "".join(shown) + "…"
        shown.append(piece)
    return "".join(shown)


def _shows(character: str) -> bool:
    category = unicodedata.category(character)
    return category in _KEPT or category[0] not in "CZ"


def _code(character: str) -> str:
    value = ord(character)
    return f"\\x{value:02x}" if value < 0x100 else f"\\u{value:04x}" if value < 0x10000 else f"\\U{value:08x}"
