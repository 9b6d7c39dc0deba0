"""Handovers that were begun and not brought to their end: after a crash it is said of each what became of it.

Before the ledger is asked, a small file says that officer and items are at the counter; it goes when the paper is made.
What is still there at the next start was interrupted between signature and receipt: either the ledger has it, and its
receipt can be made, or it never happened.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from provisioning.errors import FileError, HomeError
from provisioning.files import make_folder, read_file, write_file
from provisioning.ledger.ledger import Ledger
from provisioning.plain_text import one_line

_NAME = re.compile(r"[0-9a-f-]{8,64}")
_LARGEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Begun:
    """What was about to be handed over; ``once`` is its name in the ledger, ``time`` ISO 8601."""

    once: str
    officer: str
    items: tuple[str, ...]
    time: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What became of it: ``receipt`` is its number where the ledger has it, None where it never happened."""

    begun: Begun
    receipt: str | None


class Unfinished:
    """The files of one home."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "unfinished"

    def begin(self, begun: Begun) -> None:
        """Note that a handover is about to be written. Raises HomeError where the disk takes it no more."""
        if not _NAME.fullmatch(begun.once):
            raise ValueError(f"“{begun.once}” cannot name a file")
        make_folder(self._folder)
        write_file(self._folder / f"{begun.once}.json", json.dumps(asdict(begun)).encode())

    def end(self, once: str) -> None:
        """Forget one that came to its end, whichever it was; safe twice."""
        (self._folder / f"{once}.json").unlink(missing_ok=True)

    def settle(self, ledger: Ledger) -> tuple[Interrupted, ...]:
        """Tell what became of each, oldest first, and forget those that never happened.

        One that the ledger has stays until its paper is made (:meth:`end`). Call it under the home's lock only: what
        another engine is just doing is not interrupted.
        """
        found: list[Interrupted] = []
        for begun in sorted(self._begun(), key=lambda one: one.time):
            entry = next(iter(ledger.entries(once=begun.once, limit=1)), None)
            if entry is None:
                self.end(begun.once)
            found.append(Interrupted(begun, entry.receipt if entry else None))
        return tuple(found)

    def end_receipt(self, number: str, ledger: Ledger) -> None:
        """Forget what was interrupted after it was written down as this receipt: its paper is made."""
        for begun in self._begun():
            if any(entry.receipt == number for entry in ledger.entries(once=begun.once, limit=1)):
                self.end(begun.once)

    def _begun(self) -> list[Begun]:
        begun: list[Begun] = []
        for path in self._folder.glob("*.json") if self._folder.is_dir() else ():
            try:
                read = json.loads(read_file(path, _LARGEST))
                begun.append(Begun(path.stem, str(read["officer"]), tuple(map(str, read["items"])), str(read["time"])))
            except (FileError, ValueError, KeyError, TypeError) as error:
                raise HomeError(f"{path} is damaged. Look into the ledger for its handover, then remove it.") from error
        return begun


def sentence_of(interrupted: Interrupted, *, by_window: bool = False) -> str:
    """Say to the technician what became of a handover that was interrupted; a window sees to its paper itself."""
    begun = interrupted.begun
    items = ", ".join(one_line(item, 40) for item in begun.items[:3])
    more = f" and {len(begun.items) - 3} more" if len(begun.items) > 3 else ""
    what = f"The handover of {items}{more} to officer {one_line(begun.officer, 40)}"
    if interrupted.receipt is None:
        return f"{what} was interrupted before it was written down: it never happened. Do it again."
    number = one_line(interrupted.receipt, 40)
    paper = "" if by_window else f" Make its paper: issuing-desk receipt pdf {number} FILE."
    return f"{what} was interrupted after it was written down: it holds, by receipt {number}.{paper}"
