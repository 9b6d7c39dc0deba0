"""Find the line of a TOML file on which a place of it is written; the parser does not keep it.

Good enough to lead a person to the mistake: it follows table headers and the keys below them, and falls back to the
nearest place above that it can find.
"""

from __future__ import annotations

import re

_HEADER = re.compile(r"^\s*\[\[?\s*(?P<name>[^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(
    r"""^\s*(?P<key>(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def line_of(text: str, place: tuple[str, ...]) -> int | None:
    """Give the 1-based line of ``place``, or of the longest beginning of it that is written; None for no trace."""
    written: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _parts(header["name"])
            written.setdefault(table, number)
        elif key := _KEY.match(line):
            written.setdefault((*table, *_parts(key["key"])), number)
    for length in range(len(place), 0, -1):
        if place[:length] in written:
            return written[place[:length]]
    return None


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(name))
