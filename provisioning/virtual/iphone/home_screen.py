"""What SpringBoard shows on one phone: icons, folders, widgets and web clips, in getIconState's shapes.

The shapes are those that go-ios, pymobiledevice3 and public samples read. It is no list of apps: apps that
are kept in the App Library alone are missing, blocked ones too, and web clips have no bundle identifier.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from provisioning.virtual.iphone.apps import AppShelf, InstalledApp
from provisioning.virtual.iphone.plist import Plist
from provisioning.virtual.iphone.restrictions import WEB_CLIP_APP, Restrictions

_PER_PAGE: Final = 24
_IN_DOCK: Final = ("com.apple.mobilephone", "com.apple.mobilesafari", "com.apple.MobileSMS", "com.apple.Music")
_IN_FOLDER: Final = (
    "com.apple.VoiceMemos",
    "com.apple.compass",
    "com.apple.measure",
    "com.apple.calculator",
    "com.apple.Magnifier",
)
_ICON_DATE: Final = datetime(2026, 1, 5, 9, 41)  # plists carry naive UTC dates


@dataclass(frozen=True, slots=True)
class Clip:
    """A web page on the Home screen, made by a person or by a profile."""

    url: str
    title: str

    @property
    def identifier(self) -> str:
        """Give its displayIdentifier: 32 hexadecimal digits, as SpringBoard makes up for each clip."""
        return hashlib.md5(f"{self.title}\n{self.url}".encode(), usedforsecurity=False).hexdigest().upper()


def clip_of(url: str) -> Clip:
    """Make a clip that a person added in Safari; its title is the site's name."""
    return Clip(url, urlsplit(url).hostname or url)


def icon_state(
    apps: AppShelf, clips: Iterable[Clip], restrictions: Restrictions, twice: Sequence[str] = ()
) -> list[Plist]:
    """Give the dock and the pages: a list of lists of icons, the dock first.

    ``twice`` names apps that lie there a second time, under a UUID (seen on iOS 26).
    """
    shown = {
        app.bundle_id: app for app in apps if app.on_home_screen and not restrictions.prohibits_launch(app.bundle_id)
    }
    dock: list[Plist] = [_app_icon(shown.pop(bundle_id)) for bundle_id in _IN_DOCK if bundle_id in shown]
    folder = [shown.pop(bundle_id) for bundle_id in _IN_FOLDER if bundle_id in shown]
    icons: list[Plist] = []
    if weather := shown.get("com.apple.weather"):
        icons.append(_widget(weather))
    icons += [_app_icon(app) for app in shown.values()]
    icons += [_duplicate(shown[bundle_id]) for bundle_id in twice if bundle_id in shown]
    if folder:
        icons.append(_folder("Utilities", folder))
    if not restrictions.prohibits_launch(WEB_CLIP_APP):
        icons += [_clip_icon(clip) for clip in clips]
    pages: list[Plist] = [icons[start : start + _PER_PAGE] for start in range(0, len(icons), _PER_PAGE)]
    return [dock, *pages]


def _app_icon(app: InstalledApp) -> dict[str, Plist]:
    return {
        "bundleIdentifier": app.bundle_id,
        "bundleVersion": str(app.attributes.get("CFBundleVersion", "1.0")),
        "displayIdentifier": app.bundle_id,
        "displayName": app.name,
        "iconModDate": _ICON_DATE,
    }


def _duplicate(app: InstalledApp) -> dict[str, Plist]:
    identifier = hashlib.md5(app.bundle_id.encode(), usedforsecurity=False).hexdigest().upper()
    uuid = "-".join((identifier[:8], identifier[8:12], identifier[12:16], identifier[16:20], identifier[20:]))
    return {"displayIdentifier": uuid, "displayName": app.name, "iconType": "app", "bundleIdentifier": app.bundle_id}


def _folder(name: str, apps: Sequence[InstalledApp]) -> dict[str, Plist]:
    return {"displayName": name, "listType": "folder", "iconLists": [[_app_icon(app) for app in apps]]}


def _widget(app: InstalledApp) -> dict[str, Plist]:
    return {
        "iconType": "custom",
        "elementType": "widget",
        "gridSize": "medium",
        "containerBundleIdentifier": app.bundle_id,
        "widgetIdentifier": f"{app.bundle_id}.widget",
        "iconLists": [],
    }


def _clip_icon(clip: Clip) -> dict[str, Plist]:
    return {
        "displayIdentifier": clip.identifier,
        "displayName": clip.title,
        "webClipURL": clip.url,
        "iconModDate": _ICON_DATE,
    }
