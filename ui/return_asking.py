"""What is asked before something that cannot be taken back: an erase, a release from evidence, a suspension."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from provisioning.plain_text import one_line
from provisioning.return_case import ItemOut
from ui.buttons import Button
from ui.dialogs import Question, ended
from ui.fields import field
from ui.plain import Words
from ui.theme import Theme


class ReasonSheet(QDialog):
    """One question that wants a reason, and a reference where there is one.

    Nothing is done without a reason. ``answer`` is what was said at the end: reason and reference.
    """

    def __init__(
        self, theme: Theme, title: str, text: str, *, yes: str, reference: str = "", parent: QWidget | None = None
    ) -> None:
        """``reference`` is what the second field asks for; empty: it is not there."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(420)
        self.answer = ("", "")
        self.reason = field("Reason", "Why, and on whose word")
        self.reference = field("Reference", reference)
        if not reference:
            self.reference.hide()
        self.go, leave = Button(theme, yes, role="primary"), Button(theme, "Cancel")
        self.go.setDefault(True)
        self.go.clicked.connect(self._go)
        leave.clicked.connect(self.reject)
        self.reason.textChanged.connect(self._follow)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(leave)
        foot.addWidget(self.go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(10)
        layout.addWidget(Words(title, "title", wrap=True))
        layout.addWidget(Words(text, wrap=True))
        layout.addWidget(self.reason)
        layout.addWidget(self.reference)
        layout.addSpacing(6)
        layout.addLayout(foot)
        self._follow()
        self.reason.setFocus()

    def _follow(self) -> None:
        self.go.setEnabled(bool(self.reason.text().strip()))

    def _go(self) -> None:
        self.answer = (self.reason.text().strip(), self.reference.text().strip())
        self.accept()


async def asked(sheet: ReasonSheet) -> tuple[str, str] | None:
    """Open a sheet and give reason and reference; None where it was called off."""
    said: list[tuple[str, str]] = []
    sheet.accepted.connect(lambda: said.append(sheet.answer))
    return said[0] if await ended(sheet) and said else None


async def ask_erase(theme: Theme, item: ItemOut, parent: QWidget) -> bool:
    """Ask whether everything may be taken off a handset."""
    title = f"Erase {one_line(item.name, 60)}?"
    text = (
        f"{one_line(item.identifier, 40)}. Everything on it is lost for good. It is left as it is where Find My is on "
        "or somebody else manages it. It takes some minutes; the other handsets go on."
    )
    return await ended(Question(theme, title, text, yes="Erase", no="Leave it as it is", parent=parent))


async def ask_release(theme: Theme, item: ItemOut, parent: QWidget) -> tuple[str, str] | None:
    """Ask why a handset is released from evidence."""
    title = f"Release {one_line(item.identifier, 40)} from evidence?"
    text = f"It is kept since {item.held}. After that it may be erased, worked on and issued again."
    return await asked(
        ReasonSheet(theme, title, text, yes="Release", reference="Reference of the release", parent=parent)
    )
