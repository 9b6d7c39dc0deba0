"""The press: takes one job after the other from the queue, has it made, sends it, and says how it went.

It runs in a thread of its own beside everything else, so that a printer that hangs keeps nobody waiting.
"""

from __future__ import annotations

import logging
import threading
from typing import Protocol

from provisioning.errors import IssuingDeskError
from provisioning.printing.destination import Destination, NetworkPrinter, PrintFile, SystemPrinter
from provisioning.printing.job import Job, JobState
from provisioning.printing.queue import PrintQueue
from provisioning.printing.raw import append_to_file, send_to_network
from provisioning.printing.spooler import Progress, Spooler
from provisioning.printing.trouble import PrinterStopped, PrinterTrouble

logger = logging.getLogger(__name__)


_FORGOTTEN = "The print system no longer knows the job."
_MISTAKE = "It could not be made, which is a mistake of this program: report it with the log, then retry or cancel."


class Maker(Protocol):
    """Makes paper of a job's sealed content."""

    def make(self, content: bytes, destination: Destination) -> bytes:
        """Make what a destination takes: a PDF, ZPL, ESC/POS."""
        ...

    def size(self, content: bytes) -> tuple[int, int] | None:
        """Give width and height in millimetres of what is no A4, None for all else."""
        ...

    def make_pages(self, content: bytes) -> tuple[bytes, ...]:
        """Make the pages as PNG at 300 pixels an inch."""
        ...


FIRST_WAIT, LONGEST_WAIT = 5.0, 120.0
"""Seconds before an absent printer is tried again, doubled from time to time up to the second."""
ASK = 2.0
"""Seconds between two questions to the print system about a job that it has."""
_IDLE = 5.0
"""Seconds after which the queue is looked at although nobody rang: another process may have added to it."""


class Press:
    """Prints the jobs of one queue."""

    def __init__(self, queue: PrintQueue, maker: Maker, spooler: Spooler) -> None:
        self._queue = queue
        self._maker = maker
        self._spooler = spooler
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin printing in a thread; returns at once."""
        self._thread = threading.Thread(target=self._run, name="press", daemon=True)
        self._thread.start()

    def stop(self, seconds: float = 3.0) -> None:
        """End; a job that is being sent then is looked after by the lease in the queue."""
        self._ended.set()
        self._queue.changed.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def step(self) -> bool:
        """Do what is due for one job; False where nothing is."""
        job = self._queue.claim()
        if job is None:
            return False
        logger.info("print job %d: %s", job.number, job.state)
        try:
            if job.state is JobState.SPOOLED:
                self._ask(job)
            else:
                self._send(job)
        except PrinterTrouble as trouble:
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(job.attempts, 8))
            state = JobState.SPOOLED if job.state is JobState.SPOOLED else JobState.WAITING
            self._queue.note(job, state, str(trouble), after=wait)
        except (PrinterStopped, IssuingDeskError) as error:
            self._queue.note(job, JobState.HELD, str(error))
        except Exception:
            # The edge of the thread: our mistake with one job must not stop the others.
            logger.exception("print job %d", job.number)
            self._queue.note(job, JobState.HELD, _MISTAKE)
        return True

    def refresh(self) -> None:
        """Ask the print system about every job that it has; sends nothing."""
        for job in self._queue.jobs():
            if job.state is JobState.SPOOLED:
                try:
                    self._ask(job)
                except PrinterTrouble as trouble:
                    self._queue.note(job, JobState.SPOOLED, str(trouble))

    def _send(self, job: Job) -> None:
        content = self._queue.content(job)
        match job.destination:
            case SystemPrinter(name):
                pages = self._spooler.takes_pages
                document = self._maker.make_pages(content) if pages else self._maker.make(content, job.destination)
                spool = self._spooler.send(name, job.title, document, self._maker.size(content))
                if spool:
                    sentence = f"Handed to the print system as {spool}."
                    if not self._queue.note(job, JobState.SPOOLED, sentence, after=0.5, spool=spool):
                        self._spooler.cancel(spool)  # somebody gave it up while it was on its way
                else:
                    sentence = f"Handed to printer “{name}”; the print system tells no more."
                    self._queue.note(job, JobState.PRINTED, sentence)
            case NetworkPrinter():
                self._queue.note(
                    job, JobState.PRINTED, send_to_network(job.destination, self._maker.make(content, job.destination))
                )
            case PrintFile():
                self._queue.note(
                    job, JobState.PRINTED, append_to_file(job.destination, self._maker.make(content, job.destination))
                )

    def _ask(self, job: Job) -> None:
        assert isinstance(job.destination, SystemPrinter), "only a print system spools"
        match self._spooler.progress(job.destination.name, job.spool):
            case Progress(done=True):
                self._queue.note(job, JobState.PRINTED, f"Printed on “{job.destination.name}”.")
            case Progress(lost=True, sentence=why):
                sentence = f"{why or _FORGOTTEN} Look whether it came out, then retry or cancel."
                self._queue.note(job, JobState.HELD, sentence, spool="")
            case Progress(sentence=sentence):
                self._queue.note(job, JobState.SPOOLED, sentence, after=ASK)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._queue.changed.clear()
            try:
                if self.step():
                    continue
                due = self._queue.next_due()
            except IssuingDeskError as error:
                logger.warning("the print queue cannot be used: %s", error)
                due = None
            self._queue.changed.wait(min(_IDLE, due if due is not None else _IDLE) or 0.05)
