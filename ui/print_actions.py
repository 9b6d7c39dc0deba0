"""Everything that the window asks for about paper; the console implements it over the home's print office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from provisioning.labels.label import LabelKind
from provisioning.printing.job import Job
from provisioning.receipts.form import Form


@dataclass(frozen=True, slots=True)
class Printers:
    """Which printers there are for one kind of paper, and the one that was used last for it (empty: none was).

    Raw printers that were used once are among them, by the line that names them (``escpos://HOST:PORT``).
    ``usual`` may be out of reach at the moment: its jobs wait in the queue.
    """

    names: tuple[str, ...]
    usual: str


class PrintActions(Protocol):
    """What the window may ask for. Every method raises only IssuingDeskError, whose text the technician reads."""

    async def printers(self, form: Form) -> Printers:
        """Give the printers that can print this form."""
        ...

    async def preview(self, number: str, form: Form, dpi: int) -> tuple[bytes, ...]:
        """Give the pages of a receipt in this form as PNG."""
        ...

    async def printed_before(self, number: str, form: Form) -> bool:
        """Tell whether the original of this form was printed, so that another print needs a reason."""
        ...

    async def print_receipt(self, number: str, form: Form, printer: str, reason: str) -> Job:
        """Book the print and queue it; it goes out by itself."""
        ...

    async def seen_to(self, number: str) -> None:
        """Note that the paper of a receipt is ordered, or before somebody's eyes: the handover is at its end."""
        ...

    async def label_printers(self, kind: LabelKind) -> Printers:
        """Give the printers that can print labels of this kind."""
        ...

    async def label_preview(self, kind: LabelKind, keys: tuple[str, ...], dpi: int) -> tuple[bytes, ...]:
        """Give the labels as PNG, as a printer of the system prints them, of those that are due (see below)."""
        ...

    async def print_labels(self, kind: LabelKind, keys: tuple[str, ...], printer: str) -> Job:
        """Queue labels for those of these sessions (empty: all) that are ready, in the order of their bays."""
        ...

    async def jobs(self) -> tuple[Job, ...]:
        """Give what waits, and what ended lately, newest first."""
        ...

    async def retry(self, number: int) -> None:
        """Send a job again now."""
        ...

    async def cancel(self, number: int) -> None:
        """Give a job up, at the print system too."""
        ...

    async def move(self, number: int, printer: str) -> None:
        """Send a job to another printer."""
        ...
