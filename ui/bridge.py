"""The one way from the engine to the glass: any thread posts, the glass hears of it at most thirty times a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from provisioning.platforms import Platform
from provisioning.status import SessionStatus

PERIOD = 0.03
"""Seconds between two signals to the glass: a change is seen within 50 ms, and forty at once are one signal."""
SLICE = 64
"""Statuses in one signal; more go in further signals, with a turn of the loop between them for keys and mouse."""


@dataclass(frozen=True, slots=True)
class LedgerAlone:
    """Why a shared ledger does not get this desk's entries, and how many wait; empty ``sentence``: it gets them."""

    sentence: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What became different since the last signal; of each session only its last state.

    ``hubs`` maps a platform to the sentence that says why it cannot be seen, or to None once it can be again.
    """

    statuses: tuple[SessionStatus, ...]
    gone: tuple[str, ...]
    hubs: tuple[tuple[Platform, str | None], ...]
    ports: Mapping[str, str] | None = None
    """Label of a bay whose port is to be mistrusted -> the sentence that says why; None: as before."""
    alone: LedgerAlone | None = None
    """How the desk stands to a ledger that it shares; None: as before."""
    entries_elsewhere: bool = False
    """True where another desk has added to the ledger that both share."""


class Bridge(QObject):
    """Collects what the engine says and tells the glass, coalesced.

    The ``post`` methods may be called from any thread and return at once. The first change after a pause is told
    at the next turn of the loop; the last one is always told. With nothing to tell no timer runs.

    Signals:
        changed: emitted on the glass's thread with one :class:`Changes`.
    """

    changed = Signal(object)
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._sessions: dict[str, SessionStatus | None] = {}
        self._hubs: dict[Platform, str | None] = {}
        self._ports: Mapping[str, str] | None = None
        self._alone: LedgerAlone | None = None
        self._elsewhere = False
        self._awake = False
        self._closed = False
        self._told = 0.0
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tell)
        self._woken.connect(self._wake, Qt.ConnectionType.QueuedConnection)

    def post(self, status: SessionStatus) -> None:
        """Tell how a session stands now."""
        with self._lock:
            self._sessions[status.key] = status
        self._knock()

    def post_gone(self, key: str) -> None:
        """Tell that a session is no more."""
        with self._lock:
            self._sessions[key] = None
        self._knock()

    def post_hub(self, platform: Platform, sentence: str | None) -> None:
        """Tell why handsets of a platform cannot be seen, or (None) that they can."""
        with self._lock:
            self._hubs[platform] = sentence
        self._knock()

    def post_ports(self, mistrusted: Mapping[str, str]) -> None:
        """Tell which ports are to be mistrusted now, all of them, with the sentence of each."""
        with self._lock:
            self._ports = mistrusted
        self._knock()

    def post_alone(self, alone: LedgerAlone) -> None:
        """Tell how the desk stands to the ledger that it shares."""
        with self._lock:
            self._alone = alone
        self._knock()

    def post_entry_elsewhere(self) -> None:
        """Tell that another desk has added to the ledger."""
        with self._lock:
            self._elsewhere = True
        self._knock()

    def close(self) -> None:
        """Take no more; what the engine still posts while it ends is dropped."""
        with self._lock:
            self._closed = True
        self._timer.stop()

    def _knock(self) -> None:
        with self._lock:
            if self._awake or self._closed:
                return
            self._awake = True
            self._woken.emit()

    def _wake(self) -> None:
        left = self._told + PERIOD - time.monotonic()
        self._timer.start(max(0, round(left * 1000)))

    def _tell(self) -> None:
        with self._lock:
            sessions = dict(islice(self._sessions.items(), SLICE))
            for key in sessions:
                del self._sessions[key]
            hubs, self._hubs = self._hubs, {}
            ports, self._ports = self._ports, None
            alone, self._alone = self._alone, None
            elsewhere, self._elsewhere = self._elsewhere, False
            self._awake = bool(self._sessions)
        if self._awake:
            self._timer.start(0)
        else:
            self._told = time.monotonic()
        statuses = tuple(status for status in sessions.values() if status is not None)
        gone = tuple(key for key, status in sessions.items() if status is None)
        self.changed.emit(Changes(statuses, gone, tuple(hubs.items()), ports, alone, elsewhere))
