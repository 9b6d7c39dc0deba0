"""Which commands share a shell when many are asked at once: so many shells that the slowest command sets the time.

Android answers ``pm``, ``dpm`` and ``dumpsys`` from several binder threads, so what runs in shells of its own runs at
the same time. More shells than that would gain nothing and cost a connection and a process each.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable

MOST_SHELLS = 6
_WORTH_A_SHELL = 0.25
"""Seconds of work below which a shell of its own is not worth its connection."""
_SECONDS = (
    ("dumpsys -t 60 package packages", 1.5),
    ("dumpsys -t 60 package", 0.5),
    ("dumpsys", 0.3),
    ("dpm", 0.45),
    ("pm", 0.35),
)
"""What a command is expected to take, by its beginning. Said to be so on hardware, not measured here; it decides only
who waits for whom, never whether an answer counts."""
_ANY_OTHER = 0.04


def shared_out(commands: Iterable[str]) -> list[list[str]]:
    """Share commands out over shells, the longest first, each to where there is least to do yet.

    Each command once, however often it is asked.
    """
    wanted = sorted(dict.fromkeys(commands), key=_expected, reverse=True)
    if not wanted:
        return []
    longest = max(_expected(wanted[0]), _WORTH_A_SHELL)
    shells = min(MOST_SHELLS, len(wanted), math.ceil(sum(map(_expected, wanted)) / longest))
    groups: list[list[str]] = [[] for _ in range(shells)]
    load = [(0.0, number) for number in range(shells)]
    for command in wanted:
        seconds, number = heapq.heappop(load)
        groups[number].append(command)
        heapq.heappush(load, (seconds + _expected(command), number))
    return groups


def _expected(command: str) -> float:
    return next((seconds for beginning, seconds in _SECONDS if command.startswith(beginning)), _ANY_OTHER)
