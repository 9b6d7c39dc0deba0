"""Standing notices above the wall: a hub that cannot be reached, a record in doubt. They stay until it is put right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from provisioning.platforms import Platform
from ui.actions import BrokenOff
from ui.buttons import Button
from ui.marks import Mark
from ui.plain import SelectableWords, Words
from ui.signs import Shape, Sign, Tone
from ui.theme import Theme

LOST = Sign(Shape.TRIANGLE, Tone.HANDS, "Cannot be seen")
DOUBT = Sign(Shape.DIAMOND, Tone.FAULT, "Stopped")
BROKEN_OFF = Sign(Shape.TRIANGLE, Tone.HANDS, "Interrupted")
UNMANNED = Sign(Shape.TRIANGLE, Tone.HANDS, "Nobody is signed in")
KNOWN = Sign(Shape.TRIANGLE, Tone.FAULT, "By the books")
UNSEEN = {Platform.IOS: "iPhones and iPads cannot be seen", Platform.ANDROID: "Android handsets cannot be seen"}


class Notices(QWidget):
    """One line a notice; nothing at all while there is none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._notices: dict[object, _Notice] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self.hide()

    @property
    def sentences(self) -> list[str]:
        """Give what is shown, from top to bottom."""
        return [notice.sentence for notice in self._notices.values()]

    def show_hub(self, platform: Platform, sentence: str | None) -> None:
        """Say why a platform's handsets cannot be seen, or (None) that they can."""
        self._show(platform, LOST, UNSEEN[platform], sentence)

    def show_doubt(self, sentence: str) -> None:
        """Say that the record is in doubt; this stays until the program is started anew."""
        self._show("record", DOUBT, "The record is in doubt. Nothing may be handed over", sentence)

    def show_technician(self, name: str) -> None:
        """Say, where ``name`` is empty, that nothing begins before somebody has signed in."""
        said = "Handsets that are plugged in are shown; work with them begins when somebody signs in (F4)."
        self._show("technician", UNMANNED, "Sign in to start", None if name else said)

    def show_silence(self, sentence: str) -> None:
        """Say why outcomes are not told aloud although that was chosen; empty: they are, or nobody wants it."""
        if sentence or "silence" in self._notices:
            self._show("silence", LOST, "Outcomes are not told aloud", sentence or None)

    def show_books(self, key: str, title: str, sentence: str | None) -> None:
        """Say what the books know of a handset that is plugged in and should not simply be here."""
        if sentence is None and key not in self._notices:
            return
        shown = self._notices.get(key)
        if shown is None or sentence is None or shown.sentence != f"{title}: {sentence}":
            self._show(key, KNOWN, title, sentence)

    def show_broken_off(self, broken: BrokenOff, paper: str, show: Callable[[str], None]) -> None:
        """Say what became of a handover that was interrupted; where it holds, what ``paper`` says of its receipt."""
        title = "A handover was interrupted" + (", and holds" if broken.receipt else ": it did not take place")
        about = broken.receipt or broken
        self._show(about, BROKEN_OFF, title, f"{broken.sentence} {paper}".strip())
        button = Button(self._theme, "Show its receipt" if broken.receipt else "Understood")
        button.clicked.connect(lambda: show(broken.receipt) if broken.receipt else self.end(broken))
        self._notices[about].add_button(button)

    def end(self, about: object) -> None:
        """Take a notice away: a receipt's by its number."""
        self._show(about, LOST, "", None)

    def _show(self, about: object, sign: Sign, title: str, sentence: str | None) -> None:
        old = self._notices.pop(about, None)
        if old is not None:
            old.hide()
            old.deleteLater()
        if sentence is not None:
            notice = _Notice(self._theme, sign, title, sentence)
            self._notices[about] = notice
            self._layout.addWidget(notice)
        self.setVisible(bool(self._notices))


class _Notice(QFrame):
    def __init__(self, theme: Theme, sign: Sign, title: str, sentence: str) -> None:
        super().__init__()
        self.sentence = f"{title}: {sentence}"
        self.setProperty("role", "notice")
        self.setProperty("tone", sign.tone.value)
        self.setAccessibleName(self.sentence)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(10)
        layout.addWidget(Mark(theme, sign), alignment=Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(Words(title, "strong", wrap=True))
        words.addWidget(SelectableWords(sentence, wrap=True))
        layout.addLayout(words, 1)
        self._layout = layout

    def add_button(self, button: Button) -> None:
        """Let a person do what the notice asks for."""
        self._layout.addWidget(button, alignment=Qt.AlignmentFlag.AlignVCenter)
