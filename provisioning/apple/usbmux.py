"""usbmuxd spoken to directly: what is plugged in and where, pair records, and connections to a handset's ports.

pymobiledevice3 drops LocationID, the only thing that names a USB port, cannot read ``UNIX:/path`` from the
environment and opens two to four sockets for every one that is used; one request costs one socket here.
The protocol: 16 bytes of little-endian header (length, version 1, message 8 = property list, tag), then XML
(libimobiledevice/usbmuxd ``src/usbmuxd-proto.h``; frames recorded by appium-ios-remotexpc).
"""

from __future__ import annotations

import asyncio
import logging
import os
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from provisioning.apple import answers
from provisioning.apple.answers import Answer, Malformed
from provisioning.apple.failures import TRAFFIC
from provisioning.errors import HubError

ADDRESS_VARIABLE = "USBMUXD_SOCKET_ADDRESS"
LINUX_AND_MACOS = "/var/run/usbmuxd"
WINDOWS = ("127.0.0.1", 27015)

PLIST_VERSION = 1
PLIST_MESSAGE = 8
DONE = 0
NO_SUCH_DEVICE = 2
REFUSED = 3

LARGEST_REPLY = 8 * 1024 * 1024
"""Bytes; a list of a thousand handsets is half a megabyte of XML."""
MOST_HANDSETS = 4096

MUTE = (
    "No iPhone can be seen: usbmuxd (Apple's device service) is there but does not answer. Restart it, or this machine."
)
HUNG_UP = "usbmuxd (Apple's device service) hung up: it is being restarted, or has crashed. It is tried again."

_HEADER = struct.Struct("<IIII")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plugged:
    """An Attached record. ``location`` is the bus and port in the way of the operating system, None if not said."""

    device_id: int
    serial: str
    usb: bool
    location: int | None = None


@dataclass(frozen=True, slots=True)
class Unplugged:
    """A Detached message."""

    device_id: int


class HubMute(HubError):
    """Raised when usbmuxd is there but does not answer in time."""

    def __init__(self) -> None:
        super().__init__(MUTE)


class NotReachable(Exception):
    """Raised when usbmuxd is there but the handset is not: unplugged, or nothing listens on that port."""

    def __init__(self, result: int) -> None:
        super().__init__(f"usbmuxd result {result}")
        self.result = result


def address() -> str | tuple[str, int]:
    """Give where usbmuxd listens: a path, or host and port. Raises HubError for a variable that cannot be read.

    ``USBMUXD_SOCKET_ADDRESS`` is taken in the forms of libusbmuxd (``UNIX:/path``, ``host:port``) and of
    pymobiledevice3 (a bare path), and read anew each time.
    """
    told = os.environ.get(ADDRESS_VARIABLE, "")
    if not told:
        return WINDOWS if sys.platform == "win32" else LINUX_AND_MACOS
    if told.upper().startswith("UNIX:"):
        return told[len("UNIX:") :]
    if told.startswith("/"):
        return told
    host, colon, port = told.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise HubError(f"{ADDRESS_VARIABLE} is “{told}”, which is neither host:port nor a path. Correct or unset it.")
    return host.strip("[]"), int(port)


def sentence_for_none(platform: str = sys.platform) -> str:
    """Say why no iPhone can be seen and what to do, for the operating system."""
    if os.environ.get(ADDRESS_VARIABLE):
        return (
            f"No iPhone can be seen: nothing answers at {ADDRESS_VARIABLE} ({os.environ[ADDRESS_VARIABLE]}). "
            "Start it, or unset the variable to use this machine's own."
        )
    if platform == "win32":
        return (
            "No iPhone can be seen: Apple's device service does not answer. Install “Apple Devices” from the "
            "Microsoft Store, or start the service “Apple Mobile Device Service”."
        )
    if platform == "darwin":
        return (
            "No iPhone can be seen: macOS's own usbmuxd does not answer. Unplug all iPhones, wait a moment and plug "
            "one in again; if that does not help, restart the Mac."
        )
    return (
        "No iPhone can be seen: usbmuxd does not run. Install it (Debian and Ubuntu: sudo apt install usbmuxd), "
        "then plug an iPhone in."
    )


class Usbmux:
    """One connection to usbmuxd: requests one at a time, until it listens or becomes a line to a handset.

    An asynchronous context manager; leaving it closes the socket unless :meth:`connect` has handed it on.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: float) -> None:
        self._reader = reader
        self._writer = writer
        self._patience = patience
        self._tag = 0
        self._handed_on = False

    @classmethod
    async def open(cls, patience: float) -> Usbmux:
        """Connect to usbmuxd, which gets ``patience`` seconds for this and for each answer.

        Raises HubError with the sentence for this machine where nothing listens.
        """
        where = address()
        try:
            async with asyncio.timeout(patience):
                if not isinstance(where, str):
                    return cls(*await asyncio.open_connection(*where), patience)
                if sys.platform == "win32":
                    raise HubError(f"{ADDRESS_VARIABLE} names a path, which Windows has no use for. Unset it.")
                return cls(*await asyncio.open_unix_connection(where), patience)
        except OSError as error:
            raise HubError(sentence_for_none()) from error

    async def __aenter__(self) -> Self:
        """Give itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, unless handed on."""
        self.close()

    def close(self) -> None:
        """Cut the connection; a reader waiting on it ends. Does nothing once handed on."""
        if not self._handed_on:
            self._writer.transport.abort()

    async def request(self, message_type: str, **fields: object) -> Answer:
        """Send one request and give its answer. Raises HubError when usbmuxd hangs up or talks nonsense."""
        self._tag += 1
        message = {"MessageType": message_type, "ProgName": "issuing-desk", "ClientVersionString": "issuing-desk"}
        body = answers.encode({**message, "kLibUSBMuxVersion": 3, **fields})
        logger.log(TRAFFIC, "usbmuxd < %s, %d bytes", message_type, len(body))
        try:
            async with asyncio.timeout(self._patience):
                self._writer.write(
                    _HEADER.pack(_HEADER.size + len(body), PLIST_VERSION, PLIST_MESSAGE, self._tag) + body
                )
                await self._writer.drain()
                while True:
                    tag, answer = await self._receive()
                    if tag == self._tag:
                        return answer
        except TimeoutError as error:
            raise HubMute from error
        except OSError as error:
            raise HubError(HUNG_UP) from error

    async def plugged(self) -> list[Plugged]:
        """List what is attached now, network connections included."""
        answer = await self.request("ListDevices")
        try:
            listed = answers.sequence(answer.get("DeviceList"), MOST_HANDSETS)
            return [_plugged(answers.mapping(one)) for one in listed]
        except Malformed as error:
            raise HubError(f"usbmuxd's list of handsets cannot be read ({error}).") from error

    async def listen(self) -> None:
        """Ask to be told of movements; from now on only :meth:`event` may be called."""
        if answers.number(await self.request("Listen"), "Number") != DONE:
            raise HubError("usbmuxd does not let this program listen for handsets.")

    async def event(self) -> Plugged | Unplugged:
        """Wait for the next movement, those already attached coming first. Raises HubError when usbmuxd is gone."""
        while True:
            _, told = await self._receive()
            kind = answers.text(told, "MessageType")
            try:
                if kind == "Attached":
                    return _plugged(told)
                if kind == "Detached":
                    return Unplugged(_required_number(told, "DeviceID"))
            except Malformed as error:
                raise HubError(f"usbmuxd's news cannot be read ({error}).") from error

    async def buid(self) -> str:
        """Give usbmuxd's own SystemBUID, which every pair record of this machine carries."""
        buid = answers.text(await self.request("ReadBUID"), "BUID")
        if buid is None:
            raise HubError("usbmuxd does not tell its SystemBUID.")
        return buid

    async def pair_record(self, record_id: str) -> bytes | None:
        """Give the pair record that usbmuxd keeps for a UDID, as a property list; None where it keeps none."""
        return answers.data(await self.request("ReadPairRecord", PairRecordID=record_id), "PairRecordData")

    async def save_pair_record(self, record_id: str, device_id: int, record: bytes) -> None:
        """Give usbmuxd a pair record to keep. Raises HubError where it will not."""
        answer = await self.request("SavePairRecord", PairRecordID=record_id, PairRecordData=record, DeviceID=device_id)
        if answers.number(answer, "Number") != DONE:
            raise HubError("usbmuxd does not keep the pair record. Check that its folder can be written.")

    async def connect(self, device_id: int, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Turn this connection into one to ``port`` of a handset and hand it on. Raises NotReachable.

        The port goes out in network byte order (62078 as 32498).
        """
        swapped = int.from_bytes(port.to_bytes(2, "big"), "little")
        answer = await self.request("Connect", DeviceID=device_id, PortNumber=swapped)
        result = answers.number(answer, "Number")
        if result != DONE:
            raise NotReachable(-1 if result is None else result)
        self._handed_on = True
        return self._reader, self._writer

    async def _receive(self) -> tuple[int, Answer]:
        try:
            length, _, _, tag = _HEADER.unpack(await self._reader.readexactly(_HEADER.size))
            if not _HEADER.size <= length <= LARGEST_REPLY:
                raise HubError(f"usbmuxd sent a message of {length} bytes, which cannot be right.")
            body = await self._reader.readexactly(length - _HEADER.size)
            answer = answers.mapping(answers.decode(body))
        except (asyncio.IncompleteReadError, OSError) as error:
            raise HubError(HUNG_UP) from error
        except Malformed as error:
            raise HubError(f"usbmuxd's answer cannot be read ({error}).") from error
        logger.log(TRAFFIC, "usbmuxd > %s, %d bytes", answers.text(answer, "MessageType") or "answer", len(body))
        return tag, answer


def handsets(plugged: Sequence[Plugged]) -> list[Plugged]:
    """Keep what hangs on a cable; a handset that is only on the same network is not on this desk."""
    return [one for one in plugged if one.usb]


def with_dash(serial: str) -> str:
    """Give a UDID as lockdownd writes it: 24 characters carry a dash after the eighth, which USB leaves out."""
    return f"{serial[:8]}-{serial[8:]}" if len(serial) == 24 and "-" not in serial else serial


def _plugged(record: Answer) -> Plugged:
    properties = answers.mapping(record.get("Properties"))
    serial = answers.text(properties, "SerialNumber")
    if serial is None or len(serial) > 64 or not serial.isascii() or not serial.replace("-", "").isalnum():
        raise Malformed("a handset without a usable SerialNumber")
    return Plugged(
        device_id=_required_number(record, "DeviceID"),
        serial=with_dash(serial),
        usb=answers.text(properties, "ConnectionType") == "USB",
        location=answers.number(properties, "LocationID"),
    )


def _required_number(answer: Answer, key: str) -> int:
    value = answers.number(answer, key)
    if value is None or value < 0:
        raise Malformed(f"{key} is missing")
    return value
