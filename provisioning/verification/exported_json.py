"""Read JSON lists of apps: the neutral form, go-ios, pymobiledevice3, androidqf, MVT, and Browse answers as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from provisioning.inventory import Inventory, Unread
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.verification import exported_neutral, exported_plist
from provisioning.verification.exported_android import firmware_inventory
from provisioning.verification.exported_android import inventory_of as android_inventory
from provisioning.verification.exported_text import NotThisFormat

LOG_WORDS = frozenset({"level", "msg"})
"""Members of the lines that go-ios logs as JSON beside its answer."""

_NAMES_AN_APP = frozenset({"CFBundleIdentifier", "id", "name", "package_name"})


def read(text: str, platform: Platform) -> Inventory:
    """Read JSON. Raises NotThisFormat with the line where it is none."""
    document, complaints = _document(text)
    inventory = _inventory(document, platform)
    unread = [Unread("apps (the tool that wrote the list met an error)", complaint) for complaint in complaints]
    return Inventory(
        inventory.platform, inventory.apps, inventory.users, inventory.web_clips, (*inventory.unread, *unread)
    )


def _inventory(document: object, platform: Platform) -> Inventory:
    if isinstance(document, Mapping):
        table = cast("Mapping[str, Any]", document)
        if isinstance(table.get("apps"), list) and not _is_ios(table["apps"]):
            return exported_neutral.read(table, platform)
        if isinstance(table.get("apks"), list) and platform is Platform.ANDROID:
            return firmware_inventory(cast("list[object]", table["apks"]))
        document = table["apps"] if isinstance(table.get("apps"), list) else table
    if isinstance(document, list) and _is_android(cast("list[object]", document)):
        if platform is not Platform.ANDROID:
            raise NotThisFormat("lists Android packages. Say --platform android.")
        return android_inventory(cast("list[object]", document))
    if isinstance(document, list) and all(isinstance(one, str) for one in cast("list[object]", document)):
        return exported_neutral.read({"apps": [{"id": one} for one in cast("list[str]", document)]}, platform)
    if isinstance(document, list) and not _is_ios(cast("list[object]", document)) and document:
        return exported_neutral.read({"apps": document}, platform)
    if platform is not Platform.IOS:
        raise NotThisFormat("holds no list of Android packages.")
    return exported_plist.of_document(cast("object", document))


def _is_ios(entries: object) -> bool:
    listed = cast("list[object]", entries) if isinstance(entries, list) else []
    return any(
        isinstance(entry, Mapping) and ("CFBundleIdentifier" in entry or "CurrentList" in entry) for entry in listed
    )


def _is_android(entries: list[object]) -> bool:
    """Tell androidqf's and MVT's packages.json by members that the neutral form does not have."""
    for entry in entries:
        if isinstance(entry, Mapping):
            members = set(cast("Mapping[str, object]", entry))
            if "package_name" in members or ("name" in members and "id" not in members and "files" in members):
                return True
            if {"name", "third_party"} <= members:
                return True
    return False


def _document(text: str) -> tuple[object, list[str]]:
    """Parse one document, or several: one list and log lines (as go-ios writes), or one app a line."""
    try:
        return _loads(text), []
    except json.JSONDecodeError as whole:
        documents: list[object] = []
        complaints: list[str] = []
        decoder = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_object)
        position = 0
        try:
            while position < len(text):
                position += len(text) - position - len(text[position:].lstrip())
                if position >= len(text):
                    break
                document, position = decoder.raw_decode(text, position)
                log = _logged(document)
                if log is None:
                    documents.append(document)
                elif log:
                    complaints.append(log)
        except (ValueError, RecursionError):
            raise NotThisFormat(f"is not whole JSON ({one_line(whole.msg, 60)}).", whole.lineno) from whole
        if len(documents) > 1 and all(_is_app(document) for document in documents):
            return documents, complaints
        if len(documents) != 1:
            raise NotThisFormat(f"holds {len(documents)} JSON documents where one belongs.") from whole
        return documents[0], complaints
    except (ValueError, RecursionError) as e:
        raise NotThisFormat(f"is JSON that cannot be read ({one_line(str(e), 60) or 'nested too deeply'}).") from e


def _is_app(document: object) -> bool:
    """Tell one app of a list that is written one a line."""
    return isinstance(document, Mapping) and bool(_NAMES_AN_APP & set(cast("Mapping[str, object]", document)))


def _loads(text: str) -> object:
    return json.loads(text, parse_constant=_refuse, object_pairs_hook=_object)


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a member that is said twice: readers differ in which one counts."""
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a member is named twice in one object")
    return found


def _logged(document: object) -> str | None:
    """Say what a log line complains of: None where it is none, empty where it is harmless."""
    if not isinstance(document, Mapping):
        return None
    line = cast("Mapping[str, object]", document)
    if not set(line) >= LOG_WORDS:
        return None
    bad = line.get("level") in {"error", "fatal", "panic"} or "error" in line
    return one_line(str(line.get("msg")), 100) if bad else ""


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")
