"""Hostile text becomes one bounded line in which nothing is invisible."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from provisioning.plain_text import one_line


def test_what_cannot_be_seen_is_spelt_out() -> None:
    assert one_line("Tik\u200bTok\u202e\x1b[31m\n") == "Tik\\u200bTok\\u202e\\x1b[31m\\x0a"


def test_ordinary_names_stay_as_they_are() -> None:
    assert one_line("Siân O’Brien, 警察, Ünal") == "Siân O’Brien, 警察, Ünal"


@given(st.text(alphabet=st.characters(), max_size=400), st.integers(1, 80))
def test_any_text_becomes_one_printable_bounded_line(text: str, limit: int) -> None:
    shown = one_line(text, limit)
    assert len(shown) <= limit + 1
    assert all(unicodedata.category(c) == "Zs" or unicodedata.category(c)[0] not in "CZ" for c in shown)
