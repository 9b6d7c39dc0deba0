"""Counts that may be given to the public: nothing of a person, nothing from which a small number can be computed.

Theory of operation. A count from 1 to 4 may point at somebody, so it is suppressed. That alone hides nothing: whoever
subtracts the other counts from the total has it. So further counts of the table are suppressed with it, in the order of
the names and not by size (which of them was the smallest would tell something itself), until at least two are, with 10
or more between them. Then every small value that a suppressed count may have goes together with all that is published,
even for somebody who knows the exact total and every other count exactly. What is published is rounded to 5 besides.
All tables of one answer count the same handsets, so they share nothing but that total.
"""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.canonical import Json
from provisioning.readers.projection import Projection

SMALL = 5
"""Counts from 1 to below this are not published: with few people a number can name one (as UK bodies do for FOI)."""
TOGETHER = 2 * SMALL
"""How much the suppressed counts of a table come to at least, where the table has as much."""
SUPPRESSED = "suppressed"
NOTE = (
    f"“{SUPPRESSED}” stands for counts from 1 to {SMALL - 1}, and for others from which those could be computed. All "
    f"other numbers are rounded to {SMALL}. Give no two answers of days that lie close: their difference is small."
)  # fmt: skip


def public_counts(table: Projection) -> dict[str, Json]:
    """Give the answer: how many handsets were issued and are in use, by month, platform, model and body."""

    def one(question: str) -> int:
        return int(str(table.ask(question)[0][0]))

    def counted(question: str) -> dict[str, int]:
        return {str(name): int(str(number)) for name, number in table.ask(question)}

    return {
        "note": NOTE,
        "handsets_issued": total(one("SELECT count(*) FROM issued")),
        "handsets_in_use": total(one("SELECT count(*) FROM handsets WHERE out IS NOT NULL")),
        **{
            f"by_{name}": published(counted(f"SELECT {column}, count(*) FROM issued GROUP BY 1"))
            for name, column in (
                ("month", "strftime('%Y-%m', julianday('0001-01-01') + day - 1)"), ("platform", "platform"),
                ("model", "model"), ("body", "body"),
            )
        },
        "returned": published(counted("SELECT reason, count(*) FROM returned GROUP BY 1")),
    }  # fmt: skip


def published(counts: Mapping[str, int]) -> dict[str, Json]:
    """Give a table as it may be published, its names in order."""
    hidden = hidden_in(counts)
    return {name: SUPPRESSED if name in hidden else rounded(count) for name, count in sorted(counts.items()) if count}


def hidden_in(counts: Mapping[str, int]) -> frozenset[str]:
    """Give the names whose counts are suppressed."""
    names = sorted(name for name, count in counts.items() if count > 0)
    hidden = {name for name in names if counts[name] < SMALL}
    if not hidden:
        return frozenset()
    # From the first small one on and around: neighbours by name, which says nothing of their size.
    first = names.index(min(hidden))
    for name in names[first:] + names[:first]:
        if len(hidden) > 1 and sum(counts[one] for one in hidden) >= TOGETHER:
            break
        hidden.add(name)
    return frozenset(hidden)


def total(count: int) -> int | str:
    """Give a total as it may be published."""
    return f"fewer than {SMALL}" if 0 < count < SMALL else rounded(count)


def rounded(count: int) -> int:
    """Give a count rounded to :data:`SMALL`."""
    return SMALL * round(count / SMALL)
