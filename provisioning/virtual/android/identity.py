"""Serial numbers and IMEIs of virtual handsets: always the same for the same place on the rack, never real ones.

A pattern's ``#`` becomes a digit, ``@`` a letter, ``%`` a digit or letter, ``~`` a lower-case hex digit. IMEIs are
fifteen digits with a correct Luhn check digit (3GPP TS 23.003 Annex B).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

_DIGITS = "0123456789"
# No I and O: makers leave them out, and people misread them.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_SETS = {"#": _DIGITS, "@": _LETTERS, "%": _DIGITS + _LETTERS, "~": "0123456789abcdef"}


def serial_number(pattern: str, seed: str) -> str:
    """Fill ``pattern`` from ``seed``."""
    numbers = _numbers("serial " + seed)
    return "".join(_SETS[c][next(numbers) % len(_SETS[c])] if c in _SETS else c for c in pattern)


def imei(type_allocation_code: str, seed: str) -> str:
    """Make an IMEI that begins with the eight digits of ``type_allocation_code``."""
    numbers = _numbers("imei " + seed)
    body = type_allocation_code[:8].ljust(8, "0") + "".join(str(next(numbers) % 10) for _ in range(6))
    return body + luhn_digit(body)


def luhn_digit(body: str) -> str:
    """Give the check digit that follows ``body``."""
    total = 0
    for index, character in enumerate(reversed(body)):
        digit = int(character) * (2 if index % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return str(-total % 10)


def _numbers(seed: str) -> Iterator[int]:
    block = 0
    while True:
        yield from hashlib.sha256(f"{seed} {block}".encode()).digest()
        block += 1
