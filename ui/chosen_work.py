"""What is asked about whatever is chosen in the window: a handset on the wall, a line of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from provisioning.errors import UsageError
from provisioning.plain_text import one_line
from provisioning.status import Phase
from ui.actions import DeskActions, HandedOver
from ui.rail import Place
from ui.sealing import seal_chosen, seal_followed, sealable
from ui.tasks import Tasks
from ui.theme import Theme
from ui.window_scans import WindowScans

if TYPE_CHECKING:
    from ui.window import MainWindow


class ChosenWork(QObject):
    """Does it, or says in a sentence why it cannot be done."""

    def __init__(
        self, window: MainWindow, theme: Theme, actions: DeskActions, scans: WindowScans, tasks: Tasks
    ) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._actions = actions
        self._scans = scans
        self._tasks = tasks

    def ask(self, action: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        """Ask the engine for something about the handset that is chosen on the wall."""
        chosen = self._window.desk.chosen
        if chosen is not None and self._window.place is Place.DESK:
            self._tasks.start(action(chosen.key), f"for {chosen.key}")

    def activate(self, key: str) -> None:
        """Hand over what was double-clicked, if it can be."""
        if self._window.desk.model.statuses[key].phase is Phase.READY:
            self.hand_over()

    def hand_over(self) -> None:
        """Open the counter with the handset that is chosen on the wall."""
        chosen = self._window.desk.chosen
        if chosen is None or self._window.place is not Place.DESK:
            return
        if chosen.phase is not Phase.READY:
            self._window.show_error(UsageError("This handset is not ready. Its card says what is missing."))
        else:
            self._window.go_to(Place.COUNTER)
            self._window.counter.take_handset(chosen)

    def take_back(self) -> None:
        """Open the return of what is chosen where one is; by a scan where nothing is."""
        window, text = self._window, ""
        if window.place is Place.DESK and window.desk.chosen is not None:
            text = window.desk.chosen.serial_number or ""
        elif window.place is Place.LEDGER and (line := window.ledger.chosen) is not None:
            text = line.receipt or line.subject
        window.go_to(Place.RETURNS)
        if text:
            self._scans.take_back(text)

    def exchange(self, officer: str, receipt: str) -> None:
        """Hand over what stands in for what has just come back."""
        self._window.go_to(Place.COUNTER)
        self._tasks.start(self._window.counter.take_exchange(officer, receipt), "hand over in exchange")

    def seal(self) -> None:
        """Close the chosen Android to every computer."""
        window, chosen = self._window, self._window.desk.chosen
        if chosen is None or window.place is not Place.DESK:
            return
        if window.counter.in_doubt:
            said = "Nothing may be sealed while the record is in doubt. Have it verified first."
            window.show_error(UsageError(said))
        elif not sealable(chosen):
            window.show_error(UsageError("Only an Android that is ready can be sealed. Its card says what is missing."))
        else:
            self._tasks.start(seal_chosen(self._theme, self._actions, chosen, window), f"seal {chosen.key}")

    def follow_seals(self, result: HandedOver) -> None:
        """Say how the seals go that a handover began."""
        for key in result.sealing:
            status = self._window.desk.model.statuses.get(key)
            serial = one_line((status.serial_number if status else None) or key, 40)
            self._tasks.start(seal_followed(self._theme, self._actions, key, serial, self._window), f"seal {key}")
