"""ReadingActions from memory: the figures of a made-up year of a force, kept beside this file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from year_figures import read

from provisioning.errors import UsageError
from provisioning.printing.job import Job
from provisioning.readers.counts import AsOf, Count, DeskRate, Figures, Group
from provisioning.readers.found import Found, How, Match
from provisioning.readers.names import NameKind
from ui.actions import LedgerLine
from ui.reading_actions import Wanted

EMPTY = AsOf(0, 0, "", {})
ONE_DAY = timedelta(days=1)
LOOKED = "252,043 entries of 12 desks: serial number, UDID, IMEI, asset tag, officer number, names on the roster."


@cache
def year() -> Figures:
    """Give the figures of the whole year."""
    return read((Path(__file__).parent / "year_figures.json").read_text("utf-8"))


def lately(days: int | None) -> Figures:
    """Give the same of its last days: what is counted in a period shrinks with it."""
    whole = year()
    if days is None or days >= len(whole.by_day):
        return whole
    by_day = whole.by_day[-days:]
    issued = sum(one.number for one in by_day)
    share = issued / whole.issued

    def less(counts: Sequence[Count]) -> tuple[Count, ...]:
        return tuple(replace(one, number=round(one.number * share)) for one in counts if one.number * share >= 0.5)

    def lesser(one: DeskRate) -> DeskRate:
        numbers = {name: round(getattr(one, name) * share) for name in ("issued", "returned", "ready", "hours")}
        return replace(one, **numbers)

    return replace(
        whole, first=whole.last - timedelta(days=days - 1), by_day=by_day, issued=issued, by_unit=less(whole.by_unit),
        by_model=less(whole.by_model), by_body=less(whole.by_body), returned=round(whole.returned * share),
        desks=tuple(map(lesser, whole.desks)),
    )  # fmt: skip


def nothing() -> Figures:
    """Give the figures of a ledger without entries."""
    day = date(2026, 11, 20)
    return Figures(EMPTY, day, day, 0, 0, (), 0, 0, 0, (), (), (), (), (), (), (), ())


def one_day() -> Figures:
    """Give the figures of the first day of all."""
    return lately(1)


def lines(count: int) -> tuple[LedgerLine, ...]:
    """Give entries behind a bar, the newest first."""
    start = datetime(2026, 11, 20, 16, 40, tzinfo=UTC)
    return tuple(
        LedgerLine(23_400 - 7 * at, start - timedelta(minutes=37 * at), "handed_over", f"F2LXK{at:02d}V1Q",
                   f"Handed over to officer {231_187 + at * 7}.", f"R{at % 12 + 1}-{2_900 - at:06d}")
        for at in range(count)
    )  # fmt: skip


MATCHES = {
    "3569": (
        Match(NameKind.IMEI, "356938035643809", How.BEGINS, "F2LXK0V1Q6"),
        Match(NameKind.IMEI, "356938035643817", How.BEGINS, "F2LXK0V1Q7"),
        Match(NameKind.IMEI, "356938035643825", How.BEGINS, "R5CT51Q9R7X"),
    ),
    "mps-104003": (Match(NameKind.ASSET_TAG, "MPS-104003", How.EXACTLY, "R5C790PNHKX"),),
    "raman": (Match(NameKind.OFFICER, "240001", How.CALLED, called="Priya Raman"),),
}


@dataclass
class RehearsedReading:
    """``give`` makes the figures of so many days; ``held`` keeps them waiting; ``page`` is the picture of a sheet."""

    page: bytes
    give: Callable[[int | None], Figures] = lately
    held: asyncio.Event | None = None
    error: Exception | None = None
    taken_up: int = 0
    asked: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    async def figures(self, days: int | None) -> Figures:
        self.asked.append(("figures", str(days)))
        if self.held is not None:
            await self.held.wait()
        if self.error is not None:
            raise self.error
        return self.give(days)

    async def behind(self, group: Group, key: str, first: date, last: date) -> tuple[LedgerLine, ...]:
        self.asked.append(("behind", str(group), key, first.isoformat(), last.isoformat()))
        return lines(60)

    async def find(self, text: str) -> Found:
        self.asked.append(("find", text))
        as_of = year().as_of
        return Found(text, MATCHES.get(text.casefold(), ()), False, as_of, LOOKED)

    async def entries_of(self, match: Match) -> tuple[LedgerLine, ...]:
        self.asked.append(("entries_of", match.shown))
        return lines(9)

    async def sheet_pages(self, wanted: Wanted, dpi: int) -> tuple[bytes, ...]:
        self.asked.append(("sheet_pages", wanted.kind, wanted.subject))
        return (self.page,)

    async def sheet_file(self, wanted: Wanted, kind: str) -> bytes:
        return f"{wanted.kind} {kind}".encode()

    async def print_sheet(self, wanted: Wanted, printer: str) -> Job:
        raise UsageError(f"{printer} is not there.")
