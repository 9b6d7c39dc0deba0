"""What an order says of a handset that goes to whom it was ordered for. No Qt here."""

from __future__ import annotations

from provisioning.plain_text import one_line
from provisioning.receipts.items import Ordered


def order_sentence(ordered: Ordered) -> str:
    """Say the order that this handover is meant by; empty where it says nothing."""
    by = f"by order {one_line(ordered.reference, 40)}" if ordered.reference else ""
    whom = f"for officer {one_line(ordered.officer, 40)}" if ordered.officer else ""
    said = " ".join(part for part in (whom, by) if part)
    return f"Ordered {said}." if said else ""
