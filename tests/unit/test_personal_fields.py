"""Parting a body into what is signed in clear and what is sealed, for any body; and that no seal opens elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.canonical import canonical
from provisioning.ledger.entry import EntryKind
from provisioning.privacy.fields import PERSONAL, parted, rejoined
from provisioning.privacy.record_key import NotReadableError, key_id, open_pieces, seal_pieces, unwrap, wrap

WORDS = sorted({word for paths in PERSONAL.values() for path in paths for word in path} | {"number", "verdict"})
LEAF = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5)
NAMED = st.sampled_from(WORDS)
NESTED = st.recursive(LEAF, lambda one: st.lists(one, max_size=3) | st.dictionaries(NAMED, one), max_leaves=12)
BODY = st.dictionaries(NAMED, NESTED)
KEY, OTHER = bytes(range(32)), bytes(32)


def test_every_kind_of_entry_was_decided_upon() -> None:
    assert set(PERSONAL) == set(EntryKind)


@settings(max_examples=50)
@given(st.sampled_from(list(EntryKind)), BODY)
def test_a_body_that_was_parted_is_put_together_again_to_the_same_bytes(kind: EntryKind, body: dict[str, Any]) -> None:
    clear, pieces = parted(kind, body)
    assert canonical(rejoined(clear, pieces)) == canonical(body)
    assert parted(kind, clear) == (clear, []), "nothing personal is left"


@settings(max_examples=50)
@given(BODY, st.sampled_from(["desk", "number", "kind", "key", "data"]))
def test_what_is_sealed_opens_in_its_own_record_with_its_own_key_only(body: dict[str, Any], changed: str) -> None:
    pieces = parted(EntryKind.HANDED_OVER, {**body, "pictures": "p"})[1]
    sealed = seal_pieces(pieces, "d", 7, "handed_over", KEY)
    assert canonical([[list(path), one] for path, one in open_pieces(sealed, "d", 7, "handed_over", KEY)]) == canonical(
        [[list(path), one] for path, one in pieces]
    )
    place: dict[str, Any] = {"desk": "d", "number": 7, "kind": "handed_over", "key": KEY}
    other: dict[str, Any] = {"desk": "e", "number": 8, "kind": "returned", "key": OTHER}
    if changed == "data":
        data = str(sealed["data"])
        sealed = {**sealed, "data": ("A" if data[0] != "A" else "B") + data[1:]}
    else:
        place[changed] = other[changed]
    with pytest.raises(NotReadableError):
        open_pieces(sealed, place["desk"], place["number"], place["kind"], place["key"])


def test_a_record_key_is_wrapped_for_its_record() -> None:
    wrapped = wrap(KEY, OTHER, "d", 7)
    assert unwrap(wrapped, {key_id(OTHER): OTHER}, "d", 7) == KEY
    with pytest.raises(NotReadableError):
        unwrap(wrapped, {key_id(OTHER): OTHER}, "d", 8)
    with pytest.raises(KeyError):
        unwrap(wrapped, {key_id(KEY): KEY}, "d", 7)
