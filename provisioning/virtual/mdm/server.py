"""The rack's MDM server: check-in and command endpoint over HTTPS, as Apple's MDM protocol has them.

A handset says Authenticate, then TokenUpdate; only with the second is it enrolled (apple/device-management,
``mdm/checkin``). It shows the identity that its enrolment profile gave it in TLS, and signs with it where the profile
says SignMessage; without either it is not let in. There are no commands and no push: what an organisation's real server
does after enrolment is not this desk's business.
"""

from __future__ import annotations

import asyncio
import logging
import plistlib
import ssl
import uuid
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self, cast

from provisioning.virtual.iphone.plist import Message, WireError, parse_message
from provisioning.virtual.mdm.authority import Authority

logger = logging.getLogger(__name__)

IDENTIFIER: Final = "org.issuing-desk.rack.mdm"
_TOPIC: Final = "com.apple.mgmt.External.2f9f4c0e-7d8a-4f5e-9a35-1c2b3a4d5e6f"
_ALL_RIGHTS: Final = 8191
_LONGEST_HEAD: Final = 1 << 15
_LONGEST_BODY: Final = 1 << 20
_PATIENCE: Final = 30.0
_NAMESPACE: Final = uuid.UUID("c7a1f0d6-35a0-4a52-9f0f-53b7a3d8e0aa")
_REASONS: Final = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 413: "Too Large"}


@dataclass(slots=True)
class Enrolled:
    """One handset as the server knows it; ``token`` is True once TokenUpdate has come."""

    udid: str
    serial_number: str
    topic: str
    token: bool = False


class _Refusal(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class MdmServer:
    """An MDM server on a loopback port, as an async context manager."""

    def __init__(self) -> None:
        self._authority = Authority()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.handsets: dict[str, Enrolled] = {}
        """UDID -> what checked in."""

    async def __aenter__(self) -> Self:
        context = await asyncio.to_thread(self._authority.server_context)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context, limit=_LONGEST_HEAD)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            for writer in tuple(self._writers):
                writer.transport.abort()
            with suppress(OSError):
                await self._server.wait_closed()

    @property
    def address(self) -> str:
        """Where it listens, ``https://127.0.0.1:PORT``."""
        assert self._server is not None, "it listens between enter and exit"
        return f"https://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def enrolled(self) -> tuple[str, ...]:
        """Give the serial numbers of the handsets that are enrolled."""
        return tuple(one.serial_number for one in self.handsets.values() if one.token)

    def enrolment_profile(self, **changes: object) -> bytes:
        """Give the profile that enrols a handset here; ``changes`` spoil keys of its MDM payload, for tests.

        It carries the handset's identity, so it is as secret as that.
        """
        container, password = self._authority.handset_identity()
        identity = _payload("com.apple.security.pkcs12", Password=password, PayloadContent=container)
        root = _payload("com.apple.security.root", PayloadContent=self._authority.der)
        mdm = _payload(
            "com.apple.mdm",
            AccessRights=_ALL_RIGHTS,
            CheckInURL=f"{self.address}/checkin",
            CheckOutWhenRemoved=True,
            IdentityCertificateUUID=identity["PayloadUUID"],
            ServerCapabilities=["com.apple.mdm.per-user-connections"],
            ServerURL=f"{self.address}/mdm",
            SignMessage=False,
            Topic=_TOPIC,
        )
        mdm = {key: value for key, value in {**mdm, **changes}.items() if value is not None}
        profile = {
            "PayloadType": "Configuration",
            "PayloadIdentifier": IDENTIFIER,
            "PayloadUUID": _uuid(IDENTIFIER),
            "PayloadVersion": 1,
            "PayloadDisplayName": "Rack device management",
            "PayloadOrganization": "Training Constabulary",
            "PayloadContent": [root, identity, mdm],
        }
        return plistlib.dumps(profile)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            async with asyncio.timeout(_PATIENCE):
                status, body = await self._answered(reader, writer)
                head = (
                    f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                )
                writer.write(head.encode() + body)
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ssl.SSLError) as error:
            logger.debug("a connection to the MDM server ended: %s", type(error).__name__)
        finally:
            self._writers.discard(writer)
            writer.close()
            with suppress(OSError, ssl.SSLError):
                await writer.wait_closed()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[int, bytes]:
        try:
            method, path, fields, body = await _request(reader)
            if method != "PUT" or path not in ("/checkin", "/mdm"):
                raise _Refusal(404)
            signature = fields.get("mdm-signature", "")
            signed = bool(signature) and self._authority.signed(signature, body)
            if bool(signature) is not signed or not (signed or writer.get_extra_info("peercert")):
                raise _Refusal(401)
            if path == "/checkin":
                self._check_in(parse_message(body))
        except _Refusal as refusal:
            return refusal.status, b""
        except WireError:
            return 400, b""
        return 200, b""

    def _check_in(self, message: Message) -> None:
        udid, topic = message.text("UDID"), message.text("Topic")
        if not udid or topic != _TOPIC:
            raise _Refusal(400)
        match message.text("MessageType"):
            case "Authenticate":
                self.handsets[udid] = Enrolled(udid, message.text("SerialNumber"), topic)
            case "TokenUpdate":
                if udid not in self.handsets or message.data("Token") is None or not message.text("PushMagic"):
                    raise _Refusal(400)
                self.handsets[udid].token = True
            case "CheckOut":
                self.handsets.pop(udid, None)
            case _:
                raise _Refusal(400)


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str], bytes]:
    """Read one HTTP request: method, path, header fields, body. Raises _Refusal for one that is none."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.LimitOverrunError:
        raise _Refusal(413) from None
    first, *lines = head.split("\r\n")
    words = first.split(" ")
    if len(words) != 3:
        raise _Refusal(400)
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = fields.get("content-length", "0")
    if not length.isdecimal() or int(length) > _LONGEST_BODY:
        raise _Refusal(413)
    return words[0], words[1], fields, await reader.readexactly(int(length))


def _payload(kind: str, **content: Any) -> dict[str, Any]:
    identifier = f"{IDENTIFIER}.{kind}"
    return cast("dict[str, Any]", {
        "PayloadType": kind, "PayloadIdentifier": identifier, "PayloadUUID": _uuid(identifier), "PayloadVersion": 1,
        **content,
    })  # fmt: skip


def _uuid(name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, name)).upper()
