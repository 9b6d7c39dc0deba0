"""The order in which Java collections of the system server give their contents.

``ArrayMap`` sorts by ``String.hashCode`` (signed), ``HashMap`` walks buckets of ``h ^ (h >>> 16)``. The first packages
of a real Samsung ``dumpsys package`` (Android 10 to 12, mvt test data) stand in exactly this ArrayMap order.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=65536)
def java_hash(text: str) -> int:
    """Compute ``String.hashCode()`` as a signed 32-bit number (UTF-16 units)."""
    value = 0
    for unit in memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"):
        value = (31 * value + unit) & 0xFFFFFFFF
    return value - 2**32 if value & 0x80000000 else value


def array_map_order(names: Iterable[str]) -> list[str]:
    """Sort as ``ArrayMap`` keys."""
    return sorted(names, key=java_hash)


def hash_map_order(names: Iterable[str]) -> list[str]:
    """Order as a ``HashMap`` that grew from its default size by insertion in the given order."""
    keys = list(dict.fromkeys(names))
    size = 16
    while len(keys) > size * 3 // 4:
        size *= 2
    return sorted(keys, key=lambda name: _spread(java_hash(name)) & (size - 1))


def _spread(value: int) -> int:
    unsigned = value & 0xFFFFFFFF
    return unsigned ^ (unsigned >> 16)
