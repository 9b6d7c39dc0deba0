"""What a virtual iPhone says is on it: the app list with its blind spots, the Home screen, and the small services."""

from __future__ import annotations

import asyncio
import json
import plistlib
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from virtual_iphone_bench import (
    Host,
    Link,
    Plist,
    escalated,
    profile,
    rack_of,
    restrictions,
    supervision,
)

PROXY = "com.apple.mobile.installation_proxy"
ALL = {"ShowLaunchProhibitedApps": True, "ShowPlaceholders": True, "ShowAppClips": True}
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "ios" / "browse_real_ios11.json"


async def browse(link: Link, **options: Any) -> list[Plist]:
    """Browse to the end; every step is checked for its place and size."""
    await link.tell({"Command": "Browse", "ClientOptions": options})
    found: list[Plist] = []
    while (step := await link.hear())["Status"] != "Complete":
        assert step["Status"] == "BrowsingApplications"
        assert (step["CurrentIndex"], step["CurrentAmount"]) == (len(found), len(step["CurrentList"]))
        assert 0 < step["CurrentAmount"] <= 10
        found += step["CurrentList"]
    return found


def ids(apps: list[Plist]) -> set[str]:
    return {app["CFBundleIdentifier"] for app in apps}


async def lock_down(host: Host, **keys: Any) -> None:
    """Supervise the phone and restrict it."""
    await (await host.mcinstall()).ask(supervision())
    body = profile("org.example.lock", restrictions(**keys))
    answer = await (await escalated(host)).ask({"RequestType": "InstallProfileSilent", "Payload": body})
    assert answer == {"Status": "Acknowledged"}


async def test_the_default_view_hides_what_must_be_found(tmp_path: Path) -> None:
    apps = ["com.zhiliaoapp.musically", "com.example.plain"]
    faults = ["offloaded app=com.burbn.instagram", "app-clip app=com.example.clip", "downloading app=com.example.late"]
    async with rack_of(tmp_path, faults=faults, apps=apps) as (host, _):
        await lock_down(host, blockedAppBundleIDs=["com.zhiliaoapp.musically"])
        link = await host.service(PROXY)
        hidden = {"com.zhiliaoapp.musically", "com.burbn.instagram", "com.example.clip", "com.example.late"}
        assert ids(await browse(link)) & {*hidden, "com.example.plain"} == {"com.example.plain"}
        assert hidden < ids(await browse(link, **ALL))
        by_presence = await browse(link, ShowLaunchProhibitedApps=False, ShowPlaceholders=0, ShowAppClips="no")
        assert ids(by_presence) == ids(await browse(link, **ALL))
        assert "com.zhiliaoapp.musically" in ids(await browse(link, ShowLaunchProhibitedApps=True))
        assert "com.burbn.instagram" not in ids(await browse(link, ShowLaunchProhibitedApps=True))


async def test_placeholders_come_last_and_say_what_they_are(tmp_path: Path) -> None:
    async with rack_of(tmp_path, faults=["offloaded app=com.burbn.instagram"], apps=["com.example.a"]) as (host, _):
        *others, last = await browse(await host.service(PROXY), **ALL)
        assert last["CFBundleIdentifier"] == "com.burbn.instagram"
        assert (last["IsPlaceholder"], last["IsDemotedApp"]) == (True, True)
        assert not any(app.get("IsPlaceholder") for app in others)


async def test_an_allow_list_hides_the_rest_but_not_settings(tmp_path: Path) -> None:
    async with rack_of(tmp_path, apps=["com.example.a", "com.example.b"]) as (host, _):
        await lock_down(host, allowListedAppBundleIDs=["com.example.a"])
        shown = ids(await browse(await host.service(PROXY)))
        assert shown == {"com.example.a", "com.apple.Preferences", "com.apple.mobilephone"}


@pytest.mark.parametrize(
    ("kind", "user", "system"),
    [("User", True, False), ("System", False, True), ("Any", True, True), ("Internal", False, False)],
)
async def test_application_types(tmp_path: Path, kind: str, user: bool, system: bool) -> None:
    async with rack_of(tmp_path, apps=["com.example.a"]) as (host, _):
        found = ids(await browse(await host.service(PROXY), ApplicationType=kind))
        assert ("com.example.a" in found, "com.apple.mobilesafari" in found) == (user, system)


async def test_an_unknown_type_is_an_empty_list_and_no_error(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        assert await browse(await host.service(PROXY), ApplicationType="Filesharing") == []


async def test_store_metadata_comes_only_when_asked_for_and_only_for_store_apps(tmp_path: Path) -> None:
    faults = ["side-loaded app=com.example.side"]
    async with rack_of(tmp_path, faults=faults, apps=["com.atebits.Tweetie2"]) as (host, _):
        link = await host.service(PROXY)
        assert not any("iTunesMetadata" in app for app in await browse(link))
        wanted = ["CFBundleIdentifier", "iTunesMetadata", "SignerIdentity", "StaticDiskUsage", "ProfileValidated"]
        apps = {app["CFBundleIdentifier"]: app for app in await browse(link, ReturnAttributes=wanted)}
        store, side = apps["com.atebits.Tweetie2"], apps["com.example.side"]
        metadata = plistlib.loads(store["iTunesMetadata"])
        assert (metadata["genre"], metadata["genreId"], metadata["itemId"]) == ("News", 6009, 333903271)
        assert store["SignerIdentity"] == "Apple iPhone OS Application Signing"
        assert "iTunesMetadata" not in side
        assert side["SignerIdentity"].startswith("iPhone Developer: ")
        assert side["ProfileValidated"] is True
        assert apps["com.apple.mobilesafari"] == {"CFBundleIdentifier": "com.apple.mobilesafari"}
        one = await browse(link, ReturnAttributes="CFBundleIdentifier")
        assert all(app.keys() == {"CFBundleIdentifier"} for app in one)
        assert ids(await browse(link, Attribute=["ProfileValidated"])) == {"com.example.side"}
        assert ids(await browse(link, BundleIDs=["com.example.side"])) == {"com.example.side"}


async def test_lookup_gives_the_same_by_identifier(tmp_path: Path) -> None:
    async with rack_of(tmp_path, faults=["offloaded app=com.burbn.instagram"]) as (host, _):
        link = await host.service(PROXY)
        options: dict[str, Any] = {"BundleIDs": ["com.burbn.instagram", "com.apple.facetime"], "ApplicationType": "Any"}
        answer = await link.ask({"Command": "Lookup", "ClientOptions": options})
        assert set(answer["LookupResult"]) == {"com.apple.facetime"}
        assert "Social Networking" in answer["LookupResult"]["com.apple.facetime"]["SBMatchingApplicationGenres"]
        answer = await link.ask({"Command": "Lookup", "ClientOptions": {**options, "ShowPlaceholders": False}})
        assert set(answer["LookupResult"]) == {"com.apple.facetime", "com.burbn.instagram"}


async def test_uninstalling(tmp_path: Path) -> None:
    async with rack_of(tmp_path, apps=["com.example.a", "com.example.b"]) as (host, phone):
        link = await host.service(PROXY)

        async def uninstall(bundle_id: str) -> list[str]:
            await link.tell({"Command": "Uninstall", "ApplicationIdentifier": bundle_id, "ClientOptions": {}})
            said: list[str] = []
            while True:
                answer = await link.hear()
                said.append(answer.get("Status") or answer["Error"])
                if "Error" in answer or answer["Status"] == "Complete":
                    return said

        assert await uninstall("com.example.a") == ["RemovingApplication", "GeneratingApplicationMap", "Complete"]
        assert phone.apps.find("com.example.a") is None
        assert await uninstall("com.example.a") == ["APIInternalError"]
        assert await uninstall("com.apple.Preferences") == ["UninstallProhibited"]
        assert (await link.ask({"Command": "Install", "PackagePath": "x"}))["Error"] == "PackageInspectionFailed"
        await lock_down(host, allowAppRemoval=False, allowAppInstallation=False)
        assert await uninstall("com.example.b") == ["UninstallProhibited"]
        assert (await link.ask({"Command": "Install", "PackagePath": "x"}))["Error"] == "InstallProhibited"


@pytest.mark.skipif(not REAL.exists(), reason="the reference data is not beside the repository")
async def test_a_real_phones_apps_put_on_a_virtual_one_all_come_back(tmp_path: Path) -> None:
    real = json.loads(REAL.read_text())
    async with rack_of(tmp_path, profile="iphone-se-3") as (host, phone):
        for app in real:
            neutral = {"id": app["CFBundleIdentifier"], "system": app["ApplicationType"] == "System"}
            phone.install({**neutral, "signer": app.get("SignerIdentity"), "attributes": app})
        found = {app["CFBundleIdentifier"]: app for app in await browse(await host.service(PROXY), **ALL)}
        for app in real:
            got = found[app["CFBundleIdentifier"]]
            assert {key: got[key] for key in app} == app


async def test_two_hundred_and_fifty_apps_arrive(tmp_path: Path) -> None:
    async with rack_of(tmp_path, faults=["many-apps count=250"]) as (host, _):
        assert len(await browse(await host.service(PROXY), ApplicationType="User")) == 250


@pytest.mark.parametrize("name", ["iphone-se-3", "iphone-13", "iphone-15", "iphone-17", "ipad-10", "ipad-pro"])
async def test_every_model_comes_with_its_own_apps(tmp_path: Path, name: str) -> None:
    async with rack_of(tmp_path, profile=name) as (host, _):
        apps = await browse(await host.service(PROXY), **ALL)
        found = ids(apps)
        assert 75 <= len(found) <= 110
        assert ("com.apple.mobilephone" in found) is (name != "ipad-10")
        assert ("com.apple.Photo-Booth" in found) is name.startswith("ipad")
        assert ("com.apple.Passwords" in found) is (name != "iphone-se-3")
        assert any("hidden" in app.get("SBAppTags", []) for app in apps)


async def test_web_clips_have_an_address_and_no_bundle_identifier(tmp_path: Path) -> None:
    async with rack_of(tmp_path, apps=["com.example.a"], web_clips=["https://www.tiktok.com/foryou"]) as (host, _):
        await lock_down(host)
        clip = {"PayloadType": "com.apple.webClip.managed", "URL": "https://force.example", "Label": "Force"}
        body = profile("org.example.clip", clip)
        await (await escalated(host)).ask({"RequestType": "InstallProfileSilent", "Payload": body})
        pages = await icon_state(host)
        clips = {icon["webClipURL"]: icon for page in pages for icon in page if "webClipURL" in icon}
        assert set(clips) == {"https://www.tiktok.com/foryou", "https://force.example"}
        assert all("bundleIdentifier" not in icon for icon in clips.values())
        assert clips["https://force.example"]["displayName"] == "Force"
        assert [icon["bundleIdentifier"] for icon in pages[0]][:2] == [
            "com.apple.mobilephone",
            "com.apple.mobilesafari",
        ]
        kinds = {icon.get("listType") or icon.get("elementType") or "icon" for page in pages for icon in page}
        assert kinds == {"folder", "widget", "icon"}


async def test_the_home_screen_is_no_list_of_apps(tmp_path: Path) -> None:
    faults = ["app-library app=com.example.hidden", "icon-twice app=com.example.twice", "web-clip url=/ title=Odd"]
    async with rack_of(tmp_path, faults=faults, apps=["com.example.twice", "com.burbn.instagram"]) as (host, phone):
        await lock_down(
            host, blockedAppBundleIDs=["com.burbn.instagram", "com.apple.webapp"], allowUIAppInstallation=False
        )
        icons = [icon for page in await icon_state(host) for icon in page]
        named = [icon.get("bundleIdentifier") for icon in icons]
        assert named.count("com.example.twice") == 2
        assert not {"com.example.hidden", "com.burbn.instagram", "com.apple.AppStore"} & set(named)
        assert not any("webClipURL" in icon for icon in icons)
        assert phone.apps.find("com.burbn.instagram") is not None


async def test_forbidding_app_clips_deletes_those_that_are_there(tmp_path: Path) -> None:
    async with rack_of(tmp_path, faults=["app-clip app=com.example.clip"]) as (host, phone):
        await lock_down(host, allowAppClips=False)
        assert phone.apps.find("com.example.clip") is None


async def test_springboard_answers_in_binary_or_with_nothing(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        link = await host.service("com.apple.springboardservices")
        await link.tell({"command": "getIconState", "formatVersion": "2"})
        assert (await link.hear_raw()).startswith(b"bplist00")
        assert (await link.ask({"command": "getIconPNGData", "bundleId": "com.apple.AppStore"}))["pngData"]
        await link.tell({"command": "getIconPNGData", "bundleId": "org.nobody"})
        assert await link.hear_raw() == b""
        await link.tell({"command": "dance"})
        assert await link.ended()


async def test_activation_is_told_once_a_connection(tmp_path: Path) -> None:
    async with rack_of(tmp_path, "unactivated") as (host, phone):
        link = await host.service("com.apple.mobileactivationd")
        assert await link.ask({"Command": "GetActivationStateRequest"}) == {"Value": "Unactivated"}
        assert await link.ended()
        phone.activate()
        link = await host.service("com.apple.mobileactivationd")
        assert await link.ask({"Command": "GetActivationStateRequest"}) == {"Value": "Activated"}
        link = await host.service("com.apple.mobileactivationd")
        assert "Error" in await link.ask({"Command": "CreateTunnel1SessionInfoRequest"})


async def test_diagnostics(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.service("com.apple.mobile.diagnostics_relay")
        gauge = (await link.ask({"Request": "GasGauge"}))["Diagnostics"]["GasGauge"]
        assert gauge["StateOfCharge"] == phone.battery_percent
        deprecated = {"MobileGestalt": {"Status": "MobileGestaltDeprecated"}}
        assert (await link.ask({"Request": "MobileGestalt"}))["Diagnostics"] == deprecated
        assert await link.ask({"Request": "Dance"}) == {"Status": "UnknownRequest"}
        assert await link.ask({"Request": "Restart"}) == {"Status": "Success"}
        assert await link.ask({"Request": "Goodbye"}) == {"Status": "Success"}
        assert await host.devices() == [] or await link.ended()


async def test_notifications_are_relayed_to_who_observes_them(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.service("com.apple.mobile.notification_proxy")
        await link.tell({"Command": "ObserveNotification", "Name": "com.example.wake"})
        await link.tell({"Command": "PostNotification", "Name": "com.example.wake"})
        assert await link.hear() == {"Command": "RelayNotification", "Name": "com.example.wake"}
        assert await link.ask({"Command": "Shutdown"}) == {"Command": "ProxyDeath"}
        stranger = await host.connect()
        answer = await stranger.ask(
            {"Request": "StartService", "Service": "com.apple.mobile.insecure_notification_proxy"}
        )
        assert "EnableServiceSSL" not in answer
        insecure = await host.connect(answer["Port"])
        for name in ("com.example.wake", "com.apple.mobile.lockdown.request_pair"):
            await insecure.tell({"Command": "ObserveNotification", "Name": name})
        hearing = asyncio.create_task(insecure.hear())
        while not hearing.done():
            phone.notify("com.example.wake")
            phone.notify("com.apple.mobile.lockdown.request_pair")
            await asyncio.sleep(0.01)
        assert (await hearing)["Name"] == "com.apple.mobile.lockdown.request_pair"


async def test_the_media_folder_takes_the_empty_file_of_go_ios(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.service("com.apple.afc")
        path = b"iTunes_Control/iTunes/SkipSetup"
        assert await _afc(link, 0x22, path) == (1, struct.pack("<Q", 8))
        assert await _afc(link, 0x09, b"iTunes_Control/iTunes\0") == (1, struct.pack("<Q", 0))
        kind, handle = await _afc(link, 0x0D, struct.pack("<Q", 3) + path + b"\0")
        assert kind == 0x0E
        assert await _afc(link, 0x10, handle, b"hello") == (1, struct.pack("<Q", 0))
        assert await _afc(link, 0x14, handle) == (1, struct.pack("<Q", 0))
        assert phone.media["iTunes_Control/iTunes/SkipSetup"] == b"hello"
        kind, listing = await _afc(link, 0x03, b"iTunes_Control/iTunes")
        assert listing.split(b"\0")[:-1] == [b".", b"..", b"SkipSetup"]
        kind, info = await _afc(link, 0x0A, path)
        assert b"st_size\x005\x00" in info
        _, handle = await _afc(link, 0x0D, struct.pack("<Q", 1) + path)
        assert (await _afc(link, 0x0F, handle + struct.pack("<Q", 3)))[1] == b"hel"
        assert (await _afc(link, 0x0F, handle + struct.pack("<Q", 9)))[1] == b"lo"
        assert await _afc(link, 0x77, b"") == (1, struct.pack("<Q", 2))


async def icon_state(host: Host) -> list[list[Mapping[str, Any]]]:
    """Read the Home screen."""
    link = await host.service("com.apple.springboardservices")
    return await link.ask({"command": "getIconState", "formatVersion": "2"})


async def _afc(link: Link, operation: int, head: bytes, payload: bytes = b"") -> tuple[int, bytes]:
    size = 40 + len(head)
    link.writer.write(struct.pack("<8sQQQQ", b"CFA6LPAA", size + len(payload), size, 1, operation) + head + payload)
    async with asyncio.timeout(5):
        magic, entire, _, _, kind = struct.unpack("<8sQQQQ", await link.reader.readexactly(40))
        assert magic == b"CFA6LPAA"
        return kind, await link.reader.readexactly(entire - 40)
