"""The code for factory-fresh Androids: shown large, with what it holds and what became of each handset that scanned it.

It stands beside the wall, which goes on. The code may hold a password or a token: it is in this window alone, taken
down when it has ended or the window closes, and written nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from ui.actions import DeskActions, EnrolmentCode, Returned, ReturnState
from ui.buttons import Button
from ui.code_picture import CodePicture
from ui.marks import Mark
from ui.plain import SelectableWords, Words
from ui.signs import Shape, Sign, Tone
from ui.steady import steady
from ui.tasks import Tasks
from ui.theme import Theme

STEPS = (
    "Switch the handset on. On its very first screen, tap six times in one place.",
    "Hold its camera to the code and follow its screens.",
    "Plug it in and allow USB debugging for this computer.",
)
RETURN_SIGN: Mapping[ReturnState, Sign] = {
    ReturnState.OURS: Sign(Shape.DISC, Tone.READY, "Enrolled"),
    ReturnState.WAITING: Sign(Shape.TRIANGLE, Tone.HANDS, "Needs hands"),
    ReturnState.ANOTHER: Sign(Shape.SQUARE, Tone.STOPPED, "Not ours"),
    ReturnState.NOBODY: Sign(Shape.DIAMOND, Tone.FAULT, "Not enrolled"),
}
LOOK = 1.0
"""Seconds between two looks at who has come back."""
NOBODY_YET = "No handset has come back yet."


@steady
class EnrolmentSheet(QDialog):
    """The code with its facts and the handsets that returned."""

    def __init__(
        self,
        theme: Theme,
        actions: DeskActions,
        code: EnrolmentCode,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Enrol factory-fresh Androids")
        self._theme = theme
        self._actions = actions
        self._expires = code.expires
        self._tasks = Tasks(self, report)
        self.picture = CodePicture()
        self.picture.show_modules(code.modules)
        self.ended = Words(role="title", wrap=True)
        self.ended.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.ended.hide()
        self.returned = _ReturnList(theme)
        self.close_button = Button(theme, "Close", role="primary", tip="Take the code down (Esc)")
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.close)
        self._time = Words(wrap=True)
        self._lay_out(code)
        self._tell_time()
        self.resize(980, 660)
        self.close_button.setFocus()
        self._tasks.start(self._follow(), "follow who comes back")

    def _lay_out(self, code: EnrolmentCode) -> None:
        facts = QGridLayout()
        facts.setHorizontalSpacing(12)
        facts.setVerticalSpacing(4)
        facts.setColumnStretch(1, 1)
        network = one_line(code.network, 60) or "None: connect it by hand"
        values: list[tuple[str, Words]] = [
            ("Provider", SelectableWords(one_line(code.provider, 80), wrap=True)),
            ("Wi-Fi", SelectableWords(network, wrap=True)),
            ("Ends", self._time),
        ]
        for row, (title, value) in enumerate(values):
            facts.addWidget(Words(title, "soft"), row, 0, Qt.AlignmentFlag.AlignTop)
            facts.addWidget(value, row, 1)
        told = QVBoxLayout()
        told.setSpacing(6)
        told.addWidget(Words("Scan this code", "title", wrap=True))
        steps = QGridLayout()
        steps.setHorizontalSpacing(8)
        steps.setVerticalSpacing(4)
        steps.setColumnStretch(1, 1)
        for row, step in enumerate(STEPS):
            steps.addWidget(Words(f"{row + 1}."), row, 0, Qt.AlignmentFlag.AlignTop)
            steps.addWidget(Words(step, wrap=True), row, 1)
        told.addLayout(steps)
        told.addSpacing(6)
        told.addLayout(facts)
        if code.notes:
            told.addWidget(Words(one_line(code.notes, 400), "soft", wrap=True))
        told.addSpacing(8)
        told.addWidget(Words("Back on the cable", "strong"))
        told.addWidget(self.returned)
        told.addStretch(1)
        page = QWidget()
        page.setLayout(told)
        told.setContentsMargins(0, 0, 8, 0)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        scroll.setAccessibleName("About the code")
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(scroll, 1)
        right.addLayout(foot)
        left = QVBoxLayout()
        left.addWidget(self.picture, 1)
        left.addWidget(self.ended, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 18, 18, 16)
        layout.setSpacing(20)
        layout.addLayout(left, 3)
        layout.addLayout(right, 2)

    async def _follow(self) -> None:
        while True:
            self._tell_time()
            self.returned.show_returned(await self._actions.returned())
            await asyncio.sleep(LOOK)

    def _tell_time(self) -> None:
        if self._expires is None:
            self._time.setText("Nothing in it ends")
            return
        moment = self._expires.astimezone()
        left = (self._expires - datetime.now(UTC)).total_seconds()
        if left > 0:
            self._time.setText(f"{moment:%d %B, %H:%M} ({_span(left)} left)")
            return
        self._time.setText(f"Ended on {moment:%d %B at %H:%M}")
        self.picture.show_modules(())
        self.picture.hide()
        self.ended.setText("This code has ended. Have the server make a new token, then show the code again.")
        self.ended.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Take the code down."""
        self._forget()
        super().closeEvent(event)

    def reject(self) -> None:
        """Take the code down; Esc comes here without a close event."""
        self._forget()
        super().reject()

    def _forget(self) -> None:
        self.picture.show_modules(())
        self._tasks.cancel()


class _ReturnList(QWidget):
    """Each handset that came back: a sign and the sentence."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[Returned, ...] | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self.show_returned(())

    def show_returned(self, returned: tuple[Returned, ...]) -> None:
        """Show these, the latest first."""
        if returned == self._shown:
            return
        self._shown = returned
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, one in enumerate(reversed(returned)):
            sign = RETURN_SIGN[one.state]
            self._grid.addWidget(Mark(self._theme, sign), row, 0, Qt.AlignmentFlag.AlignTop)
            words = SelectableWords(one_line(one.sentence, 300), wrap=True)
            words.setAccessibleName(f"{sign.word}: {one_line(one.sentence, 300)}")
            self._grid.addWidget(words, row, 1)
        if not returned:
            self._grid.addWidget(Words(NOBODY_YET, "soft", wrap=True), 0, 0, 1, 2)


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
