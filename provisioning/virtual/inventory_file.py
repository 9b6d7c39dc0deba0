"""The apps that a scenario's ``inventory = "FILE"`` puts on a handset, in any form in which such lists come.

One identifier a line (``#`` begins a comment), a neutral inventory, or a Browse of an iPhone: the JSON or property
list that other tools write, each entry with its ``CFBundleIdentifier``. A Browse's entries keep their own attributes,
so that what was read from one phone lies on the virtual one as it lay there.
"""

from __future__ import annotations

import json
import plistlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast
from xml.parsers.expat import ExpatError

from provisioning.errors import UsageError

LARGEST: Final = 64 << 20
_SYSTEM: Final = "System"
_IDENTIFIER: Final = "CFBundleIdentifier"


def read_inventory(path: Path) -> list[dict[str, Any]]:
    """Give the apps as neutral dictionaries. Raises UsageError naming the file and what is wrong with it."""
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"inventory {path} is longer than {LARGEST >> 20} MB.")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"inventory {path} cannot be read: {error.strerror}.") from None
    if data.startswith((b"bplist00", b"<?xml", b"<!DOCTYPE plist", b"<plist")):
        return _apps(path, _property_list(path, data))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"inventory {path} is not UTF-8 text.") from None
    if not text.lstrip().startswith(("{", "[")):
        lines = (line.split("#", 1)[0].strip() for line in text.splitlines())
        return [{"id": line} for line in lines if line]
    try:
        return _apps(path, json.loads(text))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"inventory {path} is not valid JSON: {error}.") from None


def _property_list(path: Path, data: bytes) -> object:
    try:
        return cast("object", plistlib.loads(data))
    except (ExpatError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError):
        raise UsageError(f"inventory {path} is no property list.") from None


def _apps(path: Path, document: object) -> list[dict[str, Any]]:
    listed: object = document
    if isinstance(document, dict):
        fields = cast("dict[str, Any]", document)
        listed = next((fields[key] for key in ("apps", "CurrentList") if key in fields), None)
        if listed is None and isinstance(fields.get("LookupResult"), dict):
            listed = list(cast("dict[str, Any]", fields["LookupResult"]).values())
    if not isinstance(listed, list):
        raise UsageError(f"inventory {path} holds no list of apps.")
    return [_app(path, number, entry) for number, entry in enumerate(cast("list[object]", listed), start=1)]


def _app(path: Path, number: int, entry: object) -> dict[str, Any]:
    if isinstance(entry, str) and entry:
        return {"id": entry}
    if isinstance(entry, dict):
        fields = cast("dict[str, Any]", entry)
        if isinstance(fields.get("id"), str) and fields["id"]:
            return fields
        if isinstance(fields.get(_IDENTIFIER), str) and fields[_IDENTIFIER]:
            return _browsed(fields)
    raise UsageError(f"inventory {path} holds an app without an id (number {number}).")


def _browsed(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Make a neutral app of an entry of Browse, its attributes beside it as they stand."""
    kept = {key: value for key, value in entry.items() if value is not None}
    return {
        "id": entry[_IDENTIFIER],
        "name": entry.get("CFBundleDisplayName") or entry.get("CFBundleName"),
        "version": entry.get("CFBundleShortVersionString"),
        "system": entry.get("ApplicationType") == _SYSTEM,
        "signer": entry.get("SignerIdentity"),
        "presence": _presence(entry),
        "attributes": kept,
    }


def _presence(entry: Mapping[str, Any]) -> str:
    if entry.get("IsAppClip"):
        return "app clip"
    if entry.get("IsDemotedApp"):
        return "offloaded"
    return "placeholder" if entry.get("IsPlaceholder") else "installed"
