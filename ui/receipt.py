"""A receipt on the screen: its first page as it will be printed, with the ways to keep it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from provisioning.errors import FileError
from ui.actions import DeskActions
from ui.buttons import Button
from ui.dialogs import ended
from ui.page_view import PageView
from ui.plain import SelectableWords, Words
from ui.print_queue import PrintQueueSheet
from ui.printing import print_receipt
from ui.tasks import Tasks
from ui.theme import Theme

SCREEN_DPI = 110


class ReceiptView(QWidget):
    """One receipt with “Save PDF” and “Print”."""

    def __init__(self, theme: Theme, actions: DeskActions, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._actions = actions
        self._tasks = tasks
        self._number = ""
        self._pdf: bytes | None = None
        self._page = PageView("The receipt as it is printed")
        self._said = Words(role="soft", wrap=True)
        self.save = Button(theme, "Save PDF…", "save", tip="Keep the receipt as a file (Ctrl+S)")
        self.save.setShortcut("Ctrl+S")
        self.save.clicked.connect(lambda: self._tasks.start(self._save(), "save the receipt"))
        self.print = Button(theme, "Print…", "printer", tip="Print the receipt (Ctrl+P)")
        self.print.setShortcut("Ctrl+P")
        self.print.clicked.connect(lambda: self._tasks.start(self._print(), "print the receipt"))
        self.queue = Button(theme, "Print queue", role="quiet", tip="What waits to be printed, and how to help it")
        self.queue.clicked.connect(self._show_queue)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.save)
        buttons.addWidget(self.print)
        buttons.addWidget(self.queue)
        buttons.addWidget(self._said, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self._page, 1)
        layout.addLayout(buttons)

    @property
    def said(self) -> str:
        """Give what was said last about keeping it."""
        return self._said.text()

    def say(self, number: str, sentence: str) -> None:
        """Say what becomes of the paper of a receipt, if it is still the one that is shown."""
        if number == self._number:
            self._said.setText(sentence)

    def show_receipt(self, number: str, pdf: bytes | None = None) -> None:
        """Show the receipt of this number; its page comes when it has been made."""
        self._number, self._pdf = number, pdf
        self._said.setText("")
        self._tasks.start(self._load(), "show the receipt")

    async def _load(self) -> None:
        self._page.show_pages(await self._actions.receipt_pages(self._number, SCREEN_DPI))

    async def _save(self) -> None:
        dialog = QFileDialog(self, "Save receipt", f"{self._number}.pdf", "PDF (*.pdf)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        if not await ended(dialog):
            return
        path = Path(dialog.selectedFiles()[0])
        pdf = self._pdf or await self._actions.receipt_pdf(self._number)
        try:
            await asyncio.to_thread(path.write_bytes, pdf)
        except OSError as error:
            raise FileError(
                path, f"the receipt cannot be written there ({error.strerror}). Choose another place."
            ) from error
        self._said.setText(f"Saved as {path.name}.")

    async def _print(self) -> None:
        job = await print_receipt(self._theme, self, self._actions.paper, self._number, self._tasks.report)
        if job is not None:
            self._said.setText(f"Print job {job.number}: {job.sentence}")

    def _show_queue(self) -> None:
        sheet = PrintQueueSheet(self._theme, self._actions.paper, self._tasks.report, self)
        self._tasks.start(ended(sheet), "show the print queue")


class ReceiptSheet(QDialog):
    """A receipt that was looked up by its number."""

    def __init__(
        self,
        theme: Theme,
        actions: DeskActions,
        number: str,
        report: Callable[[BaseException], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Receipt {number}")
        self.view = ReceiptView(theme, actions, Tasks(self, report))
        close = Button(theme, "Close", role="primary")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        head = QHBoxLayout()
        head.addWidget(Words("Receipt", "title"))
        head.addWidget(SelectableWords(number, "serial"), 1)
        head.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 18)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self.view, 1)
        self.resize(600, 720)
        self.view.show_receipt(number)
