"""What the books know of handsets: who holds which, with which permits, and what was last read of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from provisioning.canonical import Json
from provisioning.errors import UsageError
from provisioning.fleet_apps import Interned, Stored
from provisioning.home.records import RecordStore
from provisioning.ledger.entry import HANDS_CHANGED, EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.people.tasks import Issued
from provisioning.receipts.parts import is_part
from provisioning.verification.exported_neutral import read as read_neutral


def issued_handsets(ledger: Ledger) -> dict[str, Issued]:
    """Give every handset that is in somebody's hands, by serial number."""
    out: dict[str, Issued] = {}
    permits: dict[str, tuple[str, ...]] = {}
    for entry in ledger.entries(kind=HANDS_CHANGED):
        serial = entry.subject or ""
        if not is_part(entry):
            permits[entry.receipt or ""] = _permits(entry.body)
        out.pop(serial, None)
        if entry.kind == EntryKind.HANDED_OVER and serial:
            out[serial] = Issued(
                serial,
                entry.officer or "",
                entry.receipt or "",
                permits.get(entry.receipt or "", ()),
                entry.moment.astimezone().date(),
            )
    return out


def stored_handsets(ledger: Ledger, records: RecordStore, missing: list[str] | None = None) -> Iterator[Stored]:
    """Yield what was last read of each handset. ``missing`` collects those whose inventory is no longer kept.

    Raises LedgerError, HomeError where a record or an inventory was changed.
    """
    holders = issued_handsets(ledger)
    last: dict[str, str] = {}
    for entry in ledger.entries(kind=EntryKind.VERIFIED):
        last[entry.subject or ""] = str(entry.body.get("record"))
    same = Interned()
    for serial, record_id in sorted(last.items()):
        try:
            record = records.load(record_id).record
            raw = records.inventory(record_id)
        except UsageError:
            if missing is not None:
                missing.append(serial)
            continue
        inventory = read_neutral(json.loads(raw), record.identity.platform)
        holder = holders.get(serial)
        yield Stored(
            serial_number=serial,
            officer=holder.officer if holder else None,
            record=record_id,
            time=record.time,
            policy=record.policy.name,
            inventory=same.inventory(inventory),
            identity=record.identity,
            lock_down=record.lock_down,
        )


def _permits(body: Mapping[str, Json]) -> tuple[str, ...]:
    """Read the references of a receipt's permits (see ``provisioning.receipts.body``)."""
    document = body.get("document")
    listed = document.get("permits") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        return ()
    return tuple(str(one["reference"]) for one in listed if isinstance(one, Mapping))
