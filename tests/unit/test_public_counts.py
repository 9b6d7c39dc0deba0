"""Counts for the public: no small one can be computed from what is published, even by whoever knows all the others."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from provisioning.readers.public_counts import SMALL, SUPPRESSED, hidden_in, published, rounded, total

MOST = 20
"""A table that comes to no more than this has all the tables that could stand for it among those that are tried."""


def known(counts: Mapping[str, int]) -> tuple[object, ...]:
    """Give what somebody knows who has the exact total, and exactly every count that is not suppressed."""
    hidden = hidden_in(counts)
    shown = tuple((name, None if name in hidden else count) for name, count in sorted(counts.items()) if count)
    return shown, sum(counts.values())


def test_every_small_count_could_be_several_whatever_else_is_known() -> None:
    """Exhaustive over tables of up to three counts: those that look alike are told apart by nobody."""
    for names in ("a", "ab", "abc"):
        alike: dict[tuple[object, ...], list[tuple[int, ...]]] = defaultdict(list)
        for numbers in itertools.product(range(MOST + 1), repeat=len(names)):
            if SMALL <= sum(numbers) <= MOST:
                alike[known(dict(zip(names, numbers, strict=True)))].append(numbers)
        for tables in alike.values():
            for column in zip(*tables, strict=True):
                small = [count for count in column if 0 < count < SMALL]
                assert not small or len(set(column)) >= 3, tables


@given(st.dictionaries(st.text(min_size=1, max_size=6), st.integers(0, 400), max_size=12))
def test_no_small_count_is_published_and_the_suppressed_ones_hide_each_other(counts: dict[str, int]) -> None:
    told = published(counts)
    hidden = [counts[name] for name, said in told.items() if said == SUPPRESSED]
    for name, said in told.items():
        assert said == SUPPRESSED or (isinstance(said, int) and said >= SMALL and abs(said - counts[name]) < SMALL)
    if hidden and any(said != SUPPRESSED for said in told.values()):
        assert len(hidden) >= 2
        assert sum(hidden) >= 2 * SMALL
    assert set(told) == {name for name, count in counts.items() if count}


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(SMALL, 400), min_size=2))
def test_which_others_are_suppressed_says_nothing_of_their_size(counts: dict[str, int]) -> None:
    first = min(counts)
    small = {**counts, first: 3}
    rest = sorted(counts)[1:]
    turned = {**small, **dict(zip(rest, [small[name] for name in reversed(rest)], strict=True))}
    if len(hidden_in(small)) == 2 and small[rest[0]] + 3 >= 2 * SMALL <= turned[rest[0]] + 3:
        assert hidden_in(small) == hidden_in(turned)


def test_totals_are_rounded_and_small_ones_are_not_given() -> None:
    assert [total(count) for count in (0, 1, 4, 5, 7, 8)] == [0, "fewer than 5", "fewer than 5", 5, 5, 10]
    assert rounded(30_654) == 30_655
