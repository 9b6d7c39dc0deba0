"""A handset profile: the data file of one real model, read and checked.

``resources/virtual/NAME.toml`` holds what a model says of itself (with ``extends = "OTHER"`` only what differs, in its
tables too); big parts lie beside it in ``resources/virtual/android/``: ``packages`` names tab-separated lists (see
:func:`_package_list`), ``property_lists`` files of ``key=value`` lines.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, cast

from provisioning.errors import UsageError
from provisioning.virtual.android.state.packages import AdminReceiver, PackageFacts

_COLUMNS = 13


@dataclass(frozen=True, slots=True)
class Profile:
    """What every handset of a profile has in common.

    ``quirks`` are switches: ``integrity = false`` (rooted Samsung), ``install_over_usb = false`` (Xiaomi),
    ``policy_engine_dump = false``, ``without_features`` (list), ``largest_payload``, ``protocol_version``.
    """

    model_name: str
    android: int
    sdk: int
    maker: str
    brand: str
    model: str
    product: str
    device: str
    build: str
    fingerprint: str
    security_patch: str
    serial_pattern: str
    type_allocation_code: str
    samsung: bool
    packages: tuple[PackageFacts, ...]
    properties: Mapping[str, str]
    settings: Mapping[str, Mapping[str, str]]
    state: str = ""
    launcher: str = "com.android.launcher3"
    dialer: str = "com.android.dialer"
    owner: Mapping[str, Any] = field(default_factory=dict[str, Any])
    users: tuple[Any, ...] = ()
    accounts: tuple[Any, ...] = ()
    apps: tuple[Any, ...] = ()
    admins: tuple[str, ...] = ()
    quirks: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def quirk(self, name: str, default: bool) -> bool:
        """Give a switch."""
        return bool(self.quirks.get(name, default))


_SDK = {10: 29, 11: 30, 12: 31, 13: 33, 14: 34, 15: 35, 16: 36}


def load_profile(name: str, details: Mapping[str, Any]) -> Profile:
    """Read the profile ``name`` from its TOML ``details``. Raises UsageError naming the profile and the key."""
    try:
        profile = _profile(_extended(details))
    except KeyError as error:
        raise UsageError(f"Profile “{name}” lacks the key {error}.") from None
    except (TypeError, ValueError, OSError) as error:
        raise UsageError(f"Profile “{name}” cannot be used: {error}") from None
    return profile


def _extended(details: Mapping[str, Any]) -> dict[str, Any]:
    base = details.get("extends")
    if base is None:
        return dict(details)
    source = files("resources").joinpath("virtual", f"{base}.toml")
    found = _extended(tomllib.loads(source.read_text("utf-8")))
    for key, value in details.items():
        before = found.get(key)
        found[key] = before | value if isinstance(before, dict) and isinstance(value, dict) else value
    return found


def _profile(details: Mapping[str, Any]) -> Profile:
    android = int(details["android"])
    if android not in _SDK:
        raise UsageError(f"Android {android} is not simulated; there are 10 to 16.")
    packages: dict[str, PackageFacts] = {}
    for listing in cast("list[str]", details["packages"]):
        packages |= {facts.name: facts for facts in _package_list(listing)}
    for left_out in cast("list[str]", details.get("without_packages", [])):
        packages.pop(left_out, None)
    properties: dict[str, str] = {}
    for listing in cast("list[str]", details.get("property_lists", [])):
        properties |= _property_list(listing)
    properties |= {key: str(value) for key, value in details.get("properties", {}).items()}
    settings = {space: {k: str(v) for k, v in table.items()} for space, table in details.get("settings", {}).items()}
    return Profile(
        model_name=str(details["model_name"]),
        android=android,
        sdk=_SDK[android],
        maker=str(details["maker"]),
        brand=str(details["brand"]),
        model=str(details["model"]),
        product=str(details["product"]),
        device=str(details["device"]),
        build=str(details["build"]),
        fingerprint=str(details["fingerprint"]),
        security_patch=str(details["security_patch"]),
        serial_pattern=str(details["serial_pattern"]),
        type_allocation_code=str(details["type_allocation_code"]),
        samsung=str(details["maker"]).lower() == "samsung",
        packages=tuple(packages.values()),
        properties=properties,
        settings=settings,
        state=str(details.get("state", "")),
        launcher=str(details.get("launcher", "com.android.launcher3")),
        dialer=str(details.get("dialer", "com.android.dialer")),
        owner=details.get("owner", {}),
        users=tuple(details.get("users", ())),
        accounts=tuple(details.get("accounts", ())),
        apps=tuple(details.get("apps", ())),
        admins=tuple(details.get("admins", ())),
        quirks=details.get("quirks", {}),
    )


@lru_cache(maxsize=64)
def _package_list(name: str) -> tuple[PackageFacts, ...]:
    """Read a list: path, package, version code and name, SDKs, size, certificate, hash, scheme, shared uid, admins,
    note.

    ``~`` in the note marks versions that are not from the image. Empty cells mean: not known.
    """
    return tuple(_package(line.split("\t")) for line in _lines(name))


def _package(cells: list[str]) -> PackageFacts:
    if len(cells) != _COLUMNS:
        raise ValueError(f"a package list line has {len(cells)} columns instead of {_COLUMNS}: {cells[:2]}")
    path, name, code, version, minimum, target, size, certificate, signature, scheme, shared, admins, _ = cells
    return PackageFacts(
        name=name,
        apk=path,
        version_code=int(code or 1),
        version_name=version or None,
        min_sdk=int(minimum or 1),
        target_sdk=int(target or minimum or 1),
        size=int(size or 0),
        certificate_sha256=certificate,
        signature=signature,
        scheme=int(scheme or 1),
        shared_user=shared,
        system=not path.startswith("/data/"),
        admins=tuple(AdminReceiver(admin, protected=True, described=True) for admin in admins.split(",") if admin),
    )


@lru_cache(maxsize=64)
def _property_list(name: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in _lines(name):
        key, _, value = line.partition("=")
        found[key] = value
    return found


def _lines(name: str) -> list[str]:
    text = files("resources").joinpath("virtual", *name.split("/")).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
