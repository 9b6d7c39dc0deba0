"""The apps on one phone: what Apple put there, what lay there from the start, what came and went since."""

from __future__ import annotations

import json
import plistlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum, unique
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

from provisioning.virtual.iphone.model import Model
from provisioning.virtual.iphone.plist import Plist

STORE_SIGNER: Final = "Apple iPhone OS Application Signing"
"""SignerIdentity of every app from the App Store (real Browse of iOS 11.4)."""
DEVELOPER_SIGNER: Final = "iPhone Developer: Jo Bloggs (4XK2N7Q9ZD)"
"""What a side-loaded app's SignerIdentity looks like (real Browse of iOS 11.4, name changed)."""

_TEAM: Final = "7Q3N4KX2PD"
_NAMESPACE: Final = uuid.UUID("5d7e0f0c-35f2-4c6f-9d5a-1f7c2f5b8e11")
_PURCHASED: Final = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


@unique
class Lying(StrEnum):
    """How an app lies on the phone."""

    INSTALLED = "installed"
    OFFLOADED = "offloaded"
    """The binary is gone, icon and data stay: a placeholder with IsDemotedApp (pymobiledevice3 issue 1602)."""
    DOWNLOADING = "placeholder"
    APP_CLIP = "app clip"


@dataclass(frozen=True, slots=True, eq=False)
class InstalledApp:
    """One app. ``attributes`` is what Browse gives by itself, ``on_request`` what it gives only when asked by name.

    Compared by identity, so that system apps can be shared between phones and their XML kept.
    """

    bundle_id: str
    attributes: Mapping[str, Plist]
    on_request: Mapping[str, Plist] = field(default_factory=dict[str, Plist])
    lying: Lying = Lying.INSTALLED
    removable: bool = True
    on_home_screen: bool = True

    @property
    def type(self) -> str:
        """Give ApplicationType: ``System`` or ``User``."""
        return str(self.attributes.get("ApplicationType", "User"))

    @property
    def name(self) -> str:
        """Give the name under its icon."""
        return str(self.attributes.get("CFBundleDisplayName", self.bundle_id))


class AppShelf:
    """Every app of one phone, in the order of installation. ``revision`` rises with each change."""

    def __init__(self, apps: Iterable[InstalledApp]) -> None:
        self._apps = {app.bundle_id: app for app in apps}
        self.revision = 0

    def __iter__(self) -> Iterator[InstalledApp]:
        return iter(tuple(self._apps.values()))

    def __len__(self) -> int:
        return len(self._apps)

    def find(self, bundle_id: str) -> InstalledApp | None:
        """Give the app with that bundle identifier."""
        return self._apps.get(bundle_id)

    def put(self, app: InstalledApp) -> None:
        """Install an app, in place of the one with the same bundle identifier if there is one."""
        self._apps[app.bundle_id] = app
        self.revision += 1

    def take(self, bundle_id: str) -> InstalledApp | None:
        """Remove an app and give it back; None where it was not there."""
        self.revision += 1
        return self._apps.pop(bundle_id, None)


@cache
def system_apps(model: Model) -> tuple[InstalledApp, ...]:
    """Give Apple's own apps for that product and version; the same objects for every phone of the model."""
    text = files("resources").joinpath("virtual", "ios", "system-apps.json").read_text("utf-8")
    entries = cast("list[dict[str, Any]]", json.loads(text))
    chosen = [entry for entry in entries if _comes_with(entry, model)]
    return tuple(_system_app(entry, 500 + 4 * number, model) for number, entry in enumerate(chosen))


def store_app(neutral: Mapping[str, Any], number: int, model: Model) -> InstalledApp:
    """Make an app from a neutral dictionary (at least ``id``): from the App Store unless its fields say otherwise.

    ``signer`` other than the store's makes it side-loaded: no iTunesMetadata, ProfileValidated instead (all 5
    developer-signed apps of the real Browse of iOS 11.4). ``presence`` as in an inventory; ``system`` makes it one of
    Apple's; ``attributes`` adds or overrides raw Browse attributes. Facts of well-known apps are filled in.
    """
    known = {**_well_known().get(str(neutral["id"]), {}), **{k: v for k, v in neutral.items() if v is not None}}
    bundle_id = str(known["id"])
    lying = _lying(known.get("presence"))
    system = bool(known.get("system"))
    signer = None if system else str(known.get("signer") or STORE_SIGNER)
    attributes = _attributes(known, bundle_id, number, model)
    attributes["ApplicationType"] = "System" if system else "User"
    if signer:
        attributes["SignerIdentity"] = signer
    if signer and signer != STORE_SIGNER:
        attributes["ProfileValidated"] = True
    if lying in (Lying.OFFLOADED, Lying.DOWNLOADING):
        attributes["IsPlaceholder"] = True
        attributes["IsDemotedApp"] = lying is Lying.OFFLOADED
    if lying is Lying.APP_CLIP:
        attributes["IsAppClip"] = True
    attributes.update(cast("dict[str, Plist]", known.get("attributes", {})))
    on_request: dict[str, Plist] = {"StaticDiskUsage": 48_123_904 + number, "DynamicDiskUsage": 1_261_568}
    if signer == STORE_SIGNER:
        on_request["iTunesMetadata"] = _store_metadata(known, bundle_id)
    return InstalledApp(
        bundle_id=bundle_id,
        attributes=attributes,
        on_request=on_request,
        lying=lying,
        removable=not system,
        on_home_screen=lying is not Lying.APP_CLIP and bool(known.get("on_home_screen", not system)),
    )


def container(kind: str, bundle_id: str) -> str:
    """Give the path of an app's container, laid out as iOS has since 8; its identifier is made up, but constant."""
    folder = "containers/Bundle" if kind == "bundle" else "mobile/Containers/Data"
    identifier = str(uuid.uuid5(_NAMESPACE, f"{kind}/{bundle_id}")).upper()
    return f"/private/var/{folder}/Application/{identifier}"


def _lying(presence: object) -> Lying:
    return Lying(presence) if presence in tuple(Lying) else Lying.INSTALLED


def _comes_with(entry: Mapping[str, Any], model: Model) -> bool:
    since = entry.get("since", "1.0")
    if model.device_family == 2:
        since = entry.get("ipad_since", since)
        if "ipad_since" not in entry and 2 not in entry["families"]:
            return False
    elif model.device_family not in entry["families"]:
        return False
    return model.at_least(since)


def _system_app(entry: Mapping[str, Any], number: int, model: Model) -> InstalledApp:
    bundle_id = str(entry["id"])
    attributes = _attributes(entry, bundle_id, number, model)
    attributes["ApplicationType"] = "System"
    attributes["MinimumOSVersion"] = model.os_version
    attributes["UIDeviceFamily"] = list(entry["families"])
    attributes["IsUpgradeable"] = bool(entry.get("removable"))
    attributes["Entitlements"] = {"application-identifier": bundle_id}
    if not entry.get("removable"):
        attributes["Path"] = f"/Applications/{str(entry['name']).replace(' ', '')}.app"
    if entry.get("tags"):
        attributes["SBAppTags"] = list(entry["tags"])
    if entry.get("genres"):
        attributes["SBMatchingApplicationGenres"] = list(entry["genres"])
    return InstalledApp(
        bundle_id=bundle_id,
        attributes=attributes,
        removable=bool(entry.get("removable")),
        on_home_screen="hidden" not in entry.get("tags", ()) and bundle_id != "com.apple.webapp",
    )


def _attributes(known: Mapping[str, Any], bundle_id: str, number: int, model: Model) -> dict[str, Plist]:
    name = str(known.get("name") or bundle_id.rsplit(".", 1)[-1].replace("-", " ").title())
    version = str(known.get("version") or "1.0")
    executable = name.replace(" ", "")
    schemes = [str(scheme) for scheme in known.get("url_schemes") or ()]
    domains = [f"applinks:{domain}" for domain in known.get("link_domains") or ()]
    entitlements: dict[str, Plist] = {
        "application-identifier": f"{_TEAM}.{bundle_id}",
        "com.apple.developer.team-identifier": _TEAM,
        "keychain-access-groups": [f"{_TEAM}.{bundle_id}"],
    }
    if domains:
        entitlements["com.apple.developer.associated-domains"] = domains
    attributes: dict[str, Plist] = {
        "CFBundleIdentifier": bundle_id,
        "CFBundleName": name,
        "CFBundleDisplayName": name,
        "CFBundleExecutable": executable,
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "CFBundlePackageType": "APPL",
        "Container": container("data", bundle_id),
        "DTPlatformVersion": model.os_version,
        "Entitlements": entitlements,
        "EnvironmentVariables": {"CFFIXED_USER_HOME": container("data", bundle_id)},
        "IsAppClip": False,
        "IsDemotedApp": False,
        "IsHostBackupEligible": True,
        "IsUpgradeable": True,
        "MinimumOSVersion": "15.0",
        "Path": f"{container('bundle', bundle_id)}/{executable}.app",
        "SequenceNumber": number,
        "UIDeviceFamily": [1, 2],
    }
    if schemes:
        attributes["CFBundleURLTypes"] = [{"CFBundleURLName": bundle_id, "CFBundleURLSchemes": schemes}]
    return attributes


def _store_metadata(known: Mapping[str, Any], bundle_id: str) -> bytes:
    """Give iTunesMetadata.plist, which Browse returns as data: itself a property list (keys seen in public samples)."""
    name = str(known.get("name") or bundle_id)
    genre_id = int(known.get("store_genre_id") or 6002)
    metadata: dict[str, Any] = {
        "artistName": f"{name} Ltd",
        "bundleShortVersionString": str(known.get("version") or "1.0"),
        "bundleVersion": str(known.get("version") or "1.0"),
        "com.apple.iTunesStore.downloadInfo": {"accountInfo": {}, "purchaseDate": _PURCHASED.isoformat()},
        "gameCenterEnabled": False,
        "genre": str(known.get("store_genre") or "Utilities"),
        "genreId": genre_id,
        "is-auto-download": False,
        "is-purchased-redownload": False,
        "itemId": int(known.get("store_item_id") or 1_000_000_000 + sum(bundle_id.encode()) * 977),
        "itemName": name,
        "kind": "software",
        "rating": {"label": "12+", "rank": 300, "system": "itunes-games"},
        "s": 143444,
        "softwareVersionBundleId": bundle_id,
        "subgenres": [{"genre": str(known.get("store_genre") or "Utilities"), "genreId": genre_id}],
        "title": name,
    }
    return plistlib.dumps(metadata, fmt=plistlib.FMT_BINARY)


@cache
def _well_known() -> dict[str, dict[str, Any]]:
    text = files("resources").joinpath("virtual", "ios", "store-apps.json").read_text("utf-8")
    return {entry["id"]: entry for entry in cast("list[dict[str, Any]]", json.loads(text))}
