"""What came of looking for something in the ledger; pieces that go across to the window."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from provisioning.plain_text import one_line
from provisioning.readers.counts import AsOf
from provisioning.readers.names import NameKind


@unique
class How(StrEnum):
    """How what was typed fits a name."""

    EXACTLY = "is it"
    BEGINS = "begins so"
    WITHIN = "holds it"
    LOOKS_LIKE = "looks like it"
    CALLED = "is called so"


@dataclass(frozen=True, slots=True)
class Match:
    """A name that fits. ``subject`` is the serial number, for names of handsets; ``called`` a person's name."""

    kind: NameKind
    shown: str
    how: How
    subject: str = ""
    called: str = ""

    @property
    def sentence(self) -> str:
        """Say it to a person."""
        said = f"{self.kind} {one_line(self.shown, 60)}"
        if self.called:
            said += f", {one_line(self.called, 80)}"
        if self.subject and self.kind is not NameKind.SERIAL:
            said += f", of handset {one_line(self.subject, 40)}"
        return said if self.how is How.EXACTLY else f"{said} ({self.how})"


@dataclass(frozen=True, slots=True)
class Found:
    """The names that fit, the likeliest first, and as of when. ``more``: there are others; ``looked`` says where."""

    text: str
    matches: tuple[Match, ...]
    more: bool
    as_of: AsOf
    looked: str

    @property
    def sentence(self) -> str:
        """Say in one sentence what came of it."""
        count = len(self.matches)
        shown = one_line(self.text, 60)
        if not count:
            return f"Nothing is “{shown}” in {self.looked}"
        if self.more:
            return f"“{shown}” fits more than {count} names; type more of it."
        if count > 1:
            return f"“{shown}” fits {count} names."
        said = self.matches[0].sentence
        return f"{said[:1].upper()}{said[1:]}."
