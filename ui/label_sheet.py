"""Labels for what is ready: on the handsets themselves or on their bags, in the order of the bays."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from provisioning.labels.label import LabelKind
from provisioning.plain_text import one_line
from provisioning.status import SessionStatus
from ui.buttons import Button
from ui.plain import Words
from ui.print_actions import PrintActions
from ui.tasks import Tasks
from ui.theme import Theme

KIND_NAMES = {LabelKind.ASSET: "Asset labels, on the handsets", LabelKind.BAG: "Bag labels, on what they are kept in"}


class LabelSheet(QDialog):
    """Asks what kind, for which handsets and on which printer; what is printed then waits in the print queue.

    ``ready`` are the handsets that are ready now, ``chosen`` the one that is chosen on the wall, if it is among them.
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
        self.setMinimumWidth(420)
        self._actions = actions
        self._chosen = chosen if chosen in ready else None
        self._any = bool(ready)
        self._tasks = Tasks(self, report)
        self.kinds = {kind: QRadioButton(name) for kind, name in KIND_NAMES.items()}
        many = f"All {len(ready)} that are ready, in the order of their bays"
        self.all = QRadioButton(many if len(ready) != 1 else "The one that is ready")
        name = one_line(chosen.serial_number or "", 40) if chosen is not None else ""
        self.one = QRadioButton(f"The chosen one alone, {name}" if self._chosen else "The chosen one alone")
        self.printer = QLineEdit()
        self.printer.setAccessibleName("Label printer, by address")
        self.printer.setPlaceholderText("zpl://HOST:9100 or zpl:FILE")
        self.said = Words("", "soft", wrap=True)
        self.go, close = Button(theme, "Print", "printer", role="primary"), Button(theme, "Close")
        self._lay_out(ready, close)
        self.printer.textChanged.connect(self._look)
        self.go.clicked.connect(lambda: self._tasks.start(self._print(), "print labels"))
        close.clicked.connect(self.reject)
        self._look()
        for button in self.kinds.values():
            button.clicked.connect(self._look_up)
        self.kinds[LabelKind.ASSET].setChecked(True)
        self._look_up()

    @property
    def kind(self) -> LabelKind:
        """Give the kind that is chosen."""
        return next((kind for kind, button in self.kinds.items() if button.isChecked()), LabelKind.ASSET)

    def _lay_out(self, ready: tuple[SessionStatus, ...], close: Button) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(8)
        for heading, buttons in (("What", list(self.kinds.values())), ("For which", [self.all, self.one])):
            # a group of its own for each question: radio buttons of one parent rule each other out
            group = QWidget()
            group.setAccessibleName(heading)
            column = QVBoxLayout(group)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(4)
            for button in buttons:
                column.addWidget(button)
            layout.addWidget(Words(heading, "strong"))
            layout.addWidget(group)
            layout.addSpacing(6)
        layout.addWidget(Words("Label printer", "strong"))
        layout.addWidget(self.printer)
        layout.addWidget(self.said)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        foot.addWidget(self.go)
        layout.addLayout(foot)
        self.all.setChecked(True)
        self.one.setEnabled(self._chosen is not None)
        self.go.setDefault(True)
        if not ready:
            self.said.setText("No handset is ready, and only those that are get a label.")

    def _look_up(self) -> None:
        self._tasks.start(self._load(self.kind), "look for the label printer")

    async def _load(self, kind: LabelKind) -> None:
        usual = await self._actions.label_printer(kind)
        if kind is self.kind and not self.printer.isModified():
            self.printer.setText(usual)

    async def _print(self) -> None:
        keys = (self._chosen.key,) if self._chosen is not None and self.one.isChecked() else ()
        self.go.setEnabled(False)
        try:
            job = await self._actions.print_labels(self.kind, keys, self.printer.text().strip())
        finally:
            self._look()
        self.said.setText(f"{job.title}: in the print queue.")

    def _look(self) -> None:
        self.go.setEnabled(self._any and bool(self.printer.text().strip()))
