"""Property lists from outside: decoded within bounds, then read one typed field at a time.

A property list can be hostile in ways that its size does not show: binary ones may refer to one object many
times, or to themselves. So nothing here walks a whole answer; callers pick fields at a depth that they know.
"""

from __future__ import annotations

import plistlib
import xml.parsers.expat
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeGuard, cast

Answer = Mapping[str, object]

LONGEST_TEXT = 4096
"""Characters; a name, identifier or URL beyond this is not real, and cutting it would make another one of it."""


class Malformed(ValueError):
    """Raised for bytes that are no property list, or for one that is not shaped as documented."""


def decode(payload: bytes) -> object:
    """Read an XML or binary property list. Raises Malformed, whatever is wrong with it.

    Control characters, which XML forbids but real handsets send inside names, are dropped and the rest read again.
    """
    try:
        return _loads(payload)
    except xml.parsers.expat.ExpatError:
        kept = bytes(byte for byte in payload if byte >= 0x20 or byte in b"\t\n\r")
        try:
            return _loads(kept)
        except xml.parsers.expat.ExpatError as error:
            raise Malformed("not a property list") from error


@lru_cache(maxsize=128)
def decode_once(payload: bytes) -> object:
    """Read like :func:`decode`, and remember: the forty of a batch answer alike to the byte, and share what was read.

    So nobody may change what is given, and nothing secret is read by it. A hundred handsets need a third less of the
    processor, most of it for the lists of profiles and restrictions.
    """
    return decode(payload)


def encode(message: Answer) -> bytes:
    """Write a message as an XML property list, the form that every Apple daemon takes."""
    return plistlib.dumps(dict(message), fmt=plistlib.FMT_XML)


def mapping(value: object) -> Answer:
    """Give ``value`` as a dictionary with text keys. Raises Malformed."""
    if not _is_mapping(value):
        raise Malformed(f"a dictionary was expected, not {type(value).__name__}")
    return value


def sequence(value: object, most: int) -> Sequence[object]:
    """Give ``value`` as an array of at most ``most`` items. Raises Malformed."""
    if not isinstance(value, list):
        raise Malformed(f"an array was expected, not {type(value).__name__}")
    items = cast("list[object]", value)
    if len(items) > most:
        raise Malformed(f"an array of {len(items)} items, where {most} are the most that is plausible")
    return items


def text(answer: Answer, key: str) -> str | None:
    """Give the text at ``key``; None where it is missing, empty, of another type or longer than any real one."""
    value = answer.get(key)
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT else None


def error(answer: Answer) -> str | None:
    """Give the name of the error that an answer reports under ``Error``; None where it reports none."""
    return None if "Error" not in answer else text(answer, "Error") or "an error without a name"


def number(answer: Answer, key: str) -> int | None:
    """Give the whole number at ``key``; None where it is missing or of another type."""
    value = answer.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag(answer: Answer, key: str) -> bool | None:
    """Give the truth at ``key``; handsets write some of them as 0 and 1. None where it is missing or otherwise."""
    value = answer.get(key)
    if isinstance(value, bool):
        return value
    return bool(value) if isinstance(value, int) and value in (0, 1) else None


def data(answer: Answer, key: str) -> bytes | None:
    """Give the bytes at ``key``; None where they are missing or of another type."""
    value = answer.get(key)
    return value if isinstance(value, bytes) else None


def _loads(payload: bytes) -> object:
    try:
        return cast("object", plistlib.loads(payload))
    except xml.parsers.expat.ExpatError:
        raise
    # plistlib lets all of these through for crafted input: bad dates, references, lengths and nesting
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        OverflowError,
        RecursionError,
        MemoryError,
    ) as error:
        raise Malformed("not a property list") from error


def _is_mapping(value: object) -> TypeGuard[Answer]:
    return isinstance(value, dict) and all(isinstance(key, str) for key in cast("dict[object, object]", value))
