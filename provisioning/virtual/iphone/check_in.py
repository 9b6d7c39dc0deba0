"""A phone's check-in with an MDM server when an enrolment profile is installed: Authenticate, then TokenUpdate.

Installing com.apple.mdm succeeds only if the server answers both over HTTPS (apple/device-management, ``mdm.yaml`` and
``mdm/checkin``): a server that cannot be reached, whose certificate is not trusted or that refuses makes the whole
profile fail. The chain of errors is that of device logs (project-imas/mdm-server issue 47: MCInstallationErrorDomain
4001 naming the payload, the cause below it); causes are numbered as in Apple's list of error codes of the Configuration
Profile Reference and as NSURLErrorDomain.

A virtual phone's network is the rack: it reaches loopback addresses and nothing else, so that a real organisation's
profile, tried on a rack, never enrols anything there.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import plistlib
import secrets
import ssl
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import SplitResult, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    pkcs12,
)
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from provisioning.virtual.iphone.conversation import do, is_deed
from provisioning.virtual.iphone.profiles import MDM_PAYLOAD, ErrorLink, Profile, Refused

if TYPE_CHECKING:
    from provisioning.virtual.iphone.phone import VirtualIPhone

_ROOTS: Final = ("com.apple.security.root", "com.apple.security.pkcs1", "com.apple.security.pem")
_IDENTITY: Final = "com.apple.security.pkcs12"
_NETWORK: Final = frozenset({"no-network", "mdm-refuses", "mdm-slow", "mdm-tls"})
_TIMEOUT: Final = 60.0
"""Seconds: the default of NSURLRequest's timeoutInterval."""
_CONTENT_TYPE: Final = "application/x-apple-aspen-mdm-checkin"
_LONGEST_ANSWER: Final = 1 << 20
_Key = RSAPrivateKey | EllipticCurvePrivateKey


async def check_in(phone: VirtualIPhone, profile: Profile) -> None:
    """Check in with the server of a profile that holds a com.apple.mdm payload. Raises Refused where that fails."""
    payload = profile.of_type(MDM_PAYLOAD)[0]
    try:
        await _Enrolment(phone, profile, payload).run()
    except Refused as refusal:
        name = str(payload.get("PayloadIdentifier", MDM_PAYLOAD))
        raise Refused(
            ErrorLink("MCInstallationErrorDomain", 4001, "Profile Installation Failed"),
            ErrorLink("MCInstallationErrorDomain", 4001, f"The payload “{name}” could not be installed."),
            *refusal.chain,
        ) from refusal


class _Enrolment:
    """One attempt."""

    def __init__(self, phone: VirtualIPhone, profile: Profile, payload: Mapping[str, Any]) -> None:
        self._phone = phone
        self._profile = profile
        self._payload = payload
        self._topic = str(payload.get("Topic", ""))
        self._identity: tuple[_Key, x509.Certificate] | None = None

    async def run(self) -> None:
        rights = self._payload.get("AccessRights", 0)
        if not isinstance(rights, int) or not 0 <= rights <= 8191:
            raise Refused(ErrorLink("MCMDMErrorDomain", 12000, "The access rights are invalid."))
        if not self._topic.startswith("com.apple.mgmt."):
            raise Refused(ErrorLink("MCMDMErrorDomain", 12022, "The topic is invalid."))
        url = _url(self._payload.get("CheckInURL") or self._payload.get("ServerURL"))
        _url(self._payload.get("ServerURL"))
        context = await asyncio.to_thread(self._tls)
        # A fault of the network lasts for an attempt; the phone tries once, and whoever installed is told.
        fault = self._phone.faults.strike("CheckIn", _NETWORK)
        if fault is not None and fault.name == "no-network":
            raise Refused(ErrorLink("NSURLErrorDomain", -1009, "The Internet connection appears to be offline."))
        if fault is not None and fault.name == "mdm-tls":
            raise _untrusted(url)
        if fault is not None and fault.name == "mdm-refuses":
            raise _refused(fault.number("number", 401))
        if fault is not None:
            await asyncio.sleep(min(fault.seconds("seconds", 20.0), _TIMEOUT))
            if fault.seconds("seconds", 20.0) >= _TIMEOUT:
                raise _timed_out()
        phone = self._phone
        who = {"UDID": phone.udid, "Topic": self._topic}
        told = {
            "BuildVersion": phone.model.build,
            "DeviceName": phone.settings.text("DeviceName"),
            "Model": phone.model.model_number,
            "ModelName": phone.model.device_class,
            "OSVersion": phone.model.os_version,
            "ProductName": phone.model.product_type,
            "SerialNumber": phone.serial_number,
        }
        if phone.identity.imeis:
            told["IMEI"] = phone.identity.imeis[0]
        await self._say(url, context, {"MessageType": "Authenticate", **who, **told})
        token = {"Token": secrets.token_bytes(32), "PushMagic": secrets.token_hex(16).upper()}
        awaiting = {"AwaitingConfiguration": False, "NotOnConsole": False}
        await self._say(url, context, {"MessageType": "TokenUpdate", **who, **token, **awaiting})

    async def _say(self, url: SplitResult, context: ssl.SSLContext, message: Mapping[str, Any]) -> None:
        name = str(message["MessageType"])
        fault = self._phone.faults.strike(name)
        if fault is not None and fault.name == "stall":
            await asyncio.sleep(min(fault.seconds("seconds", _TIMEOUT), _TIMEOUT))
            if fault.seconds("seconds", _TIMEOUT) >= _TIMEOUT:
                raise _timed_out()
        elif fault is not None and is_deed(fault):
            do(self._phone, fault)
        elif fault is not None:
            raise Refused(ErrorLink("NSURLErrorDomain", -1005, "The network connection was lost."))
        try:
            async with asyncio.timeout(_TIMEOUT):
                body = plistlib.dumps(dict(message))
                status = await _put(url, context, body, self._signature(body))
        except TimeoutError:
            raise _timed_out() from None
        except ssl.SSLCertVerificationError:
            raise _untrusted(url) from None
        except (OSError, asyncio.IncompleteReadError, ValueError):
            raise Refused(ErrorLink("NSURLErrorDomain", -1004, "Could not connect to the server.")) from None
        if status != 200:
            raise _refused(status)

    def _tls(self) -> ssl.SSLContext:
        """Trust the system's roots and those that the profile brings; show the identity that it names."""
        context = ssl.create_default_context()
        for payload in self._profile.payloads:
            content = payload.get("PayloadContent")
            if payload.get("PayloadType") in _ROOTS and isinstance(content, bytes):
                with suppress(ssl.SSLError, ValueError):
                    context.load_verify_locations(cadata=content)
        named = self._payload.get("IdentityCertificateUUID")
        identity = next((one for one in self._profile.payloads if one.get("PayloadUUID") == named), None)
        if identity is None or identity.get("PayloadType") != _IDENTITY:
            raise Refused(ErrorLink("MCMDMErrorDomain", 12005, "The identity certificate could not be found."))
        self._identity = _load_identity(context, identity)
        return context

    def _signature(self, body: bytes) -> str | None:
        """Sign a message where the payload's SignMessage wants it: detached CMS in base64 (``Mdm-Signature``)."""
        if self._payload.get("SignMessage") is not True or self._identity is None:
            return None
        key, certificate = self._identity
        builder = PKCS7SignatureBuilder().set_data(body).add_signer(certificate, key, hashes.SHA256())
        options = [PKCS7Options.Binary, PKCS7Options.DetachedSignature]
        return base64.b64encode(builder.sign(Encoding.DER, options)).decode("ascii")


def _load_identity(context: ssl.SSLContext, payload: Mapping[str, Any]) -> tuple[_Key, x509.Certificate]:
    container, password = payload.get("PayloadContent"), payload.get("Password")
    try:
        key, certificate, _others = pkcs12.load_key_and_certificates(
            cast("bytes", container), password.encode() if isinstance(password, str) else None
        )
    except (ValueError, TypeError):
        raise Refused(ErrorLink("MCCertificateErrorDomain", 9000, "The password of the identity is wrong.")) from None
    if certificate is None or not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise Refused(ErrorLink("MCCertificateErrorDomain", 9006, "The certificate is not an identity."))
    locked = secrets.token_bytes(24)
    # The ssl module takes keys from files only; this one is encrypted with what dies here, and lives for a millisecond.
    with tempfile.NamedTemporaryFile("wb", delete=False) as file:
        file.write(certificate.public_bytes(Encoding.PEM))
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(locked.hex().encode())))
    try:
        context.load_cert_chain(file.name, password=locked.hex())
    finally:
        Path(file.name).unlink()
    return key, certificate


def _url(text: object) -> SplitResult:
    try:
        url = urlsplit(text if isinstance(text, str) else "")
        port_is_good = url.port is None or url.port > 0
    except ValueError:
        raise Refused(ErrorLink("MCMDMErrorDomain", 12030, "The URL is invalid.")) from None
    if url.scheme != "https" or not url.hostname or not port_is_good:
        raise Refused(ErrorLink("MCMDMErrorDomain", 12034, "The URL of the MDM server is not HTTPS."))
    return url


async def _put(url: SplitResult, context: ssl.SSLContext, body: bytes, signature: str | None) -> int:
    """Send one PUT and give the status. Raises OSError, ValueError for an answer that is none."""
    host = url.hostname or ""
    if host != "localhost" and not _is_loopback(host):
        raise OSError("the rack's network ends at this machine")
    reader, writer = await asyncio.open_connection(host, url.port or 443, ssl=context, server_hostname=host)
    try:
        path = f"{url.path or '/'}{'?' + url.query if url.query else ''}"
        lines = [
            f"PUT {path} HTTP/1.1",
            f"Host: {url.netloc}",
            "User-Agent: MDM-iOS/1.0",
            f"Content-Type: {_CONTENT_TYPE}",
            f"Content-Length: {len(body)}",
            *([f"Mdm-Signature: {signature}"] if signature else []),
            "Connection: close",
        ]
        writer.write("\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body)
        await writer.drain()
        first = (await reader.readline()).decode("latin-1").split(" ")
        await reader.read(_LONGEST_ANSWER)
        if len(first) < 2 or not first[0].startswith("HTTP/1.") or not first[1].isdecimal():
            raise ValueError("no HTTP")
        return int(first[1])
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _untrusted(url: SplitResult) -> Refused:
    text = f"The server certificate for “https://{url.netloc}{url.path}” is invalid."
    return Refused(ErrorLink("MCHTTPTransactionErrorDomain", 23002, text))


def _refused(status: int) -> Refused:
    if status == 401:
        return Refused(ErrorLink("MCMDMErrorDomain", 12020, "The server did not authorise this device."))
    return Refused(ErrorLink("MCHTTPTransactionErrorDomain", 23001, f"The server answered with status {status}."))


def _timed_out() -> Refused:
    return Refused(ErrorLink("NSURLErrorDomain", -1001, "The request timed out."))
