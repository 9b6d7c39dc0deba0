"""Print the pages of a document through the platform's print system, as pictures: what was seen is what is printed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QVBoxLayout, QWidget

from provisioning.errors import UsageError
from ui.buttons import Button
from ui.dialogs import ended
from ui.plain import Words
from ui.theme import Theme

DPI = 300
"""Vector pages come out of some drivers smeared; at this resolution pictures do not (looked at)."""


async def print_pages(theme: Theme, parent: QWidget, title: str, pages: Sequence[bytes]) -> bool:
    """Let a person choose a printer and print PNG ``pages`` on it; False if that was called off.

    Raises UsageError where there is no printer, or where the printer takes no page.
    """
    from PySide6.QtPrintSupport import QPrinter, QPrinterInfo  # 20 ms that most starts do not need

    names = QPrinterInfo.availablePrinterNames()
    if not names:
        raise UsageError("This machine has no printer. Save the PDF instead, or set up a printer and print again.")
    choice = PrinterChoice(theme, names, QPrinterInfo.defaultPrinterName(), parent)
    if not await ended(choice):
        return False
    printer = QPrinter(QPrinterInfo.printerInfo(choice.chosen), QPrinter.PrinterMode.HighResolution)
    printer.setDocName(title)
    printer.setFullPage(True)
    if not await asyncio.to_thread(_paint, printer, pages):
        raise UsageError(f"The printer {choice.chosen} took no page. Look whether it is switched on, then print again.")
    return True


class PrinterChoice(QDialog):
    """Which printer. Not QPrintDialog: that runs a loop of its own on Windows and would stop the glass."""

    def __init__(self, theme: Theme, names: Sequence[str], usual: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Print")
        self.chosen = usual or names[0]
        self._names = QListWidget()
        self._names.addItems(list(names))
        self._names.setCurrentRow(list(names).index(self.chosen) if self.chosen in names else 0)
        self._names.setAccessibleName("Printer")
        self._names.setMinimumHeight(120)
        self._names.currentTextChanged.connect(self._choose)
        self._names.itemActivated.connect(self.accept)
        go, leave = Button(theme, "Print", "printer", role="primary"), Button(theme, "Cancel")
        go.setDefault(True)
        go.clicked.connect(self.accept)
        leave.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(leave)
        foot.addWidget(go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(10)
        layout.addWidget(Words("Print on", "strong"))
        layout.addWidget(self._names)
        layout.addLayout(foot)
        self.setMinimumWidth(360)

    def _choose(self, name: str) -> None:
        self.chosen = name


def _paint(printer: object, pages: Sequence[bytes]) -> bool:
    from PySide6.QtPrintSupport import QPrinter

    assert isinstance(printer, QPrinter)
    painter = QPainter()
    if not painter.begin(printer):
        return False
    for number, page in enumerate(pages):
        if number:
            printer.newPage()
        image = QImage.fromData(page)
        whole = QRectF(painter.viewport())
        size = image.size().toSizeF().scaled(whole.size(), Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawImage(QRectF(whole.topLeft(), size), image)
    return painter.end()
