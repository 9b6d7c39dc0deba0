"""Property lists from outside are read within bounds or refused, never half-read."""

from __future__ import annotations

import plistlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.apple import answers
from provisioning.apple.answers import Malformed

LEAVES = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF), max_size=20),
    st.booleans(),
    st.binary(),
    st.integers(-(2**63), 2**63),
)
KEYS = st.text(st.characters(min_codepoint=65, max_codepoint=90), min_size=1)
PLISTS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@given(st.binary(max_size=400))
def test_any_bytes_are_either_a_property_list_or_malformed(payload: bytes) -> None:
    for prefix in (b"", b"bplist00", b"<?xml version='1.0'?><plist>"):
        try:
            answers.decode(prefix + payload)
        except Malformed:
            continue


@given(PLISTS, st.integers(0, 200), st.integers(0, 255))
def test_a_damaged_binary_property_list_never_ends_in_another_error(value: object, at: int, byte: int) -> None:
    payload = bytearray(plistlib.dumps({"a": value}, fmt=plistlib.FMT_BINARY))
    payload[at % len(payload)] = byte
    try:
        answers.decode(bytes(payload))
    except Malformed:
        return


@given(PLISTS)
def test_what_was_written_is_read_back(value: object) -> None:
    message = {"value": value}
    assert answers.decode(answers.encode(message)) == message


def test_control_characters_in_a_name_do_not_hide_the_rest() -> None:
    payload = plistlib.dumps({"CFBundleDisplayName": "Quiz_", "CFBundleIdentifier": "org.quiz"}).replace(b"_", b"\x01")
    assert answers.decode(payload) == {"CFBundleDisplayName": "Quiz", "CFBundleIdentifier": "org.quiz"}


def test_deep_nesting_is_malformed() -> None:
    depth = 3000
    offsets = b"".join((8 + 3 * i).to_bytes(2, "big") for i in range(depth))
    objects = b"".join(b"\xa1" + ((i + 1) % depth).to_bytes(2, "big") for i in range(depth))
    trailer = bytes(6) + b"\x02\x02" + depth.to_bytes(8, "big") + bytes(8) + (8 + len(objects)).to_bytes(8, "big")
    with pytest.raises(Malformed):
        answers.decode(b"bplist00" + objects + offsets + trailer)


@pytest.mark.parametrize("value", [1, None, [], {1: 2}, {"a": 1, 2: 3}])
def test_what_is_no_dictionary_with_text_keys_is_refused(value: object) -> None:
    with pytest.raises(Malformed):
        answers.mapping(value)


def test_fields_of_another_type_read_as_missing() -> None:
    answer = {"text": 1, "number": True, "flag": "yes", "data": "bytes", "empty": ""}
    assert answers.text(answer, "text") is None
    assert answers.text(answer, "empty") is None
    assert answers.number(answer, "number") is None
    assert answers.flag(answer, "flag") is None
    assert answers.data(answer, "data") is None


def test_handsets_write_truth_as_numbers_too() -> None:
    assert answers.flag({"IsSupervised": 0}, "IsSupervised") is False
    assert answers.flag({"IsSupervised": 1}, "IsSupervised") is True
    assert answers.flag({"IsSupervised": 2}, "IsSupervised") is None


def test_an_endless_text_is_none_and_not_cut() -> None:
    assert answers.text({"id": "x" * 5000}, "id") is None


@pytest.mark.parametrize("value", ["InternalError", "x" * 5000, 7, None, ""])
def test_an_error_of_any_shape_is_an_error(value: object) -> None:
    assert answers.error({"Error": value})
    assert answers.error({"Status": "Complete"}) is None
