"""Read ``packages.json`` of androidqf and of MVT: packages with installer, certificates and where they come from."""

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
