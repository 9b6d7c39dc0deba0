"""Property lists as they cross the wire: read with bounds and checked types, written as the daemons write them."""

from __future__ import annotations

import plistlib
import struct
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias, cast
from xml.parsers.expat import ExpatError

Plist: TypeAlias = "str | int | float | bool | bytes | datetime | Sequence[Plist] | Mapping[str, Plist]"
"""Anything that a property list can hold."""

DEEPEST: Final = 64
"""Nesting that no client of these services comes near; deeper ones would exhaust Python's stack when written back."""

_OPENING: Final = b'<plist version="1.0">\n'
_UNREADABLE = (
    ExpatError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RecursionError,
    MemoryError,
    struct.error,
)


class WireError(Exception):
    """Raised when the other end breaks the framing or sends what is no property list; the connection ends."""


class Message:
    """One dictionary from the other end. Every getter checks the type, because the sender may be anybody."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = dict(fields)

    def __contains__(self, key: str) -> bool:
        return key in self._fields

    def __bool__(self) -> bool:
        return bool(self._fields)

    def value(self, key: str) -> Plist | None:
        """Give the value as it came; None where there is none."""
        return cast("Plist | None", self._fields.get(key))

    def text(self, key: str) -> str:
        """Give a string; empty where it is missing or something else."""
        found = self._fields.get(key)
        return found if isinstance(found, str) else ""

    def data(self, key: str) -> bytes | None:
        """Give a data value; None where it is missing or something else."""
        found = self._fields.get(key)
        return found if isinstance(found, bytes) else None

    def number(self, key: str) -> int | None:
        """Give a whole number or boolean as a number (NSNumber is both); None where it is neither."""
        found = self._fields.get(key)
        return int(found) if isinstance(found, int) else None

    def flag(self, key: str) -> bool:
        """Give a boolean, reading numbers as NSNumber's boolValue does; False where it is missing."""
        return bool(self.number(key))

    def table(self, key: str) -> Message:
        """Give a dictionary as a message of its own; an empty one where it is missing or something else."""
        found = self._fields.get(key)
        return Message(cast("Mapping[str, Any]", found)) if isinstance(found, dict) else Message({})

    def array(self, key: str) -> list[Plist] | None:
        """Give an array; None where it is missing or something else."""
        found = self._fields.get(key)
        return cast("list[Plist]", found) if isinstance(found, list) else None

    def texts(self, key: str) -> list[str] | None:
        """Give a string or an array of strings as a list, as CoreFoundation's daemons do; None for anything else."""
        found = self._fields.get(key)
        if isinstance(found, str):
            return [found]
        items = self.array(key)
        if items is None or not all(isinstance(item, str) for item in items):
            return None
        return cast("list[str]", items)

    def tables(self, key: str) -> list[Message]:
        """Give the dictionaries of an array; what is no dictionary is left out."""
        return [Message(cast("Mapping[str, Any]", one)) for one in self.array(key) or [] if isinstance(one, dict)]

    def fields(self) -> dict[str, Plist]:
        """Give a copy of everything in it."""
        return cast("dict[str, Plist]", dict(self._fields))


def parse(data: bytes) -> Plist:
    """Read an XML or binary property list, leading white space allowed. Raises WireError for anything else.

    Apple's parser skips white space before the XML declaration, Python's does not (go-ios 1.2.0 sends its profile
    with a line feed in front and a device installs it).
    """
    try:
        value = plistlib.loads(data.lstrip())
    except _UNREADABLE as error:
        raise WireError(f"no property list ({type(error).__name__})") from error
    if _too_deep(value):
        raise WireError("property list nested too deeply")
    return cast("Plist", value)


def parse_message(data: bytes) -> Message:
    """Read a property list whose top is a dictionary. Raises WireError for anything else."""
    value = parse(data)
    if not isinstance(value, dict):
        raise WireError("property list is not a dictionary")
    return Message(cast("Mapping[str, Any]", value))


def xml(value: Plist) -> bytes:
    """Write XML, the form that lockdownd and most services answer in."""
    return plistlib.dumps(cast("Any", value), sort_keys=False)


def binary(value: Plist) -> bytes:
    """Write the binary form, as springboardservices does."""
    return plistlib.dumps(cast("Any", value), fmt=plistlib.FMT_BINARY, sort_keys=False)


def xml_element(value: Plist) -> bytes:
    """Write the XML of a value alone, for :func:`xml_of_elements`; worth keeping where it is sent often."""
    document = xml(value)
    return document[document.index(_OPENING) + len(_OPENING) : document.rindex(b"</plist>")]


def xml_of_elements(fields: Mapping[str, Plist], key: str, elements: Sequence[bytes]) -> bytes:
    """Write ``{**fields, key: [elements…]}`` from elements that are XML already.

    A phone's list of apps is some hundred kilobytes of XML; making it anew for each of fifty hosts would hold the
    loop for seconds.
    """
    head = xml(dict(fields))
    cut = head.rindex(b"</dict>")
    opening, closing = b"\t<key>" + key.encode() + b"</key>\n\t<array>\n", b"\t</array>\n"
    return b"".join((head[:cut], opening, *elements, closing, head[cut:]))


def _too_deep(value: object) -> bool:
    """Walk breadth first, so that the check itself needs no deep stack."""
    level: list[object] = [value]
    for _ in range(DEEPEST):
        following: list[object] = []
        for one in level:
            if isinstance(one, dict):
                following += cast("dict[str, object]", one).values()
            elif isinstance(one, list):
                following += cast("list[object]", one)
        if not following:
            return False
        level = following
    return True
