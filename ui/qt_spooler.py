"""The print system where there is no ``lp`` to ask (Windows): Qt's, which takes painted pages and tells no more."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPageSize, QPainter

from provisioning.plain_text import one_line
from provisioning.printing.spooler import Document, Progress
from provisioning.printing.trouble import PrinterTrouble

_EXACTLY = QPageSize.SizeMatchPolicy.ExactMatch


class QtSpooler:
    """Paints pages at 300 dots an inch: vector pages come out of some drivers smeared, pictures do not (looked at).

    ``send`` may be called on any thread while a QGuiApplication lives.
    """

    takes_pages = True

    def printers(self) -> tuple[str, ...]:
        """Give the printers' names, the usual one first."""
        from PySide6.QtPrintSupport import QPrinterInfo  # 20 ms that most starts do not need

        usual = QPrinterInfo.defaultPrinterName()
        return tuple(sorted(QPrinterInfo.availablePrinterNames(), key=lambda name: (name != usual, name)))

    def send(self, printer: str, title: str, document: Document, size: tuple[int, int] | None = None) -> str:
        """Paint the pages; gives no name, since the print system tells nothing of the job afterwards."""
        from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

        assert not isinstance(document, bytes), "this print system takes pages"
        info = QPrinterInfo.printerInfo(printer)
        name = one_line(printer, 60)
        if info.isNull():
            raise PrinterTrouble(f"There is no printer “{name}” any more. Move the job to another printer.")
        target = QPrinter(info, QPrinter.PrinterMode.HighResolution)
        target.setDocName(one_line(title, 80))
        target.setFullPage(True)
        if size is not None:
            target.setPageSize(QPageSize(QSizeF(*size), QPageSize.Unit.Millimeter, "", _EXACTLY))
        painter = QPainter()
        if not painter.begin(target):
            raise PrinterTrouble(f"Printer “{name}” took no page. See that it is on; the job is tried again by itself.")
        for number, page in enumerate(document):
            if number:
                target.newPage()
            image = QImage.fromData(page)
            whole = QRectF(painter.viewport())
            room = image.size().toSizeF().scaled(whole.size(), Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawImage(QRectF(whole.topLeft(), room), image)
        painter.end()
        return ""

    def progress(self, printer: str, job: str) -> Progress:
        """Say that it has come out: nothing more will be known."""
        del printer, job
        return Progress(done=True)

    def cancel(self, job: str) -> None:
        """Do nothing: what was painted is out of our hands."""
        del job
