"""What may come back, by a real ledger: what is out, what is back, what was reported missing, what nobody counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from receipt_samples import receipt

from provisioning.batches.batch_folder import BatchFolder
from provisioning.errors import UsageError
from provisioning.home.creation import create_home
from provisioning.home.home import Home
from provisioning.ledger.draft import Draft
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Body, Ledger
from provisioning.people.roster import Roster
from provisioning.receipts.parts import further_parts
from provisioning.receipts.receipt import Declined, ItemKind, OtherItem, Receipt, ReturnReason
from provisioning.receipts.sealed_pictures import body_with_pictures
from provisioning.return_case import Whereabouts
from provisioning.return_reasons import ReturnedHandset
from provisioning.returns import ReturnOrder, take_back
from provisioning.scan_books import ScanBooks
from provisioning.still_out import is_out, out_by_receipt, out_to_officer, out_with

SIM = "8944110065012345675"
OTHERS = (OtherItem(ItemKind.CHARGER, quantity=2), OtherItem(ItemKind.SIM, identifier=SIM))


def handed_over(home: Home, ledger: Ledger, given: Receipt) -> str:
    """Book a handover as the counter does; gives the receipt's number."""

    def write(draft: Draft) -> Body:
        numbered = given.numbered(draft.receipt, datetime.fromisoformat(draft.time).astimezone())
        return body_with_pictures(numbered)

    serial = given.handsets[0].serial_number
    entry = ledger.append_receipt(EntryKind.HANDED_OVER, serial, write, technician="A. Khan", parts=further_parts)
    return entry.receipt or ""


def test_what_is_out_is_found_by_receipt_number_and_officer_until_it_is_back(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", training=True, organisation_name="Met", desk_name="Desk 4")
    given = receipt()
    given = replace(given, items=(*given.handsets[:1], *OTHERS), training=True)
    serial = given.handsets[0].serial_number
    with home.open_ledger() as ledger:
        number = handed_over(home, ledger, given)
        case = out_by_receipt(ledger, number)
        assert [(one.identifier, one.where, one.quantity) for one in case.items] == [
            (serial, Whereabouts.OUT, 1), (SIM, Whereabouts.OUT, 1), ("", Whereabouts.UNCOUNTED, 2),
        ]  # fmt: skip
        assert case.officer is not None
        assert case.officer.number == given.officer.number
        assert out_with(ledger, serial).asked == serial
        assert out_with(ledger, SIM).items == case.items
        assert out_to_officer(ledger, given.officer).items == case.items
        assert is_out(ledger, serial)

        back = ReturnOrder(
            given.officer, ReturnReason.RETURNED, Declined("on paper"), (ReturnedHandset(serial),),
            (OtherItem(ItemKind.CHARGER), OtherItem(ItemKind.SIM, identifier=SIM)),
        )  # fmt: skip
        take_back(home, ledger, back, "A. Khan")
        left = out_by_receipt(ledger, number)
        assert [(one.where, one.quantity) for one in left.items] == [
            (Whereabouts.BACK, 1), (Whereabouts.BACK, 1), (Whereabouts.UNCOUNTED, 1),
        ]  # fmt: skip
        assert left.out == ()
        assert not is_out(ledger, serial)
        with pytest.raises(UsageError, match="came back already"):
            out_with(ledger, SIM)

        again = handed_over(home, ledger, replace(given, items=given.handsets[:1]))
        assert out_by_receipt(ledger, number).items[0].receipt == again, "it says by which receipt it is out now"
        take_back(home, ledger, replace(back, reason=ReturnReason.STOLEN, others=()), "A. Khan")
        stolen = out_with(ledger, serial)
        assert (stolen.items[0].where, stolen.items[0].missing) == (Whereabouts.MISSING, ReturnReason.STOLEN)
        assert is_out(ledger, serial), "what was stolen can be found"
        with pytest.raises(UsageError, match="not in this ledger"):
            out_with(ledger, "NOBODY0001")


def test_the_imei_of_a_handset_that_is_out_is_known_from_when_it_was_plugged_in(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", training=True, organisation_name="Met", desk_name="Desk 4")
    with home.open_ledger() as ledger:
        ledger.append(EntryKind.IDENTIFIED, "F2LXK0V1Q0", {"imei": "356938035643809"}, technician="A. Khan")
        books = ScanBooks((), ledger, BatchFolder(home.path), Roster({}))
        assert books.serial_of_imei("356938035643809") == "F2LXK0V1Q0"
        assert books.serial_of_imei("356938035643800") == ""
