"""For whom a handset is ordered, by the manifests."""

from __future__ import annotations

from provisioning.batches.manifest import Expected
from provisioning.batches.orders import Orders, OtherOrder
from provisioning.receipts.items import Ordered

ORDERS = Orders(
    [
        Expected(2, "AAAA1", model="iPhone 15", order="PO-7", officer="P1"),
        Expected(3, "BBBB2", order="PO-7"),
        Expected(4, "CCCC3", order="PO-8", officer="P2", asset_tag="MPS-3"),
    ]
)


def never(serial: str) -> bool:
    del serial
    return False


def test_a_handset_goes_to_whom_it_is_ordered_for() -> None:
    assert ORDERS.other_order("aaaa1", "P1", never) is None
    assert ORDERS.ordered("AAAA1") == Ordered("PO-7", "P1", "iPhone 15")


def test_a_handset_that_is_ordered_for_somebody_else_is_said() -> None:
    assert ORDERS.other_order("CCCC3", "P1", never) == OtherOrder("PO-8", officer="P2")


def test_an_officer_with_an_open_order_is_not_given_a_spare_until_it_is_done() -> None:
    assert ORDERS.other_order("BBBB2", "P1", never) == OtherOrder("PO-7", serial_number="AAAA1", model="iPhone 15")
    assert ORDERS.other_order("ZZZZ9", "P1", lambda serial: serial == "AAAA1") is None
    assert ORDERS.other_order("ZZZZ9", "P3", never) is None


def test_the_reason_why_it_goes_out_all_the_same_stands_on_the_receipt() -> None:
    assert ORDERS.ordered("CCCC3", "P2 is away") == Ordered("PO-8", "P2", "", "P2 is away")
    assert ORDERS.ordered("ZZZZ9", "a spare") == Ordered(override="a spare")
    assert ORDERS.ordered("ZZZZ9") is None
