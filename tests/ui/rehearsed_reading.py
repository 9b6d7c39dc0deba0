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
from provisioning.readers.sheet import Part, Sheet, sheet_png
from provisioning.readers.statements import Frame, sheet_of
from ui.actions import LedgerLine
from ui.reading_actions import Wanted

EMPTY = AsOf(0, 0, "", {})
ONE_DAY = timedelta(days=1)
LOOKED = "254,229 entries of 12 desks: serial number, UDID, IMEI, asset tag, officer number, names on the roster."


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


def frame() -> Frame:
    """Give what stands around a sheet."""
    return Frame(
        "Metropolitan Police Service", "Desk 4", training=False, made=datetime(2026, 11, 20, 17, 15, tzinfo=UTC)
    )


def life() -> Sheet:
    """Give the sheet of one handset."""
    when = [f"2026-0{month}-1{month} 10:4{month}" for month in range(2, 7)]
    happened = (
        ("Seen: Galaxy Tab Active5, system 15.", "Enrolled: managed by Metropolitan Police Service.",
         "Policy in force: met-police 2026.1.", "Verified under met-police 2026.1: clear.",
         "Handed over to officer 200021.")
    )  # fmt: skip
    parts = (
        Part("What it is", ("Officer 200021 has it since 2026-06-16, by receipt R1-000904.",), (
            ("Serial number", "R5C790PNHKX"), ("Also known as (IMEI)", "356938038000031"),
            ("Also known as (asset tag)", "MPS-104003"), ("Model", "Galaxy Tab Active5"),
        )),
        Part("Who had it", (), (), ("Officer", "From", "Until", "Receipt", "How it ended"), (
            ("200021", "2026-06-16", "now", "R1-000904", "–"),
            ("204417", "2026-02-12", "2026-06-15", "R1-000017", "exchange"),
        )),
        Part("How it was verified", (), (), ("When", "Verdict", "Policy", "Desk", "Signed record"), (
            ("2026-06-16 10:42", "clear", "met-police 2026.1", "Desk 1", "5d23a780ff457f2f"),
            ("2026-02-12 10:41", "not clear: TikTok is installed for user 0; the policy denies it.",
             "met-police 2026.1",
             "Desk 4", "8e11c0b2a7d94f30"),
        )),
        Part("All that happened", (), (), ("No.", "When", "Desk", "What", "Technician"),
             tuple((str(50 + at), when[at], "Desk 1", said, "A. Khan") for at, said in enumerate(happened))),
    )  # fmt: skip
    return sheet_of("Life of a handset", "R5C790PNHKX", frame(), year().as_of, parts, {}, personal=True)


@dataclass
class RehearsedReading:
    """``give`` makes the figures of so many days; ``held`` keeps them waiting; ``page`` is the picture of a sheet."""

    page: bytes
    sheet: Sheet | None = None
    """What is set on pages in the place of ``page``, where somebody wants to see real ones."""
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
        return (self.page,) if self.sheet is None else await asyncio.to_thread(sheet_png, self.sheet, dpi)

    async def sheet_file(self, wanted: Wanted, kind: str) -> bytes:
        return f"{wanted.kind} {kind}".encode()

    async def print_sheet(self, wanted: Wanted, printer: str) -> Job:
        raise UsageError(f"{printer} is not there.")
