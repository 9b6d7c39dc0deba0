"""A receipt on the screen: its first page as it will be printed, with the ways to keep it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from provisioning.errors import FileError
from ui.actions import DeskActions
from ui.buttons import Button
from ui.dialogs import ended
from ui.plain import SelectableWords, Words
from ui.printing import DPI, print_pages
from ui.steady import steady
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
        self._page = _Page()
        self._said = Words(role="soft", wrap=True)
        self.save = Button(theme, "Save PDF…", "save", tip="Keep the receipt as a file (Ctrl+S)")
        self.save.setShortcut("Ctrl+S")
        self.save.clicked.connect(lambda: self._tasks.start(self._save(), "save the receipt"))
        self.print = Button(theme, "Print…", "printer", tip="Print the receipt (Ctrl+P)")
        self.print.setShortcut("Ctrl+P")
        self.print.clicked.connect(lambda: self._tasks.start(self._print(), "print the receipt"))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.save)
        buttons.addWidget(self.print)
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
        pages = await self._actions.receipt_pages(self._number, DPI)
        if await print_pages(self._theme, self, f"Receipt {self._number}", pages):
            self._said.setText("Sent to the printer.")


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


@steady
class _Page(QWidget):
    """The first page, fitted into its place."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._fitted = QPixmap()
        self._more = 0
        self.setAccessibleName("The receipt as it is printed")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_pages(self, pages: Sequence[bytes]) -> None:
        self._image = QImage.fromData(pages[0]) if pages else QImage()
        self._more = max(0, len(pages) - 1)
        self._fitted = QPixmap()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 380)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            scale = self.devicePixelRatioF()
            if self._image.isNull():
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The page is being made…")
                return
            wanted = self.size() * scale
            if self._fitted.size() != self._image.size().scaled(wanted, Qt.AspectRatioMode.KeepAspectRatio):
                fitted = self._image.scaled(
                    wanted, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
                )
                self._fitted = QPixmap.fromImage(fitted)
                self._fitted.setDevicePixelRatio(scale)
            shown = self._fitted.deviceIndependentSize().toSize()
            at = ((self.width() - shown.width()) // 2, (self.height() - shown.height()) // 2)
            painter.drawPixmap(*at, self._fitted)
            painter.setPen(self.palette().mid().color())
            painter.drawRect(*at, shown.width() - 1, shown.height() - 1)
            if self._more:
                painter.setPen(self.palette().text().color())
                said = f"and {self._more} more page{'s' if self._more > 1 else ''}"
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter, said)
