"""Read ``packages.json`` of androidqf and of MVT, and the list of packages that a firmware image holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from provisioning.inventory import App, HandsetUser, Inventory, Presence, Unread
from provisioning.platforms import Platform
from provisioning.verification.exported_text import PER_USER, NotThisFormat

MOST = 20_000


def inventory_of(entries: list[object]) -> Inventory:
    """Read all packages. Raises NotThisFormat where there are too many."""
    if len(entries) > MOST:
        raise NotThisFormat(f"names {len(entries)} packages, and no handset has more than {MOST}.")
    read = [_app(entry) for entry in entries]
    apps = tuple(app for app in read if app is not None)
    nameless = len(read) - len(apps)
    unread = (Unread("packages without a name", f"{nameless} entries of the list name none"),) if nameless else ()
    users = sorted({app.user for app in apps}) or [0]
    return Inventory(
        Platform.ANDROID,
        apps,
        tuple(HandsetUser(user, "owner" if user == 0 else "") for user in users),
        unread=unread,
    )


def firmware_inventory(entries: list[object]) -> Inventory:
    """Read what an image holds: ``package``, ``certSha256`` and ``path`` of each APK. It is never all of a handset."""
    named: list[object] = []
    for entry in entries:
        fields: Mapping[str, object] = cast("Mapping[str, object]", entry) if isinstance(entry, Mapping) else {}
        certificate = {"certificate": {"Sha256": fields.get("certSha256")}}
        named.append({"name": fields.get("package"), "system": True, "files": [certificate]})
    found = inventory_of(named)
    unread = Unread("apps that are not of the firmware", "the file lists what an image holds and no handset")
    return Inventory(found.platform, found.apps, found.users, unread=(*found.unread, unread))


def _app(entry: object) -> App | None:
    if not isinstance(entry, Mapping):
        return None
    fields = cast("Mapping[str, object]", entry)
    name = fields.get("package_name", fields.get("name"))
    if not isinstance(name, str) or not name:
        return None
    uid = fields.get("uid")
    system = fields.get("system")
    return App(
        id=name,
        user=uid // PER_USER if isinstance(uid, int) and not isinstance(uid, bool) and 0 <= uid < 1 << 31 else 0,
        system=system if isinstance(system, bool) else None,
        presence=Presence.DISABLED if fields.get("disabled") is True else Presence.INSTALLED,
        installer=_text(fields.get("installer")),
        certificate_sha256=_certificate(fields.get("files")),
    )


def _certificate(files: object) -> str | None:
    """Give the certificate of the first APK that has one; splits carry the same."""
    for file in cast("list[object]", files)[:100] if isinstance(files, list) else ():
        certificate = cast("Mapping[str, object]", file).get("certificate") if isinstance(file, Mapping) else None
        if isinstance(certificate, Mapping):
            digest = cast("Mapping[str, object]", certificate).get("Sha256")
            if isinstance(digest, str) and len(digest) == 64:
                return digest.lower()
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
