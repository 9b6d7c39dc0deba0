"""The recall list: a table that no spreadsheet computes, and pages that are set whatever a name holds."""

from __future__ import annotations

from datetime import UTC, datetime

from provisioning.holdings import Holding
from provisioning.people.recalls import Cause, Recall
from provisioning.recall_list import Recalled, RecallList, list_csv, list_pdf, list_png

HELD = Holding("231187", "F2LX0QK77T", "iPhone 15", "D4-000017", "2025-03-02", "356938035643809", "MPS-0017")


def made(reason: str = "PSD/118") -> RecallList:
    suspended = Recall("231187", Cause.SUSPENDED, reason, "2026-11-20T08:00:00Z")
    left = Recall("225104", Cause.LEFT, "not on the newest roster", "2026-11-01T08:00:00Z")
    officers = (Recalled(suspended, "=HYPERLINK(1) #strong[Siân] 漢", (HELD,)), Recalled(left, "", ()))
    return RecallList(officers, "Metropolitan Police", "Desk 4", True, datetime(2026, 11, 26, 17, tzinfo=UTC))


def test_the_table_has_a_row_for_each_item_and_nothing_that_is_computed() -> None:
    heading, row, end = list_csv(made()).decode("utf-8-sig").split("\r\n")
    assert heading.startswith("Officer,Name,Why,Item")
    assert "231187,'=HYPERLINK" in row
    assert end == ""


def test_the_pages_are_set_whatever_a_name_or_a_reason_holds() -> None:
    listed = made('#panic() "] ' + "x" * 500)
    assert list_pdf(listed).startswith(b"%PDF-")
    assert list_pdf(listed) == list_pdf(listed)
    assert len(list_png(listed, 40)) == 1
