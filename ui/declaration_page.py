"""The page on which an officer reads and ticks: the texts of all items, each once, in the officer's language."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ui.agreement import Agreed, Agreement, DeclarationText
from ui.buttons import Tick
from ui.plain import Words, tooltip
from ui.theme import Theme

LANGUAGES = {"en-GB": "English", "cy-GB": "Cymraeg"}
MOST_NAMED = 4
"""Items that are named below the title of their text; of more, how many there are."""


class DeclarationPage(QWidget):
    """Every clause is to be ticked by itself.

    Signals:
        changed: emitted when a clause is ticked or unticked, or the language changes.
        complete: emitted when the last clause has been ticked.
    """

    changed = Signal()
    complete = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._agreements: tuple[Agreement, ...] = ()
        self._shown: Agreement | None = None
        self._ticks: dict[tuple[str, str], Tick] = {}
        self.languages: list[QPushButton] = []
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self._choose)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._head = QHBoxLayout()
        self._head.setSpacing(4)
        self._head.addWidget(Words("The officer reads and ticks", "title"), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._head)
        layout.addWidget(self._scroll, 1)

    @property
    def shown(self) -> Agreement | None:
        """Give the texts as they are shown; None before there are any."""
        return self._shown

    @property
    def agreed(self) -> tuple[Agreed, ...]:
        """Give what was ticked of each text that is shown."""
        return tuple(
            Agreed(text.reference, text.sha256, tuple(one.id for one in text.clauses if self._on(text, one.id)))
            for text in (self._shown.texts if self._shown else ())
        )

    @property
    def unticked(self) -> int:
        """Give how many clauses are not ticked."""
        return sum(not tick.isChecked() for tick in self.ticks)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Give the tick boxes in their order."""
        return tuple(self._ticks.values())

    def show_agreements(self, agreements: tuple[Agreement, ...]) -> None:
        """Offer these, each in one language, in the language that was chosen before.

        A text that was shown before keeps its ticks; the same agreements again change nothing.
        """
        if agreements == self._agreements:
            return
        before = self._shown.language if self._shown else ""
        self._agreements = agreements
        self._offer_languages()
        whole = [number for number, one in enumerate(agreements) if one.texts]
        if whole:
            self._choose(next((number for number in whole if agreements[number].language == before), whole[0]))

    def take_focus(self) -> None:
        """Go to the first clause that is not ticked, to the last where all are."""
        if self.ticks:
            tick = next((one for one in self.ticks if not one.isChecked()), self.ticks[-1])
            tick.setFocus()
            self._scroll.ensureWidgetVisible(tick)

    def show_other_language(self) -> None:
        """Show the next language of those that there are."""
        usable = [button for button in self.languages if button.isEnabled()]
        if len(usable) > 1:
            at = next(number for number, button in enumerate(usable) if button.isChecked())
            usable[(at + 1) % len(usable)].click()
            self.take_focus()

    def begin_anew(self) -> None:
        """Show nothing: another officer has read and agreed to nothing yet, and may get something else."""
        self._agreements, self._shown, self._ticks = (), None, {}
        self._offer_languages()
        self._scroll.setWidget(QWidget())

    def _on(self, text: DeclarationText, clause: str) -> bool:
        return self._ticks[text.reference, clause].isChecked()

    def _toggled(self, tick: Tick) -> None:
        on = tick.isChecked()
        self.changed.emit()
        if on and not self.unticked:
            self.complete.emit()
        elif on and tick.hasFocus():
            self.take_focus()

    def _offer_languages(self) -> None:
        for button in self.languages:
            self._group.removeButton(button)
            button.hide()
            button.deleteLater()
        self.languages.clear()
        for number, one in enumerate(self._agreements if len(self._agreements) > 1 else ()):
            button = QPushButton(LANGUAGES.get(one.language, one.language))
            button.setProperty("role", "quiet")
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setEnabled(bool(one.texts))
            button.setToolTip(tooltip(one.lacks))
            button.setAccessibleDescription(one.lacks or "Show the texts in this language")
            self._group.addButton(button, number)
            self._head.addWidget(button)
            self.languages.append(button)

    def _choose(self, number: int) -> None:
        """Show a language; what was ticked in another was not read in this one and is ticked anew."""
        wanted = self._agreements[number]
        if self.languages:
            self.languages[number].setChecked(True)
        if wanted == self._shown:
            return
        kept = {text.sha256 for text in (self._shown.texts if self._shown else ())}
        on = {key for key, tick in self._ticks.items() if tick.isChecked()}
        self._shown = wanted
        self._ticks = {}
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(2)
        for text in wanted.texts:
            if self._ticks:
                layout.addSpacing(12)
            layout.addWidget(Words(text.title, "strong", wrap=True))
            if len(wanted.texts) > 1 and text.covers:
                layout.addWidget(Words(_named(text.covers), "soft", wrap=True))
            for clause in text.clauses:
                key = text.reference, clause.id
                tick = Tick(self._theme, clause.text)
                tick.setChecked(text.sha256 in kept and key in on)
                tick.toggled.connect(lambda _=False, tick=tick: self._toggled(tick))
                self._ticks[key] = tick
                layout.addWidget(tick)
        layout.addStretch(1)
        self._scroll.setWidget(page)
        self.changed.emit()


def _named(items: tuple[str, ...]) -> str:
    more = len(items) - MOST_NAMED
    return ", ".join(items) if more <= 0 else f"{', '.join(items[:MOST_NAMED])} and {more} more"
