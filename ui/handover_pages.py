"""The pages of the handover: who receives it and what goes along, what the officer declares, and the signature."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.actions import DeclarationText, Declined, Signed
from ui.buttons import Button, Tick
from ui.officer_number import fault_of
from ui.plain import Words
from ui.signature import SignaturePad
from ui.theme import Theme

_MIDDLE = Qt.AlignmentFlag.AlignVCenter
ACCESSORIES = ("Charger", "Cable", "Case", "Screen protector", "SIM card", "Body-worn mount")
LATER = "The technician signs here, or later on the paper."
DESK_PAD = (300, 100)
"""Half the officer's pad, logical pixels."""
LANGUAGES = {"en-GB": "English", "cy-GB": "Cymraeg"}


class OfficerPage(QWidget):
    """Officer number and name, permits, accessories."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = _field("Officer number", "Warrant or pay number; type or scan it", role="serial")
        self.name = _field("Name", "If the officer is not on the roster")
        self.permits = _field("Permits", "References, with a comma between them")
        self.others = _field("Other items", "With a comma between them")
        self.number.setMaxLength(200)
        self._fault = Words(wrap=True)
        self._fault.setProperty("role", "fault")
        self._fault.hide()
        self._items = [Tick(theme, item) for item in ACCESSORIES]
        items = QWidget()
        boxes = QGridLayout(items)
        boxes.setContentsMargins(0, 0, 0, 0)
        boxes.setVerticalSpacing(0)
        for at, tick in enumerate(self._items):
            boxes.addWidget(tick, at // 3, at % 3)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        lines: list[tuple[str, QWidget]] = [("Officer number", self.number), ("", self._fault), ("Name", self.name)]
        lines += [("Permits", self.permits), ("Handed over with", items), ("Other items", self.others)]
        for row, (title, widget) in enumerate(lines):
            grid.addWidget(Words(title), row, 0, Qt.AlignmentFlag.AlignTop if widget is items else _MIDDLE)
            grid.addWidget(widget, row, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(grid)
        layout.addStretch(1)
        self.number.textEdited.connect(lambda: self._say(""))

    @property
    def officer_number(self) -> str:
        """Give the officer number without spaces around it."""
        return self.number.text().strip(" ")

    @property
    def permit_references(self) -> tuple[str, ...]:
        """Give the permits that were named."""
        return _pieces(self.permits.text())

    @property
    def accessories(self) -> tuple[str, ...]:
        """Give what goes along with the handset."""
        return (*(tick.words for tick in self._items if tick.isChecked()), *_pieces(self.others.text()))

    @property
    def fault(self) -> str:
        """Give the sentence that is shown under the officer number."""
        return self._fault.text() if not self._fault.isHidden() else ""

    def check(self) -> bool:
        """Say whether the officer number can be taken; if not, what is wrong with it stands beside the field."""
        self._say(fault_of(self.number.text()))
        if self.fault:
            self.number.setFocus()
            self.number.selectAll()
        return not self.fault

    def _say(self, fault: str) -> None:
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))
        self.number.setProperty("wrong", bool(fault))
        self.number.setAccessibleDescription(fault)
        self.number.style().polish(self.number)


class DeclarationPage(QWidget):
    """The declaration in the officer's language, each clause to be ticked by itself.

    Signals:
        changed: emitted when a clause is ticked or unticked, or the language changes.
    """

    changed = Signal()

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
        """Offer these, each in one language, and show the first."""
        self._texts = texts
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
            tick.toggled.connect(self.changed)
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
        self.reason = _field("Reason", "Why not, in a few words")
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
        (self.reason if self.declines.isChecked() else self.pad).setFocus()

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


def _field(name: str, placeholder: str, role: str = "") -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(placeholder)
    field.setMaxLength(400)
    if role:
        field.setProperty("role", role)
    return field


def _pieces(text: str) -> tuple[str, ...]:
    return tuple(piece for piece in (part.strip() for part in text.split(",")) if piece)
