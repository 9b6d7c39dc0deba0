"""Read one entry of an iPhone's list of apps, as installation_proxy gives it and every tool passes it on."""

from __future__ import annotations

import plistlib
from collections.abc import Mapping, Sequence
from typing import cast
from xml.parsers.expat import ExpatError

from provisioning.inventory import App, HandsetUser, Inventory, Presence, Unread
from provisioning.platforms import Platform
from provisioning.verification.exported_text import NotThisFormat

MOST = 20_000
MOST_VALUES = 500
"""Schemes or domains of one app; no app has as many."""
LARGEST_STORE_RECEIPT = 64 << 10
"""Bytes of iTunesMetadata; those of a real iPhone have 2 to 8 kB."""
SYSTEM_TYPES = frozenset({"System", "Internal", "Hidden"})
LINKS = "com.apple.developer.associated-domains"


def inventory_of(entries: Sequence[object]) -> Inventory:
    """Read all entries. Raises NotThisFormat where there are too many."""
    if len(entries) > MOST:
        raise NotThisFormat(f"names {len(entries)} apps, and no iPhone has more than {MOST}.")
    read = [app_of(entry) for entry in entries]
    apps = tuple(app for app in read if app is not None)
    nameless = len(read) - len(apps)
    unread = (Unread("apps without an identifier", f"{nameless} entries of the list name no app"),) if nameless else ()
    return Inventory(Platform.IOS, apps, (HandsetUser(0),), unread=unread)


def app_of(entry: object) -> App | None:
    """Read one entry; None where it names no app."""
    if not isinstance(entry, Mapping):
        return None
    fields = cast("Mapping[object, object]", entry)
    identifier = _text(fields.get("CFBundleIdentifier"))
    if not identifier:
        return None
    kind = _text(fields.get("ApplicationType"))
    store = _store(fields.get("iTunesMetadata"))
    return App(
        id=identifier,
        name=_text(fields.get("CFBundleDisplayName")) or _text(fields.get("CFBundleName")),
        system=None if kind is None else kind in SYSTEM_TYPES,
        presence=_presence(fields),
        version=_text(fields.get("CFBundleShortVersionString")) or _text(fields.get("CFBundleVersion")),
        signer=_text(fields.get("SignerIdentity")),
        store_item_id=_number(store.get("itemId")),
        store_genre=_text(store.get("genre")),
        store_genre_id=_number(store.get("genreId")),
        url_schemes=_schemes(fields.get("CFBundleURLTypes")),
        link_domains=_domains(fields.get("Entitlements")),
    )


def _presence(fields: Mapping[object, object]) -> Presence:
    if fields.get("IsAppClip") is True:
        return Presence.APP_CLIP
    if fields.get("IsDemotedApp") is True:
        return Presence.OFFLOADED
    return Presence.PLACEHOLDER if fields.get("IsPlaceholder") is True else Presence.INSTALLED


def _store(value: object) -> Mapping[object, object]:
    """Read iTunesMetadata: a property list within the list, or already taken apart by the tool."""
    if isinstance(value, Mapping):
        return cast("Mapping[object, object]", value)
    if not isinstance(value, bytes) or len(value) > LARGEST_STORE_RECEIPT:
        return {}
    try:
        read = plistlib.loads(value)
    except (plistlib.InvalidFileException, ExpatError, ValueError, RecursionError, OverflowError, AttributeError):
        return {}
    return cast("Mapping[object, object]", read) if isinstance(read, Mapping) else {}


def _schemes(value: object) -> tuple[str, ...]:
    found: list[str] = []
    for entry in _list(value):
        if isinstance(entry, Mapping) and len(found) < MOST_VALUES:
            schemes = cast("Mapping[object, object]", entry).get("CFBundleURLSchemes")
            found += [scheme for scheme in _list(schemes) if isinstance(scheme, str)]
    return tuple(dict.fromkeys(found[:MOST_VALUES]))


def _domains(value: object) -> tuple[str, ...]:
    """Read ``applinks:www.example.com?mode=developer`` of the entitlements."""
    if not isinstance(value, Mapping):
        return ()
    listed = _list(cast("Mapping[object, object]", value).get(LINKS))
    named = [one.partition(":")[2].partition("?")[0] for one in listed if isinstance(one, str)]
    return tuple(dict.fromkeys(name for name in named if name))


def _list(value: object) -> list[object]:
    return cast("list[object]", value)[:MOST_VALUES] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    if isinstance(value, int):
        return value
    return int(value) if value.isdecimal() and len(value) < 20 else None
