"""Configuration profiles as a device reads them: plain, binary or signed property lists, and bare certificates."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from cryptography import x509
from cryptography.x509.oid import NameOID

from provisioning.virtual.iphone.cms import NotSigned, open_signed
from provisioning.virtual.iphone.plist import Message, Plist, WireError, parse

MDM_PAYLOAD: Final = "com.apple.mdm"
WEB_CLIP_PAYLOAD: Final = "com.apple.webClip.managed"


@dataclass(frozen=True, slots=True)
class ErrorLink:
    """One NSError of a chain: the domain's name, its number and what it says."""

    domain: str
    code: int
    text: str

    def plist(self) -> dict[str, Plist]:
        """Give the link as MCInstall and MDM write it."""
        return {
            "ErrorCode": self.code,
            "ErrorDomain": self.domain,
            "LocalizedDescription": self.text,
            "USEnglishDescription": self.text,
        }


class Refused(Exception):
    """Raised when the device says no, with the chain of errors that it answers (the last one is the cause)."""

    def __init__(self, *chain: ErrorLink) -> None:
        super().__init__(chain[-1].text)
        self.chain = chain


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile. ``signer`` is the DER certificate that signed it, None where it is unsigned.

    ``locked`` is PayloadRemovalDisallowed as it stands in the file; whether it is honoured is the device's business.
    """

    identifier: str
    uuid: str
    display_name: str
    organization: str | None
    description: str | None
    version: int
    locked: bool
    has_removal_passcode: bool
    payloads: tuple[Mapping[str, Any], ...]
    signer: bytes | None = None
    certificates: tuple[bytes, ...] = ()

    def of_type(self, payload_type: str) -> list[Mapping[str, Any]]:
        """List the payloads of one type."""
        return [payload for payload in self.payloads if payload.get("PayloadType") == payload_type]


def read_profile(data: bytes, allow_empty: bool = False) -> Profile:
    """Read a profile in any of its forms. Raises Refused with the chain of a device's installer.

    A certificate alone is a profile too; its identifier is 40 hexadecimal digits (seen in an appium sample of
    GetProfileList; that they are its SHA-1 is inferred). ``allow_empty`` takes a profile without PayloadContent, as
    RemoveProfile does (decompiled MDMMCInterface).
    """
    stripped = data.lstrip()
    if stripped.startswith(b"-----BEGIN CERTIFICATE"):
        try:
            return _certificate_profile(ssl.PEM_cert_to_DER_cert(stripped.decode("ascii").strip() + "\n"))
        except ValueError:
            raise _invalid("The certificate is not readable.") from None
    if not stripped.startswith(b"\x30"):
        return _plain_profile(stripped, allow_empty)
    try:
        signed = open_signed(data)
    except NotSigned:
        return _certificate_profile(data)
    plain = _plain_profile(signed.content, allow_empty)
    return replace(plain, signer=signed.signer, certificates=signed.certificates)


def _plain_profile(data: bytes, allow_empty: bool) -> Profile:
    try:
        top = parse(data)
    except WireError:
        raise _invalid("The profile is not a property list.") from None
    if not isinstance(top, dict):
        raise _invalid("The profile is not a dictionary.")
    fields = Message(cast("Mapping[str, Any]", top))
    if fields.text("PayloadType") != "Configuration":
        raise _invalid("The field “PayloadType” is invalid.")
    for key in ("PayloadIdentifier", "PayloadUUID"):
        if not fields.text(key):
            raise _invalid(f"The required field “{key}” is missing.")
    if fields.number("PayloadVersion") is None:
        raise _invalid("The required field “PayloadVersion” is missing.")
    payloads = fields.array("PayloadContent")
    if payloads is None and not allow_empty:
        raise _invalid("The required field “PayloadContent” is missing.")
    return Profile(
        identifier=fields.text("PayloadIdentifier"),
        uuid=fields.text("PayloadUUID"),
        display_name=fields.text("PayloadDisplayName") or fields.text("PayloadIdentifier"),
        organization=fields.text("PayloadOrganization") or None,
        description=fields.text("PayloadDescription") or None,
        version=fields.number("PayloadVersion") or 1,
        locked=fields.flag("PayloadRemovalDisallowed"),
        has_removal_passcode=any(
            isinstance(one, dict) and one.get("PayloadType") == "com.apple.profileRemovalPassword"
            for one in payloads or []
        ),
        payloads=_payloads(payloads or []),
    )


def _payloads(values: Sequence[Plist]) -> tuple[Mapping[str, Any], ...]:
    payloads: list[Mapping[str, Any]] = []
    for value in values:
        if not isinstance(value, dict):
            raise _invalid("A payload is not a dictionary.")
        payload = cast("Mapping[str, Any]", value)
        if not all(isinstance(payload.get(key), str) for key in ("PayloadType", "PayloadIdentifier", "PayloadUUID")):
            raise _invalid("A payload lacks its type, identifier or UUID.")
        payloads.append(payload)
    return tuple(payloads)


def _certificate_profile(der: bytes) -> Profile:
    try:
        certificate = x509.load_der_x509_certificate(der)
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:
        raise _invalid("The profile is neither signed nor a certificate.") from None
    digest = hashlib.sha1(der, usedforsecurity=False).hexdigest()
    name = str(names[0].value) if names else "Certificate"
    payload = {"PayloadType": "com.apple.security.root", "PayloadIdentifier": digest, "PayloadUUID": digest}
    return Profile(digest, digest, name, None, None, 1, False, False, (payload,))


def _invalid(text: str) -> Refused:
    """Chain a reading error as a device does: 4001 first, the cause last (openradar-mirror 18452; 1000 is inferred)."""
    return Refused(
        ErrorLink("MCInstallationErrorDomain", 4001, "Profile Installation Failed"),
        ErrorLink("MCProfileErrorDomain", 1000, text),
    )
