"""What is installed on a handset, for every user of it, and what could not be read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from enum import StrEnum, unique
from functools import lru_cache
from typing import Any

from provisioning.platforms import Platform


@unique
class Presence(StrEnum):
    """How an app lies on the handset. *Blocked* and *absent* are two things: only ``absent`` is not there."""

    INSTALLED = "installed"
    DISABLED = "disabled"
    """Android: switched off for this user; anybody with the settings or adb can switch it on."""
    SUSPENDED = "suspended"
    HIDDEN = "hidden"
    """Android: hidden by the device owner. iOS: on the device but not launchable under the restrictions."""
    OFFLOADED = "offloaded"
    """iOS: the binary was removed, data and icon stay ("demoted"); one tap brings it back."""
    PLACEHOLDER = "placeholder"
    """iOS: being downloaded or restored."""
    APP_CLIP = "app clip"
    REMOVED_FOR_USER = "removed for user"
    """Android system app uninstalled for this user; ``cmd package install-existing`` brings it back."""


@dataclass(frozen=True, slots=True)
class App:
    """One app for one user. ``None`` always means: the source does not say.

    ``id`` is the bundle identifier or package name; ``user`` Android's user id (0 on iOS);
    ``certificate_sha256`` lower-case hex of the signing certificate; ``signer`` Apple's SignerIdentity;
    ``store_item_id`` the App Store's adam id. Names and identifiers are hostile text.
    """

    id: str
    name: str | None = None
    user: int = 0
    system: bool | None = None
    presence: Presence = Presence.INSTALLED
    version: str | None = None
    installer: str | None = None
    certificate_sha256: str | None = None
    signer: str | None = None
    store_item_id: int | None = None
    store_genre: str | None = None
    store_genre_id: int | None = None
    url_schemes: tuple[str, ...] = ()
    link_domains: tuple[str, ...] = ()
    web_start_url: str | None = None

    @property
    def enabled(self) -> bool:
        """True if it can be started as it lies there."""
        return self.presence is Presence.INSTALLED


@dataclass(frozen=True, slots=True)
class WebClip:
    """A web page on the home screen. It has no bundle identifier; both fields are hostile text."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class HandsetUser:
    """One Android user or profile (iOS: only user 0); ``kind`` is told from flags and type, never from the name."""

    id: int
    kind: str = "owner"


@dataclass(frozen=True, slots=True)
class Unread:
    """An area that was to be read and was not; with one of these no verdict is clear."""

    area: str
    why: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """Every app of every user, as read in one go. Complete only if ``unread`` is empty."""

    platform: Platform
    apps: tuple[App, ...]
    users: tuple[HandsetUser, ...] = (HandsetUser(0),)
    web_clips: tuple[WebClip, ...] = ()
    unread: tuple[Unread, ...] = field(default=())

    def neutral(self) -> dict[str, Any]:
        """Give the neutral JSON form of the command-line contract, in a stable order.

        The order of what the handset sent does not matter: equal contents give equal bytes.
        """
        return {
            "platform": str(self.platform),
            "users": sorted(user.id for user in self.users),
            "user_kinds": {str(user.id): user.kind for user in sorted(self.users, key=lambda u: u.id)},
            "apps": _in_order([_neutral_app(app) for app in self.apps]),
            "web_clips": sorted(
                ({"title": clip.title, "url": clip.url} for clip in self.web_clips),
                key=lambda c: (c["url"], c["title"]),
            ),
            "unread": [{"area": u.area, "why": u.why} for u in sorted(self.unread, key=lambda u: (u.area, u.why))],
        }

    def canonical(self) -> bytes:
        """Give the bytes that :meth:`digest` is over and that are kept beside a verification record."""
        return _canonical(self)

    def digest(self) -> str:
        """Give the SHA-256 (hex) of the neutral form's canonical bytes; it binds a verdict to what was read."""
        return hashlib.sha256(self.canonical()).hexdigest()


_FIELDS = tuple(one.name for one in fields(App) if one.name != "presence")
"""Read by name: ``asdict`` copies deeply, which took a third of the time of a whole verdict."""


def _neutral_app(app: App) -> dict[str, Any]:
    said = {name: getattr(app, name) for name in _FIELDS}
    said["url_schemes"] = list(app.url_schemes)
    said["link_domains"] = list(app.link_domains)
    return {**said, "presence": str(app.presence), "enabled": app.enabled}


@lru_cache(maxsize=4)
def _canonical(inventory: Inventory) -> bytes:
    """Asked for twice by each verdict: for its digest, and to be kept."""
    text = json.dumps(inventory.neutral(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _in_order(apps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort by identifier and user; only where both are the same does the rest decide, which costs ten times more."""
    if len({(app["id"], app["user"]) for app in apps}) == len(apps):
        return sorted(apps, key=lambda app: (app["id"], app["user"]))
    return sorted(apps, key=lambda app: (app["id"], app["user"], json.dumps(app, sort_keys=True)))


def ids(apps: Iterable[App]) -> set[str]:
    """Give the distinct identifiers of ``apps``."""
    return {app.id for app in apps}
