"""One random key per record: what it seals can be read for as long as the key is there, and by nobody after that.

``body["sealed"]`` of an entry is ``{"format": "issuing-desk/personal/1", "key": HEX, "data": BASE64}``: ``data`` is
AES-256-GCM (nonce of 12 bytes first) over the canonical JSON of the sealed pieces, with desk, number and kind of the
entry as associated data, so that no record's pieces pass for another's; ``key`` is a digest of the record key, so
that another key cannot be put in its place and make the same bytes say something else. The key itself stands outside
of the chain, wrapped under a key of the desk.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import Final, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from provisioning.canonical import Json, canonical, parse
from provisioning.privacy.fields import Piece

FORMAT: Final = "issuing-desk/personal/1"
KEY_BYTES = 32
_NONCE = 12
_ID = 8
"""Bytes of a digest that name a wrapping key."""
_NAMES_A_RECORD_KEY = b"issuing-desk record key\0"
_NAMES_A_WRAPPING_KEY = b"issuing-desk wrapping key\0"

WrappingKeys = Mapping[bytes, bytes]
"""Keys by their identifiers (:func:`key_id`)."""


class NotReadableError(Exception):
    """Raised for what is sealed and cannot be opened: changed, or with a key that is not here."""


def key_id(wrapping_key: bytes) -> bytes:
    """Give the identifier of a wrapping key, 8 bytes, which tells nothing of it."""
    return hashlib.sha256(_NAMES_A_WRAPPING_KEY + wrapping_key).digest()[:_ID]


def seal_pieces(pieces: Sequence[Piece], desk: str, number: int, kind: str, key: bytes) -> dict[str, Json]:
    """Seal pieces under a record key; give the value of ``body["sealed"]``."""
    nonce = os.urandom(_NONCE)
    plain = canonical([[list(path), value] for path, value in pieces])
    data = nonce + AESGCM(key).encrypt(nonce, plain, _bound(desk, number, kind))
    return {"format": FORMAT, "key": _named(key), "data": base64.b64encode(data).decode("ascii")}


def open_pieces(sealed: Mapping[str, Json], desk: str, number: int, kind: str, key: bytes) -> list[Piece]:
    """Open what :func:`seal_pieces` gave. Raises NotReadableError."""
    if sealed.get("format") != FORMAT or sealed.get("key") != _named(key):
        raise NotReadableError("another key, or another format")
    try:
        data = base64.b64decode(str(sealed["data"]), validate=True)
        plain = AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], _bound(desk, number, kind))
        rows = cast("list[tuple[list[str | int], Json]]", parse(plain))
        return [(tuple(path), value) for path, value in rows]
    except (InvalidTag, ValueError, KeyError, TypeError) as error:
        raise NotReadableError("changed") from error


def wrap(key: bytes, wrapping_key: bytes, desk: str, number: int) -> bytes:
    """Wrap a record key: identifier of the wrapping key (8 bytes), nonce (12), ciphertext and tag (48)."""
    nonce = os.urandom(_NONCE)
    return key_id(wrapping_key) + nonce + AESGCM(wrapping_key).encrypt(nonce, key, _place(desk, number))


def unwrap(wrapped: bytes, keys: WrappingKeys, desk: str, number: int) -> bytes:
    """Give a record key. Raises NotReadableError, and KeyError where its wrapping key is not among ``keys``."""
    name, nonce, rest = wrapped[:_ID], wrapped[_ID : _ID + _NONCE], wrapped[_ID + _NONCE :]
    wrapping_key = keys[name]
    try:
        return AESGCM(wrapping_key).decrypt(nonce, rest, _place(desk, number))
    except (InvalidTag, ValueError) as error:
        raise NotReadableError("the record key was changed") from error


def _named(key: bytes) -> str:
    return hashlib.sha256(_NAMES_A_RECORD_KEY + key).hexdigest()


def _bound(desk: str, number: int, kind: str) -> bytes:
    return f"{FORMAT}\0{desk}\0{number}\0{kind}".encode()


def _place(desk: str, number: int) -> bytes:
    return f"issuing-desk record key 1\0{desk}\0{number}".encode()
