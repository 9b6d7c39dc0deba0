"""Batches from memory, for the window's tests and pictures: forty handsets as they stand in the middle of a morning."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

from rehearsed_paper import job

from provisioning.batches.standing import Standing
from provisioning.errors import FileError
from provisioning.printing.job import Job, JobState
from ui.batch_actions import BatchLine, BatchSummary, BatchView, CloseAnswer, OrderLine

MODELS = ("iPhone 15", "Galaxy A54 5G", "iPhone 13", "Pixel 8")
WORDS = {
    Standing.STOPPED: "The Galaxy A54 5G in bay 2-4 holds accounts (1 account). Remove them in Settings, then press R.",
    Standing.NOT_CLEAR: "The Pixel 8 in bay 1-7 is not clear: TikTok is denied, it is a short video app.",
    Standing.UNKNOWN: "The iPhone 13 in bay 3-1 is not proven clear: apps of user 150 were not read.",
    Standing.MISSING: "It was not seen on any cable yet.",
    Standing.SEEN: "It was seen and is not at its end: plug it in and let it walk.",
    Standing.CLEAR: "",
    Standing.OUT: "",
}


def lines(count: int) -> tuple[BatchLine, ...]:
    """Give that many handsets, most of them clear."""
    odd = (Standing.STOPPED, Standing.NOT_CLEAR, Standing.MISSING, Standing.UNKNOWN, Standing.SEEN, Standing.OUT)
    made: list[BatchLine] = []
    for number in range(count):
        standing = odd[number // 3 % len(odd)] if number % 3 == 0 else Standing.CLEAR
        seen = standing is not Standing.MISSING
        agrees = seen and number % 11 != 4
        made.append(
            BatchLine(
                f"F2LXK{number:05d}", MODELS[number % 4], f"MET-{number:05d}", standing,
                "on all three" if agrees else "not in the portal" if seen else "missing still", agrees,
                f"2026-03-02T09:{number % 60:02d}:00.000Z" if seen else "", WORDS[standing],
            )
        )  # fmt: skip
    return tuple(made)


def orders() -> tuple[OrderLine, ...]:
    """Give one order of each kind."""
    return (
        OrderLine("PO-6", "officer 231188", "F2LXK00009", 1, 0),
        OrderLine("PO-7", "officer 231187", "iPhone 15", 1, 1, (("F2LXK00004", "1-5"),)),
        OrderLine("", "Southwark Response Team C", "Galaxy A54", 5, 4, (("F2LXK00001", "1-2"), ("F2LXK00005", "")),
                  ("2 of 5 for Southwark Response Team C wait: no further Galaxy A54 is ready.",)),
        OrderLine("PO-9", "officer 240001", "Pixel 8", 1, 1, (),
                  ("1 of 1 for officer 240001 waits: no further Pixel 8 is ready.",)),
    )  # fmt: skip


@dataclass(slots=True)
class RehearsedBatches:
    """BatchActions from memory."""

    names: list[str] = field(default_factory=lambda: ["June delivery", "May delivery", "Spares"])
    count: int = 40
    here: str = "June delivery"
    closed: set[str] = field(default_factory=lambda: {"May delivery"})
    asked: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    pages: tuple[bytes, ...] = ()
    ordered: tuple[OrderLine, ...] = ()
    moved: str = ""
    """A handset that has become clear meanwhile."""

    async def batches(self) -> tuple[BatchSummary, ...]:
        await asyncio.sleep(0)
        return tuple(self._summary(name) for name in self.names)

    async def batch(self, name: str, portals: tuple[Path, ...]) -> BatchView:
        self.asked.append(("batch", name, *map(str, portals)))
        await asyncio.sleep(0)
        if any(path.suffix == ".pdf" for path in portals):
            raise FileError(portals[-1], "is neither a CSV nor an XLSX file.")
        found = tuple(
            replace(one, standing=Standing.CLEAR, sentence="") if one.serial_number == self.moved else one
            for one in lines(self.count)
        )
        if not portals:
            found = tuple(replace(one, match="as listed", agrees=True) if one.since else one for one in found)
        return BatchView(
            self._summary(name),
            "5 to come: about 12 min of work (9 min to 15 min), by 26 measured walks. 7 more need hands, which "
            "nothing measures.",
            found,
            ("F2LXK99999 is not on the manifest. Set it aside, or ask the supplier.",
             "Unlock the iPhone 15 in bay 1-3 with its passcode."),
            tuple("Apple Business Manager" for _ in portals),
        )  # fmt: skip

    async def import_batch(self, file: Path) -> str:
        self.names.append(file.stem)
        return f"40 handsets read from {file.name}."

    async def work_on(self, name: str) -> None:
        self.here = name

    async def close_batch(self, name: str, reason: str) -> CloseAnswer:
        self.asked.append(("close", name, reason))
        if not reason:
            return CloseAnswer(
                False, "28 of 40 handsets are ready or out. This differs:", tuple(filter(None, WORDS.values()))
            )
        self.closed.add(name)
        return CloseAnswer(True, f"Batch {name} is closed by entry 412: 28 of 40 handsets are ready or out.")

    async def orders(self) -> tuple[OrderLine, ...]:
        return self.ordered

    async def import_orders(self, file: Path) -> str:
        self.asked.append(("orders", file.name))
        self.ordered = orders()
        return f"4 orders for 8 handsets read from {file.name}."

    async def report_pages(self, name: str, portals: tuple[Path, ...], dpi: int) -> tuple[bytes, ...]:
        self.asked.append(("pages", name, *map(str, portals)))
        return self.pages

    async def print_report(self, name: str, portals: tuple[Path, ...], printer: str) -> Job:
        self.asked.append(("print", name, printer))
        return job(21, f"Batch {name}, report", printer, JobState.WAITING, "Waiting for its turn.")

    async def batch_report(self, name: str, portals: tuple[Path, ...], kind: str) -> bytes:
        self.asked.append(("report", name, kind))
        return b"rehearsed"

    def _summary(self, name: str) -> BatchSummary:
        found = lines(self.count)
        done = sum(one.standing.is_done for one in found)
        hands = sum(one.standing.needs_hands for one in found)
        return BatchSummary(name, len(found), done, hands, name in self.closed, name == self.here)
