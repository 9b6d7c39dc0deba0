"""One job of the print queue: what is to be printed, where, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

from provisioning.printing.destination import Destination


@unique
class JobState(StrEnum):
    """How far a job is. The first four are open: it is kept until one of the last two is reached."""

    WAITING = "waiting"
    """To be sent, now or (after an absent printer) in a while by itself."""
    SENDING = "sending"
    SPOOLED = "spooled"
    """The platform's print system has it; it is asked until the job has come out."""
    HELD = "held"
    """A person must say what is to happen: some of it may have come out, or it can never be printed so."""
    PRINTED = "printed"
    CANCELLED = "cancelled"


OPEN = (JobState.WAITING, JobState.SENDING, JobState.SPOOLED, JobState.HELD)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the queue keeps it. ``sentence`` says to a person how it stands and, where needed, what to do.

    ``title`` holds no personal data: a receipt's number, how many labels. ``spool`` is the print system's own name
    for it, empty before it has one. ``attempts`` counts how often it was sent in vain.
    """

    number: int
    made: datetime
    title: str
    destination: Destination
    state: JobState
    sentence: str
    attempts: int = 0
    spool: str = ""

    @property
    def open(self) -> bool:
        """Tell whether it is still to be printed."""
        return self.state in OPEN
