"""What commands and window say of batches, put together from the ledger, the manifests and exports of portals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from provisioning.batches.batch_folder import BatchFolder, manifest_bytes
from provisioning.batches.book import BatchBook
from provisioning.batches.closing import differences
from provisioning.batches.manifest import Expected, Manifest, ManifestReading, read_manifest
from provisioning.batches.matching import Match, Said, match, said_of
from provisioning.batches.portal_list import PortalList, read_portal_list
from provisioning.batches.progress import Progress
from provisioning.batches.report import BatchReport
from provisioning.batches.standing import Standing
from provisioning.canonical import Json
from provisioning.errors import UsageError
from provisioning.home.home import Home
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.plain_text import one_line
from provisioning.tables.reading import read_table
from ui.batch_phrases import estimate_sentence, nameless_sentence, row_sentence


def import_manifest(
    home: Home, ledger: Ledger, file: Path, name: str, technician: str
) -> tuple[ManifestReading, dict[str, Any]]:
    """Keep a supplier's manifest as the batch ``name`` and book it; gives the reading and what became different.

    Raises UsageError where it names no handset; nothing is kept then.
    """
    content = read_table(file)
    reading = read_manifest(content, name)
    if not len(reading.manifest):
        first = f" Line {reading.bad[0][0]}: {reading.bad[0][1]}." if reading.bad else ""
        raise UsageError(f"{file} names no handset, so no batch was made.{first}")
    folder = BatchFolder(home.path)
    before = (folder.load(name) if name in folder.names() else Manifest()).expected
    now = reading.manifest.expected
    removed = sorted(lines[0].serial_number for serial, lines in before.items() if serial not in now)
    changed = sum(serial in before and _said(lines) != _said(before[serial]) for serial, lines in now.items())
    counts: dict[str, Json] = {
        "batch": name, "handsets": len(reading.manifest), "refused": len(reading.bad),
        "added": sum(serial not in before for serial in now), "changed": changed, "removed": len(removed),
    }  # fmt: skip
    folder.keep(name, reading.manifest)
    ledger.append(
        EntryKind.BATCH_IMPORTED,
        None,
        {
            **counts,
            "file_sha256": content.sha256,
            "manifest_sha256": sha256(manifest_bytes(reading.manifest)).hexdigest(),
        },
        technician=technician,
    )
    return reading, {**counts, "removed_serial_numbers": removed, "again": bool(before)}


def _said(lines: Sequence[Expected]) -> list[Expected]:
    """Give what lines say, wherever they stand: in a corrected file the same handset may have another line."""
    return [replace(one, line=0) for one in lines]


def read_portals(files: Iterable[Path]) -> list[PortalList]:
    """Read exports of the body's portals. Raises FileError, UsageError."""
    return [read_portal_list(read_table(file), file.name) for file in files]


def matches(
    book: BatchBook, manifest: Manifest, portals: Sequence[PortalList], attached: Iterable[Said] = ()
) -> list[Match]:
    """Give the three-way match of a batch by the ledger, and by what is attached where somebody looked."""
    return match(manifest, said_of(book.folded, manifest, attached), portals)


def progress_document(book: BatchBook, batch: Progress) -> dict[str, Any]:
    """Say a batch's progress as JSON."""
    counts = {str(one): count for one, count in batch.counts.items()}
    foretold = book.estimate(batch)
    measured = sum(walk.text("end") == "ready" for walk in book.walks(batch))
    return {
        "batch": batch.name,
        "handsets_in_all": len(batch.rows),
        "done": batch.done,
        "to_come": batch.to_come,
        "needs_hands": len(batch.lane),
        "counts": counts,
        "estimate": None if foretold is None else {
            "low_seconds": round(foretold.low, 1), "middle_seconds": round(foretold.middle, 1),
            "high_seconds": round(foretold.high, 1), "measured_walks": foretold.measured,
            "at_once": round(foretold.at_once, 2),
        },
        "outlook": estimate_sentence(foretold, batch, measured),
        "closed": None if batch.closed is None else {
            "entry": batch.closed.number, "time": batch.closed.time, "reason": batch.closed.text("reason") or None,
        },
        "handsets": [
            {"serial_number": row.serial_number, "imei": row.expected.imei or None,
             "model": row.expected.model or None, "asset_tag": row.expected.asset_tag or None,
             "order": row.expected.order or None, "lines": list(row.lines), "state": str(row.standing),
             "since": row.since or None, "done": row.standing.is_done, "first_pass": row.history.first_pass,
             "sentence": row_sentence(row)}
            for row in batch.rows
        ],
        "strangers": [
            {"serial_number": event.subject, "time": event.time,
             "sentence": f"{one_line(event.subject, 40)} came with it and is not on the manifest."}
            for event in batch.strangers
        ],
        "nameless": [
            {"bay": event.text("bay"), "udid": event.text("udid") or None, "time": event.time,
             "sentence": nameless_sentence(event)}
            for event in batch.nameless
        ],
    }  # fmt: skip


def report_of(book: BatchBook, home: Home, ledger: Ledger, name: str, portals: Sequence[PortalList]) -> BatchReport:
    """Put the report of a batch together as the ledger stands now."""
    batch = book.progress(name)
    found = {one.serial_number.casefold(): one for one in matches(book, book.manifest(name), portals)}
    head = ledger.head()
    measured = next((one for one in book.numbers() if (one.by, one.name) == ("batch", name)), None)
    walks = sum(walk.text("end") == "ready" for walk in book.walks(batch))
    return BatchReport(
        batch=batch,
        matches=found,
        numbers=measured,
        differences=differences(batch),
        outlook=estimate_sentence(book.estimate(batch), batch, walks),
        organisation=home.identity.organisation_name,
        desk=home.identity.desk_name,
        training=home.training,
        made=datetime.now().astimezone(),
        head=(head.number, head.hash) if head else (0, ""),
        sentence_of=row_sentence,
        nameless=[nameless_sentence(event) for event in batch.nameless],
        portals=[portal.title for portal in portals],
    )


def summary(batch: Progress) -> str:
    """Say in one line how a batch stands."""
    words = [f"{count} {one}" for one, count in batch.counts.items() if count]
    state = "closed" if batch.closed else "open"
    return f"{batch.done} of {len(batch.rows)} done ({', '.join(words) or 'empty'}); {state}"


def is_finished(batch: Progress) -> bool:
    """Tell whether every handset is accounted for, clear or out."""
    return all(row.standing is not Standing.MISSING and row.standing.is_done for row in batch.rows)
