"""Learn the bays: a number that can be read from the hub a metre away, while one handset goes through all ports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from ui.bay_actions import BayActions, LearningFacts
from ui.buttons import Button
from ui.plain import Words
from ui.steady import steady
from ui.tasks import Tasks
from ui.theme import Theme

LOOK = 0.5
"""Seconds between two looks at what was plugged in."""
SHOWN = 12
"""Labels that are listed, the last ones."""
HOW = "Take one handset that needs nothing done. Plug it into each port in turn, hub by hub, in the order of counting."


@steady
class BayLearning(QDialog):
    """The sheet. Closing it any other way than by *Finish* keeps nothing."""

    def __init__(
        self,
        theme: Theme,
        actions: BayActions,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Learn the bays")
        self._theme = theme
        self._actions = actions
        self._tasks = Tasks(self, report)
        self._ending = False
        self.title = Words("The next new port is", "soft")
        self.number = Words("")
        self.number.setFont(theme.fonts.number)
        self.said = Words(HOW, wrap=True)
        self.learnt = Words("", "soft", wrap=True)
        self.undo = Button(theme, "Undo", tip="Forget the last port (U)")
        self.hub = Button(theme, "Next hub", tip="The ports from here on are those of another hub (H)")
        self.finish = Button(theme, "Finish", role="primary", tip="Keep what was learnt (Ctrl+Return)")
        self.leave = Button(theme, "Keep nothing", tip="Esc")
        self.finish.setShortcut("Ctrl+Return")
        self._lay_out()
        self._show(LearningFacts("", ""))
        self.undo.clicked.connect(lambda: self._ask(actions.undo()))
        self.hub.clicked.connect(lambda: self._ask(actions.next_hub()))
        self.finish.clicked.connect(lambda: self._tasks.start(self._finish(), "keep the bays"))
        self.leave.clicked.connect(self.reject)
        self.number.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.number.setFocus()  # on no button: a key that was meant for nothing must undo and keep nothing
        self.resize(620, 420)
        self._following = self._tasks.start(self._follow(), "learn the bays")

    def _lay_out(self) -> None:
        centre = Qt.AlignmentFlag.AlignCenter
        for words in (self.title, self.number, self.said):
            words.setAlignment(centre)
        foot = QHBoxLayout()
        foot.addWidget(self.undo)
        foot.addWidget(self.hub)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        foot.addWidget(self.finish)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 16)
        layout.setSpacing(8)
        layout.addStretch(1)
        layout.addWidget(self.title)
        layout.addWidget(self.number)
        layout.addWidget(self.said)
        layout.addStretch(1)
        layout.addWidget(self.learnt)
        layout.addLayout(foot)

    def _show(self, facts: LearningFacts) -> None:
        repeated = facts.repeated and bool(facts.last)
        self.title.setText("This port is" if repeated else "The next new port is")
        self.number.setText(one_line(facts.last if repeated else facts.next_label, 24) or "…")
        self.said.setText(one_line(facts.sentence, 200) or HOW)
        last = facts.learnt[-SHOWN:]
        before = f"{len(facts.learnt) - SHOWN} others, " if len(facts.learnt) > SHOWN else ""
        self.learnt.setText(f"Learnt: {before}{', '.join(last)}" if last else "Nothing is learnt yet.")
        self.undo.setEnabled(bool(facts.learnt))
        self.finish.setEnabled(bool(facts.learnt))
        self.hub.setEnabled(any(label.startswith(f"{facts.hub}-") for label in facts.learnt))

    async def _follow(self) -> None:
        self._show(await self._actions.begin_learning())
        while True:
            await asyncio.sleep(LOOK)
            self._show(await self._actions.learning())

    def _ask(self, question: Coroutine[Any, Any, LearningFacts]) -> None:
        async def ask() -> None:
            self._show(await question)

        self._tasks.start(ask(), "learn the bays")

    async def _finish(self) -> None:
        await self._actions.finish_learning()
        self._ending = True
        self.accept()

    async def _give_up(self) -> None:
        await self._actions.give_up_learning()
        self._ending = True
        super().reject()

    def reject(self) -> None:
        """Keep nothing; the desk is told first, so that work may begin again."""
        if not self._ending:
            self._tasks.start(self._give_up(), "give the learning up")
            return
        super().reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take single letters here: a shortcut would take them out of the middle of a scan."""
        match event.text().casefold():
            case "u" if not event.modifiers():
                self.undo.click()
            case "h" if not event.modifiers():
                self.hub.click()
            case _:
                super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Stop looking."""
        self._following.cancel()
        super().done(result)
