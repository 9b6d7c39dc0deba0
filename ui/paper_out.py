"""Receipts go to the printer that is remembered for them by themselves; how much has not come out yet is counted.

A printer that is absent or jammed holds nobody up: its jobs wait in the queue, also over the end of the program.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from provisioning.errors import IssuingDeskError
from provisioning.printing.job import JobState
from provisioning.receipts.form import Form
from ui.print_actions import PrintActions
from ui.tasks import Tasks

LOOK = 2000
"""Milliseconds between two looks at the queue, while something is in it."""
BY_ITSELF = (Form.OFFICER, Form.SLIP_80, Form.SLIP_58)
"""Whichever of these has a printer that is remembered, in this order."""
INTERRUPTED = "The desk was interrupted before it came to the printer"


class PaperOut(QObject):
    """Prints without being asked, but only where a printer was chosen once.

    Signals:
        counted: emitted with how many jobs are open and how many of those need a person, when that has changed.
    """

    counted = Signal(int, int)

    def __init__(self, actions: PrintActions, report: Callable[[BaseException], None], parent: QObject) -> None:
        super().__init__(parent)
        self._actions = actions
        self._tasks = Tasks(self, report)
        self._told = (0, 0)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self.look)

    async def print_first(self, number: str, *, shown: bool = True) -> str:
        """Print a receipt for the first time and say on which printer; or say why it is left to a person.

        ``shown`` tells that somebody has it on the screen. Nothing here stops what was handed over, so nothing is
        raised either.
        """
        try:
            for form in BY_ITSELF:
                printer = (await self._actions.printers(form)).usual
                if printer:
                    said = await self._order(number, form, printer)
                    await self._actions.seen_to(number)
                    return said
            if shown:
                await self._actions.seen_to(number)
        except IssuingDeskError as error:
            return f"It is not printed: {error}"
        return "It is not printed yet: choose a printer once (Ctrl+P), later ones go there by themselves."

    def look(self) -> None:
        """Look what is in the queue, and again as long as there is something."""
        self._tasks.start(self._look(), "look at the print queue")

    async def _order(self, number: str, form: Form, printer: str) -> str:
        """Order a print; where an interrupted program did so before, only if nothing came of it."""
        reason = ""
        if await self._actions.printed_before(number, form):
            if any(job.title.startswith(f"Receipt {number},") for job in await self._actions.jobs()):
                return "It went into the print queue before (Ctrl+Shift+P)."
            reason = INTERRUPTED
        await self._actions.print_receipt(number, form, printer, reason)
        self.look()
        return f"It is being printed on “{printer}”."

    async def _look(self) -> None:
        jobs = [job for job in await self._actions.jobs() if job.open]
        told = len(jobs), sum(job.state is JobState.HELD for job in jobs)
        if told != self._told:
            self._told = told
            self.counted.emit(*told)
        if jobs:
            self._timer.start()
