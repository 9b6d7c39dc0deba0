"""Orders paper and makes it: what a person asks for goes into the ledger first, then into the queue, then to a printer.

The first print of a receipt in a form is the original. Every further one is a reprint: it needs a reason, the ledger
keeps who asked for it and why, and the paper is marked COPY. Trying a job again that did not come out is no reprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from provisioning.canonical import Json
from provisioning.errors import UsageError
from provisioning.home.home import Home
from provisioning.labels.label import SIZE, Label
from provisioning.labels.pages import labels_pdf, labels_png
from provisioning.labels.zpl import zpl_of
from provisioning.ledger.draft import Draft
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.ledger.ledger import Body, Ledger
from provisioning.plain_text import one_line
from provisioning.printing import escpos
from provisioning.printing.destination import (
    Destination,
    Language,
    Media,
    SystemPrinter,
    destination_name,
    destination_text,
)
from provisioning.printing.job import Job
from provisioning.printing.memory import RECEIPT, SLIP, PrinterMemory
from provisioning.printing.queue import PrintQueue
from provisioning.printing.wish import LabelsWish, PagesWish, ReceiptWish, opened_wish, sealed_wish
from provisioning.receipts.form import Copy, Form, Paper

LONGEST_REASON = 200
MOST_LABELS = 1000


class PrintOffice:
    """Orders and makes the paper of one home."""

    def __init__(self, home: Home, queue: PrintQueue) -> None:
        self._home = home
        self.queue = queue
        self.printers = PrinterMemory(home.path)

    def order_receipt(
        self, ledger: Ledger, number: str, form: Form, destination: Destination, *, technician: str, reason: str = ""
    ) -> Job:
        """Book the print and queue it.

        Raises UsageError where the printer cannot print this form, where there is no such receipt, or where it was
        printed before and no ``reason`` is given.
        """
        require_fit(form, destination)
        from provisioning.receipts.parts import receipt_in_ledger

        receipt = receipt_in_ledger(ledger, number)
        why = one_line(reason.strip(), LONGEST_REASON)

        def write(draft: Draft) -> Body:
            # Looked up inside the transaction, so that two desks cannot both print the original.
            before = [
                one
                for one in draft.entries(receipt=receipt.number, kind=EntryKind.RECEIPT_PRINTED)
                if one.body.get("form") == str(form)
            ]
            if before and not why:
                raise UsageError(
                    f"Receipt {receipt.number} was printed before ({form} form, ledger entry {before[0].number}). "
                    "Give a reason (--reason); the paper will be marked COPY."
                )
            body: dict[str, Json] = {
                "receipt": receipt.number, "officer": receipt.officer.number, "form": str(form), "copy": len(before),
                "reason": why if before else "", "printer": one_line(destination_text(destination), 200),
            }  # fmt: skip
            return body

        entry = ledger.append(EntryKind.RECEIPT_PRINTED, None, write, technician=technician)
        paper = Paper(form, copy_in(entry))
        title = f"Receipt {receipt.number}, {form}" + (f", COPY {paper.copy.number}" if paper.copy else "")
        self.printers.keep(SLIP if form.paper else RECEIPT, destination)
        wish = sealed_wish(self._home.vault(), ReceiptWish(receipt.number, paper))
        return self.queue.add(title, wish, destination)

    def order_labels(self, labels: Sequence[Label], destination: Destination) -> Job:
        """Queue labels in their order. Raises UsageError where there are none or the printer prints no labels."""
        if not labels:
            raise UsageError("There is no label to print: only handsets that are ready get one.")
        if len(labels) > MOST_LABELS:
            raise UsageError(f"These are {len(labels)} labels; print at most {MOST_LABELS} at once.")
        _require_labels(destination)
        kind = labels[0].kind
        self.printers.keep(f"{kind}-label", destination)
        title = f"{len(labels)} {kind} label{'s' if len(labels) > 1 else ''}"
        return self.queue.add(title, sealed_wish(self._home.vault(), LabelsWish(tuple(labels))), destination)

    def order_pages(self, title: str, pages: PagesWish, destination: Destination) -> Job:
        """Queue a report as it stands now. Raises UsageError where the printer prints no pages."""
        _require_pages(destination)
        self.printers.keep(RECEIPT, destination)
        return self.queue.add(one_line(title, 80), sealed_wish(self._home.vault(), pages), destination)

    def move(self, number: int, destination: Destination) -> Job:
        """Send a job to another printer; gives it as it was. Raises UsageError where that one cannot print it."""
        match opened_wish(self._home.vault(), self.queue.content(self.queue.job(number))):
            case ReceiptWish(_, paper):
                require_fit(paper.form, destination)
            case LabelsWish():
                _require_labels(destination)
            case PagesWish():
                _require_pages(destination)
        return self.queue.move(number, destination)

    def make(self, content: bytes, destination: Destination) -> bytes:
        """Make what a destination takes of a job's sealed content: the press's part of the work."""
        match opened_wish(self._home.vault(), content):
            case LabelsWish(labels) if isinstance(destination, SystemPrinter):
                return labels_pdf(labels)
            case LabelsWish(labels):
                return zpl_of(labels, _require_labels(destination))
            case ReceiptWish(number, paper):
                return self._receipt(number, paper, destination)
            case PagesWish(template, page, moment):
                from provisioning.receipts.typesetting import typeset_pdf

                _require_pages(destination)
                return typeset_pdf(template, page, {}, moment)

    def make_pages(self, content: bytes) -> tuple[bytes, ...]:
        """Make the pages of anything as PNG at 300 pixels an inch, where a print system takes no PDF."""
        from provisioning.paper import PRINT_PPI, receipt_pages
        from provisioning.receipts.parts import receipt_in_ledger

        wish = opened_wish(self._home.vault(), content)
        if isinstance(wish, PagesWish):
            from provisioning.receipts.typesetting import typeset_png

            return typeset_png(wish.template, wish.page, {}, PRINT_PPI)
        if isinstance(wish, LabelsWish):
            return labels_png(wish.labels, PRINT_PPI)
        with self._home.read_ledger() as ledger:
            receipt = receipt_in_ledger(ledger, wish.number)
        return receipt_pages(self._home, receipt, PRINT_PPI, wish.paper)

    def size(self, content: bytes) -> tuple[int, int] | None:
        """Give the size in millimetres of what is no A4, None for all else."""
        wish = opened_wish(self._home.vault(), content)
        return SIZE[wish.labels[0].kind] if isinstance(wish, LabelsWish) else None

    def _receipt(self, number: str, paper: Paper, destination: Destination) -> bytes:
        from provisioning.paper import receipt_pages, receipt_pdf
        from provisioning.receipts.parts import receipt_in_ledger

        require_fit(paper.form, destination)
        with self._home.read_ledger() as ledger:
            receipt = receipt_in_ledger(ledger, number)
        if isinstance(destination, SystemPrinter):
            return receipt_pdf(self._home, receipt, paper)
        assert paper.form.paper is not None, "only slips fit a raw printer"
        return escpos.escpos_of(receipt_pages(self._home, receipt, escpos.PPI, paper), paper.form.paper)


def require_fit(form: Form, destination: Destination) -> None:
    """Raise UsageError where a printer cannot print a form."""
    if isinstance(destination, SystemPrinter):
        return
    name = destination_name(destination)
    if destination.language is not Language.ESCPOS:
        raise UsageError(f"{name} prints labels, not receipts. Choose a printer of the system, or escpos://HOST:PORT.")
    if form.paper is None:
        raise UsageError(f"{name} prints slips only. Choose --form slip-80 or slip-58, or another printer.")
    if form.paper != destination.media.paper:
        raise UsageError(
            f"{name} has paper of {destination.media.paper} mm. Choose --form slip-{destination.media.paper}."
        )


def _require_labels(destination: Destination) -> Media:
    """Give what is in a raw label printer; a printer of the system knows that itself. Raises UsageError."""
    if isinstance(destination, SystemPrinter):
        return Media()
    if destination.language is not Language.ZPL:
        raise UsageError(
            f"{destination_name(destination)} prints no labels. Give a label printer: one of the system’s, "
            "zpl://HOST:PORT or zpl:FILE."
        )
    return destination.media


def _require_pages(destination: Destination) -> None:
    if not isinstance(destination, SystemPrinter):
        raise UsageError(f"{destination_name(destination)} prints no A4 pages. Choose a printer of the system.")


def copy_in(entry: Entry) -> Copy | None:
    """Give what a RECEIPT_PRINTED entry says about a reprint; None where it was the original."""
    number = entry.body.get("copy")
    if not isinstance(number, int) or number < 1:
        return None
    moment = datetime.fromisoformat(entry.time).astimezone()
    return Copy(number, moment, entry.technician or "", str(entry.body.get("reason", "")))
