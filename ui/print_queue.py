"""The print queue on the glass: what is not out yet, how it stands in one sentence, and the three ways to help it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QInputDialog, QScrollArea, QVBoxLayout, QWidget

from provisioning.printing.destination import destination_text
from provisioning.printing.job import Job, JobState
from provisioning.receipts.form import Form
from ui.buttons import Button
from ui.dialogs import ended
from ui.plain import Elided, Words
from ui.print_actions import PrintActions
from ui.steady import steady
from ui.tasks import Tasks
from ui.theme import Theme

LOOK = 1500
"""Milliseconds between two looks while it is on the screen."""
MOST_ENDED = 8
"""Jobs that are out or given up and are still shown below the others."""
STATE_WORD = {
    JobState.WAITING: "Waiting",
    JobState.SENDING: "Sending",
    JobState.SPOOLED: "At the printer",
    JobState.HELD: "Needs you",
    JobState.PRINTED: "Printed",
    JobState.CANCELLED: "Cancelled",
}


@steady
class PrintQueueView(QWidget):
    """The open jobs, oldest first, then those that ended lately.

    Signals: ``counted`` gives how many are open and how many of those need a person, whenever that was looked up.
    """

    counted = Signal(int, int)

    def __init__(
        self,
        theme: Theme,
        actions: PrintActions,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._actions = theme, actions
        self._tasks = Tasks(self, report)
        self._shown: tuple[Job, ...] | None = None
        self._empty = Words("Nothing waits to be printed.", "soft")
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)
        inner = QWidget()
        around = QVBoxLayout(inner)
        around.setContentsMargins(0, 0, 6, 0)
        around.addWidget(self._empty)
        around.addLayout(self._rows)
        around.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self.look)

    @property
    def rows(self) -> list[JobRow]:
        """Give the rows that are shown, from the top."""
        found = (self._rows.itemAt(at) for at in range(self._rows.count()))
        return [row for item in found if item is not None and isinstance(row := item.widget(), JobRow)]

    def look(self) -> None:
        """Look how the jobs stand now."""
        self._tasks.start(self._load(), "look at the print queue")

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        """Show these jobs; rows that say the same stay, so that a button is not taken from under a finger."""
        waiting = sorted((job for job in jobs if job.open), key=lambda job: job.number)
        ended_ones = sorted((job for job in jobs if not job.open), key=lambda job: -job.number)[:MOST_ENDED]
        shown = (*waiting, *ended_ones)
        self.counted.emit(len(waiting), sum(job.state is JobState.HELD for job in waiting))
        if shown == self._shown:
            return
        self._shown = shown
        kept = {row.job: row for row in self.rows}
        for row in self.rows:
            self._rows.removeWidget(row)
            if row.job not in shown:
                kept.pop(row.job)
                row.hide()
                row.deleteLater()
        for job in shown:
            row = kept.get(job) or JobRow(self._theme, job)
            if job not in kept:
                row.retry.clicked.connect(lambda _=False, n=job.number: self._do(self._actions.retry(n), "retry"))
                row.cancel.clicked.connect(lambda _=False, n=job.number: self._do(self._actions.cancel(n), "cancel"))
                row.move_on.clicked.connect(lambda _=False, one=job: self._tasks.start(self._move(one), "move"))
            self._rows.addWidget(row)
        self._empty.setVisible(not shown)

    async def _load(self) -> None:
        self.show_jobs(await self._actions.jobs())

    def _do(self, doing: Coroutine[Any, Any, None], name: str) -> None:
        async def work() -> None:
            await doing
            await self._load()

        self._tasks.start(work(), f"{name} a print job")

    async def _move(self, job: Job) -> None:
        found = await self._actions.printers(Form.SLIP_80 if "slip" in job.title else Form.OFFICER)
        dialog = QInputDialog(self)
        dialog.setWindowTitle("Move to another printer")
        dialog.setLabelText(f"{job.title}: to which printer?")
        dialog.setComboBoxItems([name for name in found.names if name != destination_text(job.destination)])
        dialog.setComboBoxEditable(True)
        if await ended(dialog) and (chosen := dialog.textValue().strip()):
            await self._actions.move(job.number, chosen)
            await self._load()

    def showEvent(self, event: QShowEvent) -> None:
        """Look at once, then from time to time."""
        super().showEvent(event)
        self.look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop looking."""
        self._timer.stop()
        super().hideEvent(event)


class JobRow(QFrame):
    """One job: what, how it stands, and what can be done about it."""

    def __init__(self, theme: Theme, job: Job) -> None:
        super().__init__()
        self.job = job
        self.setProperty("role", "row")
        self.setAccessibleName(f"Print job {job.number}: {job.title}. {STATE_WORD[job.state]}. {job.sentence}")
        self.retry = Button(theme, "Retry", "refresh-cw", tip="Send it again now")
        self.move_on = Button(theme, "Move…", "printer", tip="Send it to another printer")
        self.cancel = Button(theme, "Cancel", "x", tip="Give it up")
        for button in (self.retry, self.move_on, self.cancel):
            button.setVisible(job.open)
        self.retry.setVisible(job.state in {JobState.WAITING, JobState.HELD})
        self.move_on.setVisible(job.open and job.state is not JobState.SENDING)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Words(STATE_WORD[job.state], "strong"))
        head.addWidget(Elided(job.title), 1)
        head.addWidget(self.retry)
        head.addWidget(self.move_on)
        head.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 6)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(Words(job.sentence, "soft", wrap=True))


class PrintQueueSheet(QDialog):
    """The print queue in a window of its own."""

    def __init__(
        self,
        theme: Theme,
        actions: PrintActions,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Print queue")
        self.view = PrintQueueView(theme, actions, report)
        close = Button(theme, "Close", role="primary")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 18)
        layout.setSpacing(12)
        layout.addWidget(Words("Print queue", "title"))
        layout.addWidget(self.view, 1)
        layout.addLayout(foot)
        self.resize(620, 420)
