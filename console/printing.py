"""The print office of a home, and its press where no window is open: prints what is due in this process."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Any

from provisioning.errors import HomeError, UsageError
from provisioning.printing.destination import (
    Destination,
    Language,
    SystemPrinter,
    destination_text,
    parse_destination,
)
from provisioning.printing.job import Job, JobState
from provisioning.printing.office import PrintOffice, require_fit
from provisioning.printing.press import Press
from provisioning.printing.queue import PrintQueue
from provisioning.printing.spooler import CupsSpooler, Spooler
from provisioning.receipts.form import Form
from provisioning.receipts.receipt import SAFE
from provisioning.receipts.template import load_template

if TYPE_CHECKING:
    from console.call import Call
    from provisioning.home.home import Home
    from provisioning.ledger.ledger import Ledger

PATIENCE = 12.0
"""Seconds that a command waits for its paper; what is not out then stays in the queue."""
_LOOK = 0.2


def office_of(home: Home) -> PrintOffice:
    """Give the print office of a home. Raises HomeError where its queue cannot be used."""
    return PrintOffice(home, PrintQueue(home.path))


def press_of(office: PrintOffice, spooler: Spooler | None = None) -> Press:
    """Give what prints an office's queue."""
    return Press(office.queue, office, spooler or CupsSpooler())


def tell_template(call: Call, home: Home) -> None:
    """Say why the force's own template is not used, where it is wrong."""
    if fault := load_template(home.path).fault:
        call.tell(fault)


def spooler_of() -> Spooler:
    """Give the print system for a process with a window: CUPS where its commands are, else what Qt prints through."""
    if shutil.which("lp") is not None:
        return CupsSpooler()
    from ui.qt_spooler import QtSpooler

    return QtSpooler()


def printed(office: PrintOffice, job: Job, seconds: float = PATIENCE) -> Job:
    """Print what is due until ``job`` has come to rest, or for so many seconds; gives how it stands then."""
    press, end = press_of(office), time.monotonic() + seconds
    while True:
        press.step()
        now = office.queue.job(job.number)
        resting = not now.open or now.state is JobState.HELD or (now.state is JobState.WAITING and now.attempts > 0)
        if resting or time.monotonic() > end:
            return now
        time.sleep(min(_LOOK, office.queue.next_due() or _LOOK))


def require_receipt_printer(text: str) -> tuple[Destination, Form]:
    """Give a printer for receipts and the form that it prints. Raises UsageError where it prints none."""
    destination = parse_destination(text)
    form = Form.OFFICER
    if not isinstance(destination, SystemPrinter) and destination.language is Language.ESCPOS:
        form = Form.SLIP_80 if destination.media.paper == 80 else Form.SLIP_58
    require_fit(form, destination)
    return destination, form


def print_first(home: Home, ledger: Ledger, number: str, printer: str, technician: str) -> tuple[str, dict[str, Any]]:
    """Print the original of a receipt that is in the ledger; a sentence and JSON for it, whatever the printer does."""
    destination, form = require_receipt_printer(printer)
    try:
        office = office_of(home)
        job = printed(office, office.order_receipt(ledger, number, form, destination, technician=technician))
    except (UsageError, HomeError) as error:
        return f"It was not printed. {error} {SAFE}", {"print_job": None, "print_state": "not queued"}
    return f"Print job {job.number}: {job.sentence}", {"print_job": job.number, "print_state": str(job.state)}


def printer_named(office: PrintOffice, text: str | None, kind: str) -> Destination | None:
    """Give the printer that was named, else the one remembered for this kind of paper, else None."""
    return parse_destination(text) if text else office.printers.of(kind)


def job_document(job: Job) -> dict[str, Any]:
    """Give a job as JSON."""
    return {
        "job": job.number, "made": job.made.isoformat(), "title": job.title, "state": str(job.state),
        "printer": destination_text(job.destination), "attempts": job.attempts, "sentence": job.sentence,
    }  # fmt: skip
