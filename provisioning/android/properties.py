"""System properties: the answer of ``getprop``, and who the handset is by them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.android.reading import Unreadable
from provisioning.handset import Identity
from provisioning.plain_text import one_line
from provisioning.platforms import Platform

MOST_PROPERTIES = 8192
_ENTRY = re.compile(r"^\[([^\]\n]{1,255})\]: \[", re.MULTILINE)
_SERIAL = re.compile(r"[!-~](?:[ -~]{0,62}[!-~])?")
_PATCH = re.compile(r"\d{4}-\d{2}-\d{2}")

_MARKETING_NAMES = (
    "ro.product.marketname",  # Xiaomi
    "ro.vendor.oplus.market.name",  # Oppo, OnePlus, realme
    "ro.config.marketing_name",  # Huawei, Honor
    "ro.product.vendor.marketname",
    "ro.vivo.market.name",
)

API_LEVEL_COMMAND = "getprop ro.build.version.sdk"
OLDEST_SDK = 29
"""Android 10, the oldest release whose texts this engine knows."""


def read_properties(text: str) -> Mapping[str, str]:
    """Read what ``getprop`` prints without an argument: ``[key]: [value]``, where a value may hold brackets and lines.

    Raises Unreadable where a key comes twice: shell may set ``debug.*`` to any text, so a second ``ro.serialno`` is a
    forgery inside such a value. Seen on Android 10 and 12 (MVT's recordings).
    """
    starts = list(_ENTRY.finditer(text))
    if not starts or len(starts) > MOST_PROPERTIES or text[: starts[0].start()].strip():
        raise Unreadable("not a list of properties")
    found: dict[str, str] = {}
    for number, start in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        value = text[start.end() : end].rstrip("\r\n")
        if not value.endswith("]"):
            raise Unreadable("the list of properties breaks off")
        if start[1] in found:
            raise Unreadable(f"the property {one_line(start[1], 60)} comes twice")
        found[start[1]] = value[:-1]
    return found


@dataclass(frozen=True, slots=True)
class Build:
    """Which Android runs: ``release`` is what people call it (``14``), ``sdk`` its API level."""

    release: str
    sdk: int


def serial_number(properties: Mapping[str, str]) -> str:
    """Give the maker's serial number. Raises Unreadable where there is none that can be kept on books."""
    for key in ("ro.serialno", "ro.boot.serialno"):
        serial = properties.get(key, "").strip()
        if _SERIAL.fullmatch(serial):
            return serial
    raise Unreadable("it gives no serial number")


def api_level(text: str) -> int:
    """Read the API level, the answer of ``getprop ro.build.version.sdk``. Raises Unreadable."""
    level = text.strip()
    if not (level.isascii() and level.isdigit() and len(level) <= 4):
        raise Unreadable("it gives no API level")
    return int(level)


def build(properties: Mapping[str, str]) -> Build:
    """Give release and API level. Raises Unreadable."""
    sdk = api_level(properties.get("ro.build.version.sdk", ""))
    release = one_line(properties.get("ro.build.version.release", "").strip(), 40)
    if not release:
        raise Unreadable("it gives no Android version")
    return Build(release, sdk)


def identity(properties: Mapping[str, str], imei: str | None) -> Identity:
    """Say who the handset is. Raises Unreadable without serial number, model or version.

    Samsung has no property with the marketing name; brand and model stand in for it.
    """
    model = one_line(properties.get("ro.product.model", "").strip(), 80)
    if not model:
        raise Unreadable("it gives no model")
    patch = properties.get("ro.build.version.security_patch", "").strip()
    return Identity(
        platform=Platform.ANDROID,
        serial_number=serial_number(properties),
        model=model,
        model_name=_model_name(properties, model),
        os_version=build(properties).release,
        build=one_line((properties.get("ro.build.display.id") or properties.get("ro.build.id", "")).strip(), 80),
        imei=imei,
        security_patch=patch if _PATCH.fullmatch(patch) else None,
    )


def _model_name(properties: Mapping[str, str], model: str) -> str:
    for key in _MARKETING_NAMES:
        name = one_line(properties.get(key, "").strip(), 80)
        if name:
            return name
    brand = one_line(properties.get("ro.product.brand", "").strip(), 40)
    known = not brand or model.lower().startswith((brand.lower(), "pixel", "moto"))
    return model if known else f"{brand[:1].upper()}{brand[1:]} {model}"
