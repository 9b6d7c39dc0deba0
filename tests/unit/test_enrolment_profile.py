"""An enrolment profile is checked before a handset is given it; what is wrong is said in one sentence."""

from __future__ import annotations

import plistlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.apple import cms
from provisioning.enrolment_profile import read_enrolment_profile
from provisioning.errors import UsageError
from provisioning.home.supervision import generate_supervision_identity

IDENTITY = {"PayloadType": "com.apple.security.scep", "PayloadUUID": "ID", "PayloadIdentifier": "a.id"}
MDM = {
    "PayloadType": "com.apple.mdm", "PayloadUUID": "M", "PayloadIdentifier": "a.mdm", "AccessRights": 8191,
    "IdentityCertificateUUID": "ID", "ServerURL": "https://mdm.example.org/mdm", "Topic": "com.apple.mgmt.External.x",
}  # fmt: skip


def profile(mdm: dict[str, Any] | None = None, **fields: Any) -> bytes:
    payloads: list[dict[str, Any]] = [IDENTITY, {k: v for k, v in {**MDM, **(mdm or {})}.items() if v is not None}]
    top: dict[str, Any] = {
        "PayloadType": "Configuration", "PayloadIdentifier": "a", "PayloadUUID": "U", "PayloadVersion": 1,
        "PayloadContent": payloads, **fields,
    }  # fmt: skip
    return plistlib.dumps({key: value for key, value in top.items() if value is not None})


def test_a_good_profile_is_taken_plain_and_signed() -> None:
    plain = read_enrolment_profile(b"\n" + profile())
    assert (plain.identifier, plain.server, plain.signed) == ("a", "mdm.example.org", False)
    signed = read_enrolment_profile(cms.signed(profile(), generate_supervision_identity("Met")))
    assert (signed.identifier, signed.access_rights, signed.signed) == ("a", 8191, True)
    assert "content" not in repr(signed)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no property list"),
        (b"\x30\x03abc", "neither a property list nor a signed one"),
        (profile(PayloadType="Other"), "no configuration profile"),
        (profile(PayloadUUID=None), "PayloadUUID is missing"),
        (profile(PayloadContent=b"encrypted"), "encrypted or empty"),
        (profile(PayloadContent=[IDENTITY]), "0 payloads"),
        (profile(PayloadContent=[IDENTITY, MDM, MDM]), "2 payloads"),
        (profile({"Topic": "com.example.push"}), "Topic"),
        (profile({"Topic": None}), "Topic is missing"),
        (profile({"ServerURL": "http://mdm.example.org"}), "ServerURL is no https address"),
        (profile({"ServerURL": "https://"}), "ServerURL is no https address"),
        (profile({"ServerURL": "https://[::1"}), "ServerURL is no https address"),
        (profile({"CheckInURL": "ftp://mdm.example.org"}), "CheckInURL is no https address"),
        (profile({"IdentityCertificateUUID": "nobody"}), "names no payload"),
        (profile({"IdentityCertificateUUID": "M"}), "no identity"),
        (profile({"AccessRights": 0}), "AccessRights"),
        (profile({"AccessRights": 8192}), "AccessRights"),
        (profile({"AccessRights": 2}), "2 without 1"),
        (profile({"AccessRights": 129}), "128 without 64"),
        (b"x" * ((1 << 20) + 1), "far too long"),
    ],
)
def test_a_profile_that_cannot_enrol_anybody_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_enrolment_profile(content)


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    for given_bytes in (content, b"\x30" + content, profile()[: len(content)] + content):
        try:
            read_enrolment_profile(given_bytes)
        except UsageError:
            pass
