"""Keeps an eye on the ledger that desks share: hands in what waits, and says how it stands whenever that changes.

Other desks' entries wake it at once (PostgreSQL's LISTEN), so what a window shows of the ledger is that of all desks.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from provisioning.errors import HomeError, LedgerError
from provisioning.ledger.joint import JointStore
from provisioning.ledger.postgres import Ear

logger = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
"""Between two looks while nothing happens; the same as the patience of whoever waits for a wall to change."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """How a desk stands to the shared ledger at ``where``; ``waiting`` counts its entries that are not there yet.

    ``trouble`` is the sentence of what is wrong, empty where nothing is.
    """

    where: str
    waiting: int = 0
    trouble: str = ""


class Sharer:
    """A thread that looks after the shared ledger. ``on_change`` and ``on_entry`` are called on that thread."""

    def __init__(
        self,
        store: JointStore,
        ear: Ear,
        desk: str,
        where: str,
        on_change: Callable[[Sharing], None],
        on_entry: Callable[[], None] = lambda: None,
        *,
        every: float = EVERY_SECONDS,
    ) -> None:
        self._store = store
        self._ear = ear
        self._desk = desk
        self._where = where
        self._on_change = on_change
        self._on_entry = on_entry
        self._every = every
        self._ending = threading.Event()
        self._last: Sharing | None = None

    @contextmanager
    def running(self) -> Generator[None]:
        """Look after it while the context lasts; leaving waits for the look in hand, a second at most."""
        thread = threading.Thread(target=self._run, name="shared-ledger", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ending.set()
            self._ear.close()
            thread.join(1.0)
            self._store.close()

    def look(self) -> Sharing:
        """Hand in what waits, and say how it stands."""
        try:
            waiting = self._store.waiting(self._desk)
            if waiting:
                self._store.hand_in(self._desk)
                waiting = 0
        except (LedgerError, HomeError) as error:
            return Sharing(self._where, self._store.behind(self._desk), str(error))
        if waiting is None:
            said = f"The shared ledger at {self._where} does not answer. This desk goes on alone."
            return Sharing(self._where, self._store.behind(self._desk), said)
        return Sharing(self._where)

    def _run(self) -> None:
        while not self._ending.is_set():
            now = self.look()
            if now != self._last:
                self._last = now
                self._on_change(now)
            if now.trouble:
                self._ending.wait(self._every)
            elif self._ear.hears(self._every) and not self._ending.is_set():
                self._on_entry()
