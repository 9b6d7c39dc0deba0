"""The provisioning QR: the JSON that a factory-fresh Android scans after six taps on its first screen (Android 7 on).

Keys are ``android.app.extra.PROVISIONING_…`` (AOSP ``DevicePolicyManager``; the table is
``resources/providers/extras.tsv``). What a QR says is checked here before anybody carries it to a handset, for there a
mistake ends in a reset.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import cast

from provisioning.enrolment.checksums import PackageChecksum, SignatureChecksum, digest_of
from provisioning.enrolment.provider import COMPONENT
from provisioning.errors import UsageError
from provisioning.plain_text import one_line

PREFIX = "android.app.extra."
SECURITIES = ("NONE", "WPA", "WEP", "EAP")
LARGEST = 2331
"""Bytes that a QR of the largest size holds at error correction M; a phone's camera reads far fewer with ease."""
_LOCATION = PREFIX + "PROVISIONING_DEVICE_ADMIN_PACKAGE_DOWNLOAD_LOCATION"
_SIGNATURE = PREFIX + "PROVISIONING_DEVICE_ADMIN_SIGNATURE_CHECKSUM"
_PACKAGE = PREFIX + "PROVISIONING_DEVICE_ADMIN_PACKAGE_CHECKSUM"
_COMPONENT = PREFIX + "PROVISIONING_DEVICE_ADMIN_COMPONENT_NAME"
_EXTRAS = PREFIX + "PROVISIONING_ADMIN_EXTRAS_BUNDLE"
_SHORTEST_WPA = 8


@dataclass(frozen=True, slots=True)
class Wifi:
    """The network that the handset joins to get its controller. ``more`` holds further PROVISIONING_WIFI_… keys."""

    ssid: str
    security: str = "WPA"
    password: str = field(default="", repr=False)
    hidden: bool = False
    more: Mapping[str, str | int] = field(default_factory=dict[str, "str | int"], repr=False)


@dataclass(frozen=True, slots=True)
class QrOrder:
    """What the QR is to say. ``extras`` go to the controller, ``flags`` are further PROVISIONING_… keys."""

    component: str
    location: str
    checksum: SignatureChecksum | PackageChecksum
    wifi: Wifi | None = None
    extras: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    flags: Mapping[str, str | int | bool] = field(default_factory=dict[str, "str | int | bool"])


def qr_text(order: QrOrder) -> str:
    """Write the QR's JSON. Raises UsageError with what a handset would refuse."""
    said: dict[str, object] = {
        _COMPONENT: order.component,
        _LOCATION: order.location,
        (_SIGNATURE if isinstance(order.checksum, SignatureChecksum) else _PACKAGE): order.checksum.text,
    }
    if order.wifi is not None:
        said |= _wifi(order.wifi)
    said |= {PREFIX + key: value for key, value in order.flags.items()}
    if order.extras:
        said[_EXTRAS] = dict(order.extras)
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    check_qr(text)
    return text


def joining(text: str, wifi: Wifi | None) -> str:
    """Give a QR's JSON that has the handset join ``wifi``, unless it names a network itself. Raises UsageError."""
    if wifi is None or f"{PREFIX}PROVISIONING_WIFI_SSID" in check_qr(text):
        return text
    joined = json.dumps({**check_qr(text), **_wifi(wifi)}, ensure_ascii=False, separators=(",", ":"))
    check_qr(joined)
    return joined


def check_qr(text: str) -> Mapping[str, object]:
    """Read a QR's JSON, from whomever, and make sure that a handset can use it. Raises UsageError."""
    if len(text.encode()) > LARGEST:
        raise UsageError(f"The QR's content has {len(text.encode())} bytes; a QR code holds {LARGEST}.")
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError("The QR's content is not JSON.") from None
    if not isinstance(document, dict):
        raise UsageError("The QR's content is not a JSON object.")
    said = cast("dict[str, object]", document)
    for key, value in said.items():
        _check_value(key, value)
    if _COMPONENT not in said:
        raise UsageError("The QR names no controller (PROVISIONING_DEVICE_ADMIN_COMPONENT_NAME).")
    if _LOCATION in said and not {_SIGNATURE, _PACKAGE} & said.keys():
        raise UsageError("The QR says where the controller is, but gives no checksum for it; a handset refuses that.")
    _check_wifi(said)
    return said


def secret_keys() -> frozenset[str]:
    """Give the keys whose values are never shown or logged."""
    return frozenset(PREFIX + key for key, kind in known_keys().items() if kind in {"secret", "bundle"})


@lru_cache(maxsize=1)
def known_keys() -> Mapping[str, str]:
    """Give all keys that Android has, each with the kind of its value."""
    text = files("resources").joinpath("providers", "extras.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return {key: kind for key, kind, _ in rows}


def _wifi(wifi: Wifi) -> dict[str, object]:
    said: dict[str, object] = {
        f"{PREFIX}PROVISIONING_WIFI_SSID": wifi.ssid,
        f"{PREFIX}PROVISIONING_WIFI_SECURITY_TYPE": wifi.security,
    }
    if wifi.password:
        said[f"{PREFIX}PROVISIONING_WIFI_PASSWORD"] = wifi.password
    if wifi.hidden:
        said[f"{PREFIX}PROVISIONING_WIFI_HIDDEN"] = True
    return said | {PREFIX + key: value for key, value in wifi.more.items()}


def _check_wifi(said: Mapping[str, object]) -> None:
    ssid = said.get(f"{PREFIX}PROVISIONING_WIFI_SSID")
    security = said.get(f"{PREFIX}PROVISIONING_WIFI_SECURITY_TYPE", "NONE")
    password = said.get(f"{PREFIX}PROVISIONING_WIFI_PASSWORD")
    if ssid is None:
        if any(key.startswith(f"{PREFIX}PROVISIONING_WIFI_") for key in said):
            raise UsageError("The QR tells about a Wi-Fi network without naming it (PROVISIONING_WIFI_SSID).")
        return
    if not 1 <= len(str(ssid).encode()) <= 32:
        raise UsageError("A Wi-Fi network's name has 1 to 32 bytes.")
    if security in {"WPA", "WEP"} and not password:
        raise UsageError(f"The Wi-Fi network is {security} and the QR has no password for it.")
    if security == "WPA" and not _SHORTEST_WPA <= len(str(password)) <= 64:
        raise UsageError("A WPA password has 8 to 63 characters.")
    if security == "NONE" and password:
        raise UsageError("The QR has a password for a Wi-Fi network that is said to have none.")
    if security == "EAP" and f"{PREFIX}PROVISIONING_WIFI_EAP_METHOD" not in said:
        raise UsageError("The Wi-Fi network is EAP and the QR does not say by which method.")


def _check_value(key: str, value: object) -> None:
    shown = one_line(key.removeprefix(PREFIX), 80)
    kind = known_keys().get(key.removeprefix(PREFIX)) if key.startswith(PREFIX) else None
    if kind is None:
        raise UsageError(f"Android knows no provisioning key “{shown}”.")
    whole = isinstance(value, int) and not isinstance(value, bool)
    good = {
        "flag": isinstance(value, bool),
        "number": whole or (isinstance(value, str) and value.isdigit()),
        "bundle": isinstance(value, dict),
        "digest": isinstance(value, str) and digest_of(value) is not None,
        "component": isinstance(value, str) and bool(value) and re.match(COMPONENT, value) is not None,
        "url": isinstance(value, str) and re.match(r"https?://[^\s/]+", value) is not None,
        "security": value in SECURITIES,
    }.get(kind, isinstance(value, str))
    if not good:
        wanted = {
            "flag": "true or false", "number": "a whole number", "bundle": "a JSON object",
            "digest": "a SHA-256 in URL-safe base64", "component": "package/receiver", "url": "an http(s) address",
            "security": "one of " + ", ".join(SECURITIES),
        }.get(kind, "text")  # fmt: skip
        raise UsageError(f"The QR's {shown} must be {wanted}.")
