"""Where a web app starts, out of its APK; and whatever bytes may come instead of one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.android.reading import Unreadable
from provisioning.android.web_manifest import read_start_address, same_site
from provisioning.virtual.android.apk.build import Manifest, build_apk
from provisioning.virtual.android.apk.signing import Signer

PACKAGE = "org.chromium.webapk.a0123456789abcdef_v2"


def web_apk(address: str | None) -> bytes:
    return build_apk(Manifest(PACKAGE, web_start_url=address), Signer.derived(PACKAGE))


WHOLE = web_apk("https://m.facebook.com/home?source=pwa#x")


def test_it_is_the_address_that_the_file_names() -> None:
    assert read_start_address(WHOLE) == "https://m.facebook.com/home?source=pwa#x"
    assert read_start_address(web_apk(None)) is None


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://", "https://a b", "ftp://x/", "https://" + "x" * 3000]
)
def test_what_is_no_address_is_unreadable(address: str) -> None:
    with pytest.raises(Unreadable):
        read_start_address(web_apk(address))


@pytest.mark.parametrize("data", [b"", b"no zip", WHOLE[:-30], WHOLE[: len(WHOLE) // 2]])
def test_a_cut_file_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_start_address(data)


@given(st.data())
def test_any_byte_changed_gives_an_address_or_is_unreadable(data: st.DataObject) -> None:
    broken = bytearray(WHOLE)
    broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_start_address(bytes(broken))
    except Unreadable:
        return
    assert found is None or found.startswith("http")


def test_sites_are_told_apart_by_their_host() -> None:
    assert same_site("https://M.facebook.com/a", "http://m.facebook.com/")
    assert not same_site("https://m.facebook.com/", "https://facebook.example/")
    assert not same_site("https://[x", "https://a/")
