"""Web clips are found wherever they lie on the home screen, and nothing there is passed over in silence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.apple.answers import Malformed
from provisioning.apple.icons import clips_of
from provisioning.inventory import WebClip

APP = {
    "bundleIdentifier": "com.apple.mobilephone",
    "displayIdentifier": "com.apple.mobilephone",
    "displayName": "Phone",
}
CLIP = {"displayIdentifier": "0FA1", "displayName": "TikTok", "webClipURL": "https://www.tiktok.com/"}
PIN = {"displayIdentifier": "0FA2", "displayName": "Insta"}
WIDGET: dict[str, object] = {
    "iconType": "custom",
    "elementType": "widget",
    "containerBundleIdentifier": "com.apple.weather",
    "iconLists": [],
}
TWICE = {"displayIdentifier": "UUID", "iconType": "app", "bundleIdentifier": "com.apple.news", "displayName": "News"}


def test_a_plain_home_screen_has_no_web_clip() -> None:
    assert clips_of([[APP], [APP, TWICE, WIDGET], [0, False, ""]]) == ((), ())


def test_web_clips_are_found_on_pages_in_folders_and_in_stacks() -> None:
    folder: dict[str, object] = {"displayName": "Fun", "listType": "folder", "iconLists": [[APP, CLIP]]}
    stack: dict[str, object] = {"iconType": "custom", "elements": [WIDGET, CLIP]}
    clips, unread = clips_of([[CLIP], [folder, stack]])
    assert clips == (WebClip("TikTok", "https://www.tiktok.com/"),) * 3
    assert unread == ()


def test_a_clip_that_does_not_say_where_it_leads_still_counts() -> None:
    assert clips_of([[], [PIN]])[0] == (WebClip("Insta", ""),)


@pytest.mark.parametrize("icon", [{}, {"iconModDate": 1}, "icon", 7, b"x"])
def test_what_is_not_understood_is_said(icon: object) -> None:
    _, unread = clips_of([[icon]])
    assert "1 icons of an unknown kind" in unread[0].why


def test_a_home_screen_within_itself_is_refused() -> None:
    page: list[object] = []
    page.append(page)
    with pytest.raises(Malformed):
        clips_of([page])


def test_a_small_answer_that_unfolds_into_billions_is_refused() -> None:
    page: list[object] = [APP]
    for _ in range(10):
        page = [page] * 10
    with pytest.raises(Malformed):
        clips_of([page])


LEAVES = st.none() | st.booleans() | st.integers() | st.text() | st.just(APP) | st.just(CLIP)
KEYS = st.sampled_from(["iconLists", "elements", "displayName", "x"])


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner)))
def test_any_shape_is_read_or_malformed(state: object) -> None:
    try:
        clips_of(state)
    except Malformed:
        return
