"""What an entry says that erases the personal fields of others; the store acts upon it in the same transaction.

Body: ``{"rule": text, "day": "2026-03-01", "erased": [{"desk": UUID, "numbers": [12, 17, …]}], …}``. Kind
``lawfully_erased`` decides and erases; ``erasure_applied`` does in a desk's own file what was decided elsewhere, or
before a backup that was put back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from provisioning.canonical import Json
from provisioning.ledger.entry import Entry

MOST_IN_ONE_ENTRY = 2000
"""Records that one entry names; their numbers need 16 kB."""


@dataclass(frozen=True, slots=True)
class Erasing:
    """Which records (desk, number) lose their personal fields, under which rule; ``time`` is a day, ISO 8601."""

    records: tuple[tuple[str, int], ...]
    rule: str
    time: str


def erasure_body(records: Iterable[tuple[str, int]], rule: str, day: str) -> dict[str, Json]:
    """Give the members of a body that :func:`parse_erasure` reads."""
    by_desk: dict[str, list[int]] = {}
    for desk, number in sorted(records):
        by_desk.setdefault(desk, []).append(number)
    erased: list[Json] = [{"desk": desk, "numbers": numbers} for desk, numbers in by_desk.items()]
    return {"rule": rule, "day": day, "erased": erased}


def parse_erasure(entry: Entry) -> Erasing:
    """Read what an entry erases. Raises ValueError where it says nothing of the kind."""
    body = entry.body
    said, rule, day = body.get("erased"), body.get("rule"), body.get("day")
    if not isinstance(said, Sequence) or isinstance(said, str) or not isinstance(rule, str):
        raise ValueError("an entry that erases names rule and records")  # noqa: TRY004  # as everywhere for JSON
    records: list[tuple[str, int]] = []
    for part in said:
        numbers = part.get("numbers") if isinstance(part, Mapping) else None
        if not isinstance(part, Mapping) or not isinstance(numbers, Sequence) or isinstance(numbers, str):
            raise ValueError("records are named by desk and numbers")  # noqa: TRY004  # likewise
        records += [(str(part.get("desk")), number) for number in numbers if isinstance(number, int)]
    return Erasing(tuple(records), rule, day if isinstance(day, str) else entry.time)
