"""PrintActions from memory, for the tests of the glass and its photographs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from provisioning.labels.label import Label, LabelKind
from provisioning.labels.pages import labels_png
from provisioning.printing.destination import parse_destination
from provisioning.printing.job import Job, JobState
from provisioning.receipts.form import Form
from ui.print_actions import Printers

MADE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def job(number: int, title: str, printer: str, state: JobState, sentence: str) -> Job:
    """Give a job."""
    return Job(number, MADE, title, parse_destination(printer), state, sentence)


def jobs() -> list[Job]:
    """Give one job of each kind."""
    return [
        job(11, "Receipt D4-000015, officer", "Front office", JobState.PRINTED, "Printed on “Front office”."),
        job(12, "Receipt D4-000016, slip-80", "escpos://10.0.0.6:9100", JobState.WAITING,
            "Receipt printer 10.0.0.6:9100 does not answer (Connection refused). See that it is on and on the network; "
            "the job is tried again by itself."),
        job(13, "12 asset labels", "zpl://10.0.0.5:9100", JobState.HELD,
            "Label printer 10.0.0.5:9100 is out of labels. Mend that and look what came out, then retry or cancel."),
        job(14, "Receipt D4-000017, officer, COPY 1", "Front office", JobState.SPOOLED,
            "Printer “Front office” has stopped (Paper jam in tray 2). Clear it and switch it on again; the job waits "
            "there, or move it to another printer."),
    ]  # fmt: skip


@dataclass
class RehearsedPaper:
    """``asked`` keeps what was asked for; ``again`` lets every receipt have been printed before."""

    page: bytes
    again: bool = False
    names: tuple[str, ...] = ("Front office", "Back office")
    queue: list[Job] = field(default_factory=list[Job])
    asked: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    async def printers(self, form: Form) -> Printers:
        self.asked.append(("printers", str(form)))
        return Printers(self.names, self.names[-1] if self.names else "")

    async def preview(self, number: str, form: Form, dpi: int) -> tuple[bytes, ...]:
        self.asked.append(("preview", number, str(form)))
        return (self.page, self.page)

    async def printed_before(self, number: str, form: Form) -> bool:
        return self.again

    async def print_receipt(self, number: str, form: Form, printer: str, reason: str) -> Job:
        self.asked.append(("print_receipt", number, str(form), printer, reason))
        made = job(15, f"Receipt {number}, {form}", printer, JobState.WAITING, "Waiting for its turn.")
        self.queue.append(made)
        return made

    async def seen_to(self, number: str) -> None:
        self.asked.append(("seen_to", number))

    async def label_printers(self, kind: LabelKind) -> Printers:
        usual = {LabelKind.ASSET: "zpl://10.0.0.5:9100", LabelKind.BAG: ""}[kind]
        return Printers(("zpl://10.0.0.5:9100", "Labels, front office"), usual)

    async def label_preview(self, kind: LabelKind, keys: tuple[str, ...], dpi: int) -> tuple[bytes, ...]:
        return labels_png([Label(kind, "Training Police", "iPhone 15", "F2LXK0V1Q6", "MPS-104432", "Hub 1 · 3")], dpi)

    async def print_labels(self, kind: LabelKind, keys: tuple[str, ...], printer: str) -> Job:
        self.asked.append(("print_labels", str(kind), *keys, printer))
        return job(16, f"{len(keys)} {kind} labels", printer, JobState.WAITING, "Waiting for its turn.")

    async def jobs(self) -> tuple[Job, ...]:
        return tuple(reversed(self.queue))

    async def retry(self, number: int) -> None:
        self._become(number, JobState.WAITING, "Waiting for its turn.")

    async def cancel(self, number: int) -> None:
        self._become(number, JobState.CANCELLED, "Cancelled at the desk.")

    async def move(self, number: int, printer: str) -> None:
        self._become(number, JobState.WAITING, f"Moved to {printer}.")

    def _become(self, number: int, state: JobState, sentence: str) -> None:
        self.asked.append((str(state), str(number)))
        self.queue = [
            replace(one, state=state, sentence=sentence) if one.number == number else one for one in self.queue
        ]
