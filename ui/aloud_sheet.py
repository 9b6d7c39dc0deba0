"""How outcomes are told beside being shown: silently, by two tones, or in words. Takes hold at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from ui.aloud import AloudDesk
from ui.aloud_phrases import Aloud
from ui.buttons import Button
from ui.plain import Words
from ui.tasks import Tasks
from ui.theme import Theme
from ui.wall_actions import WallActions

NAMES = {
    Aloud.OFF: "Not at all",
    Aloud.SOUNDS: "By two tones: rising for ready, falling for what needs you",
    Aloud.SPEECH: "In words: “Hub 1: bays 12, 13 and 14 ready.”",
}


class AloudSheet(QDialog):
    """The choice, kept for this desk."""

    def __init__(
        self,
        theme: Theme,
        aloud: AloudDesk,
        actions: WallActions,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Outcomes aloud")
        self.setMinimumWidth(500)
        self._aloud = aloud
        self._actions = actions
        self._tasks = Tasks(self, report)
        self.choices = {how: QRadioButton(name) for how, name in NAMES.items()}
        self.choices[aloud.how].setChecked(True)
        self.choices[aloud.how].setFocus()
        self.said = Words("", "fault", wrap=True)
        self.hear = Button(theme, "Let me hear it", "volume-2")
        close = Button(theme, "Close", role="primary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(10)
        layout.addWidget(Words("When a handset is ready or needs you", "strong", wrap=True))
        for how, button in self.choices.items():
            button.clicked.connect(lambda _=False, how=how: self._choose(how))
            layout.addWidget(button)
        layout.addWidget(self.said)
        foot = QHBoxLayout()
        foot.addWidget(self.hear)
        foot.addStretch(1)
        foot.addWidget(close)
        layout.addLayout(foot)
        self.hear.clicked.connect(lambda: aloud.try_out(aloud.how))
        close.clicked.connect(self.reject)
        aloud.troubled.connect(self._show_trouble)
        self._show_trouble("")

    def _choose(self, how: Aloud) -> None:
        self._aloud.choose(how)
        self.hear.setEnabled(how is not Aloud.OFF)
        self._tasks.start(self._actions.keep_aloud(how), "keep how outcomes are told")

    def _show_trouble(self, sentence: str) -> None:
        self.said.setText(sentence)
        self.said.setVisible(bool(sentence))
        self.hear.setEnabled(self._aloud.how is not Aloud.OFF)
        if sentence:
            self.choices[self._aloud.how].setChecked(True)
