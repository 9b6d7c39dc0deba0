"""The figures of a rollout, of a period and as of now, from the table that follows the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import cast

from provisioning.ledger.entry import Entry
from provisioning.readers.counts import ENDING, AsOf, Count, DeskRate, Figures, Group
from provisioning.readers.projection import Projection

_READY = "verdict = 'clear' AND out IS NULL AND missing IS NULL AND held = 0"


def first_day(table: Projection) -> date | None:
    """Give the day of the first handover; None where there was none."""
    found = table.ask("SELECT min(day) FROM issued")[0][0]
    return date.fromordinal(cast("int", found)) if found else None


def figures(table: Projection, first: date, last: date, today: date, as_of: AsOf | None = None) -> Figures:
    """Count. ``as_of`` is what following the ledger gave just now; None: it is not asked again."""
    days = (first.toordinal(), last.toordinal())
    names = dict(cast("list[tuple[str, str]]", table.ask("SELECT desk, name FROM chains")))
    issued = {
        group: _counted(
            table,
            "SELECT value, sum(number) FROM sums WHERE what = ? AND day BETWEEN ? AND ? GROUP BY 1",
            (group, *days),
        )
        for group in ("unit", "model", "body")
    }
    reasons = _counted(table, "SELECT reason, count(*) FROM returned WHERE day BETWEEN ? AND ? GROUP BY 1", days)
    rows = table.ask("SELECT day, number FROM sums WHERE what = 'day' AND day BETWEEN ? AND ?", days)
    per_day = dict(cast("list[tuple[int, int]]", rows))
    now = today.toordinal()
    return Figures(
        as_of=as_of or table.as_of(),
        first=first,
        last=last,
        issued=sum(per_day.values()),
        returned=sum(one.number for one in reasons),
        reasons=reasons,
        in_use=_one(table, "SELECT count(*) FROM handsets WHERE out IS NOT NULL"),
        ready=_one(table, f"SELECT count(*) FROM handsets WHERE {_READY}"),
        permits_in_force=_one(
            table, "SELECT count(*) FROM permits WHERE revoked = 0 AND ? BETWEEN since AND until", (now,)
        ),
        by_day=tuple(_day(day, per_day.get(day, 0)) for day in range(days[0], days[1] + 1)),
        by_unit=issued["unit"],
        by_model=issued["model"],
        by_body=issued["body"],
        ready_stock=_counted(table, f"SELECT model, count(*) FROM handsets WHERE {_READY} GROUP BY 1"),
        findings=_counted(
            table, "SELECT rule, count(*) FROM handsets WHERE verdict <> 'clear' GROUP BY 1"
        ),
        permits=_running_out(table, now),
        desks=_desks(table, days, names),
    )  # fmt: skip


def behind(table: Projection, group: Group, key: str, first: date, last: date, limit: int = 500) -> list[Entry]:
    """Read the entries that a bar counts from the ledger, the newest first, ``limit`` at most.

    Raises LedgerError, LedgerUnreachable.
    """
    days = (first.toordinal(), last.toordinal())
    column = {Group.UNIT: "unit", Group.MODEL: "model", Group.BODY: "body", Group.DESK: "desk"}
    match group:
        case Group.DAY:
            question, values = "SELECT place FROM issued WHERE day = ?", (int(key),)
        case Group.READY:
            question, values = f"SELECT verified FROM handsets WHERE {_READY} AND model = ?", (key,)
        case Group.FINDING:
            question = "SELECT verified FROM handsets WHERE verdict <> 'clear' AND rule = ?"
            values = (key,)
        case Group.PERMIT:
            question, values = "SELECT place FROM permits WHERE reference = ?", (key,)
        case Group.WEEK:
            question, values = "SELECT place FROM issued WHERE day BETWEEN ? AND ?", days
        case _:
            question = f"SELECT place FROM issued WHERE day BETWEEN ? AND ? AND {column[group]} = ?"
            values = (*days, key)
    rows = table.ask(f"SELECT DISTINCT * FROM ({question}) ORDER BY 1 DESC LIMIT ?", (*values, limit))
    places = [cast("int", place) for (place,) in rows if place is not None]
    return list(reversed(table.entries_at(places)))


def _counted(table: Projection, question: str, values: Sequence[object] = ()) -> tuple[Count, ...]:
    rows = [(str(key), cast("int", number)) for key, number in table.ask(question, values)]
    return tuple(Count(key, key, number) for key, number in sorted(rows, key=lambda one: (-one[1], one[0])))


def _one(table: Projection, question: str, values: Sequence[object] = ()) -> int:
    return cast("int", table.ask(question, values)[0][0])


def _day(ordinal: int, number: int) -> Count:
    day = date.fromordinal(ordinal)
    return Count(str(ordinal), f"{day:%a} {day.day} {day:%b %Y}", number)


def _running_out(table: Projection, today: int) -> tuple[Count, ...]:
    rows = table.ask(
        "SELECT reference, family, until FROM permits WHERE revoked = 0 AND since <= ? AND until BETWEEN ? AND ? "
        "ORDER BY until, reference",
        (today, today, today + ENDING),
    )
    return tuple(
        Count(str(reference), f"{reference} · {family}", cast("int", until) - today,
              f"{family} until {date.fromordinal(cast('int', until)).isoformat()}")
        for reference, family, until in rows
    )  # fmt: skip


def _desks(table: Projection, days: tuple[int, int], names: dict[str, str]) -> tuple[DeskRate, ...]:
    rows = table.ask(
        "SELECT desk, sum(issued), sum(returned), sum(ready), sum(walked), count(*) FROM hours "
        "WHERE day BETWEEN ? AND ? GROUP BY desk",
        days,
    )
    found = [
        DeskRate(str(desk), names.get(str(desk)) or str(desk), *cast("list[int]", numbers)) for desk, *numbers in rows
    ]
    return tuple(sorted(found, key=lambda one: _in_order(one.name)))


def _in_order(name: str) -> tuple[object, ...]:
    """Order “Desk 10” after “Desk 9”."""
    digits = "".join(letter for letter in name if letter.isdigit())
    return (name.rstrip("0123456789 "), int(digits) if digits else 0, name)
