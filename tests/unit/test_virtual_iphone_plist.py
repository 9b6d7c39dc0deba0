"""Property lists from anybody: read or refused, never a crash; XML put together from parts is the same XML."""

from __future__ import annotations

import plistlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.virtual.iphone.cms import NotSigned, open_signed
from provisioning.virtual.iphone.plist import (
    DEEPEST,
    Message,
    WireError,
    parse,
    parse_message,
    xml_element,
    xml_of_elements,
)
from provisioning.virtual.iphone.profiles import Refused, read_profile

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
_LEAF = _TEXT | st.booleans() | st.integers(-(2**31), 2**31) | st.binary(max_size=20)
_VALUES = st.recursive(_LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3))


@given(st.binary(max_size=500) | _TEXT.map(lambda text: b'<plist version="1.0">' + text.encode() + b"</plist>"))
def test_no_bytes_crash_the_readers(data: bytes) -> None:
    for read, refusal in ((parse, WireError), (parse_message, WireError), (read_profile, Refused)):
        try:
            read(data)
        except refusal:
            pass
    try:
        open_signed(data)
    except NotSigned:
        pass


@given(_VALUES, st.sampled_from([plistlib.FMT_XML, plistlib.FMT_BINARY]))
def test_what_can_be_written_is_read(value: Any, form: plistlib.PlistFormat) -> None:
    assert parse(b" \n" + plistlib.dumps(value, fmt=form)) == value


@given(st.lists(st.dictionaries(_TEXT, _VALUES, max_size=3), max_size=4), st.integers(0, 9))
def test_xml_from_parts_is_the_same_list(items: list[dict[str, Any]], index: int) -> None:
    head: dict[str, Any] = {"Status": "BrowsingApplications", "CurrentIndex": index}
    data = xml_of_elements(head, "CurrentList", [xml_element(item) for item in items])
    assert plistlib.loads(data) == {**head, "CurrentList": items}


def test_nesting_has_its_bounds() -> None:
    for depth, fits in ((DEEPEST - 2, True), (DEEPEST + 2, False), (5000, False)):
        data = b'<plist version="1.0">' + b"<array>" * depth + b"</array>" * depth + b"</plist>"
        if fits:
            parse(data)
        else:
            with pytest.raises(WireError):
                parse(data)


def test_entities_are_not_expanded() -> None:
    with pytest.raises(WireError):
        parse(b'<!DOCTYPE plist [<!ENTITY a "b">]><plist version="1.0"><string>&a;</string></plist>')


def test_getters_give_nothing_of_the_wrong_kind() -> None:
    message = Message({"text": 1, "data": "x", "number": "7", "table": [], "flag": 1, "texts": ["a", 1], "one": "a"})
    assert (message.text("text"), message.data("data"), message.number("number")) == ("", None, None)
    assert not message.table("table")
    assert message.flag("flag")
    assert (message.texts("texts"), message.texts("one"), message.texts("none")) == (None, ["a"], None)
