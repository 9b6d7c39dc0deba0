"""A host of our own for tests of the virtual iPhone: usbmux, lockdown and services spoken by hand, byte by byte.

It shares no code with the virtual phone or the iOS engine, so that a mistake cannot stand on both sides.
"""

from __future__ import annotations

import asyncio
import plistlib
import ssl
import struct
import tempfile
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_public_key
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import NameOID

from provisioning.virtual.iphone.fleet import IPhoneFleet
from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.scenario import HandsetPlan, load_scenario

Plist = dict[str, Any]
LOCKDOWN = 62078
_T = TypeVar("_T")
_START, _END = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=3650)
_MUX = struct.Struct("<IIII")


def plans_of(folder: Path, toml: str) -> list[HandsetPlan]:
    """Read a scenario from text."""
    file = folder / f"{uuid.uuid4()}.toml"
    file.write_text(toml, "utf-8")
    return load_scenario(file)


@asynccontextmanager
async def rack_of(
    folder: Path,
    state: str = "",
    profile: str = "iphone-15",
    faults: Sequence[str] = (),
    apps: Sequence[str] = (),
    web_clips: Sequence[str] = (),
) -> AsyncGenerator[tuple[Host, VirtualIPhone]]:
    """Run one phone and give a host beside it."""
    toml = (
        f'[[handset]]\nprofile = "{profile}"\nstate = "{state}"\nfaults = {list(faults)!r}\napps = {list(apps)!r}\n'
        f"web_clips = {list(web_clips)!r}\n"
    )
    async with IPhoneFleet(plans_of(folder, toml), "none") as fleet:
        [phone] = [fleet.handset(serial) for serial in fleet.serial_numbers]
        host = Host(fleet.usbmux_address)
        try:
            yield host, phone
        finally:
            await host.close()


class Link:
    """One socket to the daemon: first usbmux, after ``connect`` a stream of the phone, plain or in TLS."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._tag = 0

    async def mux(self, **fields: Any) -> Plist:
        """Ask usbmuxd something; gives the answer with the same tag."""
        self._tag += 1
        body = plistlib.dumps({"ClientVersionString": "bench", "ProgName": "bench", "kLibUSBMuxVersion": 3, **fields})
        self.writer.write(_MUX.pack(16 + len(body), 1, 8, self._tag) + body)
        tag, answer = await self.mux_event()
        assert tag == self._tag
        return answer

    async def mux_event(self) -> tuple[int, Plist]:
        """Wait for the next usbmux packet; gives its tag and its body."""
        async with asyncio.timeout(5):
            length, version, message, tag = _MUX.unpack(await self.reader.readexactly(16))
            assert (version, message) == (1, 8)
            return tag, plistlib.loads(await self.reader.readexactly(length - 16))

    async def ask(self, request: Mapping[str, Any]) -> Any:
        """Send one length-prefixed property list and give the answer."""
        await self.tell(request)
        return await self.hear()

    async def tell(self, request: Mapping[str, Any]) -> None:
        """Send one length-prefixed property list."""
        body = plistlib.dumps(dict(request))
        self.writer.write(struct.pack(">I", len(body)) + body)
        await self.writer.drain()

    async def hear(self) -> Any:
        """Read one length-prefixed property list."""
        return plistlib.loads(await self.hear_raw())

    async def hear_raw(self) -> bytes:
        """Read one frame."""
        async with asyncio.timeout(5):
            (size,) = struct.unpack(">I", await self.reader.readexactly(4))
            return await self.reader.readexactly(size)

    async def ended(self) -> bool:
        """Tell whether the other end closes within a few seconds."""
        try:
            async with asyncio.timeout(5):
                return not await self.reader.read()
        except ConnectionError:
            return True

    async def close(self) -> None:
        """Close the socket."""
        self.writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(2):
                await self.writer.wait_closed()


class Tls:
    """TLS over an open link that can be ended again, which asyncio's own cannot."""

    def __init__(self, link: Link, record: Plist) -> None:
        self._link = link
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = _host_context(record).wrap_bio(self._in, self._out)

    async def begin(self) -> None:
        """Shake hands."""
        await self._drive(self._tls.do_handshake)

    async def end(self) -> None:
        """Say close_notify and wait for the phone's; the link is plain afterwards."""
        await self._drive(self._tls.unwrap)

    async def ask(self, request: Mapping[str, Any]) -> Plist:
        """Send one length-prefixed property list and give the answer."""
        body = plistlib.dumps(dict(request))
        self._tls.write(len(body).to_bytes(4, "big") + body)
        data = b""
        while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "big"):
            data += await self._drive(lambda: self._tls.read(65536))
        return plistlib.loads(data[4:])

    async def _drive(self, step: Callable[[], _T]) -> _T:
        async with asyncio.timeout(5):
            while True:
                try:
                    result = step()
                except ssl.SSLWantReadError:
                    self._link.writer.write(self._out.read())
                    self._in.write(await self._link.reader.read(65536))
                else:
                    self._link.writer.write(self._out.read())
                    return result


class Host:
    """A computer beside the rack."""

    def __init__(self, address: str) -> None:
        self.host, port = address.split(":")
        self.port = int(port)
        self.links: list[Link] = []

    async def link(self) -> Link:
        """Open a socket to usbmuxd."""
        link = Link(*await asyncio.open_connection(self.host, self.port))
        self.links.append(link)
        return link

    async def close(self) -> None:
        """Close every socket that was opened."""
        for link in self.links:
            await link.close()

    async def devices(self) -> list[Plist]:
        """List what usbmuxd shows."""
        link = await self.link()
        answer = await link.mux(MessageType="ListDevices")
        await link.close()
        return [device["Properties"] for device in answer["DeviceList"]]

    async def connect(self, port: int = LOCKDOWN) -> Link:
        """Connect to a port of the only phone. Raises ConnectionRefusedError with usbmuxd's number."""
        [device] = await self.devices()
        link = await self.link()
        swapped = int.from_bytes(port.to_bytes(2, "big"), "little")
        answer = await link.mux(MessageType="Connect", DeviceID=device["DeviceID"], PortNumber=swapped)
        if answer["Number"]:
            raise ConnectionRefusedError(answer["Number"])
        return link

    async def record(self) -> Plist:
        """Read the pair record that usbmuxd keeps for the only phone; empty where it keeps none."""
        [device] = await self.devices()
        link = await self.link()
        answer = await link.mux(MessageType="ReadPairRecord", PairRecordID=device["SerialNumber"])
        await link.close()
        return plistlib.loads(answer["PairRecordData"]) if "PairRecordData" in answer else {}

    async def session(self, record: Plist | None = None) -> Link:
        """Connect to lockdownd and start a session with a pair record, usbmuxd's unless another is given."""
        record = record or await self.record()
        link = await self.connect()
        answer = await link.ask({"Request": "StartSession", "HostID": record["HostID"], "SystemBUID": "x"})
        if "Error" in answer:
            raise PermissionError(answer["Error"])
        await self.secure(link, record)
        return link

    async def secure(self, link: Link, record: Plist) -> None:
        """Begin TLS as a host does: its certificate shown, the phone's not checked."""
        async with asyncio.timeout(5):
            await link.writer.start_tls(_host_context(record))

    async def service(self, name: str, record: Plist | None = None, **fields: Any) -> Link:
        """Start a service and connect to it. Raises PermissionError with lockdownd's word."""
        record = record or await self.record()
        lockdown = await self.session(record)
        answer = await lockdown.ask({"Request": "StartService", "Service": name, **fields})
        await lockdown.close()
        if "Error" in answer:
            raise PermissionError(answer["Error"])
        link = await self.connect(answer["Port"])
        await self.secure(link, record)
        return link

    async def mcinstall(self) -> Link:
        """Connect to MCInstall."""
        return await self.service("com.apple.mobile.MCInstall")


@cache
def supervisor(name: str = "Desk") -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """Make a supervision identity, the same one for the same name."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(_START).not_valid_after(_END)
    return builder.sign(key, hashes.SHA256()), key


def der(name: str = "Desk") -> bytes:
    """Give a supervisor's certificate as DER."""
    return supervisor(name)[0].public_bytes(Encoding.DER)


def signed(content: bytes, name: str = "Desk") -> bytes:
    """Sign something as CMS with the content inside, binary, as escalation and profiles need it."""
    certificate, key = supervisor(name)
    builder = PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    return builder.sign(Encoding.DER, [PKCS7Options.Binary])


def supervision(name: str = "Desk", **fields: Any) -> Plist:
    """Give a SetCloudConfiguration request."""
    configuration = {
        "AllowPairing": True,
        "IsSupervised": True,
        "OrganizationName": "Met Police",
        "OrganizationMagic": "0F0E0D0C-0000-4000-8000-000000000001",
        "SkipSetup": ["WiFi", "Siri"],
        "SupervisorHostCertificates": [der(name)],
        **fields,
    }
    return {"RequestType": "SetCloudConfiguration", "CloudConfiguration": configuration}


async def escalated(host: Host, name: str = "Desk") -> Link:
    """Connect to MCInstall and escalate."""
    link = await host.mcinstall()
    answer = await link.ask({"RequestType": "Escalate", "SupervisorCertificate": der(name)})
    assert answer["Status"] == "Acknowledged", answer
    proof = signed(answer["Challenge"], name)
    assert (await link.ask({"RequestType": "EscalateResponse", "SignedRequest": proof}))["Status"] == "Acknowledged"
    return link


def profile(identifier: str = "org.example.lock", *payloads: Plist, **fields: Any) -> bytes:
    """Write a profile with some payloads, each given its own identifier and UUID."""
    contents = [
        {
            "PayloadIdentifier": f"{identifier}.{number}",
            "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{identifier}.{number}")).upper(),
            "PayloadVersion": 1,
            **payload,
        }
        for number, payload in enumerate(payloads)
    ]
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadIdentifier": identifier,
            "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_DNS, identifier)).upper(),
            "PayloadVersion": 1,
            "PayloadDisplayName": "Lock",
            "PayloadContent": contents,
            **fields,
        }
    )


def restrictions(**keys: Any) -> Plist:
    """Write a restrictions payload."""
    return {"PayloadType": "com.apple.applicationaccess", **keys}


def pair_request(public_key: bytes, computer: str = "COMPUTER", **options: Any) -> tuple[Plist, Plist]:
    """Write a Pair request over a DevicePublicKey; gives it and the pair record that goes with it."""
    device = load_pem_public_key(public_key)
    assert isinstance(device, rsa.RSAPublicKey)
    key = _host_key()
    root = _certificate(key.public_key(), key)
    record = {
        "DeviceCertificate": _certificate(device, key).public_bytes(Encoding.PEM),
        "HostCertificate": root.public_bytes(Encoding.PEM),
        "RootCertificate": root.public_bytes(Encoding.PEM),
        "HostID": str(uuid.uuid4()).upper(),
        "SystemBUID": computer,
    }
    request = {"Request": "Pair", "PairRecord": record, "ProtocolVersion": "2", "PairingOptions": options}
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return request, {**record, "HostPrivateKey": private}


async def pair(host: Host, computer: str = "COMPUTER") -> Plist:
    """Ask to pair once; gives lockdownd's answer."""
    link = await host.connect()
    public = (await link.ask({"Request": "GetValue", "Key": "DevicePublicKey"}))["Value"]
    request, _ = pair_request(public, computer, ExtendedPairingErrors=True)
    answer = await link.ask(request)
    await link.close()
    return answer


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until something holds; fails after a deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        await asyncio.sleep(0.01)


async def until_shown(host: Host, count: int = 1) -> list[Plist]:
    """Wait until usbmuxd shows that many phones."""
    deadline = time.monotonic() + 5
    while True:
        try:
            devices = await host.devices()
        except (OSError, asyncio.IncompleteReadError):
            devices = None
        if devices is not None and len(devices) == count:
            return devices
        assert time.monotonic() < deadline, "usbmuxd never showed that many"
        await asyncio.sleep(0.02)


@cache
def _host_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _certificate(public: rsa.RSAPublicKey, key: rsa.RSAPrivateKey) -> x509.Certificate:
    nobody = x509.Name([])
    builder = x509.CertificateBuilder().subject_name(nobody).issuer_name(nobody).public_key(public).serial_number(1)
    return builder.not_valid_before(_START).not_valid_after(_END).sign(key, hashes.SHA256())


def _host_context(record: Plist) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "host.pem"
        file.write_bytes(record["HostPrivateKey"].strip() + b"\n" + record["HostCertificate"])
        context.load_cert_chain(file)
    return context
