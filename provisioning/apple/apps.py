"""Every app on the handset, by installation_proxy's Browse: all of them, or an error.

By default Browse leaves out offloaded apps, app clips, apps made in Swift Playgrounds and apps that restrictions
block. Each of four options brings one kind back, and the daemon looks only whether the option is *there*
(``ShowAppClips: false`` shows them too; mobile_installation_proxy of iOS 15 and later, seen decompiled, and
doronz88/pymobiledevice3#1602), so an option is sent or left out.
No attribute tells a blocked app from another. The library's ``browse()`` waits for ever after an ``{Error: …}``; this
reading takes it for the refusal that it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from provisioning.apple import answers
from provisioning.apple.answers import Answer, Malformed
from provisioning.apple.deadlines import Deadlines
from provisioning.apple.failures import side_by_side
from provisioning.errors import HandsetGarbled, HandsetRefused, HandsetSilent
from provisioning.inventory import App, Presence, Unread
from provisioning.plain_text import one_line

if TYPE_CHECKING:
    from provisioning.apple.wire import Wire

SERVICE = "com.apple.mobile.installation_proxy"
DOING = "reading the list of apps"

ALL_BUT_BLOCKED = ("ShowPlaceholders", "ShowAppClips", "ShowSwiftPlaygroundsApps")
EVERYTHING = ("ShowLaunchProhibitedApps", *ALL_BUT_BLOCKED)
ATTRIBUTES = (
    "ApplicationType",
    "CFBundleDisplayName",
    "CFBundleIdentifier",
    "CFBundleName",
    "CFBundleShortVersionString",
    "CFBundleURLTypes",
    "CFBundleVersion",
    "Entitlements",
    "IsAppClip",
    "IsDemotedApp",
    "IsPlaceholder",
    "SignerIdentity",
    "iTunesMetadata",
)
"""What is asked of each app. iTunesMetadata comes only when it is named here."""

MOST_APPS = 10_000
MOST_MESSAGES = 20_000
MOST_BYTES = 128 * 1024 * 1024
MOST_SCHEMES = 500
LINKS = "com.apple.developer.associated-domains"
"""Entitlement of domains that belong to the app: ``applinks:www.example.com?mode=developer``."""
SYSTEM_TYPES = frozenset({"System", "Internal", "Hidden"})


@dataclass(frozen=True, slots=True)
class AppList:
    """The apps, and what about them could not be read."""

    apps: tuple[App, ...]
    unread: tuple[Unread, ...] = ()


@dataclass(slots=True)
class Progress:
    """How far a Browse has come; the handset's own counting must agree with it."""

    apps: list[App] = field(default_factory=list[App])
    nameless: int = 0
    entries: int = 0
    complete: bool = False


async def read(connect: Callable[[], Awaitable[Wire]], deadlines: Deadlines) -> AppList:
    """Read every app. Raises HandsetError for anything but a whole list that is consistent in itself.

    It is read twice, side by side on two connections, since a handset takes 0.8 s over each: everything with its
    attributes, and identifiers alone without what is blocked. The difference is what restrictions hide; an app that
    only the second reading has means that the list changed meanwhile, and neither can be relied on.
    """
    async with side_by_side() as group:
        all_of_them = group.create_task(_browse(connect, EVERYTHING, ATTRIBUTES, deadlines))
        usable = group.create_task(_browse(connect, ALL_BUT_BLOCKED, ("CFBundleIdentifier",), deadlines))
    everything, open_to_use = all_of_them.result(), usable.result()
    launchable = {app.id for app in open_to_use.apps}
    if not launchable <= {app.id for app in everything.apps}:
        raise HandsetGarbled(DOING, "the list changed while it was read")
    apps = tuple(app if app.id in launchable else _blocked(app) for app in everything.apps)
    unread: list[Unread] = []
    if everything.nameless:
        unread.append(Unread("apps without an identifier", f"{everything.nameless} entries of the list name no app"))
    if not apps:
        unread.append(Unread("apps", "the handset lists none, and no iPhone is without apps"))
    return AppList(apps, tuple(unread))


async def _browse(
    connect: Callable[[], Awaitable[Wire]], options: Sequence[str], attributes: Sequence[str], deadlines: Deadlines
) -> Progress:
    wire = await connect()
    try:
        async with asyncio.timeout(deadlines.all_apps):
            return await _listed(wire, options, attributes, deadlines)
    except TimeoutError as error:
        await wire.cut()
        raise HandsetSilent(DOING, deadlines.all_apps) from error
    finally:
        await wire.close()


async def _listed(wire: Wire, options: Sequence[str], attributes: Sequence[str], deadlines: Deadlines) -> Progress:
    client_options: dict[str, object] = dict.fromkeys(options, True)
    client_options["ReturnAttributes"] = list(attributes)
    await wire.say(DOING, {"Command": "Browse", "ClientOptions": client_options})
    progress = Progress()
    received = 0
    for _ in range(MOST_MESSAGES):
        payload = await wire.hear_bytes(DOING, deadlines.apps)
        received += len(payload)
        try:
            if received > MOST_BYTES:
                raise Malformed("more data than any list of apps has")
            # in a thread: a message of ten apps takes 5 to 10 ms to parse, their store metadata included
            await asyncio.to_thread(take, payload, progress)
        except Malformed as error:
            await wire.cut()
            raise HandsetGarbled(DOING, str(error)) from error
        except HandsetRefused:
            await wire.cut()
            raise
        if progress.complete:
            return progress
    await wire.cut()
    raise HandsetGarbled(DOING, "a list that does not end")


def take(payload: bytes, progress: Progress) -> None:
    """Add one message of a Browse. Raises HandsetRefused for an Error, Malformed for what does not add up."""
    message = answers.mapping(answers.decode(payload))
    error = answers.error(message)
    if error is not None:
        said = answers.text(message, "ErrorDescription") or ""
        words = error if said in ("", error) else f"{error}: {said}"
        raise HandsetRefused(DOING, f"{one_line(words)}. Restart it and try again; if this stays, set it aside.")
    if "CurrentList" in message:
        listed = answers.sequence(message.get("CurrentList"), MOST_APPS)
        amount = answers.number(message, "CurrentAmount")
        index = answers.number(message, "CurrentIndex")
        if amount is not None and amount != len(listed):
            raise Malformed(f"{len(listed)} apps where {amount} are announced")
        if index is not None and index != progress.entries:
            raise Malformed(f"apps from number {index} where {progress.entries} have come")
        progress.entries += len(listed)
        if progress.entries > MOST_APPS:
            raise Malformed("more apps than are plausible")
        for entry in listed:
            app = app_of(answers.mapping(entry))
            if app is None:
                progress.nameless += 1
            else:
                progress.apps.append(app)
    status = answers.text(message, "Status")
    if status == "Complete":
        progress.complete = True
    elif status != "BrowsingApplications":
        raise Malformed(f"status {one_line(status or 'none', 40)}")


def app_of(entry: Answer) -> App | None:
    """Read one entry of a Browse; None where it has no identifier. Raises Malformed."""
    identifier = answers.text(entry, "CFBundleIdentifier")
    if identifier is None:
        return None
    kind = answers.text(entry, "ApplicationType")
    metadata = _store_metadata(entry)
    return App(
        id=identifier,
        name=answers.text(entry, "CFBundleDisplayName") or answers.text(entry, "CFBundleName"),
        system=None if kind is None else kind in SYSTEM_TYPES,
        presence=_presence(entry),
        version=answers.text(entry, "CFBundleShortVersionString") or answers.text(entry, "CFBundleVersion"),
        signer=answers.text(entry, "SignerIdentity"),
        store_item_id=answers.number(metadata, "itemId"),
        store_genre=answers.text(metadata, "genre"),
        store_genre_id=answers.number(metadata, "genreId"),
        url_schemes=_url_schemes(entry),
        link_domains=_link_domains(entry),
    )


def _presence(entry: Answer) -> Presence:
    if answers.flag(entry, "IsAppClip"):
        return Presence.APP_CLIP
    if answers.flag(entry, "IsDemotedApp"):
        return Presence.OFFLOADED
    return Presence.PLACEHOLDER if answers.flag(entry, "IsPlaceholder") else Presence.INSTALLED


def _blocked(app: App) -> App:
    return replace(app, presence=Presence.HIDDEN) if app.presence is Presence.INSTALLED else app


def _store_metadata(entry: Answer) -> Answer:
    """Read iTunesMetadata, a property list within the property list; side-loaded and system apps have none."""
    payload = answers.data(entry, "iTunesMetadata")
    if payload is None:
        return {}
    try:
        return answers.mapping(answers.decode(payload))
    except Malformed:
        return {}


def _url_schemes(entry: Answer) -> tuple[str, ...]:
    schemes: list[str] = []
    for kind in _list(entry, "CFBundleURLTypes"):
        if isinstance(kind, Mapping):
            listed = _list(cast("Answer", kind), "CFBundleURLSchemes")
            schemes += [scheme for scheme in listed if isinstance(scheme, str)]
    return _bounded(schemes)


def _link_domains(entry: Answer) -> tuple[str, ...]:
    entitlements = entry.get("Entitlements")
    if not isinstance(entitlements, Mapping):
        return ()
    domains: list[str] = []
    for one in _list(cast("Answer", entitlements), LINKS):
        if isinstance(one, str) and one.lower().startswith("applinks:"):
            domains.append(one[len("applinks:") :].partition("?")[0].removeprefix("*.").lower())
    return _bounded(domains)


def _list(answer: Answer, key: str) -> list[object]:
    value = answer.get(key)
    return cast("list[object]", value) if isinstance(value, list) else []


def _bounded(words: list[str]) -> tuple[str, ...]:
    if len(words) > MOST_SCHEMES or any(len(word) > answers.LONGEST_TEXT for word in words):
        raise Malformed("an app with more names than are plausible")
    return tuple(dict.fromkeys(word for word in words if word))
