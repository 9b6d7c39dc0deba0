"""AFC: the media folder, as far as preparing a phone needs it (go-ios leaves an empty file ``SkipSetup`` there).

Packets: ``CFA6LPAA``, then entire length, length without payload, packet number and operation as 64 bit little endian
(libimobiledevice's afc.h). Paths come with and without a zero at their end.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum, unique
from typing import Final

from provisioning.virtual.iphone.conversation import meet
from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.iphone.plist import WireError
from provisioning.virtual.iphone.stream import DeviceStream, HungUp

_HEADER = struct.Struct("<8sQQQQ")
_MAGIC: Final = b"CFA6LPAA"
_LARGEST_PACKET: Final = 4 << 20
_LARGEST_MEDIA: Final = 64 << 20
_MOST_OPEN: Final = 256
_LONGEST_PATH: Final = 1024
_NUMBER = struct.Struct("<Q")
_SUCCESS, _UNKNOWN_OPERATION, _INVALID, _NOT_FOUND, _NO_SPACE, _NOT_EMPTY = 0, 2, 7, 8, 18, 33
_READ_ONLY, _TRUNCATING = 1, (3, 4)


@unique
class Operation(IntEnum):
    """What a packet asks for, or answers."""

    STATUS = 0x01
    DATA = 0x02
    READ_DIR = 0x03
    REMOVE_PATH = 0x08
    MAKE_DIR = 0x09
    GET_FILE_INFO = 0x0A
    GET_DEVICE_INFO = 0x0B
    FILE_OPEN = 0x0D
    FILE_OPENED = 0x0E
    FILE_READ = 0x0F
    FILE_WRITE = 0x10
    FILE_CLOSE = 0x14
    REMOVE_PATH_AND_CONTENTS = 0x22


@dataclass(slots=True)
class _OpenFile:
    path: str
    position: int = 0


async def serve_afc(phone: VirtualIPhone, stream: DeviceStream) -> None:
    """Serve packets until the host hangs up. Raises WireError for what is no packet."""
    media = _Media(phone.media)
    while True:
        try:
            magic, entire, this, number, operation = _HEADER.unpack(await stream.exactly(_HEADER.size))
        except HungUp:
            return
        if magic != _MAGIC or not _HEADER.size <= this <= entire <= _LARGEST_PACKET:
            raise WireError("no AFC packet")
        body = await stream.exactly(entire - _HEADER.size)
        fault = await meet(phone, stream, "AFC")
        if fault is not None:
            await stream.send(_MAGIC[:4])
            raise HungUp("fault in AFC")
        kind, answer = media.answer(operation, body[: this - _HEADER.size], body[this - _HEADER.size :])
        size = _HEADER.size + len(answer)
        head = _HEADER.size if kind is Operation.DATA else _HEADER.size + _NUMBER.size
        await stream.send(_HEADER.pack(_MAGIC, size, head, number, kind) + answer)


class _Media:
    """The folder of one phone as one connection sees it. Folders are entries without contents."""

    def __init__(self, files: dict[str, bytes | None]) -> None:
        self._files = files
        self._open: dict[int, _OpenFile] = {}

    def answer(self, operation: int, head: bytes, payload: bytes) -> tuple[Operation, bytes]:
        """Answer one packet: the kind of the answer and its body."""
        match operation:
            case Operation.GET_FILE_INFO:
                return self._info(_path(head))
            case Operation.MAKE_DIR:
                return self._make_folder(_path(head))
            case Operation.READ_DIR:
                return self._list(_path(head))
            case Operation.REMOVE_PATH | Operation.REMOVE_PATH_AND_CONTENTS:
                return self._remove(_path(head), operation == Operation.REMOVE_PATH_AND_CONTENTS)
            case Operation.FILE_OPEN:
                return self._open_file(head)
            case Operation.FILE_READ | Operation.FILE_WRITE | Operation.FILE_CLOSE:
                return self._use_file(operation, head, payload)
            case Operation.GET_DEVICE_INFO:
                size = str(128 << 30)
                return _told("Model", "iPhone", "FSTotalBytes", size, "FSFreeBytes", size, "FSBlockSize", "4096")
            case _:
                return _status(_UNKNOWN_OPERATION)

    def _info(self, path: str) -> tuple[Operation, bytes]:
        if path and path not in self._files:
            return _status(_NOT_FOUND)
        contents = self._files.get(path)
        kind, size = ("S_IFDIR", 64) if contents is None else ("S_IFREG", len(contents))
        return _told("st_size", str(size), "st_blocks", "0", "st_nlink", "1", "st_ifmt", kind, "st_mtime", "0")

    def _make_folder(self, path: str) -> tuple[Operation, bytes]:
        parts = path.split("/")
        for length in range(1, len(parts) + 1):
            self._files.setdefault("/".join(parts[:length]), None)
        return _status(_SUCCESS)

    def _list(self, path: str) -> tuple[Operation, bytes]:
        if path and path not in self._files:
            return _status(_NOT_FOUND)
        inside = f"{path}/" if path else ""
        names = {name[len(inside) :].split("/")[0] for name in self._files if name.startswith(inside)}
        return _told(".", "..", *sorted(names - {""}))

    def _remove(self, path: str, contents: bool) -> tuple[Operation, bytes]:
        if path not in self._files:
            return _status(_NOT_FOUND)
        inside = [name for name in self._files if name.startswith(f"{path}/")]
        if inside and not contents:
            return _status(_NOT_EMPTY)
        for name in (path, *inside):
            del self._files[name]
        return _status(_SUCCESS)

    def _open_file(self, head: bytes) -> tuple[Operation, bytes]:
        if len(head) <= _NUMBER.size or len(self._open) >= _MOST_OPEN:
            return _status(_INVALID)
        mode, path = _NUMBER.unpack_from(head)[0], _path(head[_NUMBER.size :])
        if mode == _READ_ONLY and self._files.get(path) is None:
            return _status(_NOT_FOUND)
        if mode in _TRUNCATING or self._files.get(path) is None:
            self._files[path] = b""
        handle = max(self._open, default=0) + 1
        self._open[handle] = _OpenFile(path)
        return Operation.FILE_OPENED, _NUMBER.pack(handle)

    def _use_file(self, operation: int, head: bytes, payload: bytes) -> tuple[Operation, bytes]:
        file = self._open.get(_NUMBER.unpack_from(head)[0]) if len(head) >= _NUMBER.size else None
        if file is None:
            return _status(_INVALID)
        if operation == Operation.FILE_CLOSE:
            del self._open[_NUMBER.unpack_from(head)[0]]
            return _status(_SUCCESS)
        contents = self._files.get(file.path) or b""
        if operation == Operation.FILE_READ:
            size = _NUMBER.unpack_from(head, _NUMBER.size)[0] if len(head) >= 2 * _NUMBER.size else 0
            part = contents[file.position : file.position + min(size, _LARGEST_PACKET)]
            file.position += len(part)
            return Operation.DATA, part
        if sum(len(kept or b"") for kept in self._files.values()) + len(payload) > _LARGEST_MEDIA:
            return _status(_NO_SPACE)
        end = file.position + len(payload)
        self._files[file.path] = contents[: file.position] + payload + contents[end:]
        file.position = end
        return _status(_SUCCESS)


def _path(raw: bytes) -> str:
    return raw[:_LONGEST_PATH].split(b"\0", 1)[0].decode("utf-8", "replace").strip("/")


def _status(code: int) -> tuple[Operation, bytes]:
    return Operation.STATUS, _NUMBER.pack(code)


def _told(*words: str) -> tuple[Operation, bytes]:
    return Operation.DATA, b"".join(word.encode() + b"\0" for word in words)
