"""Base45 (RFC 9285): bytes as the 45 characters that a QR code packs most tightly. Strict: one text for given bytes.

Written here because it is twenty lines, and the packages for it are unkept or accept more than one text.
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def encode(data: bytes) -> str:
    """Give the text of ``data``: three characters for two bytes, two for a last single one."""
    text: list[str] = []
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, digit = divmod(value, 45)
            text.append(ALPHABET[digit])
    return "".join(text)


def decode(text: str) -> bytes:
    """Give the bytes of ``text``. Raises ValueError for anything that :func:`encode` does not write."""
    data = bytearray()
    for start in range(0, len(text), 3):
        group = text[start : start + 3]
        if len(group) == 1:
            raise ValueError("a single character is left over")
        value = 0
        for character in reversed(group):
            if character not in _VALUES:
                raise ValueError("a character that Base45 does not have")
            value = value * 45 + _VALUES[character]
        try:
            data += value.to_bytes(len(group) - 1, "big")
        except OverflowError as e:
            raise ValueError("a group that stands for no bytes") from e
    return bytes(data)
