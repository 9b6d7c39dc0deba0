"""Labels for what is ready: on the handsets themselves or on their bags, in the order of the bays."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QRadioButton, QVBoxLayout, QWidget

from provisioning.errors import UsageError
from provisioning.labels.label import LabelKind
from provisioning.plain_text import one_line
from provisioning.status import SessionStatus
from ui.buttons import Button
from ui.page_view import PageView
from ui.plain import Words
from ui.print_actions import PrintActions
from ui.tasks import Tasks
from ui.theme import Theme

KIND_NAMES = {LabelKind.ASSET: "Asset labels, on the handsets", LabelKind.BAG: "Bag labels, on what they are kept in"}
PREVIEW_DPI = 160


class LabelSheet(QDialog):
    """Asks what kind, for which handsets and on which printer; what is printed then waits in the print queue.

    ``ready`` are the handsets that are ready now, ``chosen`` the one that is chosen on the wall, if it is among them.
    The preview is what a printer of the system prints; a raw one sets the same words in its own letters.
    """

    def __init__(
        self,
        theme: Theme,
        actions: PrintActions,
        ready: tuple[SessionStatus, ...],
        chosen: SessionStatus | None,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Print labels")
        self._actions = actions
        self._chosen = chosen if chosen in ready else None
        self._any = bool(ready)
        self._tasks = Tasks(self, report)
        self.kinds = {kind: QRadioButton(name) for kind, name in KIND_NAMES.items()}
        self.all = QRadioButton(f"All {len(ready)}, in bay order" if len(ready) != 1 else "The one that is ready")
        name = one_line(chosen.serial_number or "", 40) if chosen is not None else ""
        self.one = QRadioButton(f"The chosen one, {name}" if self._chosen else "The chosen one")
        self.preview = PageView("The labels as they will be printed")
        self.names = QListWidget()
        self.names.setAccessibleName("Label printer")
        self.names.setProperty("role", "list")
        self.names.setMinimumHeight(80)
        self.printer = QLineEdit()
        self.printer.setAccessibleName("Label printer, by name or address")
        self.printer.setPlaceholderText("Name, or zpl://HOST:9100")
        self.said = Words("", "soft", wrap=True)
        self.go, close = Button(theme, "Print", "printer", role="primary"), Button(theme, "Close")
        self._lay_out(close)
        if not ready:
            self.said.setText("No handset is ready, and only those that are get a label.")
        self.names.currentTextChanged.connect(self._choose_printer)
        self.printer.textChanged.connect(self._look)
        self.go.clicked.connect(lambda: self._tasks.start(self._print(), "print labels"))
        close.clicked.connect(self.reject)
        self.kinds[LabelKind.ASSET].setChecked(True)
        self.all.setChecked(True)
        self.one.setEnabled(self._chosen is not None)
        for button in (*self.kinds.values(), self.all, self.one):
            button.clicked.connect(self._look_up)
        self.resize(760, 460)
        self._look()
        self._look_up()

    @property
    def kind(self) -> LabelKind:
        """Give the kind that is chosen."""
        return next((kind for kind, button in self.kinds.items() if button.isChecked()), LabelKind.ASSET)

    @property
    def keys(self) -> tuple[str, ...]:
        """Give the sessions that are meant; empty for all that are ready."""
        return (self._chosen.key,) if self._chosen is not None and self.one.isChecked() else ()

    def _lay_out(self, close: Button) -> None:
        side = QVBoxLayout()
        side.setSpacing(8)
        for heading, buttons in (("What", list(self.kinds.values())), ("For which", [self.all, self.one])):
            # a group of its own for each question: radio buttons of one parent rule each other out
            group = QWidget()
            group.setAccessibleName(heading)
            column = QVBoxLayout(group)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(4)
            for button in buttons:
                column.addWidget(button)
            side.addWidget(Words(heading, "strong"))
            side.addWidget(group)
            side.addSpacing(4)
        side.addWidget(Words("Label printer", "strong"))
        side.addWidget(self.printer)
        side.addWidget(self.names, 1)
        side.addWidget(self.said)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        foot.addWidget(self.go)
        side.addLayout(foot)
        self.go.setDefault(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(18)
        layout.addWidget(self.preview, 3)
        layout.addLayout(side, 3)

    def _look_up(self) -> None:
        self._tasks.start(self._load(self.kind, self.keys), "look for label printers")

    async def _load(self, kind: LabelKind, keys: tuple[str, ...]) -> None:
        found = await self._actions.label_printers(kind)
        if (kind, keys) != (self.kind, self.keys):  # another choice was made meanwhile
            return
        self.names.blockSignals(True)
        self.names.clear()
        self.names.addItems(list(found.names))
        for item in self.names.findItems(found.usual, Qt.MatchFlag.MatchExactly) if found.usual else []:
            self.names.setCurrentItem(item)
        self.names.blockSignals(False)
        if not self.printer.isModified():
            self.printer.setText(found.usual)
        if self._any:
            try:
                pages = await self._actions.label_preview(kind, keys, PREVIEW_DPI)
            except UsageError as error:  # what was ready when this was opened may have gone
                self.said.setText(str(error))
                return
            if (kind, keys) == (self.kind, self.keys):
                self.preview.show_pages(pages)

    def _choose_printer(self, name: str) -> None:
        self.printer.setText(name)

    async def _print(self) -> None:
        self.go.setEnabled(False)
        try:
            job = await self._actions.print_labels(self.kind, self.keys, self.printer.text().strip())
        finally:
            self._look()
        self.said.setText(f"{job.title}: in the print queue.")

    def _look(self) -> None:
        self.go.setEnabled(self._any and bool(self.printer.text().strip()))
