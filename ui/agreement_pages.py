"""The pages on which an officer agrees: what is declared, clause by clause, and the signature."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.actions import DeclarationText
from ui.agreement import Declined, Signed
from ui.buttons import Button, Tick
from ui.declaration_page import LANGUAGES
from ui.fields import field
from ui.plain import Words
from ui.signature import SignaturePad
from ui.signature_page import DESK_PAD, LATER, ON_PAPER
from ui.theme import Theme

_MIDDLE = Qt.AlignmentFlag.AlignVCenter


class DeclarationPage(QWidget):
    """The declaration in the officer's language, each clause to be ticked by itself.

    Signals:
        changed: emitted when a clause is ticked or unticked, or the language changes.
        complete: emitted when the last clause has been ticked.
    """

    changed = Signal()
    complete = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._texts: tuple[DeclarationText, ...] = ()
        self._text: DeclarationText | None = None
        self._ticks: dict[str, Tick] = {}
        self._title = Words(role="strong", wrap=True)
        self.languages: list[QPushButton] = []
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self._show)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._head = QHBoxLayout()
        self._head.setSpacing(4)
        self._head.addWidget(self._title, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._head)
        layout.addWidget(self._scroll, 1)

    @property
    def text(self) -> DeclarationText | None:
        """Give the declaration as it is shown."""
        return self._text

    @property
    def ticked(self) -> tuple[str, ...]:
        """Give the identifiers of the ticked clauses in their order."""
        return tuple(id_ for id_, tick in self._ticks.items() if tick.isChecked())

    @property
    def unticked(self) -> int:
        """Give how many clauses are not ticked."""
        return len(self._ticks) - len(self.ticked)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Give the tick boxes in their order."""
        return tuple(self._ticks.values())

    def show_texts(self, texts: tuple[DeclarationText, ...]) -> None:
        """Offer these, each in one language, and show the first; the same ones again change nothing."""
        if texts == self._texts:
            return
        self._texts = texts
        for button in self.languages:
            self._group.removeButton(button)
            button.hide()
            button.deleteLater()
        self.languages.clear()
        for number, text in enumerate(texts if len(texts) > 1 else ()):
            button = QPushButton(LANGUAGES.get(text.language, text.language))
            button.setProperty("role", "quiet")
            button.setCheckable(True)
            button.setChecked(number == 0)
            button.setAutoDefault(False)
            button.setAccessibleDescription("Show the declaration in this language")
            self._group.addButton(button, number)
            self._head.addWidget(button)
            self.languages.append(button)
        if texts:
            self._show(0)

    def take_focus(self) -> None:
        """Go to the first clause that is not ticked."""
        for tick in self.ticks:
            if not tick.isChecked():
                tick.setFocus()
                self._scroll.ensureWidgetVisible(tick)
                return

    def show_other_language(self) -> None:
        """Show the next language of those that there are."""
        if len(self.languages) > 1:
            at = next(number for number, button in enumerate(self.languages) if button.isChecked())
            self.languages[(at + 1) % len(self.languages)].click()
            self.take_focus()

    def begin_anew(self) -> None:
        """Take back every tick: another officer has agreed to nothing yet."""
        for tick in self.ticks:
            tick.setChecked(False)
        if self.languages and not self.languages[0].isChecked():
            self.languages[0].click()

    def _toggled(self, tick: Tick) -> None:
        on = tick.isChecked()
        self.changed.emit()
        if on and not self.unticked:
            self.complete.emit()
        elif on and tick.hasFocus():
            self.take_focus()

    def _show(self, number: int) -> None:
        """Show a language; what was ticked in another was not read in this one and is ticked anew."""
        text = self._texts[number]
        if text is self._text:
            return
        self._text = text
        self._title.setText(text.title)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(2)
        self._ticks = {clause.id: Tick(self._theme, clause.text) for clause in text.clauses}
        for tick in self._ticks.values():
            tick.toggled.connect(lambda _=False, tick=tick: self._toggled(tick))
            layout.addWidget(tick)
        layout.addStretch(1)
        self._scroll.setWidget(page)
        self.changed.emit()


class SignaturePage(QWidget):
    """The officer signs, or does not and it is said why.

    Signals:
        changed: emitted when there is more or less of either.
    """

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pad = SignaturePad(theme)
        self.desk_pad = SignaturePad(theme, name="Signature for the desk", otherwise=LATER)
        self.desk_pad.setFixedSize(*DESK_PAD)
        self.wipe = Button(theme, "Wipe", "eraser", tip="Begin the signature again (Delete)")
        self.declines = Tick(theme, "The officer does not sign")
        self.reason = field("Reason", "Why not, in a few words")
        self._hint = Words(role="soft", wrap=True)
        below = QHBoxLayout()
        below.addWidget(self.declines, 1)
        below.addWidget(self.wipe)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._hint)
        layout.addWidget(self.pad)
        layout.addLayout(below)
        layout.addWidget(self.reason)
        layout.addStretch(1)
        for_desk = QHBoxLayout()
        for_desk.setSpacing(14)
        for_desk.addWidget(self.desk_pad)
        for_desk.addWidget(Words(f"For the desk. {LATER}", role="soft", wrap=True), 1, _MIDDLE)
        layout.addLayout(for_desk)
        self.wipe.clicked.connect(self.pad.wipe)
        self.pad.changed.connect(self._follow)
        self.declines.toggled.connect(self._follow)
        self.reason.textChanged.connect(self._follow)
        self._unticked = 0
        self._follow()

    @property
    def signature(self) -> Signed | Declined | None:
        """Give the signature, or the reason for there being none; None while neither is there."""
        if self.declines.isChecked():
            reason = self.reason.text().strip()
            return Declined(reason) if reason else None
        return Signed(self.pad.svg(), "image/svg+xml") if self.pad.signed and not self._unticked else None

    @property
    def countersignature(self) -> Signed | None:
        """Give the technician's signature; None where it is to be written on the paper."""
        return Signed(self.desk_pad.svg(), "image/svg+xml") if self.desk_pad.signed else None

    def begin(self, unticked: int) -> None:
        """Come to this page; nobody signs under clauses that are not ticked."""
        self._unticked = unticked
        if unticked:
            self.declines.setChecked(True)
        self.declines.setEnabled(not unticked)
        self._follow()
        self.take_focus()

    def take_focus(self) -> None:
        """Go to where one signs, or to where it is said why not."""
        (self.reason if self.declines.isChecked() else self.pad).setFocus()

    def clear(self) -> None:
        """Begin anew: nobody has signed."""
        for pad in (self.pad, self.desk_pad):
            pad.wipe()
        self.reason.clear()
        self.declines.setEnabled(True)
        self.declines.setChecked(False)
        self._unticked = 0
        self._follow()

    def sign_on_paper(self) -> None:
        """Note that the officer signs the printed receipt instead."""
        self.declines.setChecked(True)
        self.reason.setText(ON_PAPER)

    def _follow(self) -> None:
        declines = self.declines.isChecked()
        self.pad.setEnabled(not declines)
        self.pad.setVisible(not declines)
        self.wipe.setVisible(not declines)
        self.reason.setVisible(declines)
        if self._unticked:
            number = f"{self._unticked} statements are" if self._unticked > 1 else "1 statement is"
            self._hint.setText(
                f"{number} not ticked, so it cannot be signed. Go back and tick, or say why the officer declines."
            )
        else:
            self._hint.setText("The officer signs for the handset, the items and the statements.")
        self._hint.setVisible(True)
        self.changed.emit()
