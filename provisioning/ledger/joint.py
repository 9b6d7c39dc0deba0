"""A desk of many: its own chain in its own file, always whole, and the ledger that all desks share.

Theory of operation. The desk's own ledger holds every entry that the desk ever wrote; the shared one holds a copy of
it beside those of all others, and decides what must be decided once (who has a handset). An entry is made inside the
shared transaction, with nobody else adding; it is on the desk's disk before that transaction is committed. So whatever
fails in between, the desk knows what it wrote, and a commit of which nobody knows whether it happened is settled by
looking: the shared ledger either has the entry, or is given it.

Without the shared ledger the desk goes on alone: entries go to its own file, and are handed in when the shared one
answers again, in one transaction, as they are, signatures and all. What two sides did to one handset meanwhile is on
the record then and is found there (``conflicts``); nothing is dropped and nothing rewritten.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager

from provisioning.errors import HomeError, LedgerError, LedgerUnreachable
from provisioning.ledger.catching_up import catch_up, in_batches
from provisioning.ledger.draft import IN_DOUBT, LedgerOwner
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.postgres_guards import SUPERVISED
from provisioning.ledger.sql_store import Adding, SqlStore
from provisioning.ledger.store import Arrived, Compose, LastEntry, Look, Query, Snapshot, StoredEntry, StoredHead

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 6.0
"""How long an entry waits for a shared ledger that answered just now, before the desk goes on alone."""
_PAUSE_SECONDS = 0.2
AGAIN_SECONDS = 10.0
"""How long after a failure nobody asks the shared ledger again, so that work alone is not slowed by each entry."""


class JointStore:
    """A :class:`~provisioning.ledger.store.LedgerStore`; ``own`` is the desk's file, ``shared`` that of all."""

    def __init__(
        self,
        own: SqlStore,
        shared: SqlStore,
        notice: Callable[[str], None] = logger.warning,
        clock: Callable[[], float] = time.monotonic,
        after: Callable[[], object] = lambda: None,
        owner: LedgerOwner | None = None,
        reserved_only: bool = False,
    ) -> None:
        """Keep both. ``notice`` is told, in a sentence, when the shared one is lost and when it answers again.

        ``owner`` is whose desk it is: then what the shared one has of this desk and the desk itself no longer has,
        because its home was put back to an older state, is taken back from there (``catching_up``).

        ``reserved_only``: alone, the desk hands over nothing but what was reserved for it while the shared one
        answered. That one lets no other desk hand it over; so no handset goes out on two sides of a cut.

        ``after`` is called when something was added to the shared one: it answers just now.
        """
        self._own = own
        self._notice = notice
        self._shared = shared
        self._clock = clock
        self._after = after
        self._owner = owner
        self._reserved_only = reserved_only
        self._lost_at: float | None = None
        self._unsure = False
        self._agreed: tuple[int, bytes] | None = None
        """The entry up to which both were last seen to hold the same."""
        self._seen = 0
        """How many entries of the desk the shared ledger had when it was last asked."""

    @property
    def alone(self) -> bool:
        """True after the shared ledger failed to answer, until it does."""
        return self._lost_at is not None

    @property
    def unsure(self) -> bool:
        """True after an entry of which nobody knows whether the shared ledger has it, until that answers."""
        return self._unsure

    def append(self, desk: str, once: str | None, compose: Compose) -> StoredEntry:
        """Add to both; to the desk's own alone while the shared one does not answer.

        A server that only restarts, or a cable that is plugged in again, is waited for (:data:`PATIENCE_SECONDS`).
        """
        found = self._named(desk, once)
        if found is not None:
            return found
        until = self._clock() + (0 if self.alone else PATIENCE_SECONDS)
        trying = not self._given_up()
        while trying:
            try:
                return self._append_to_both(desk, once, compose)
            except LedgerUnreachable as e:
                trying = self._clock() < until
                if trying:
                    time.sleep(_PAUSE_SECONDS)
                else:
                    self._lose(e)
        return self._own.append(desk, once, _alone(compose, reserved_only=self._reserved_only))

    def _append_to_both(self, desk: str, once: str | None, compose: Compose) -> StoredEntry:
        kept: StoredEntry | None = None
        try:
            with self._shared.adding(desk) as there, self._own.adding(desk) as here:
                found = here.named(once)
                if found is not None:
                    return found
                self._hand_in(here, there)
                rows, head = compose(here.head(), here.last(), _looking(here, there))
                there.add(rows, head)
                here.add(rows, head)
                kept = rows[0]
                self._agreed = rows[-1].columns.number, rows[-1].hash
        except (HomeError, LedgerError) as e:
            if kept is None or self._own.find(desk, Query(since=kept.columns.number - 1, limit=1)) != [kept]:
                raise
            # It is on this desk's disk; whether the shared ledger has it shows when that answers again.
            self._unsure = True
            logger.warning("Entry %s waits to be handed in: %s", kept.columns.number, e)
            return kept
        self._regain()
        self._after()
        return kept

    def hand_in(self, desk: str) -> int:
        """Give the shared ledger what it lacks of this desk; give how many entries that were.

        Raises LedgerUnreachable, LedgerError where the two hold different entries under one number.
        """
        with self._reached(), self._shared.adding(desk) as there, self._own.adding(desk) as here:
            count = self._hand_in(here, there)
        self._after()
        return count

    def waiting(self, desk: str) -> int | None:
        """Give how many entries of this desk the shared ledger lacks; None where it does not answer.

        Less than none where the shared one has more of this desk than the desk, which was put back to an older state.
        """
        try:
            with self._reached():
                there = self._shared.find(desk, Query(newest_first=True, limit=1))
        except LedgerUnreachable:
            return None
        self._after()
        self._seen = there[0].columns.number if there else 0
        here = self._own.find(desk, Query(newest_first=True, limit=1))
        return (here[0].columns.number if here else 0) - self._seen

    def behind(self, desk: str) -> int:
        """Give how many entries the shared ledger lacked when it was last seen, and were added since."""
        last = self._own.find(desk, Query(newest_first=True, limit=1))
        return max(0, (last[0].columns.number if last else 0) - self._seen)

    def find(self, desk: str, query: Query) -> list[StoredEntry]:
        """Look where all desks write, for what is asked of all; alone, and for its own, in the desk's file."""
        if query.every_desk and not self._given_up():
            try:
                with self._reached():
                    return self._shared.find(desk, query)
            except LedgerUnreachable:
                logger.debug("read alone")
        return self._own.find(desk, query)

    def arrivals(self, since: int, limit: int, places: Sequence[int] = ()) -> list[Arrived]:
        """Give what came in where all desks write."""
        if self._given_up():
            raise LedgerUnreachable("The shared ledger does not answer.")
        with self._reached():
            return self._shared.arrivals(since, limit, places)

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Hold one picture of the desk's own ledger."""
        return self._own.snapshot()

    def close(self) -> None:
        """Let go of both."""
        self._own.close()
        self._shared.close()

    def _named(self, desk: str, once: str | None) -> StoredEntry | None:
        found = self._own.find(desk, Query(once=once, limit=1)) if once is not None else []
        return found[0] if found else None

    def _given_up(self) -> bool:
        return self._lost_at is not None and self._clock() - self._lost_at < AGAIN_SECONDS

    @contextmanager
    def _reached(self) -> Generator[None]:
        """Note whether the shared ledger answers."""
        try:
            yield
        except LedgerUnreachable as e:
            self._lose(e)
            raise
        self._regain()

    def _lose(self, error: LedgerUnreachable) -> None:
        if not self.alone:
            self._notice(f"{error} This desk goes on alone; its entries are handed in when the ledger answers.")
        self._lost_at = self._clock()

    def _regain(self) -> None:
        if self.alone:
            self._notice("The shared ledger answers again.")
        self._lost_at = None
        self._unsure = False

    def _hand_in(self, here: Adding, there: Adding) -> int:
        last, other = here.last(), there.last()
        known = (other.number, other.hash) if other else (0, b"")
        if other is not None and known != self._agreed:
            same = here.look(Query(since=other.number - 1, limit=1))
            if not same and self._owner is not None:
                count = catch_up(here, there, last, self._owner)
                self._notice(f"{count} entries that this desk once wrote came back from the shared ledger.")
                self._agreed = known
                return 0
            if not same:
                raise LedgerError(
                    "The shared ledger holds more of this desk than the desk itself, which was put back to an older "
                    "state. Stop, and restore its home from the newest backup."
                )
            if same[0].hash != other.hash:
                raise LedgerError(f"The shared ledger and this desk hold different entries {other.number}. {IN_DOUBT}")
            self._agreed = known
        if last is None or last.number == known[0]:
            return 0
        head = here.head()
        if head is None:
            raise LedgerError(f"The head of the ledger is missing. {IN_DOUBT}")
        count = there.merge(in_batches(here, known[0]), head)
        self._agreed = last.number, last.hash
        logger.info("%d entries were handed in to the shared ledger", count)
        return count


_HOLDING = (EntryKind.RESERVED, EntryKind.RELEASED, EntryKind.HANDED_OVER, EntryKind.RETURNED)
"""The last of these, of this desk, says whether a handset is reserved for it."""


def _alone(compose: Compose, *, reserved_only: bool) -> Compose:
    """Refuse what only a supervisor may add, for nobody is there to tell who is one; and what others might add too."""

    def composed(
        stored: StoredHead | None, last: LastEntry | None, look: Look
    ) -> tuple[Sequence[StoredEntry], StoredHead]:
        rows, head = compose(stored, last, look)
        if any(row.columns.kind in SUPERVISED for row in rows):
            raise HomeError("Only a supervisor may do this, and the shared ledger does not answer. Try again later.")
        if any(row.columns.kind == EntryKind.RESERVED for row in rows):
            raise HomeError("The shared ledger does not answer, so nothing can be reserved. Try again later.")
        for row in rows if reserved_only else ():
            if row.columns.kind == EntryKind.HANDED_OVER and not _reserved(row.columns.subject, look):
                raise HomeError(
                    "The shared ledger does not answer, and that handset is not reserved for this desk: another may be "
                    "handing it over. Nothing was added; take a reserved one, or wait."
                )
        return rows, head

    return composed


def _reserved(serial: str | None, look: Look) -> bool:
    last = look(Query(serial=serial, kinds=_HOLDING, newest_first=True, limit=1))
    return bool(last) and last[0].columns.kind == EntryKind.RESERVED


def _looking(here: Adding, there: Adding) -> Callable[[Query], list[StoredEntry]]:
    def look(query: Query) -> list[StoredEntry]:
        return (there if query.every_desk else here).look(query)

    return look
