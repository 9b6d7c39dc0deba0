"""The page on which an officer signs: by hand, by a typed name with a one-time code, or not, and it is said why."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.agreement import Declined, Signature, Signed, TypedName
from ui.buttons import Button, Tick
from ui.fields import field, form
from ui.plain import Words
from ui.signature import SignaturePad
from ui.theme import Theme

_MIDDLE = Qt.AlignmentFlag.AlignVCenter
ON_PAPER = "Signs on the printed receipt"
LATER = "The technician signs here, or later on the paper."
DESK_PAD = (300, 100)
"""Half the officer's pad, logical pixels."""


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
        self.types = Tick(theme, "Types the name, with a one-time code")
        self.declines = Tick(theme, "Does not sign")
        self.name = field("Name", "The signer’s name in full")
        self.code = field("One-time code", "Six digits of the signer’s authenticator", role="serial")
        self.code.setMaxLength(12)
        self.reason = field("Reason", "Why not, in a few words")
        self._hint = Words(role="soft", wrap=True)
        below = QHBoxLayout()
        below.addWidget(self.types)
        below.addWidget(self.declines)
        below.addStretch(1)
        below.addWidget(self.wipe)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._hint)
        layout.addWidget(self.pad)
        layout.addLayout(below)
        self._by_name = QWidget()
        grid = form([("Name", self.name)], [("One-time code", self.code)])
        grid.setContentsMargins(0, 0, 0, 0)
        self._by_name.setLayout(grid)
        layout.addWidget(self._by_name)
        layout.addWidget(self.reason)
        layout.addStretch(1)
        for_desk = QHBoxLayout()
        for_desk.setSpacing(14)
        for_desk.addWidget(self.desk_pad)
        for_desk.addWidget(Words(f"For the desk. {LATER}", role="soft", wrap=True), 1, _MIDDLE)
        layout.addLayout(for_desk)
        self.wipe.clicked.connect(self.pad.wipe)
        self.pad.changed.connect(self._follow)
        self.declines.toggled.connect(self._declined)
        self.types.toggled.connect(self._typed)
        for one in (self.reason, self.name, self.code):
            one.textChanged.connect(self._follow)
        self._unticked = 0
        self._follow()

    @property
    def signature(self) -> Signature | None:
        """Give the signature, or the reason for there being none; None while neither is there."""
        if self.declines.isChecked():
            reason = self.reason.text().strip()
            return Declined(reason) if reason else None
        if self.types.isChecked():
            name, code = self.name.text().strip(), "".join(self.code.text().split())
            return TypedName(name, code) if name and code.isdecimal() and not self._unticked else None
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
        for tick in (self.declines, self.types):
            tick.setEnabled(not unticked)
        self._follow()
        self.take_focus()

    def take_focus(self) -> None:
        """Go to where one signs, or to where it is said why not."""
        if self.declines.isChecked():
            self.reason.setFocus()
        elif self.types.isChecked():
            (self.code if self.name.text() else self.name).setFocus()
        else:
            self.pad.setFocus()

    def forget_code(self) -> None:
        """Ask for another one-time code: each is good once."""
        self.code.clear()

    def clear(self) -> None:
        """Begin anew: nobody has signed."""
        for pad in (self.pad, self.desk_pad):
            pad.wipe()
        for one in (self.reason, self.name, self.code):
            one.clear()
        for tick in (self.declines, self.types):
            tick.setEnabled(True)
            tick.setChecked(False)
        self._unticked = 0
        self._follow()

    def sign_on_paper(self) -> None:
        """Note that the officer signs the printed receipt instead."""
        self.declines.setChecked(True)
        self.reason.setText(ON_PAPER)

    def _declined(self, on: bool) -> None:
        if on:
            self.types.setChecked(False)
        self._follow()

    def _typed(self, on: bool) -> None:
        if on:
            self.declines.setChecked(False)
        self._follow()
        self.take_focus()

    def _follow(self) -> None:
        declines, types = self.declines.isChecked(), self.types.isChecked()
        draws = not declines and not types
        self.pad.setEnabled(draws)
        self.pad.setVisible(draws)
        self.wipe.setVisible(draws)
        self._by_name.setVisible(types)
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
