"""Canonical JSON (RFC 8785, JCS): one value, one sequence of bytes; what is hashed and signed is written this way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import rfc8785

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
DEEPEST = 32
"""Levels of nesting; nothing that we keep comes near it, a hostile file may."""
_FIRST_INEXACT = 2.0**53
_SURROGATE_TO_REPLACEMENT = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class NotCanonicalError(ValueError):
    """Raised for a value that JSON cannot carry exactly: NaN, a number beyond 2**53, a key that is no text."""


def canonical(value: Json) -> bytes:
    """Give the canonical bytes of ``value``; equal values give equal bytes, on any machine.

    Lone surrogates, which UTF-8 cannot carry and hostile names may hold, become U+FFFD.
    Raises NotCanonicalError for what JSON cannot carry exactly.
    """
    plain = _plain(value, 0)
    try:
        return rfc8785.dumps(plain)  # pyright: ignore[reportArgumentType]  # its type is the same, written out by hand
    except rfc8785.CanonicalizationError as e:
        raise NotCanonicalError(f"not to be written as canonical JSON: {e}") from e


def parse(data: bytes | str) -> Json:
    """Read JSON. Raises ValueError for anything that is none, NaN and nesting beyond reason included."""
    try:
        return cast("Json", _DECODER.decode(data if isinstance(data, str) else data.decode()))
    except RecursionError as e:
        raise ValueError("nested too deeply") from e


@dataclass(frozen=True, slots=True)
class Members:
    """A JSON object read member by member; every reader raises ValueError where the member is not of its kind."""

    object: Mapping[str, Json]

    def text(self, name: str) -> str:
        """Give a text."""
        value = self.object.get(name)
        if not isinstance(value, str):
            raise ValueError(f"“{name}” is no text")  # noqa: TRY004  # one exception for all that is wrong with a text
        return value

    def text_or_none(self, name: str) -> str | None:
        """Give a text, or None for null and for a missing member."""
        return None if self.object.get(name) is None else self.text(name)

    def number(self, name: str) -> int:
        """Give a whole number."""
        return _whole(self.object.get(name), name)

    def number_or_none(self, name: str) -> int | None:
        """Give a whole number, or None for null and for a missing member."""
        return None if self.object.get(name) is None else self.number(name)

    def flag(self, name: str) -> bool:
        """Give true or false."""
        value = self.object.get(name)
        if not isinstance(value, bool):
            raise ValueError(f"“{name}” is neither true nor false")  # noqa: TRY004  # as above
        return value

    def members(self, name: str) -> Members:
        """Give an object."""
        return _members(self.object.get(name), name)

    def members_or_none(self, name: str) -> Members | None:
        """Give an object, or None for null and for a missing member."""
        return None if self.object.get(name) is None else self.members(name)

    def list(self, name: str) -> tuple[Members, ...]:
        """Give a list of objects."""
        return tuple(_members(value, name) for value in self._sequence(name))

    def numbers(self, name: str) -> tuple[int, ...]:
        """Give a list of whole numbers."""
        return tuple(_whole(value, name) for value in self._sequence(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """Give a list of texts."""
        values = self._sequence(name)
        if not all(isinstance(value, str) for value in values):
            raise ValueError(f"“{name}” holds something that is no text")
        return tuple(str(value) for value in values)

    def _sequence(self, name: str) -> Sequence[Json]:
        value = self.object.get(name)
        if not isinstance(value, list):
            raise ValueError(f"“{name}” is no list")  # noqa: TRY004  # as above
        return cast("Sequence[Json]", value)


def parse_object(data: bytes | str) -> Members:
    """Read a JSON object. Raises ValueError for anything else."""
    return _members(parse(data), "the whole")


def _members(value: Json, name: str) -> Members:
    if not isinstance(value, Mapping):
        raise ValueError(f"“{name}” is no object")  # noqa: TRY004  # one exception for all that is wrong with a text
    return Members(value)


def _whole(value: Json, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"“{name}” is no whole number")  # noqa: TRY004  # one exception for all that is wrong with it
    return value


def _plain(value: object, depth: int) -> object:
    """Turn tuples, mappings and enums into what the canonicaliser knows."""
    if depth > DEEPEST:
        raise NotCanonicalError("nested too deeply")
    match value:
        case None | bool():
            return value
        case float():
            # Larger ones are written without a point and read back as integers that are not exact.
            if not abs(value) < _FIRST_INEXACT:
                raise NotCanonicalError(f"the number {value} is not exact")
            return value
        case int():
            return int(value)
        case str():
            return str(value).translate(_SURROGATE_TO_REPLACEMENT)
        case Mapping():
            plain: dict[str, object] = {}
            for key, member in cast("Mapping[object, object]", value).items():
                if not isinstance(key, str):
                    raise NotCanonicalError(f"a key of type {type(key).__name__} is no text")
                plain[str(key).translate(_SURROGATE_TO_REPLACEMENT)] = _plain(member, depth + 1)
            return plain
        case list() | tuple():
            return [_plain(member, depth + 1) for member in cast("Sequence[object]", value)]
        case _:
            raise NotCanonicalError(f"a value of type {type(value).__name__} is no JSON")


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
parse_start: Callable[[str], tuple[Any, int]] = _DECODER.raw_decode
"""Reads the JSON that a text begins with, as :func:`parse` does; gives it and where it ends."""
