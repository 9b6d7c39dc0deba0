"""The recall list: who is to give everything back and still holds what, as a table for a spreadsheet and as pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from provisioning.canonical import Json
from provisioning.holdings import Holding, called_back, holdings
from provisioning.ledger.look_up import Entries
from provisioning.people.recalls import Recall
from provisioning.people.roster import Roster
from provisioning.receipts.page_text import printable
from provisioning.receipts.typesetting import typeset_pdf, typeset_png
from provisioning.tables.writing import csv_bytes

HEADING = (
    "Officer", "Name", "Why", "Item", "Serial or number", "IMEI", "Asset tag", "With it", "Receipt", "Since",
)  # fmt: skip
_TEMPLATE = "recall.typ"


@dataclass(frozen=True, slots=True)
class Recalled:
    """An officer who is to give everything back. ``name`` is empty for one whom the roster has no more."""

    recall: Recall
    name: str
    holds: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class RecallList:
    """What stands on the list. ``made`` is aware; it is shown with its own offset from UTC."""

    officers: tuple[Recalled, ...]
    organisation: str
    desk: str
    training: bool
    made: datetime


def recalled(books: Entries, roster: Roster) -> tuple[Recalled, ...]:
    """Give everybody who is called back, whoever still holds something first, then by officer number."""
    back = called_back(books)
    held = holdings(books, back)
    found = [
        Recalled(recall, listed.name if (listed := roster.officers.get(number)) else "",
                 tuple(one for one in held if one.officer == number))
        for number, recall in back.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (not one.holds, one.recall.officer)))


def list_csv(listed: RecallList) -> bytes:
    """Give the table as a file's bytes: one row for each item that is still out."""
    return csv_bytes(HEADING, [
        (one.recall.officer, one.name, str(one.recall.cause), item.what, item.identifier, item.imei, item.asset_tag,
         ", ".join(item.accessories), item.receipt, item.since)
        for one in listed.officers for item in one.holds
    ])  # fmt: skip


def list_pdf(listed: RecallList) -> bytes:
    """Give the pages as PDF/A-3a, tagged. Raises UsageError where they cannot be set."""
    template, page, moment = list_document(listed)
    return typeset_pdf(template, page, {}, moment)


def list_document(listed: RecallList) -> tuple[str, dict[str, Json], int]:
    """Give what the pages are made of: template, what stands on them, and their date in seconds since 1970."""
    return _TEMPLATE, _page(listed), int(listed.made.timestamp())


def list_png(listed: RecallList, ppi: float) -> tuple[bytes, ...]:
    """Give each page as PNG."""
    return typeset_png(_TEMPLATE, _page(listed), {}, ppi)


def _page(listed: RecallList) -> dict[str, Json]:
    out = sum(len(one.holds) for one in listed.officers)
    return {
        "title": "To be given back",
        "organisation": printable(listed.organisation, 120),
        "desk": printable(listed.desk, 120),
        "made": f"{listed.made:%d %b %Y, %H:%M}",
        "training": listed.training,
        "sum": f"{out} item{'' if out == 1 else 's'} still out, {len(listed.officers)} called back",
        "officers": [_officer(one) for one in listed.officers],
    }


def _officer(one: Recalled) -> dict[str, Json]:
    why = "suspended" if one.recall.cause == "suspended" else "left"
    since = one.recall.since[:10]
    rows: Sequence[Json] = [
        [printable(item.what, 60), printable(item.identifier or "–", 40, run=20), printable(item.imei or "–", 40),
         printable(item.asset_tag or "–", 40, run=14), printable(item.receipt, 40, run=16), item.since]
        for item in one.holds
    ]  # fmt: skip
    return {
        "who": f"{printable(one.recall.officer, 40)}  {printable(one.name, 80)}".rstrip(),
        "why": f"{why.capitalize()} since {since}: {printable(one.recall.reason, 300)}",
        "rows": list(rows),
    }
