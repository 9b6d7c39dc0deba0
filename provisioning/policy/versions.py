"""Compare versions of operating systems as numbers, part by part: 26.10 is newer than 26.2."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\d+")


def parts(version: str) -> tuple[int, ...]:
    """Give the numbers of a version; anything else in it (beta marks, build letters) says nothing here."""
    return tuple(int(number) for number in _NUMBER.findall(version)[:4])


def older(version: str, floor: str) -> bool:
    """True if ``version`` is older than ``floor``; missing parts count as 0."""
    mine, least = parts(version), parts(floor)
    width = max(len(mine), len(least))
    return mine + (0,) * (width - len(mine)) < least + (0,) * (width - len(least))
