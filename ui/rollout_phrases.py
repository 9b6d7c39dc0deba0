"""What the dashboard says: as of when, and what is behind a bar. No Qt here."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from provisioning.plain_text import one_line
from provisioning.readers.counts import AsOf, Count, Figures, Group


def as_of_words(as_of: AsOf) -> str:
    """Say as of when the figures are."""
    if not as_of.entries:
        return ""
    newest = datetime.fromisoformat(as_of.time).astimezone()
    desks = f" of {len(as_of.heads)} desks" if len(as_of.heads) > 1 else ""
    return f"As of {as_of.entries:,} entries{desks}, the newest of {newest.day} {newest:%b %Y, %H:%M}"


def behind_words(as_of: AsOf) -> str:
    """Say that newer entries may be missing, and why; empty where none are."""
    return f"{as_of.behind} These are the figures of before; newer entries may be missing." if as_of.behind else ""


def behind_title(group: Group, count: Count, found: Figures) -> str:
    """Say what entries are behind a bar."""
    label = one_line(count.label, 60)
    match group:
        case Group.DAY | Group.WEEK:
            return f"Issued, {label}: {count.number:,}"
        case Group.READY:
            return f"{label}, verified clear and here: {count.number:,}"
        case Group.FINDING:
            return f"Open finding “{label}”: {count.number:,}"
        case Group.PERMIT:
            return f"Permit {label}, {one_line(count.detail, 80)}"
        case _:
            return f"{label}, issued from {_day(found.first)} to {_day(found.last)}: {count.number:,}"


def days_of(group: Group, count: Count, found: Figures) -> tuple[date, date]:
    """Give the first and the last day that a bar counts."""
    if group is Group.WEEK:
        first = date.fromordinal(int(count.key))
        return first, min(found.last, first + timedelta(days=6 - first.weekday()))
    return found.first, found.last


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
