"""An adb host of our own for tests of the virtual Android: packets, keys and streams spoken by hand.

It shares no code with the virtual handset or the Android engine, so that a mistake cannot stand on both sides.
"""

from __future__ import annotations

import asyncio
import base64
import struct
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from provisioning.virtual.android.fleet import AndroidFleet
from provisioning.virtual.android.handset import VirtualAndroid
from provisioning.virtual.scenario import HandsetPlan, load_scenario

SECONDS = 10.0
NEW, OLD = 0x01000001, 0x01000000
FEATURES = "shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir,apex,abb,abb_exec,sendrecv_v2"


@dataclass(frozen=True)
class Packet:
    """A packet as it came."""

    command: str
    arg0: int
    arg1: int
    data: bytes
    checksum: int


@cache
def host_key(number: int = 0) -> rsa.RSAPrivateKey:
    """A host's key; another number is another host."""
    del number
    return rsa.generate_private_key(65537, 2048)


def android_public_key(key: rsa.RSAPrivateKey, comment: str = "desk@test") -> bytes:
    """The key as adb offers it: base64 of Android's structure, a blank, who it is, NUL."""
    numbers = key.public_key().public_numbers()
    modulus = numbers.n
    inverse = (-pow(modulus, -1, 2**32)) % 2**32
    blob = struct.pack("<II", 64, inverse) + modulus.to_bytes(256, "little")
    blob += pow(2, 4096, modulus).to_bytes(256, "little") + struct.pack("<I", numbers.e)
    return base64.b64encode(blob) + f" {comment}\0".encode()


class Host:
    """A host on one connection to adbd."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.next_id = 1
        self.delayed = False

    @classmethod
    async def connect(cls, address: str) -> Host:
        """Connect and say nothing yet."""
        name, port = address.rsplit(":", 1)
        return cls(*await asyncio.open_connection(name, int(port)))

    def send(self, command: str, arg0: int, arg1: int, data: bytes = b"", check: bool = True) -> None:
        """Send a packet."""
        word = int.from_bytes(command.encode(), "little")
        checksum = sum(data) & 0xFFFFFFFF if check else 0
        self.writer.write(struct.pack("<6I", word, arg0, arg1, len(data), checksum, word ^ 0xFFFFFFFF) + data)

    async def receive(self) -> Packet:
        """Read a packet."""
        async with asyncio.timeout(SECONDS):
            word, arg0, arg1, length, checksum, magic = struct.unpack("<6I", await self.reader.readexactly(24))
            assert magic == word ^ 0xFFFFFFFF
            data = await self.reader.readexactly(length)
        return Packet(word.to_bytes(4, "little").decode(), arg0, arg1, data, checksum)

    async def nothing_comes(self, seconds: float = 0.2) -> bool:
        """Tell whether the handset stays silent for a while."""
        try:
            async with asyncio.timeout(seconds):
                return not await self.reader.read(1)
        except TimeoutError:
            return True

    def hello(self, version: int = NEW, maximum: int = 1024 * 1024, features: str = FEATURES) -> None:
        """Say CNXN."""
        self.delayed = "delayed_ack" in features
        self.send("CNXN", version, maximum, f"host::features={features}".encode())

    def sign(self, token: bytes, key: rsa.RSAPrivateKey) -> None:
        """Answer a token."""
        self.send("AUTH", 2, 0, key.sign(token, PKCS1v15(), Prehashed(hashes.SHA1())))

    async def authorise(self, key: rsa.RSAPrivateKey | None = None, **hello: int | str) -> Packet:
        """Go online, offering the key where it is not known; gives the handset's CNXN."""
        key = key or host_key()
        self.hello(**hello)  # pyright: ignore[reportArgumentType] - numbers and a text by name
        token = await self.receive()
        assert (token.command, token.arg0, len(token.data)) == ("AUTH", 1, 20)
        self.sign(token.data, key)
        answer = await self.receive()
        if answer.command == "AUTH":
            assert answer.data != token.data
            self.send("AUTH", 3, 0, android_public_key(key))
            answer = await self.receive()
        assert answer.command == "CNXN"
        return answer

    async def open(self, service: str) -> tuple[int, int]:
        """Open a service; gives both ids. Raises ConnectionRefusedError where it is refused."""
        mine, self.next_id = self.next_id, self.next_id + 1
        self.send("OPEN", mine, 32 * 1024 * 1024 if self.delayed else 0, service.encode() + b"\0", check=False)
        answer = await self.receive()
        if answer.command == "CLSE":
            raise ConnectionRefusedError(service)
        assert (answer.command, answer.arg1) == ("OKAY", mine)
        assert len(answer.data) == (4 if self.delayed else 0)
        return mine, answer.arg0

    async def said(self, service: str) -> bytes:
        """Open a service and read it to its end, acknowledging every piece."""
        mine, theirs = await self.open(service)
        data = b""
        while True:
            packet = await self.receive()
            if packet.command == "CLSE":
                self.send("CLSE", mine, theirs, check=False)
                return data
            assert (packet.command, packet.arg0, packet.arg1) == ("WRTE", theirs, mine)
            data += packet.data
            self.okay(mine, theirs, len(packet.data))

    def okay(self, mine: int, theirs: int, taken: int) -> None:
        """Acknowledge a piece."""
        self.send("OKAY", mine, theirs, struct.pack("<i", taken) if self.delayed else b"", check=False)

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            pass


def shell_packets(data: bytes) -> tuple[bytes, bytes, int | None]:
    """Take shell v2 apart: standard output, standard error, exit code."""
    out, err, code, at = b"", b"", None, 0
    while at + 5 <= len(data):
        kind, length = struct.unpack_from("<BI", data, at)
        piece = data[at + 5 : at + 5 + length]
        at += 5 + length
        if kind == 1:
            out += piece
        elif kind == 2:
            err += piece
        elif kind == 3:
            code = piece[0]
    return out, err, code


def plans_of(folder: Path, toml: str) -> list[HandsetPlan]:
    """Plans as a scenario file gives them."""
    file = folder / "scenario.toml"
    file.write_text(toml, encoding="utf-8")
    return load_scenario(file)


@asynccontextmanager
async def alone(folder: Path, toml: str) -> AsyncGenerator[tuple[VirtualAndroid, str]]:
    """One handset, switched on, without an adb server; gives it and the address of its adbd."""
    phone = VirtualAndroid(plans_of(folder, toml)[0])
    await phone.switch_on()
    try:
        yield phone, phone.adbd.address
    finally:
        await phone.switch_off()


@asynccontextmanager
async def racked(folder: Path, toml: str) -> AsyncGenerator[AndroidFleet]:
    """A fleet behind its adb server."""
    async with AndroidFleet(plans_of(folder, toml), "none") as fleet:
        yield fleet


async def ask_server(port: int, *requests: str) -> bytes:
    """Send smart-socket requests on one connection and give what follows the last OKAY."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(SECONDS * 2):
            for request in requests:
                writer.write(f"{len(request.encode()):04x}{request}".encode())
                status = await reader.readexactly(4)
                if status != b"OKAY":
                    length = int(await reader.readexactly(4), 16)
                    raise ConnectionRefusedError((await reader.readexactly(length)).decode())
            return await reader.read()
    finally:
        writer.close()


async def listed(port: int) -> dict[str, str]:
    """The transports and their states, as the server tells them."""
    text = (await ask_server(port, "host:devices"))[4:].decode()
    return dict(line.split("\t", 1) for line in text.splitlines())


async def until(what: Sequence[object] | object, look: object, seconds: float = SECONDS) -> None:
    """Wait until the coroutine function ``look`` gives ``what``."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        seen = await look()  # pyright: ignore - any coroutine function
        if seen == what:
            return
        assert asyncio.get_running_loop().time() < deadline, f"still {seen!r}, wanted {what!r}"
        await asyncio.sleep(0.02)
