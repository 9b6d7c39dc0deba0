"""Entries of a Browse become apps without losing what tells a social app."""

from __future__ import annotations

import json
import plistlib
from pathlib import Path

import pytest

from provisioning.apple import apps
from provisioning.apple.answers import Malformed
from provisioning.apple.apps import Progress, app_of
from provisioning.errors import HandsetRefused
from provisioning.inventory import Presence

REAL_BROWSE = Path(__file__).parents[3] / "shared" / "data" / "ios" / "browse_real_ios11.json"

TIKTOK = {
    "CFBundleIdentifier": "com.zhiliaoapp.musically",
    "CFBundleName": "musically",
    "CFBundleDisplayName": "TikTok",
    "CFBundleShortVersionString": "40.1.0",
    "ApplicationType": "User",
    "SignerIdentity": "Apple iPhone OS Application Signing",
    "CFBundleURLTypes": [{"CFBundleURLSchemes": ["snssdk1233", "tiktok", "snssdk1233"]}, {"CFBundleURLName": "x"}],
    "Entitlements": {
        "com.apple.developer.associated-domains": [
            "applinks:www.tiktok.com?mode=developer", "webcredentials:tiktok.com", "applinks:*.vm.tiktok.com", 7
        ]
    },
    "iTunesMetadata": plistlib.dumps({"itemId": 835599320, "genre": "Entertainment", "genreId": 6016}),
}  # fmt: skip


def _take(progress: Progress, **message: object) -> None:
    apps.take(plistlib.dumps(message), progress)


def test_everything_that_tells_an_app_is_kept() -> None:
    app = app_of(TIKTOK)
    assert app is not None
    assert (app.id, app.name, app.version) == ("com.zhiliaoapp.musically", "TikTok", "40.1.0")
    assert app.system is False
    assert (app.store_item_id, app.store_genre, app.store_genre_id) == (835599320, "Entertainment", 6016)
    assert app.url_schemes == ("snssdk1233", "tiktok")
    assert app.link_domains == ("www.tiktok.com", "vm.tiktok.com")
    assert app.presence is Presence.INSTALLED


@pytest.mark.parametrize(
    ("key", "presence"),
    [
        ("IsDemotedApp", Presence.OFFLOADED),
        ("IsPlaceholder", Presence.PLACEHOLDER),
        ("IsAppClip", Presence.APP_CLIP),
    ],
)
def test_an_app_that_is_not_simply_installed_says_so(key: str, presence: Presence) -> None:
    app = app_of({**TIKTOK, key: True})
    assert app is not None
    assert app.presence is presence


@pytest.mark.parametrize("metadata", [b"", b"rubbish", plistlib.dumps(["a list"]), "text"])
def test_store_metadata_that_cannot_be_read_does_not_hide_the_app(metadata: object) -> None:
    app = app_of({**TIKTOK, "iTunesMetadata": metadata})
    assert app is not None
    assert app.store_genre_id is None


def test_an_entry_without_identifier_is_counted_not_dropped() -> None:
    progress = Progress()
    _take(progress, Status="BrowsingApplications", CurrentIndex=0, CurrentAmount=1, CurrentList=[{"Path": "/x"}])
    assert progress.nameless == 1


@pytest.mark.parametrize(
    "message",
    [
        {"Status": "BrowsingApplications", "CurrentIndex": 0, "CurrentAmount": 2, "CurrentList": [TIKTOK]},
        {"Status": "BrowsingApplications", "CurrentIndex": 1, "CurrentAmount": 1, "CurrentList": [TIKTOK]},
        {"Status": "BrowsingApplications", "CurrentList": "none"},
        {"Status": "BrowsingApplications", "CurrentList": ["text"]},
        {"Status": "Downloading"},
        {"CurrentList": [TIKTOK]},
        {},
    ],
)
def test_a_message_that_does_not_add_up_is_malformed(message: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        _take(Progress(), **message)


def test_an_error_is_a_refusal_with_the_handset_s_words() -> None:
    with pytest.raises(HandsetRefused, match="APIInternalError: database"):
        _take(Progress(), Error="APIInternalError", ErrorDescription="database is locked")


def test_apps_may_come_with_the_last_message() -> None:
    progress = Progress()
    _take(progress, Status="Complete", CurrentIndex=0, CurrentAmount=1, CurrentList=[TIKTOK])
    assert progress.complete
    assert [app.id for app in progress.apps] == ["com.zhiliaoapp.musically"]


@pytest.mark.skipif(not REAL_BROWSE.exists(), reason="the reference data is not beside this repository")
def test_every_app_of_a_real_handset_arrives() -> None:
    entries = json.loads(REAL_BROWSE.read_text("utf-8"))
    read = [app_of(entry) for entry in entries]
    assert len(entries) == 96
    assert all(app is not None for app in read)
    found = {app.id: app for app in read if app is not None}
    assert "com.toyopagroup.picaboo" in found
    assert found["com.apple.facetime"].system is True
    assert found["com.apple.facetime"].store_genre is None
