"""Tell outcomes aloud, beside showing them: gathered, never faster than they can be heard, never what holds no more."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from provisioning.status import SessionStatus
from ui.aloud_phrases import Aloud, Cue, Outcome, outcome_of, sentences
from ui.bridge import Changes

GATHER = 700
"""Milliseconds in which outcomes are gathered before the first is told."""
PAUSE = {Aloud.SOUNDS: 1500, Aloud.SPEECH: 400, Aloud.OFF: 0}
"""Milliseconds between two tellings."""
AGAIN = 30.0
"""Seconds in which the same is not told of the same handset again: a loose cable is no news every second."""
AT_ONCE = 4
"""Sentences in one telling."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told in one go: by tones, or in words."""

    cues: tuple[Cue, ...]
    words: str


class Speaker(QObject):
    """Whatever can be heard. :mod:`ui.system_speaker` is this machine's.

    Signals:
        finished: emitted when a telling has ended, with a sentence where it could not be heard and "" where it could.
    """

    finished = Signal(str)

    def begin(self, telling: Telling, how: Aloud) -> None:
        """Begin to tell; returns at once. Not called again before ``finished``."""
        raise NotImplementedError

    def stop(self) -> None:
        """Be silent at once."""
        raise NotImplementedError


class AloudDesk(QObject):
    """Follows the bridge. ``statuses`` gives all sessions as they stand; ``speaker`` makes what is heard, once.

    Signals:
        troubled: emitted with a sentence when nothing can be heard, and with "" when it is tried anew. After that it
            keeps silent until somebody chooses again.
        chosen: emitted when another way was chosen, or silence because of trouble.
    """

    troubled = Signal(str)
    chosen = Signal()

    def __init__(
        self,
        statuses: Callable[[], Mapping[str, SessionStatus]],
        speaker: Callable[[QObject], Speaker],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._statuses = statuses
        self._make = speaker
        self._speaker: Speaker | None = None
        self._how = Aloud.OFF
        self._known: dict[str, Outcome | None] = {}
        self._waiting: dict[str, Outcome] = {}
        self._told: dict[str, tuple[Outcome, float]] = {}
        self._urgent: Telling | None = None
        self._busy = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tell)

    @property
    def how(self) -> Aloud:
        """Give what was chosen."""
        return self._how

    def choose(self, how: Aloud) -> None:
        """Tell in this way from now on; what has happened before is not told."""
        self._how = how
        self._urgent = None
        self._waiting.clear()
        self._known = {key: outcome_of(status) for key, status in self._statuses().items()}
        self._timer.stop()
        if self._speaker is not None:
            self._speaker.stop()
        self._busy = False
        self.troubled.emit("")
        self.chosen.emit()

    def try_out(self, how: Aloud) -> None:
        """Let somebody hear how it will be."""
        if how is not Aloud.OFF and not self._busy:
            self._begin(Telling((Cue.READY, Cue.NEEDS), "Hub 1: bays 2 and 3 ready. Hub 1: bay 7 needs you."), how)

    def tell_now(self, words: str, cue: Cue) -> None:
        """Tell what somebody has just done and must hear: before all that waits; of several only the last."""
        if self._how is Aloud.OFF:
            return
        if self._busy:
            self._urgent = Telling((cue,), words)
        else:
            self._begin(Telling((cue,), words), self._how)

    def note(self, changes: Changes) -> None:
        """Take over what the bridge tells."""
        if self._how is Aloud.OFF:
            return
        for key in changes.gone:
            for kept in (self._waiting, self._known, self._told):
                kept.pop(key, None)
        for status in changes.statuses:
            outcome = outcome_of(status)
            if outcome is None:
                self._waiting.pop(status.key, None)
            elif outcome != self._known.get(status.key):
                self._waiting.pop(status.key, None)
                if not self._just_told(status.key, outcome):
                    self._waiting[status.key] = outcome
            self._known[status.key] = outcome
        if self._waiting and not self._busy and not self._timer.isActive():
            self._timer.start(GATHER)

    def close(self) -> None:
        """Be silent for good."""
        self.choose(Aloud.OFF)

    def _just_told(self, key: str, outcome: Outcome) -> bool:
        last, when = self._told.get(key, (None, 0.0))
        return last == outcome and time.monotonic() - when < AGAIN

    def _tell(self) -> None:
        # What is waiting was replaced or taken away whenever its handset changed: it holds at this moment.
        # Two may give the same bay: they are told once.
        outcomes = tuple(dict.fromkeys(self._waiting.values()))
        chosen = sentences(outcomes)[: AT_ONCE if self._how is Aloud.SPEECH else None]
        if self._busy or not chosen:
            return
        now = time.monotonic()
        told = {outcome for _, group in chosen for outcome in group}
        for key, outcome in list(self._waiting.items()):
            if outcome in told:
                del self._waiting[key]
                self._told[key] = (outcome, now)
        cues = tuple(cue for cue in Cue if any(outcome.cue is cue for outcome in told))
        self._begin(Telling(cues, " ".join(sentence for sentence, _ in chosen)), self._how)

    def _begin(self, telling: Telling, how: Aloud) -> None:
        if self._speaker is None:
            self._speaker = self._make(self)
            self._speaker.finished.connect(self._finished)
        self._busy = True
        self._speaker.begin(telling, how)

    def _finished(self, trouble: str) -> None:
        self._busy = False
        if trouble:
            self._how = Aloud.OFF
            self._waiting.clear()
            self.troubled.emit(trouble)
            self.chosen.emit()
        elif self._urgent is not None:
            urgent, self._urgent = self._urgent, None
            self._begin(urgent, self._how)
        elif self._waiting:
            self._timer.start(PAUSE[self._how])
