"""The report of one batch: what was delivered, what became of each handset, and by which entry of the ledger it is so.

As a table for a spreadsheet and as pages. Sentences about handsets come from whoever asks: they are worded above.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from provisioning.batches.closing import Difference
from provisioning.batches.matching import Match
from provisioning.batches.numbers import Numbers
from provisioning.batches.pace import seconds_of
from provisioning.batches.progress import BatchRow, Progress
from provisioning.batches.standing import Standing
from provisioning.canonical import Json
from provisioning.receipts.page_text import printable
from provisioning.receipts.typesetting import typeset_pdf, typeset_png
from provisioning.tables.writing import Cell, csv_bytes

HEADING = (
    "lines", "serial_number", "imei", "model", "asset_tag", "order", "match", "state", "since_utc", "bay",
    "ready_at_first", "walk_s", "receipt", "sentence",
)  # fmt: skip
_TEMPLATE = "batch.typ"
_MARK = {
    Standing.CLEAR: "clear", Standing.OUT: "clear", Standing.NOT_CLEAR: "not_clear", Standing.LOST: "not_clear",
    Standing.MISSING: "unverified", Standing.SEEN: "unverified", Standing.BACK: "unverified",
    Standing.STOPPED: "unknown", Standing.UNKNOWN: "unknown",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BatchReport:
    """Everything that stands in a report. ``head`` is number and hash of the ledger's last entry when it was made."""

    batch: Progress
    matches: Mapping[str, Match]
    numbers: Numbers | None
    differences: Sequence[Difference]
    outlook: str
    organisation: str
    desk: str
    training: bool
    made: datetime
    head: tuple[int, str]
    sentence_of: Callable[[BatchRow], str]
    nameless: Sequence[str]
    portals: Sequence[str] = ()


def report_csv(report: BatchReport) -> bytes:
    """Give the table as a file's bytes. Strangers to the manifest stand at its end."""
    return csv_bytes(HEADING, _rows(report))


def _rows(report: BatchReport) -> list[Sequence[Cell]]:
    rows: list[Sequence[Cell]] = []
    for row in report.batch.rows:
        expected, history = row.expected, row.history
        match = report.matches.get(row.serial_number.casefold())
        last = history.last
        walk = history.walks[-1] if history.walks else None
        rows.append((
            " ".join(map(str, row.lines)), row.serial_number, expected.imei, expected.model, expected.asset_tag,
            expected.order, str(match.outcome) if match else "", str(row.standing), row.since,
            history.identity.text("bay") if history.identity else "",
            {True: "yes", False: "no", None: ""}[history.first_pass], seconds_of(walk) if walk else None,
            last.text("receipt") if last else "", report.sentence_of(row),
        ))  # fmt: skip
    for event in report.batch.strangers:
        match = report.matches.get(event.subject.casefold())
        said = match.sentence if match else f"{event.subject} is not on the manifest."
        rows.append(
            ("", event.subject, "", "", "", "", "not on the manifest", "stopped", event.time, "", "", None, "", said)
        )
    return rows


def report_pdf(report: BatchReport) -> bytes:
    """Give the pages as PDF/A-3a, tagged; equal input gives equal bytes. Raises UsageError where they cannot be set."""
    return typeset_pdf(_TEMPLATE, _page(report), {}, int(report.made.timestamp()))


def report_png(report: BatchReport, ppi: float) -> tuple[bytes, ...]:
    """Give each page as PNG, for the screen and for printers that take no PDF."""
    return typeset_png(_TEMPLATE, _page(report), {}, ppi)


def report_document(report: BatchReport) -> tuple[str, Mapping[str, Json], int]:
    """Give what the pages are made of: template, what stands on them, and their date in seconds since 1970."""
    return _TEMPLATE, _page(report), int(report.made.timestamp())


def _page(report: BatchReport) -> dict[str, Json]:
    batch = report.batch
    closed = batch.closed
    reason = closed.text("reason") if closed else ""
    if closed is None:
        state = "Open."
    else:
        state = f"Closed on {_when(closed.moment)} by entry {closed.number} of the ledger."
        state += f" In spite of differences: {printable(reason, 400)}" if reason else " All was accounted for."
    name = printable(batch.name, 60)
    return {
        "title": f"Batch {name}",
        "description": f"Report of batch {name}: {batch.done} of {len(batch.rows)} handsets ready or handed over.",
        "name": name,
        "organisation": printable(report.organisation, 120),
        "desk": printable(report.desk, 120),
        "made": _when(report.made),
        "training": report.training,
        "done": f"{batch.done} of {len(batch.rows)}",
        "state": state,
        "outlook": report.outlook if closed is None else "",
        "counts": [[str(one), str(count)] for one, count in batch.counts.items() if count],
        "numbers": _numbers(report.numbers),
        "differences": [
            [printable(one.what, 40), printable(one.serial_number, 40, run=20), printable(_told(report, one), 500)]
            for one in report.differences
        ],
        "nameless": [printable(said, 400) for said in report.nameless],
        "portals": [printable(title, 80) for title in report.portals],
        "rows": [_row(report, row) for row in batch.rows],
        "head": [str(report.head[0]), report.head[1]],
    }


def _told(report: BatchReport, difference: Difference) -> str:
    """Say a difference as the lane does, where the handset is in it."""
    row = next((one for one in report.batch.rows if one.serial_number == difference.serial_number), None)
    if row is None or not row.standing.needs_hands:
        return difference.sentence
    return report.sentence_of(row)


def _row(report: BatchReport, row: BatchRow) -> list[Json]:
    match = report.matches.get(row.serial_number.casefold())
    model = row.expected.model
    if not model and row.history.identity:
        model = row.history.identity.text("model_name")
    return [
        _MARK[row.standing],
        printable(row.serial_number, 40, run=20),
        printable(model, 40) if model else "–",
        printable(row.expected.asset_tag, 24, run=16) if row.expected.asset_tag else "–",
        str(row.standing),
        str(match.outcome) if match else "–",
        _when(row.history.last.moment) if row.history.last else "–",
    ]


def _numbers(found: Numbers | None) -> list[Json]:
    if found is None or not found.handsets:
        return []
    per_hour = f"{found.per_hour:.1f}" if found.per_hour is not None else "too few measured"
    share = f"{found.first_pass_yield:.0%} ({found.ready_at_first} of {found.handsets})" if found.handsets else "–"
    facts: list[Json] = [["Handsets an hour", per_hour], ["Ready at the first walk", share]]
    facts += [[f"{step.step}, seconds", f"median {step.median:.1f}, p95 {step.p95:.1f}"] for step in found.steps]
    return facts


def _when(moment: datetime) -> str:
    return f"{moment.astimezone():%d %b %Y, %H:%M}"
