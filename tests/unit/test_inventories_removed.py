"""Raw inventories are removed when their time is over, with an entry that says by which rule; records stay whole."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from policy_bench import ANDROID, catalogue, effective, whole

from provisioning.errors import UsageError
from provisioning.fleet import stored_handsets
from provisioning.handset import Identity
from provisioning.home.creation import create_home
from provisioning.home.home import Home
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.privacy.holds import end_hold, set_hold
from provisioning.privacy.inventories import due_inventories, remove_inventories
from provisioning.verification.judge import judge
from provisioning.verification.record import sign_record

PIXEL = Identity(ANDROID, "3XTESTFDJH1234", "Pixel 8", "Pixel 8", "16", "BP31", security_patch="2026-10-05")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return create_home(tmp_path / "home", training=True, organisation_name="Met", desk_name="Desk 4")


def read(home: Home, ledger: Ledger, serial: str, app: str) -> str:
    """Verify a handset as the desk does: judged, signed, kept, booked."""
    identity = replace(PIXEL, serial_number=serial)
    inventory = whole(ANDROID, app)
    judgement = judge(inventory, effective(), catalogue(), identity=identity)
    record = sign_record(
        home.signer(), home.identity, technician=None, identity=identity, judgement=judgement, effective=effective(),
        lock_down=None,
    )  # fmt: skip
    home.records().keep(record, inventory)
    ledger.append(EntryKind.VERIFIED, serial, {"record": record.id}, technician=None)
    return record.id


def test_what_a_legal_hold_is_about_is_kept_until_that_is_lifted(home: Home) -> None:
    records = home.records()
    with home.open_ledger() as ledger:
        for serial, officer, receipt in (("S1", "P1", "R1"), ("S2", "P2", "R2"), ("S3", "P3", "R3")):
            read(home, ledger, serial, "com.example.one")
            ledger.append(EntryKind.HANDED_OVER, serial, {"officer": officer, "receipt": receipt}, technician=None)
            back = {"officer": officer, "reason": "returned"}
            ledger.append(EntryKind.RETURNED, serial, back, technician=None)
        set_hold(ledger, "inquest", "", "A. Khan", serial="S1")
        set_hold(ledger, "complaint", "", "A. Khan", officer="P2")
        on_receipt = set_hold(ledger, "claim", "", "A. Khan", receipt="R3")
        later = datetime.now(UTC) + timedelta(days=31)
        assert list(due_inventories(ledger, records, 30, later)) == []
        end_hold(ledger, str(on_receipt.body["hold"]), "settled", "A. Khan")
        assert [one.serial_number for one in due_inventories(ledger, records, 30, later)] == ["S3"]


def test_what_is_due_is_removed_and_booked_and_nothing_else(home: Home) -> None:
    records = home.records()
    with home.open_ledger() as ledger:
        old, last = read(home, ledger, "OUT1", "com.example.one"), read(home, ledger, "OUT1", "com.example.two")
        ledger.append(EntryKind.HANDED_OVER, "OUT1", {"officer": "P1", "receipt": "R1"}, technician=None)
        evidence = read(home, ledger, "HELD1", "com.example.three")
        ledger.append(EntryKind.EVIDENCE_HELD, "HELD1", {}, technician=None)
        desk = read(home, ledger, "DESK1", "com.example.four")
        later = datetime.now(UTC) + timedelta(days=31)
        assert list(due_inventories(ledger, records, 40, later)) == []
        assert list(due_inventories(ledger, records, 0, later)) == []
        assert {one.record for one in due_inventories(ledger, records, 30, later)} == {old, desk}
        removed = remove_inventories(ledger, records, 30, later, lambda: "A. Khan")
        assert {one.record for one in removed} == {old, desk}
        (entry,) = ledger.entries(kind=EntryKind.INVENTORIES_REMOVED)
        assert entry.technician == "A. Khan"
        assert entry.body["records"] == [old, desk]
        assert "removed 30 days after it was read" in str(entry.body["rule"])
        assert [records.has_inventory(one) for one in (old, last, evidence, desk)] == [False, True, True, False]
        assert records.load(old).id == old
        with pytest.raises(UsageError, match="no longer kept"):
            records.inventory(old)
        missing: list[str] = []
        assert {one.serial_number for one in stored_handsets(ledger, records, missing)} == {"OUT1", "HELD1"}
        assert missing == ["DESK1"]
        assert remove_inventories(ledger, records, 30, later, lambda: None) == ()
        ledger.append(EntryKind.RETURNED, "OUT1", {"receipt": "R2"}, technician=None)
        ledger.append(EntryKind.EVIDENCE_RELEASED, "HELD1", {}, technician=None)
        assert {one.record for one in due_inventories(ledger, records, 30, later)} == {last, evidence}
        assert ledger.verify().ok


def test_a_glance_at_the_files_tells_whether_any_may_be_due(home: Home) -> None:
    with home.open_ledger() as ledger:
        record = read(home, ledger, "DESK1", "com.example.one")
    now = datetime.now(UTC)
    assert not home.records().inventory_before(now - timedelta(days=1))
    os.utime(home.records_folder / f"{record}.inventory.sealed", (0, 0))
    assert home.records().inventory_before(now - timedelta(days=1))
