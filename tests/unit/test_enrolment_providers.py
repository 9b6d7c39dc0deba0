"""Providers, their QR codes, tokens and portals: what a handset would refuse is refused here first."""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioning.enrolment.checksums import PackageChecksum, SignatureChecksum, digest_of
from provisioning.enrolment.portal import PortalExport, PortalState, read_portal_export
from provisioning.enrolment.provider import Provider, is_secret, load_provider, provider_names, read_provider
from provisioning.enrolment.qr import PREFIX, QrOrder, Wifi, check_qr, known_keys, qr_text, secret_keys
from provisioning.enrolment.tokens import check_extras, init_file, read_enrolment_token, settings_order
from provisioning.errors import FileError, IssuingDeskError, UsageError

CERTIFICATE = "8c3d2350e9002682b5f31d560dd06fe06df4782d0812943aa5a3c31319aa961a"
COMPONENT = "org.example.dpc/.Admin"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AMAPI = load_provider("android-management-api")


def order(**changed: Any) -> QrOrder:
    given: dict[str, Any] = {
        "component": COMPONENT,
        "location": "https://desk.example/dpc.apk",
        "checksum": SignatureChecksum.of_certificate(CERTIFICATE),
    } | changed
    return QrOrder(**given)


def said(**changed: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(qr_text(order(**changed)))
    return {key.removeprefix(f"{PREFIX}PROVISIONING_"): value for key, value in document.items()}


def test_the_two_checksums_are_never_each_other() -> None:
    """The known pair of Test DPC: its README's checksum is that of its certificate, not of any file."""
    testdpc = load_provider("test-dpc").certificate_sha256
    assert SignatureChecksum.of_certificate(testdpc).text == "gJD2YwtOiWJHkSMkkIfLRlj-quNqG1fb6v100QmzM9w"
    signature, package = SignatureChecksum.of_certificate(CERTIFICATE), PackageChecksum.of_file(b"an apk")
    assert digest_of(package.text) == hashlib.sha256(b"an apk").digest()
    assert said(checksum=signature)["DEVICE_ADMIN_SIGNATURE_CHECKSUM"] == signature.text
    assert "DEVICE_ADMIN_PACKAGE_CHECKSUM" not in said(checksum=signature)
    assert said(checksum=package)["DEVICE_ADMIN_PACKAGE_CHECKSUM"] == package.text
    assert "DEVICE_ADMIN_SIGNATURE_CHECKSUM" not in said(checksum=package)


@given(st.binary(max_size=64))
def test_a_checksum_is_url_safe_and_reads_back(data: bytes) -> None:
    text = PackageChecksum.of_file(data).text
    assert not set(text) & set("+/=\n")
    assert digest_of(text) == hashlib.sha256(data).digest() == digest_of(f"{text}=")
    assert digest_of(base64.b64encode(data).decode()) is None or len(data) == 32


def test_the_network_and_what_the_controller_is_told_are_in_it() -> None:
    found = said(wifi=Wifi("Desk", "WPA", "sesame99", hidden=True), extras={"token": "t"}, flags={
        "PROVISIONING_LEAVE_ALL_SYSTEM_APPS_ENABLED": True, "PROVISIONING_LOCALE": "en_GB",
    })  # fmt: skip
    assert found["WIFI_SSID"] == "Desk"
    assert (found["WIFI_PASSWORD"], found["WIFI_SECURITY_TYPE"], found["WIFI_HIDDEN"]) == ("sesame99", "WPA", True)
    assert found["ADMIN_EXTRAS_BUNDLE"] == {"token": "t"}
    assert found["LEAVE_ALL_SYSTEM_APPS_ENABLED"] is True


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"component": "no component"}, "package/receiver"),
        ({"location": "file:///dpc.apk"}, "http"),
        ({"checksum": SignatureChecksum(CERTIFICATE)}, "URL-safe base64"),
        ({"wifi": Wifi("Desk", "WPA", "")}, "no password"),
        ({"wifi": Wifi("Desk", "WPA", "short")}, "8 to 63"),
        ({"wifi": Wifi("Desk", "NONE", "sesame99")}, "said to have none"),
        ({"wifi": Wifi("Desk", "EAP", "x")}, "by which method"),
        ({"wifi": Wifi("x" * 33, "NONE")}, "1 to 32"),
        ({"flags": {"PROVISIONING_LOCAL": "en"}}, "knows no provisioning key"),
        ({"flags": {"PROVISIONING_ALLOW_OFFLINE": "yes"}}, "true or false"),
        ({"extras": {"a": "x" * 3000}}, "a QR code holds"),
    ],
)
def test_what_a_handset_would_refuse_is_refused_first(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        qr_text(order(**changed))


KEYS = st.sampled_from([f"{PREFIX}PROVISIONING_WIFI_SSID", f"{PREFIX}PROVISIONING_ADMIN_EXTRAS_BUNDLE", "X"])
VALUES = st.none() | st.integers() | st.text(max_size=5) | st.dictionaries(st.text(max_size=3), st.integers())


@given(st.text(max_size=80) | st.builds(json.dumps, st.dictionaries(KEYS, VALUES)))
def test_no_content_breaks_the_check(text: str) -> None:
    with suppress(UsageError):
        check_qr(text)


def test_secrets_are_known_as_such_and_never_shown_by_repr() -> None:
    assert f"{PREFIX}PROVISIONING_WIFI_PASSWORD" in secret_keys()
    assert f"{PREFIX}PROVISIONING_ADMIN_EXTRAS_BUNDLE" in secret_keys()
    shown = repr(order(wifi=Wifi("Desk", "WPA", "sesame99"), extras={"token": "hush"}))
    assert "sesame99" not in shown
    assert "hush" not in shown
    assert len(known_keys()) > 30


def test_every_provider_says_all_that_is_needed() -> None:
    assert set(provider_names()) >= {"generic", "headwind", "android-management-api", "knox-mobile-enrollment",
                                     "zero-touch"}  # fmt: skip
    for name in provider_names():
        provider = load_provider(name)
        assert provider.methods
        assert "portal" not in provider.methods or provider.columns or "qr" in provider.methods
        assert provider.checksum != "package" or provider.component
    with pytest.raises(UsageError, match="there are: android-management-api"):
        load_provider("../desk")
    with pytest.raises(UsageError, match="checksum"):
        read_provider(
            "x",
            '[provider]\ntitle = "x"\nmethods = ["qr"]\nowner = "organisation"\nchecksum = "md5"\n'
            'confirm="handset"\nseal="server"\ntoken_expiry = "none"',
        )


def amapi(**changed: Any) -> str:
    code = {
        f"{PREFIX}PROVISIONING_DEVICE_ADMIN_COMPONENT_NAME":
            "com.google.android.apps.work.clouddpc/.receivers.CloudDeviceAdminReceiver",
        f"{PREFIX}PROVISIONING_DEVICE_ADMIN_SIGNATURE_CHECKSUM": "I5YvS0O5hXY46mb01BlRjq4oJJGs2kuUcHvVkAPEXlg",
        f"{PREFIX}PROVISIONING_DEVICE_ADMIN_PACKAGE_DOWNLOAD_LOCATION": "https://play.google.com/managed/x",
        f"{PREFIX}PROVISIONING_ADMIN_EXTRAS_BUNDLE": {AMAPI.token: "TOKEN"},
    } | changed  # fmt: skip
    end = (NOW + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.123456789Z")
    return json.dumps({"name": "enterprises/x/enrollmentTokens/y", "value": "TOKEN", "expirationTimestamp": end,
                       "qrCode": json.dumps(code)})  # fmt: skip


def test_a_servers_code_is_shown_as_it_is_until_it_ends() -> None:
    served = read_enrolment_token(AMAPI, amapi(), NOW)
    assert json.loads(served.text)[f"{PREFIX}PROVISIONING_ADMIN_EXTRAS_BUNDLE"] == {AMAPI.token: "TOKEN"}
    assert served.expires == NOW + timedelta(hours=1, microseconds=123456)
    assert "TOKEN" not in repr(served)
    with pytest.raises(UsageError, match="ended on 01 March 2026 at 13:00 UTC") as told:
        read_enrolment_token(AMAPI, amapi(), NOW + timedelta(hours=2))
    assert "TOKEN" not in str(told.value)
    with pytest.raises(UsageError, match="no enrolment token"):
        read_enrolment_token(AMAPI, amapi(**{f"{PREFIX}PROVISIONING_ADMIN_EXTRAS_BUNDLE": {}}), NOW)
    other = SignatureChecksum.of_certificate(CERTIFICATE).text
    with pytest.raises(UsageError, match="did not sign"):
        read_enrolment_token(AMAPI, amapi(**{f"{PREFIX}PROVISIONING_DEVICE_ADMIN_SIGNATURE_CHECKSUM": other}), NOW)
    guessed = AMAPI.model_copy(update={"unsourced": ("certificate_sha256",)})
    with pytest.raises(UsageError, match="cannot be told"):
        read_enrolment_token(guessed, amapi(), NOW)
    with pytest.raises(UsageError, match="the owner, not"):
        read_enrolment_token(AMAPI, amapi(**{f"{PREFIX}PROVISIONING_DEVICE_ADMIN_COMPONENT_NAME": COMPONENT}), NOW)


def test_headwinds_file_is_flat_and_whole() -> None:
    headwind = load_provider("headwind")
    assert json.loads(init_file(headwind, {"com.hmdm.BASE_URL": "https://m.example"})) == {
        "com.hmdm.BASE_URL": "https://m.example"
    }
    with pytest.raises(UsageError, match=r"needs com\.hmdm\.BASE_URL"):
        check_extras(headwind, {})
    with pytest.raises(UsageError, match="does not know “token”"):
        check_extras(headwind, {"com.hmdm.BASE_URL": "x", "token": "y"})


KME = load_provider("knox-mobile-enrollment")
SOURCED = KME.model_copy(update={"unsourced": ()})
"""The portal as it were if its columns were documented: what else keeps a match from being certain."""
EXPORT = (
    "\ufeffIMEI/MEID;Serial Number;Profile;Status\n"
    "'351234567890123;R58A;met;Profile assigned\n"
    ";R58B;;Unassigned\n"
    "351234567890999;R58C;met;Profile assigned\n"
    "351234567890111;R58D;met;Cancelled by user\n"
    ";R58E;met;Shipped\n"
    ";R58F;met;\n"
)


def exported(provider: Provider, text: str) -> PortalExport:
    """Read an export as its file holds it."""
    return read_portal_export(provider, Path("export.csv"), text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("serial", "imei", "state"),
    [
        ("R58A", "351234567890123", PortalState.READY),
        ("r58a", None, PortalState.READY),
        (None, "35 123456 789012 3", PortalState.READY),
        ("R58B", None, PortalState.NO_PROFILE),
        ("R58D", None, PortalState.NO_PROFILE),
        ("R58E", None, PortalState.UNCERTAIN),
        ("R58F", None, PortalState.UNCERTAIN),
        ("R58X", "351234567890000", PortalState.NOT_THERE),
        (None, None, PortalState.NOT_THERE),
        ("R58A", "351234567890999", PortalState.CONTRADICTED),
        ("R58C", "351234567890000", PortalState.CONTRADICTED),
    ],
)
def test_a_handset_is_found_by_imei_or_serial_number(serial: str | None, imei: str | None, state: PortalState) -> None:
    assert exported(SOURCED, EXPORT).match(serial, imei).state is state
    unproven = exported(KME, EXPORT).match(serial, imei)
    assert unproven.state is (PortalState.UNCERTAIN if state is PortalState.READY else state)
    assert state is not PortalState.READY or "documented nowhere" in unproven.sentence


ZERO_TOUCH = load_provider("zero-touch")
DEVICES: list[dict[str, Any]] = [
    {"deviceIdentifier": {"imei": "351234567890123", "serialNumber": "R58A", "manufacturer": "Samsung"},
     "configuration": "customers/1/configurations/42", "deviceId": "7"},
    {"deviceIdentifier": {"serialNumber": "R58B"}},
]  # fmt: skip


def test_zero_touch_is_believed_by_its_api_and_not_by_a_request_file() -> None:
    served = exported(ZERO_TOUCH, json.dumps({"devices": DEVICES}))
    assert served.match("R58A", "351234567890123").state is PortalState.READY
    assert served.match("R58A", None).profile == "42"
    assert served.match("R58B", None).state is PortalState.NO_PROFILE
    assert served.match("R58Z", None).state is PortalState.NOT_THERE
    asked = "modemtype,modemid,manufacturer,profiletype,profileid\nIMEI,351234567890123,Samsung,ZERO_TOUCH,42\n"
    assert exported(ZERO_TOUCH, asked).match(None, "351234567890123").state is PortalState.UNCERTAIN


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"devices": DEVICES, "nextPageToken": "more"}, "not whole"),
        ({"error": {"code": 403}}, "no “devices”"),
        ({"devices": ["x"]}, "no answer"),
        ([1], "no answer"),
    ],
)
def test_an_answer_that_is_not_whole_proves_nothing(document: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        exported(ZERO_TOUCH, json.dumps(document))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.recursive(st.none() | st.text(max_size=9), lambda t: st.lists(t) | st.dictionaries(st.text(max_size=9), t)))
def test_no_json_breaks_the_reader(document: object) -> None:
    with suppress(UsageError):
        exported(ZERO_TOUCH, json.dumps({"devices": [document]})).match("A", "1")


@pytest.mark.parametrize(
    ("text", "words"), [("", "no heading"), ("Name,Colour\nA,B\n", "neither an IMEI"), ("IMEI\n", "")]
)
def test_an_export_that_is_none_is_said(text: str, words: str) -> None:
    if words:
        with pytest.raises(IssuingDeskError, match=words):
            exported(KME, text)
    else:
        assert exported(KME, text).lines == ()


def test_an_export_with_a_line_that_cannot_be_read_proves_nothing() -> None:
    assert exported(SOURCED, EXPORT).match("R58A", None).state is PortalState.READY
    broken = exported(SOURCED, EXPORT + '"R58Z;never closed\n').match("R58A", None)
    assert (broken.state, "cannot be read" in broken.sentence) == (PortalState.UNCERTAIN, True)
    wide = read_portal_export(SOURCED, Path("export.csv"), EXPORT.encode("utf-16"))
    assert wide.match("R58A", None).state is PortalState.READY


@given(st.text(max_size=200))
def test_no_export_breaks_the_reader(text: str) -> None:
    with suppress(FileError, UsageError):
        exported(KME, f"IMEI,Serial Number\n{text}").match("A", "1")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ("", "say where component is known from"),
        ('sources = { component = "x" }', "say where certificate_sha256 is known from"),
        ('sources = { component = "x" }\nunsourced = ["component"]', "not both"),
        ('sources = { component = "x", certificate_sha256 = "y" }\nseal = "controller"', "needs a channel"),
    ],
)
def test_a_fact_without_a_source_is_no_provider(changed: str, words: str) -> None:
    seal = "" if "seal" in changed else 'seal = "server"'
    with pytest.raises(UsageError, match=words):
        read_provider(
            "x",
            f'''[provider]
title = "x"
methods = ["qr"]
owner = "provider"
component = "a.b/.C"
certificate_sha256 = "{CERTIFICATE}"
checksum = "signature"
confirm = "handset"
token_expiry = "none"
{seal}
{changed}''',
        )


def test_every_fact_that_ships_has_a_source_or_says_that_it_has_none() -> None:
    for provider in map(load_provider, provider_names()):
        assert provider.owner == "organisation" or provider.named, provider.name
        assert all(len(source) > 20 for source in provider.sources.values())
    assert digest_of("I5YvS0O5hXY46mb01BlRjq4oJJGs2kuUcHvVkAPEXlg") == bytes.fromhex(AMAPI.certificate_sha256)


@pytest.mark.parametrize(
    "told",
    [{"a b": "x"}, {"": "x"}, {"-k": "x"}, {"k": ""}, {"k": " x"}, {"k": "x\ny"}, {"k": "\x1b[0m"}, {"k": "x" * 1001},
     {f"k{n}": "x" for n in range(33)}],
)  # fmt: skip
def test_what_cannot_be_told_over_the_cable_is_refused_first(told: dict[str, str]) -> None:
    with pytest.raises(UsageError) as refused:
        settings_order(told)
    assert not any(value in str(refused.value) for value in told.values() if len(value) > 2)


@pytest.mark.parametrize(
    ("key", "secret"),
    [("pw", True), ("com.x.ENROLMENT_TOKEN", True), ("api_key", True), ("Password2", True), ("clientSecret", True),
     ("apiKey", True), ("wifiPSK", True), ("enrollmenttoken", True), ("SOMETOKEN2", True), ("com.x.key", True),
     ("hotkey", False), ("hot_key", False), ("publicKey", False), ("monkey", False), ("bypass", False),
     ("spin", False), ("2", False), ("secretary", False),
     ("serverurl", False), ("com.hmdm.BASE_URL", False), ("gid", False), ("tokenised", False)],
)  # fmt: skip
def test_a_secret_is_known_by_its_name(key: str, secret: bool) -> None:
    assert is_secret(key) is secret
