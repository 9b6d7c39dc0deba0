"""Whose a handset is: only our certificate, alone, makes it ours; a placeholder makes it nobody's."""

from __future__ import annotations

import datetime
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from provisioning.apple import cms
from provisioning.apple.setup_panes import panes, skip_setup
from provisioning.apple.supervision import cloud_configuration, supervision_of
from provisioning.errors import UsageError
from provisioning.handset import Ownership
from provisioning.organisation import DeviceController, Organisation, SupervisionIdentity

PLACEHOLDER = {
    "AllowPairing": 1,
    "CloudConfigurationUIComplete": 1,
    "ConfigurationSource": 0,
    "IsSupervised": 0,
    "PostSetupProfileWasInstalled": 1,
}
"""What a set-up, unmanaged handset returns."""


@cache
def identity(name: str) -> SupervisionIdentity:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=3650))
    return SupervisionIdentity(builder.sign(key, hashes.SHA256()), key)


def refuse() -> SupervisionIdentity:
    raise UsageError("This desk has no supervision identity.")


def no_androids() -> DeviceController:
    raise UsageError("This desk has no Android.")


ORGANISATION = Organisation("Met Police", "0F0E0D0C-0000-4000-8000-000000000001", lambda: identity("ours"), no_androids)


def test_no_cloud_configuration_is_nobodys() -> None:
    assert supervision_of(None).enrolment(identity("ours")).ownership is Ownership.NOBODY


def test_a_placeholder_is_not_management() -> None:
    found = supervision_of(PLACEHOLDER)
    assert found.present
    assert found.enrolment(identity("ours")).ownership is Ownership.NOBODY


def test_what_we_set_is_ours_when_read_back() -> None:
    found = supervision_of(cloud_configuration(ORGANISATION, identity("ours")))
    enrolment = found.enrolment(identity("ours"))
    assert enrolment.ownership is Ownership.OURS
    assert enrolment.organisation == "Met Police"


def test_another_certificate_is_another_organisation_whatever_its_name() -> None:
    found = supervision_of(cloud_configuration(ORGANISATION, identity("theirs")))
    assert found.enrolment(identity("ours")).ownership is Ownership.ANOTHER


@pytest.mark.parametrize("extra", [b"", "text", 7])
def test_a_second_supervisor_beside_us_is_not_ours(extra: object) -> None:
    configuration = dict(cloud_configuration(ORGANISATION, identity("ours")))
    configuration["SupervisorHostCertificates"] = [cms.certificate_der(identity("ours")), extra]
    assert supervision_of(configuration).enrolment(identity("ours")).ownership is Ownership.ANOTHER


def test_supervised_without_any_certificate_is_not_ours() -> None:
    configuration = {**PLACEHOLDER, "IsSupervised": True}
    assert supervision_of(configuration).enrolment(identity("ours")).ownership is Ownership.ANOTHER


def test_a_pending_automated_enrolment_is_another_s() -> None:
    configuration = {**PLACEHOLDER, "ConfigurationURL": "https://mdm.example/enrol", "OrganizationName": "Acme"}
    enrolment = supervision_of(configuration).enrolment(identity("ours"))
    assert enrolment.ownership is Ownership.ANOTHER
    assert enrolment.organisation == "Acme"


def test_without_an_identity_to_compare_nothing_is_claimed() -> None:
    found = supervision_of(cloud_configuration(ORGANISATION, identity("ours")))
    assert found.enrolment(None).ownership is Ownership.UNREADABLE


def test_the_organisation_s_name_cannot_break_a_line() -> None:
    configuration = {"IsSupervised": True, "OrganizationName": "Evil\nCorp\x1b[2J" + "x" * 500}
    organisation = supervision_of(configuration).organisation
    assert "\n" not in organisation
    assert "\x1b" not in organisation
    assert len(organisation) <= 101


def test_forced_fields_are_not_sent() -> None:
    sent = cloud_configuration(ORGANISATION, identity("ours"))
    assert not {"IsMandatory", "IsMDMUnremovable", "ConfigurationSource", "ConfigurationWasApplied"} & set(sent)
    assert sent["OrganizationMagic"] == ORGANISATION.magic


def test_skip_keys_are_spelt_as_apple_spells_them() -> None:
    keys = skip_setup()
    assert len(keys) == len(set(keys)) == len(panes())
    assert {"OSShowcase", "LiquidGlass", "DeviceFeaturesTour", "iMessageAndFaceTime", "TOS", "SIMSetup"} <= set(keys)
    assert "OSShowCase" not in keys


def test_a_challenge_that_could_be_something_else_is_not_signed() -> None:
    for challenge in (None, b"", b"x" * 129):
        with pytest.raises(cms.NotAChallenge):
            cms.answer_to(challenge, identity("ours"))
