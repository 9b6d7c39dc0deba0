"""The print queue of a home: jobs on disk until they are printed or cancelled, safe for threads and processes.

What is printed may name people, so it lies in the file sealed with the vault's key, and is wiped when the job ends.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from provisioning.errors import HomeError, UsageError
from provisioning.printing.destination import Destination, destination_name, destination_text, parse_destination
from provisioning.printing.job import OPEN, Job, JobState

FILE = "print-queue.sqlite"
LEASE = 180.0
"""Seconds after which a job whose sender fell silent is no longer taken to be on its way; sending has ended by then."""
KEPT = 200
"""Jobs that have ended and are still shown."""
_BUSY = 10.0
"""Seconds to wait for another process's transaction."""
_SCHEMA = """
create table if not exists job (
    number integer primary key autoincrement, made text not null, title text not null, content blob,
    destination text not null, state text not null, sentence text not null, attempts integer not null default 0,
    spool text not null default '', due real not null default 0, ended integer not null default 0
)
"""
_SELECT = "select number, made, title, destination, state, sentence, attempts, spool from job"


class PrintQueue:
    """The jobs of one home. ``clock`` gives seconds since 1970. Raises HomeError where the file cannot be used."""

    def __init__(self, home: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = home / FILE
        self._clock = clock
        self._turn = threading.Lock()
        self.changed = threading.Event()
        """Set whenever this process changed a job; whoever waits for work clears it."""
        with self._transaction() as database:
            database.execute(_SCHEMA)
        self._path.chmod(0o600)

    def add(self, title: str, content: bytes, destination: Destination) -> Job:
        """Keep a job; ``content`` is sealed by the caller. It is on disk when this returns."""
        moment = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds")
        with self._transaction() as database:
            number = database.execute(
                "insert into job (made, title, content, destination, state, sentence) values (?, ?, ?, ?, ?, ?)",
                (moment, title, content, destination_text(destination), JobState.WAITING, "Waiting for its turn."),
            ).lastrowid
            assert number is not None, "a row was inserted"
            job = _found(database, number)
        self.changed.set()
        return job

    def jobs(self, *, all_of_them: bool = False) -> list[Job]:
        """Give the open jobs, oldest first; with ``all_of_them`` those that ended lately as well."""
        where = "" if all_of_them else " where ended = 0"
        with self._transaction() as database:
            return [_job(row) for row in database.execute(_SELECT + where + " order by number")]  # fixed words

    def job(self, number: int) -> Job:
        """Give one job. Raises UsageError where there is none of that number."""
        with self._transaction() as database:
            return _found(database, number)

    def content(self, job: Job) -> bytes:
        """Give what was kept with a job, sealed. Raises UsageError where the job has ended."""
        with self._transaction() as database:
            (content,) = database.execute("select content from job where number = ?", (job.number,)).fetchone()
        if content is None:
            raise UsageError(f"Print job {job.number} has ended, so what it printed was wiped. Print it anew.")
        return bytes(content)

    def claim(self) -> Job | None:
        """Take the next job that is due, for this caller alone; jobs for one printer go out in the order they came.

        A waiting one comes back as SENDING, a spooled one (to be asked about) stays SPOOLED.
        """
        now = self._clock()
        with self._transaction() as database:
            database.execute(
                "update job set state = ?, sentence = ? where state = ? and due <= ?",
                (JobState.HELD, _UNSURE, JobState.SENDING, now),
            )
            row = database.execute(
                "select number, state from job where state in (?, ?) and due <= ? and not exists ("
                "  select 1 from job as before where before.destination = job.destination and ("
                "    before.state = ? or (before.number < job.number and before.state = ?)) and job.state = ?"
                ") order by number limit 1",
                (JobState.WAITING, JobState.SPOOLED, now, JobState.SENDING, JobState.WAITING, JobState.WAITING),
            ).fetchone()
            if row is None:
                return None
            number, state = row
            taken = JobState.SENDING if state == JobState.WAITING else JobState.SPOOLED
            database.execute("update job set state = ?, due = ? where number = ?", (taken, now + LEASE, number))
            if taken is JobState.SENDING:
                database.execute("update job set sentence = 'On its way to the printer.' where number = ?", (number,))
            return _found(database, number)

    def next_due(self) -> float | None:
        """Give in how many seconds the next job is due; None where nothing is to be done."""
        with self._transaction() as database:
            (due,) = database.execute(
                "select min(due) from job where state in (?, ?, ?)",
                (JobState.WAITING, JobState.SENDING, JobState.SPOOLED),
            ).fetchone()
        return None if due is None else max(0.0, due - self._clock())

    def note(self, job: Job, state: JobState, sentence: str, *, after: float = 0.0, spool: str | None = None) -> bool:
        """Say how a claimed job stands now; ``after`` seconds it is due again. WAITING after SENDING is one in vain.

        False, and nothing is changed, where a person has cancelled or moved it meanwhile.
        """
        failed = 1 if state is JobState.WAITING and job.state is JobState.SENDING else 0
        with self._transaction() as database:
            noted = database.execute(
                "update job set state = ?, sentence = ?, due = ?, attempts = attempts + ?, spool = ?, ended = ? "
                "where number = ? and ended = 0 and state = ? and destination = ?",
                (
                    state, sentence, self._clock() + after, failed, job.spool if spool is None else spool,
                    state not in OPEN, job.number, job.state, destination_text(job.destination),
                ),
            ).rowcount  # fmt: skip
            _wipe(database)
        self.changed.set()
        return bool(noted)

    def retry(self, number: int) -> Job:
        """Send a job again now. Raises UsageError where it has ended or is with the print system already."""
        with self._transaction() as database:
            job = _found(database, number)
            if not job.open:
                raise UsageError(f"Print job {number} was {job.state} already. Print the document anew.")
            if job.state is JobState.SPOOLED:
                raise UsageError(f"Print job {number} is with the print system already: {job.sentence}")
            if job.state is not JobState.SENDING:
                database.execute(
                    "update job set state = ?, due = 0, sentence = 'Waiting for its turn.' where number = ?",
                    (JobState.WAITING, number),
                )
            job = _found(database, number)
        self.changed.set()
        return job

    def cancel(self, number: int) -> Job:
        """Give a job up; gives it as it was, so that the print system can be told. Raises UsageError where it ended."""
        with self._transaction() as database:
            job = _found(database, number)
            if not job.open:
                raise UsageError(f"Print job {number} was {job.state} already.")
            database.execute(
                "update job set state = ?, ended = 1, sentence = 'Cancelled at the desk.' where number = ?",
                (JobState.CANCELLED, number),
            )
            _wipe(database)
        self.changed.set()
        return job

    def move(self, number: int, destination: Destination) -> Job:
        """Send a job to another printer; gives it as it was. Raises UsageError where it has ended or is being sent."""
        with self._transaction() as database:
            job = _found(database, number)
            if not job.open:
                raise UsageError(f"Print job {number} was {job.state} already. Print the document anew.")
            if job.state is JobState.SENDING:
                raise UsageError(f"Print job {number} is being sent at this moment. Try again in a minute.")
            database.execute(
                "update job set state = ?, due = 0, attempts = 0, spool = '', destination = ?, sentence = ? "
                "where number = ?",
                (
                    JobState.WAITING, destination_text(destination),
                    f"Moved to {destination_name(destination)}; waiting for its turn.", number,
                ),
            )  # fmt: skip
        self.changed.set()
        return job

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        with self._turn:
            try:
                database = sqlite3.connect(self._path, timeout=_BUSY, isolation_level=None)
                try:
                    database.execute("pragma secure_delete = on")
                    database.execute("begin immediate")
                    yield database
                    database.execute("commit")
                finally:
                    database.close()
            except sqlite3.Error as error:
                raise HomeError(
                    f"The print queue {self._path} cannot be used ({error}). Make room or repair it, then print again."
                ) from error


_UNSURE = "The desk stopped while this was being sent. Look whether it came out, then retry or cancel it."


def _found(database: sqlite3.Connection, number: int) -> Job:
    row = database.execute(_SELECT + " where number = ?", (number,)).fetchone()
    if row is None:
        raise UsageError(f"There is no print job {number}. See “issuing-desk print list”.")
    return _job(row)


def _job(row: tuple[int, str, str, str, str, str, int, str]) -> Job:
    number, made, title, destination, state, sentence, attempts, spool = row
    return Job(
        number, datetime.fromisoformat(made), title, parse_destination(destination), JobState(state), sentence,
        attempts, spool,
    )  # fmt: skip


def _wipe(database: sqlite3.Connection) -> None:
    """Wipe what ended jobs have printed, and forget the oldest of them."""
    database.execute("update job set content = null where ended = 1 and content is not null")
    database.execute(
        "delete from job where number in "
        "(select number from job where ended = 1 order by number desc limit -1 offset ?)",
        (KEPT,),
    )
