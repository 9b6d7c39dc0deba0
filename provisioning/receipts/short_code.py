"""The short code of a receipt, to be read down a telephone: sixteen letters and digits in four groups, ``K7MQ 3F9D …``.

Fifteen of them are the first 75 bits of the SHA-256 of the receipt's body, the sixteenth checks the others. It is no
signature, which nobody could read aloud (Ed25519 takes 64 bytes): it names one receipt and no other, and is believed
because the receipt that it names is signed, in the ledger or in a sealed PDF. The alphabet is Crockford's Base32,
without I, L, O and U; who hears an O or an L types it, and it is taken for what looks like it.
"""

from __future__ import annotations

import re

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
_GROUP = 4
_BITS = 5 * (LENGTH - 1)
_HEARD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SLIP = 2
"""Symbols too many or too few with which it is still taken for a short code that was misheard."""
_SEPARATORS = re.compile(r"[\s\-.,·]+")
_BASE = len(ALPHABET)


def short_code(digest: str) -> str:
    """Give the short code that belongs to a receipt's digest (hex, see ``Receipt.digest``)."""
    value = int.from_bytes(bytes.fromhex(digest)) >> (256 - _BITS)
    symbols = [(value >> shift) & 31 for shift in range(_BITS - 5, -1, -5)]
    text = "".join(ALPHABET[symbol] for symbol in [*symbols, _check(symbols)])
    return " ".join(text[at : at + _GROUP] for at in range(0, LENGTH, _GROUP))


def meant_as_short_code(text: str) -> bool:
    """Tell whether somebody typed what a short code looks like, even where it was misheard."""
    if len(text) > 4 * LENGTH:
        return False
    plain = _SEPARATORS.sub("", text)
    return abs(len(plain) - LENGTH) <= _SLIP and plain.isascii() and plain.isalnum()


def heard_code(text: str) -> str | None:
    """Give a short code as it is printed, from how somebody typed it; None where it is none or was misheard.

    One wrong symbol, and two neighbours that changed places, are always noticed (Luhn's sum to the base 32 but for
    0 and Z beside each other).
    """
    if len(text) > 4 * LENGTH:
        return None
    plain = _SEPARATORS.sub("", text).upper().translate(_HEARD)
    if len(plain) != LENGTH or not set(plain) <= set(ALPHABET):
        return None
    symbols = [ALPHABET.index(symbol) for symbol in plain]
    if _check(symbols[:-1]) != symbols[-1]:
        return None
    return " ".join(plain[at : at + _GROUP] for at in range(0, LENGTH, _GROUP))


def _check(symbols: list[int]) -> int:
    total = 0
    for place, symbol in enumerate(reversed(symbols)):
        value = symbol if place % 2 else 2 * symbol
        total += value // _BASE + value % _BASE
    return -total % _BASE
