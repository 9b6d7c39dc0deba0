"""Has each handset of a visit verified afresh for its officer, and asks what the orders mean by it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from provisioning.errors import IssuingDeskError, UsageError
from ui.actions import DeskActions
from ui.counter_visit import Visit
from ui.gate import GateState
from ui.tasks import Tasks


class GateKeeper(QObject):
    """Works for the visit that ``visit`` gives, and for none that is over.

    Signals:
        changed: emitted when a gate stands otherwise than before.
    """

    changed = Signal()

    def __init__(self, actions: DeskActions, tasks: Tasks, visit: Callable[[], Visit], parent: QObject) -> None:
        super().__init__(parent)
        self._actions = actions
        self._tasks = tasks
        self._visit = visit

    def verify_new(self) -> None:
        """Verify what nobody has begun to verify for this officer."""
        for key in self._visit().unverified():
            self.verify(key)

    def verify_shut(self) -> None:
        """Verify every handset again whose gate is shut."""
        for key, chosen in self._visit().handsets.items():
            if chosen.gate.state is GateState.SHUT:
                self.verify(key)

    def verify(self, key: str) -> None:
        """Verify one handset of the visit now."""
        visit = self._visit()
        if visit.officer is not None and key in visit.handsets:
            asked = visit.begin_check(key)
            self._tasks.start(self._verified(visit, key, asked), "verify for handover")
            self.changed.emit()

    async def _verified(self, visit: Visit, key: str, asked: str) -> None:
        try:
            visit.order(key, asked, await self._actions.entitlement(key, asked))
        except UsageError as error:
            visit.broke_off(key, asked, str(error))
            self.changed.emit()
            return
        try:
            fresh = await self._actions.verify_for_handover(key, asked, ())
        except UsageError as error:  # such as that it is being worked on: once it is ready it is verified by itself
            visit.broke_off(key, asked, str(error))
            self.changed.emit()
            return
        except IssuingDeskError:
            visit.broke_off(key, asked)
            self.changed.emit()
            raise
        visit.answer(key, asked, fresh)
        self.changed.emit()
