"""Android's binary XML and resource table: written small, read with bounds.

Chunks and types as in AOSP ``androidfw/ResourceTypes.h``; attribute ids from the public resources of the framework.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

ANDROID = "http://schemas.android.com/apk/res/android"
ATTRIBUTE_IDS: Mapping[str, int] = {
    "label": 0x01010001, "name": 0x01010003, "permission": 0x01010006, "sharedUserId": 0x0101000B,
    "hasCode": 0x0101000C,
    "enabled": 0x0101000E, "debuggable": 0x0101000F, "exported": 0x01010010, "description": 0x01010020,
    "value": 0x01010024, "resource": 0x01010025, "mimeType": 0x01010026, "scheme": 0x01010027, "host": 0x01010028,
    "pathPrefix": 0x0101002B, "minSdkVersion": 0x0101020C, "versionCode": 0x0101021B, "versionName": 0x0101021C,
    "targetSdkVersion": 0x01010270, "testOnly": 0x01010272, "allowBackup": 0x01010280, "autoVerify": 0x010104EE,
    "appCategory": 0x01010545,
}  # fmt: skip
_NAMES = {number: name for name, number in ATTRIBUTE_IDS.items()}
_STRING_POOL, _TABLE, _XML, _START_NAMESPACE, _END_NAMESPACE, _START, _END, _RESOURCE_MAP = (
    0x0001, 0x0002, 0x0003, 0x0100, 0x0101, 0x0102, 0x0103, 0x0180,
)  # fmt: skip
_PACKAGE, _TYPE, _TYPE_SPEC = 0x0200, 0x0201, 0x0202
_TYPE_REFERENCE, _TYPE_STRING, _TYPE_INTEGER, _TYPE_BOOLEAN = 0x01, 0x03, 0x10, 0x12
_NONE = 0xFFFFFFFF
_DEEPEST = 64
_MOST_ELEMENTS = 50_000
_MOST_STRINGS = 200_000

Value = str | int | bool


class BadXml(ValueError):
    """Raised for bytes that are no binary XML."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource id such as ``@xml/device_admin``."""

    id: int


@dataclass(slots=True)
class Element:
    """An element; attributes of the android namespace by bare name, others as they stand."""

    tag: str
    attributes: dict[str, Value | Reference] = field(default_factory=dict[str, Value | Reference])
    children: list[Element] = field(default_factory=list["Element"])

    def all(self, tag: str) -> list[Element]:
        """Give the children with this tag."""
        return [child for child in self.children if child.tag == tag]

    def text(self, name: str) -> str:
        """Give an attribute as text; empty where it is absent or refers to a resource."""
        value = self.attributes.get(name, "")
        return "" if isinstance(value, Reference) else str(value)

    def number(self, name: str, default: int) -> int:
        """Give an attribute as a number."""
        value = self.attributes.get(name, default)
        if isinstance(value, str):
            return int(value) if value.isdigit() else default
        return default if isinstance(value, Reference) else int(value)

    def flag(self, name: str, default: bool) -> bool:
        """Give an attribute as a truth value; one that refers to a resource counts as ``default``."""
        value = self.attributes.get(name, default)
        return default if isinstance(value, (str, Reference)) else bool(value)


def write_xml(root: Element) -> bytes:
    """Encode a document."""
    names = sorted({name for name in _attribute_names(root) if name in ATTRIBUTE_IDS}, key=ATTRIBUTE_IDS.__getitem__)
    strings = _Strings(names)
    prefix, uri = strings.index("android"), strings.index(ANDROID)
    body = _node(_START_NAMESPACE, struct.pack("<II", prefix, uri))
    body += _element(root, strings, uri)
    body += _node(_END_NAMESPACE, struct.pack("<II", prefix, uri))
    ids = struct.pack(f"<{len(names)}I", *(ATTRIBUTE_IDS[name] for name in names))
    content = strings.pool() + _chunk(_RESOURCE_MAP, 8, ids) + body
    return _chunk(_XML, 8, content)


def write_table(package: str, kind: str, name: str, path: str) -> bytes:
    """Encode a resource table with the one file resource ``@kind/name``, id 0x7f010000."""
    values, kinds, keys = _Strings([path]), _Strings([kind]), _Strings([name])
    entry = struct.pack("<HHI", 8, 0, 0) + struct.pack("<HBBI", 8, 0, _TYPE_STRING, 0)
    configuration = struct.pack("<I", 64) + bytes(60)
    type_header = struct.pack("<BBHII", 1, 0, 0, 1, 20 + 64 + 4) + configuration
    types = _chunk(_TYPE_SPEC, 16, struct.pack("<BBHII", 1, 0, 0, 1, 0))
    types += _chunk(_TYPE, 8 + len(type_header), type_header + struct.pack("<I", 0) + entry)
    kind_pool, key_pool = kinds.pool(), keys.pool()
    header = struct.pack("<I", 0x7F) + package.encode("utf-16-le")[:254].ljust(256, b"\0")
    header += struct.pack("<IIIII", 288, 1, 288 + len(kind_pool), 1, 0)
    inner = _chunk(_PACKAGE, 8 + len(header), header + kind_pool + key_pool + types)
    return _chunk(_TABLE, 12, struct.pack("<I", 1) + values.pool() + inner)


def read_xml(data: bytes) -> Element:
    """Decode a document. Raises BadXml."""
    try:
        return _read(data)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BadXml(f"not binary XML: {error}") from None


def _read(data: bytes) -> Element:
    kind, header, size = struct.unpack_from("<HHI", data)
    if kind != _XML or size > len(data):
        raise BadXml("not binary XML")
    strings: list[str] = []
    ids: tuple[int, ...] = ()
    top = Element("")
    stack = [top]
    elements = 0
    at = header
    while at + 8 <= size:
        kind, header, length = struct.unpack_from("<HHI", data, at)
        if length < 8 or at + length > size:
            raise BadXml("chunk out of bounds")
        if kind == _STRING_POOL:
            strings = _read_pool(data[at : at + length])
        elif kind == _RESOURCE_MAP:
            ids = struct.unpack_from(f"<{(length - header) // 4}I", data, at + header)
        elif kind == _START:
            elements += 1
            if elements > _MOST_ELEMENTS or len(stack) > _DEEPEST:
                raise BadXml("too many elements")
            element = _read_element(data, at + header, strings, ids)
            stack[-1].children.append(element)
            stack.append(element)
        elif kind == _END and len(stack) > 1:
            stack.pop()
        at += length
    if not top.children:
        raise BadXml("no element")
    return top.children[0]


def _read_element(data: bytes, at: int, strings: list[str], ids: tuple[int, ...]) -> Element:
    _, name, start, size, count = struct.unpack_from("<IIHHH", data, at)
    element = Element(strings[name])
    for index in range(count):
        _, key, raw, _, _, kind, value = struct.unpack_from("<IIIHBBI", data, at + start + index * max(size, 20))
        # A shrinker may blank the names; the resource id is what Android goes by.
        label = _NAMES.get(ids[key], strings[key]) if key < len(ids) else strings[key]
        if kind == _TYPE_STRING:
            element.attributes[label] = strings[raw if raw != _NONE else value]
        elif kind == _TYPE_BOOLEAN:
            element.attributes[label] = value != 0
        elif kind == _TYPE_REFERENCE:
            element.attributes[label] = Reference(value)
        elif raw != _NONE:
            element.attributes[label] = strings[raw]
        else:
            element.attributes[label] = value
    return element


def _read_pool(chunk: bytes) -> list[str]:
    header, _, count, _, flags, start = struct.unpack_from("<HIIIII", chunk, 2)
    if count > _MOST_STRINGS:
        raise BadXml("too many strings")
    offsets = struct.unpack_from(f"<{count}I", chunk, header)
    return [_read_string(chunk, start + offset, bool(flags & 0x100)) for offset in offsets]


def _read_string(chunk: bytes, at: int, utf8: bool) -> str:
    if utf8:
        at += 2 if chunk[at] & 0x80 else 1
        length = chunk[at]
        at += 1
        if length & 0x80:
            length = (length & 0x7F) << 8 | chunk[at]
            at += 1
        return chunk[at : at + length].decode("utf-8", "replace")
    length = struct.unpack_from("<H", chunk, at)[0]
    at += 2
    if length & 0x8000:
        length = (length & 0x7FFF) << 16 | struct.unpack_from("<H", chunk, at)[0]
        at += 2
    return chunk[at : at + 2 * length].decode("utf-16-le", "replace")


class _Strings:
    def __init__(self, first: list[str]) -> None:
        self._indices = {text: index for index, text in enumerate(first)}

    def index(self, text: str) -> int:
        return self._indices.setdefault(text, len(self._indices))

    def pool(self) -> bytes:
        offsets: list[int] = []
        data = b""
        for text in self._indices:
            offsets.append(len(data))
            encoded = text.encode("utf-16-le")
            data += struct.pack("<H", len(encoded) // 2) + encoded + b"\0\0"
        data += bytes(-len(data) % 4)
        header = struct.pack("<IIIII", len(offsets), 0, 0, 28 + 4 * len(offsets), 0)
        return _chunk(_STRING_POOL, 28, header + struct.pack(f"<{len(offsets)}I", *offsets) + data)


def _attribute_names(element: Element) -> set[str]:
    names = set(element.attributes)
    for child in element.children:
        names |= _attribute_names(child)
    return names


def _element(element: Element, strings: _Strings, uri: int) -> bytes:
    ordered = sorted(element.attributes, key=lambda name: ATTRIBUTE_IDS.get(name, 0))
    attributes = b"".join(_attribute(name, element.attributes[name], strings, uri) for name in ordered)
    tag = strings.index(element.tag)
    start = struct.pack("<IIHHHHHH", _NONE, tag, 20, 20, len(ordered), 0, 0, 0) + attributes
    inner = b"".join(_element(child, strings, uri) for child in element.children)
    return _node(_START, start) + inner + _node(_END, struct.pack("<II", _NONE, tag))


def _attribute(name: str, value: Value | Reference, strings: _Strings, uri: int) -> bytes:
    namespace = uri if name in ATTRIBUTE_IDS else _NONE
    raw = _NONE
    if isinstance(value, Reference):
        kind, number = _TYPE_REFERENCE, value.id
    elif isinstance(value, bool):
        kind, number = _TYPE_BOOLEAN, _NONE if value else 0
    elif isinstance(value, int):
        kind, number = _TYPE_INTEGER, value & 0xFFFFFFFF
    else:
        raw = number = strings.index(value)
        kind = _TYPE_STRING
    return struct.pack("<IIIHBBI", namespace, strings.index(name), raw, 8, 0, kind, number)


def _node(kind: int, content: bytes) -> bytes:
    return struct.pack("<HHIII", kind, 16, 16 + len(content), 1, _NONE) + content


def _chunk(kind: int, header: int, content: bytes) -> bytes:
    return struct.pack("<HHI", kind, header, 8 + len(content)) + content
