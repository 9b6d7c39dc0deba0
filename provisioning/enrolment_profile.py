"""The organisation's MDM enrolment profile, checked before any handset is given it.

A handset checks it too, but then it is supervised already, the reason comes as a number, and a profile with a typing
error in it would cost an erase each. What is required is Apple's schema (apple/device-management,
``mdm/profiles/com.apple.mdm.yaml``): topic, HTTPS addresses, an identity that lies in the same profile, access rights.
"""

from __future__ import annotations

import plistlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

from provisioning.errors import UsageError
from provisioning.plain_text import one_line

MDM = "com.apple.mdm"
LARGEST = 1 << 20
IDENTITIES = frozenset({"com.apple.security.pkcs12", "com.apple.security.scep", "com.apple.security.acme"})
ALL_RIGHTS = 8191
PROFILES_SEEN, PROFILES_CHANGED = 1, 2
LOCK_AND_CLEAR, ERASE = 4, 8
IMPLIED = ((2, 1), (128, 64), (512, 256), (4096, 256))
"""Rights that mean nothing without another one (com.apple.mdm: “If 2 is specified, 1 must also be specified” …)."""


@dataclass(frozen=True, slots=True)
class EnrolmentProfile:
    """An enrolment profile that may be used. ``content`` is as it was given, signature included.

    ``server`` is the host name of its server; the profile itself may hold an identity and so never shows in a repr.
    """

    identifier: str
    uuid: str
    name: str
    server: str
    topic: str
    access_rights: int
    signed: bool
    content: bytes = field(repr=False)


def read_enrolment_profile(content: bytes) -> EnrolmentProfile:
    """Read and check an enrolment profile. Raises UsageError with what is wrong with it and what to do."""
    if len(content) > LARGEST:
        raise _wrong("it is far too long")
    plain, signed = _unwrapped(content)
    profile = _mapping(_loaded(plain), "it is no configuration profile")
    if profile.get("PayloadType") != "Configuration":
        raise _wrong("it is no configuration profile (PayloadType is not Configuration)")
    identifier, uuid = _text(profile, "PayloadIdentifier"), _text(profile, "PayloadUUID")
    payloads = profile.get("PayloadContent")
    if not isinstance(payloads, list):
        raise _wrong("it is encrypted or empty (PayloadContent is no list)")
    entries = [_mapping(one, "a payload is no dictionary") for one in cast("list[object]", payloads)]
    found = [one for one in entries if one.get("PayloadType") == MDM]
    if len(found) != 1:
        raise _wrong(f"it holds {len(found)} payloads of type {MDM}, where there must be one")
    [mdm] = found
    return EnrolmentProfile(
        identifier=identifier,
        uuid=uuid,
        name=one_line(str(profile.get("PayloadDisplayName") or identifier), 80),
        server=_server(mdm),
        topic=_topic(mdm),
        access_rights=_rights(mdm, entries),
        signed=signed,
        content=content,
    )


def _server(mdm: Mapping[str, Any]) -> str:
    host = ""
    for key in ("ServerURL", "CheckInURL"):
        if key == "CheckInURL" and key not in mdm:
            continue
        try:
            url = urlsplit(_text(mdm, key))
            host = host or url.hostname or ""
            good = url.scheme == "https" and bool(url.hostname) and url.port != 0
        except ValueError:
            good = False
        if not good:
            raise _wrong(f"{key} is no https address")
    return host


def _topic(mdm: Mapping[str, Any]) -> str:
    topic = _text(mdm, "Topic")
    if not re.fullmatch(r"com\.apple\.mgmt\.[!-~]{1,200}", topic):
        raise _wrong("Topic does not begin with com.apple.mgmt. (it must be the one of the push certificate)")
    return topic


def _rights(mdm: Mapping[str, Any], payloads: list[Mapping[str, Any]]) -> int:
    named = _text(mdm, "IdentityCertificateUUID")
    identity = next((one for one in payloads if one.get("PayloadUUID") == named), None)
    if identity is None:
        raise _wrong("IdentityCertificateUUID names no payload of this profile")
    if identity.get("PayloadType") not in IDENTITIES:
        raise _wrong("IdentityCertificateUUID names a payload that is no identity (pkcs12, scep or acme)")
    rights = mdm.get("AccessRights")
    if not isinstance(rights, int) or isinstance(rights, bool) or not 0 < rights <= ALL_RIGHTS:
        raise _wrong(f"AccessRights is no number from 1 to {ALL_RIGHTS}")
    for right, needed in IMPLIED:
        if rights & right and not rights & needed:
            raise _wrong(f"AccessRights has {right} without {needed}, which it needs")
    return rights


def _unwrapped(content: bytes) -> tuple[bytes, bool]:
    """Take a profile out of its signature, which the handset judges and this desk does not."""
    stripped = content.lstrip()
    if not stripped.startswith(b"\x30"):
        return stripped, False
    from asn1crypto import cms

    untyped: Any = cms
    try:
        info = untyped.ContentInfo.load(content)
        inside = info["content"]["encap_content_info"]["content"].native
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError):
        inside = None
    if not isinstance(inside, bytes):
        raise _wrong("it is neither a property list nor a signed one")
    return inside, True


def _loaded(plain: bytes) -> object:
    try:
        return cast("object", plistlib.loads(plain))
    except (
        ExpatError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError,
        MemoryError,
    ):  # fmt: skip
        raise _wrong("it is no property list") from None


def _mapping(value: object, otherwise: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(otherwise)
    return cast("Mapping[str, Any]", value)


def _text(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= 2048:
        raise _wrong(f"{key} is missing")
    return value


def _wrong(what: str) -> UsageError:
    return UsageError(
        f"The enrolment profile cannot be used: {what}. Have the device management server make it anew, then try again."
    )
