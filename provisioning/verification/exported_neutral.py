"""Read the neutral inventory of the command-line contract; every member but ``id`` may be absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from provisioning.inventory import App, HandsetUser, Inventory, Presence, Unread, WebClip
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.verification.exported_text import NotThisFormat

MOST = 20_000
MOST_VALUES = 500
_PRESENCES = {presence.value: presence for presence in Presence}


def read(document: Mapping[str, Any], platform: Platform) -> Inventory:
    """Read a neutral inventory. Raises NotThisFormat naming the app and the member that is wrong."""
    said = document.get("platform", str(platform))
    if said != str(platform):
        raise NotThisFormat(f"is an inventory of {one_line(str(said), 20)}. Say --platform {one_line(str(said), 20)}.")
    listed = document.get("apps")
    if not isinstance(listed, list) or len(cast("list[object]", listed)) > MOST:
        raise NotThisFormat(f"needs a list “apps” of at most {MOST}.")
    apps = tuple(_app(entry, number) for number, entry in enumerate(cast("list[object]", listed), start=1))
    return Inventory(platform, apps, _users(document, apps), _clips(document), _unread(document))


def _app(entry: object, number: int) -> App:
    if not isinstance(entry, Mapping):
        raise NotThisFormat(f"app {number} is not an object.")
    fields = cast("Mapping[str, object]", entry)
    identifier = fields.get("id")
    if not isinstance(identifier, str) or not identifier:
        raise NotThisFormat(f"app {number} has no “id”.")
    return App(
        id=identifier,
        name=_text(fields, "name", number),
        user=_number(fields, "user", number) or 0,
        system=_flag(fields, "system", number),
        presence=_presence(fields, number),
        version=_text(fields, "version", number),
        installer=_text(fields, "installer", number),
        certificate_sha256=_text(fields, "certificate_sha256", number),
        signer=_text(fields, "signer", number),
        store_item_id=_number(fields, "store_item_id", number),
        store_genre=_text(fields, "store_genre", number),
        store_genre_id=_number(fields, "store_genre_id", number),
        url_schemes=_texts(fields, "url_schemes", number),
        link_domains=_texts(fields, "link_domains", number),
        web_start_url=_text(fields, "web_start_url", number),
    )


def _presence(fields: Mapping[str, object], number: int) -> Presence:
    said = _text(fields, "presence", number)
    if said is not None:
        if said not in _PRESENCES:
            raise NotThisFormat(f"app {number}: “presence” is none of {', '.join(_PRESENCES)}.")
        return _PRESENCES[said]
    return Presence.DISABLED if _flag(fields, "enabled", number) is False else Presence.INSTALLED


def _users(document: Mapping[str, Any], apps: tuple[App, ...]) -> tuple[HandsetUser, ...]:
    listed = document.get("users", [])
    if not isinstance(listed, list) or not all(_is_number(one) for one in cast("list[object]", listed)):
        raise NotThisFormat("“users” must be a list of user ids.")
    kinds = document.get("user_kinds")
    named = _mapping(kinds)
    numbers = sorted({*cast("list[int]", listed), *(app.user for app in apps)} or {0})
    return tuple(HandsetUser(n, str(named.get(str(n), "owner" if n == 0 else ""))) for n in numbers)


def _clips(document: Mapping[str, Any]) -> tuple[WebClip, ...]:
    clips: list[WebClip] = []
    for entry in _list(document, "web_clips"):
        fields = _mapping(entry) or {"url": entry}
        url, title = fields.get("url"), fields.get("title", "")
        if not isinstance(url, str) or not isinstance(title, str):
            raise NotThisFormat("“web_clips” must be a list of objects with a url.")
        clips.append(WebClip(title, url))
    return tuple(clips)


def _unread(document: Mapping[str, Any]) -> tuple[Unread, ...]:
    found: list[Unread] = []
    for entry in _list(document, "unread"):
        fields = _mapping(entry)
        found.append(Unread(str(fields.get("area", "an area")), str(fields.get("why", "not said"))))
    return tuple(found)


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _list(document: Mapping[str, Any], key: str) -> list[object]:
    value = document.get(key, [])
    if not isinstance(value, list):
        raise NotThisFormat(f"“{key}” must be a list.")
    return cast("list[object]", value)[:MOST]


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53


def _number(fields: Mapping[str, object], key: str, number: int) -> int | None:
    value = fields.get(key)
    if value is None or _is_number(value):
        return cast("int | None", value)
    raise NotThisFormat(f"app {number}: “{key}” must be a whole number.")


def _flag(fields: Mapping[str, object], key: str, number: int) -> bool | None:
    value = fields.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise NotThisFormat(f"app {number}: “{key}” must be true or false.")


def _text(fields: Mapping[str, object], key: str, number: int) -> str | None:
    value = fields.get(key)
    if value is None or isinstance(value, str):
        return value
    raise NotThisFormat(f"app {number}: “{key}” must be text.")


def _texts(fields: Mapping[str, object], key: str, number: int) -> tuple[str, ...]:
    value = fields.get(key)
    listed = cast("list[object]", value) if isinstance(value, list) else [] if value is None else None
    if listed is None or not all(isinstance(one, str) for one in listed):
        raise NotThisFormat(f"app {number}: “{key}” must be a list of texts.")
    return tuple(cast("list[str]", listed)[:MOST_VALUES])
