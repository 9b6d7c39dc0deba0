"""How a handset of a batch stands, by the ledger."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class Standing(StrEnum):
    """How a handset of a batch stands."""

    MISSING = "never seen"
    SEEN = "seen"
    STOPPED = "stopped"
    NOT_CLEAR = "not clear"
    UNKNOWN = "unknown"
    CLEAR = "clear"
    OUT = "handed over"
    BACK = "came back"
    LOST = "lost or stolen"

    @property
    def is_done(self) -> bool:
        """True where nothing is left to do for the batch."""
        return self in {Standing.CLEAR, Standing.OUT}

    @property
    def needs_hands(self) -> bool:
        """True where a walk has ended and only a person can bring it further."""
        return self in {Standing.STOPPED, Standing.NOT_CLEAR, Standing.UNKNOWN}
