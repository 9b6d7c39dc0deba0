"""A report: its pages as they will be printed, and the ways to keep and to print them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QListWidget, QVBoxLayout, QWidget

from provisioning.errors import FileError
from provisioning.printing.job import Job
from provisioning.receipts.form import Form
from ui.buttons import Button
from ui.dialogs import ended
from ui.page_view import PageView
from ui.plain import Words
from ui.print_actions import PrintActions
from ui.printing import PREVIEW_DPI
from ui.tasks import Tasks
from ui.theme import Theme

NO_PRINTER = "No printer is set up. Add one in the system’s settings, or keep the report as a file."


class Sheet(Protocol):
    """What is looked at: a report as the books stand when it is opened."""

    @property
    def title(self) -> str:
        """Give its name for people, one line."""
        ...

    @property
    def file_name(self) -> str:
        """Give the name that its file is offered under, without an ending."""
        ...

    async def pages(self, dpi: int) -> tuple[bytes, ...]:
        """Give its pages as PNG."""
        ...

    async def order(self, printer: str) -> Job:
        """Queue it as it stands now."""
        ...

    async def file(self, kind: str) -> bytes:
        """Give it as ``csv`` or ``pdf``."""
        ...


class PagesSheet(QDialog):
    """A report with its preview, the printers of the system, and the two kinds of file."""

    def __init__(
        self,
        theme: Theme,
        sheet: Sheet,
        paper: PrintActions,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(sheet.title)
        self._sheet, self._paper = sheet, paper
        self._tasks = Tasks(self, report)
        self.preview = PageView("The report as it will be printed")
        self.printers = QListWidget()
        self.printers.setAccessibleName("Printer")
        self.printers.setProperty("role", "list")
        self.printers.itemActivated.connect(self._order)
        self.said = Words("", "soft", wrap=True)
        self.go = Button(theme, "Print", "printer", role="primary", tip="On the chosen printer (Return)")
        self.pdf = Button(theme, "Save pages…", "save", tip="As PDF (Ctrl+S)")
        self.csv = Button(theme, "Save table…", "save", tip="For a spreadsheet, as CSV")
        close = Button(theme, "Close", tip="Esc")
        self.pdf.setShortcut("Ctrl+S")
        self.go.setDefault(True)
        self.go.setEnabled(False)
        self.go.clicked.connect(self._order)
        self.pdf.clicked.connect(lambda: self._tasks.start(self._save("pdf"), "save the report"))
        self.csv.clicked.connect(lambda: self._tasks.start(self._save("csv"), "save the report"))
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        foot.addWidget(self.go)
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addWidget(Words("Printer", "strong"))
        side.addWidget(self.printers, 1)
        side.addWidget(Words("Or keep it", "strong"))
        side.addWidget(self.pdf)
        side.addWidget(self.csv)
        side.addWidget(self.said)
        side.addLayout(foot)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(18)
        layout.addWidget(self.preview, 3)
        layout.addLayout(side, 2)
        self.resize(780, 560)
        self._tasks.start(self._load(), "make the report")

    async def _load(self) -> None:
        found = await self._paper.printers(Form.DESK)
        self.printers.addItems(list(found.names))
        usual = self.printers.findItems(found.usual, Qt.MatchFlag.MatchExactly) if found.usual else []
        self.printers.setCurrentRow(self.printers.row(usual[0]) if usual else 0)
        self.go.setEnabled(bool(found.names))
        if not found.names:
            self.said.setText(NO_PRINTER)
        self.preview.show_pages(await self._sheet.pages(PREVIEW_DPI))

    def _order(self) -> None:
        if self.go.isEnabled():
            self._tasks.start(self._print(), "print the report")

    async def _print(self) -> None:
        self.go.setEnabled(False)
        try:
            printer = self.printers.item(self.printers.currentRow()).text()
            job = await self._sheet.order(printer)
        finally:
            self.go.setEnabled(True)
        self.said.setText(f"Print job {job.number}: {job.sentence}")

    async def _save(self, kind: str) -> None:
        dialog = QFileDialog(self, "Save the report", f"{self._sheet.file_name}.{kind}", f"{kind.upper()} (*.{kind})")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind)
        if not await ended(dialog):
            return
        path = Path(dialog.selectedFiles()[0])
        data = await self._sheet.file(kind)
        try:
            await asyncio.to_thread(path.write_bytes, data)
        except OSError as error:
            raise FileError(path, f"cannot be written ({error.strerror}). Choose another place.") from error
        self.said.setText(f"Saved as {path.name}.")
