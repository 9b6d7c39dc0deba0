"""What one card of the wall shows: small, frozen and hashable, so that only a change is painted. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.status import Phase, SessionStatus
from provisioning.walk import Next
from ui import short_phrases
from ui.bays import Bay, read_bay
from ui.notice_phrases import short_notice
from ui.signs import PHASE_SIGN

UNNAMED = {Platform.IOS: "iPhone or iPad", Platform.ANDROID: "Android"}


@dataclass(frozen=True, slots=True)
class Card:
    """The face of a session; two equal cards look the same. ``done`` of ``stages`` have been passed."""

    bay: str
    phase: Phase
    model: str
    serial_number: str
    note: str
    done: int
    stages: int

    @property
    def spoken(self) -> str:
        """Give what a screen reader says for it."""
        pieces = (f"Bay {self.bay}", PHASE_SIGN[self.phase].word, self.note, self.model, self.serial_number)
        return ", ".join(piece for piece in pieces if piece)


def card_of(status: SessionStatus) -> Card:
    """Make the card of a session; all that the handset said is one bounded line by then."""
    walk = status.walk
    bay = bay_of(status)
    passed = {record.name for record in status.stages if record.outcome.next is Next.PROCEED}
    return Card(
        bay=bay.short,
        phase=status.phase,
        model=model_of(status),
        serial_number=_line(status.serial_number, 40) if status.serial_number else "",
        note=_note(status),
        done=sum(stage in passed for stage in walk),
        stages=len(walk),
    )


def _note(status: SessionStatus) -> str:
    """Give what a card has room for: what the books know comes first, but never before what was found on a handset."""
    notice, note = short_notice(status.notices), short_phrases.note(status)
    if status.phase in {Phase.NOT_CLEAR, Phase.UNKNOWN}:
        return " · ".join(one for one in (note, notice) if one)
    return notice or note


def model_of(status: SessionStatus) -> str:
    """Give what people call the handset, as far as it has said."""
    told = status.identity.model_name if status.identity else status.glimpse.model_name if status.glimpse else None
    return _line(told, 60) if told else UNNAMED[status.attachment.platform]


def named(status: SessionStatus) -> str:
    """Name a handset by model and serial number, as in a sentence about several."""
    return f"{model_of(status)} {_line(status.serial_number or status.key, 40)}"


def bay_of(status: SessionStatus) -> Bay:
    """Give the bay that it hangs on, fit to be shown."""
    return read_bay(_line(status.attachment.bay, 24))


def _line(text: str, limit: int) -> str:
    return _one_line(text[: limit + 1], limit)


@lru_cache(maxsize=4096)
def _one_line(text: str, limit: int) -> str:
    """Do it once for each text: the same few are shown again at every change. ``text`` is short by now."""
    return one_line(text, limit)
