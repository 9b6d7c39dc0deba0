"""installation_proxy: which apps are installed. The default view is not all of them.

Known from the decompiled daemon: the Show… options count by presence, whatever their value; placeholders (offloaded
apps among them) are enumerated only with ShowPlaceholders and after the others; apps whose launch is prohibited and app
clips are skipped without ShowLaunchProhibitedApps and ShowAppClips; ApplicationType is nothing, Any, System, User or
Internal, and any other value gives an empty list; ``Attribute`` keeps only apps that have it; Browse answers in steps
of ten; iTunesMetadata and its like come only when ReturnAttributes names them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Final

from provisioning.virtual.iphone.apps import InstalledApp, Lying
from provisioning.virtual.iphone.conversation import Conversation
from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.iphone.plist import Message, Plist, xml_element, xml_of_elements
from provisioning.virtual.iphone.stream import DeviceStream

_LARGEST_REQUEST: Final = 1 << 20
_STEP: Final = 10
_TYPES: Final = frozenset({"", "Any", "System", "User", "Internal"})
Answer = Mapping[str, Plist]


async def serve_installation_proxy(phone: VirtualIPhone, stream: DeviceStream) -> None:
    """Serve commands until the host hangs up."""
    talk = Conversation(phone, stream, _LARGEST_REQUEST, _name, _refusal)
    while (request := await talk.hear()) is not None:
        options = request.table("ClientOptions")
        match _name(request):
            case "Browse":
                await _browse(phone, talk, options)
            case "Lookup":
                await talk.say({"Status": "Complete", "LookupResult": _looked_up(phone, options)})
            case "Uninstall":
                await _uninstall(phone, talk, request.text("ApplicationIdentifier"))
            case "Install" | "Upgrade":
                await talk.say(_no_installation(phone))
            case "CheckCapabilitiesMatch":
                await talk.say({"Status": "Complete", "LookupResult": True})
            case "LookupArchives":
                await talk.say({"Status": "Complete", "LookupResult": {}})
            case command:
                await talk.say(_error("UnknownCommand", f"Unknown command {command}"))


async def _browse(phone: VirtualIPhone, talk: Conversation, options: Message) -> None:
    """Send the apps in steps of ten; each app's XML is made once for all phones that share it."""
    attributes = _wanted(options)
    found = _chosen(phone, options)
    index = 0
    while step := list(islice(found, _STEP)):
        head: dict[str, Plist] = {
            "CurrentAmount": len(step),
            "CurrentIndex": index,
            "Status": "BrowsingApplications",
        }
        await talk.say_encoded(xml_of_elements(head, "CurrentList", [_element(app, attributes) for app in step]))
        index += len(step)
        await asyncio.sleep(0)
    await talk.say({"Status": "Complete"})


def _looked_up(phone: VirtualIPhone, options: Message) -> dict[str, Plist]:
    attributes = _wanted(options)
    return {app.bundle_id: _told(app, attributes) for app in _chosen(phone, options)}


async def _uninstall(phone: VirtualIPhone, talk: Conversation, bundle_id: str) -> None:
    app = phone.apps.find(bundle_id)
    if app is None:
        await talk.say(_error("APIInternalError", f"{bundle_id} is not installed"))
        return
    if not app.removable or not phone.management.restrictions.allows("allowAppRemoval"):
        await talk.say(_error("UninstallProhibited", f"{bundle_id} may not be removed"))
        return
    await talk.say({"Status": "RemovingApplication", "PercentComplete": 0})
    await talk.say({"Status": "GeneratingApplicationMap", "PercentComplete": 90})
    phone.apps.take(bundle_id)
    phone.notify("com.apple.mobile.application_uninstalled")
    await talk.say({"Status": "Complete"})


def _no_installation(phone: VirtualIPhone) -> Answer:
    """Refuse every package: a virtual phone runs no code. allowAppInstallation forbids it to hosts as well."""
    if not phone.management.restrictions.allows("allowAppInstallation"):
        return _error("InstallProhibited", "App installation is restricted on this device")
    return _error("PackageInspectionFailed", "The package could not be inspected")


def _chosen(phone: VirtualIPhone, options: Message) -> Iterator[InstalledApp]:
    kind = options.text("ApplicationType")
    if kind not in _TYPES or ("ApplicationType" in options and not kind):
        return
    identifiers, required = options.texts("BundleIDs"), options.texts("Attribute") or []
    restrictions = phone.management.restrictions
    placeholders = (Lying.OFFLOADED, Lying.DOWNLOADING)
    present = [app for app in phone.apps if app.lying not in placeholders]
    if "ShowPlaceholders" in options:
        present += [app for app in phone.apps if app.lying in placeholders]
    for app in present:
        if kind not in ("", "Any", app.type):
            continue
        if identifiers is not None and app.bundle_id not in identifiers:
            continue
        if "ShowLaunchProhibitedApps" not in options and restrictions.prohibits_launch(app.bundle_id):
            continue
        if app.lying is Lying.APP_CLIP and "ShowAppClips" not in options:
            continue
        if all(name in app.attributes or name in app.on_request for name in required):
            yield app


def _wanted(options: Message) -> frozenset[str] | None:
    names = options.texts("ReturnAttributes")
    return None if names is None else frozenset(names)


def _told(app: InstalledApp, attributes: frozenset[str] | None) -> Answer:
    if attributes is None:
        return app.attributes
    return {key: value for key, value in {**app.attributes, **app.on_request}.items() if key in attributes}


@lru_cache(maxsize=16384)
def _element(app: InstalledApp, attributes: frozenset[str] | None) -> bytes:
    return xml_element(_told(app, attributes))


def _name(request: Message) -> str:
    return request.text("Command")


def _error(word: str, description: str) -> dict[str, Plist]:
    return {"Error": word, "ErrorDescription": description, "ErrorDetail": -402653103}


def _refusal(request: Message, word: str) -> Answer:
    del request
    return _error(word, word)
