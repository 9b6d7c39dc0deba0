"""What the orders say of one handset for whoever stands at the counter: shown before, asked again at the gate."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.batches.orders import Orders, OtherOrder
from provisioning.handset import Identity
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.receipts.items import Ordered
from provisioning.receipts.signing import Officer


@dataclass(frozen=True, slots=True)
class Entitlement:
    """``ordered`` is the order that is meant by this handover; ``other`` the one that means something else.

    Both None: no order says anything.
    """

    ordered: Ordered | None
    other: OtherOrder | None


def entitlement(orders: Orders, ledger: Ledger, identity: Identity, officer: Officer) -> Entitlement:
    """Ask the orders about a handset for an officer. Raises LedgerError."""
    serial, models = identity.serial_number, (identity.model_name, identity.model)

    def was_issued(number: str) -> bool:
        return bool(ledger.entries(serial=number, kind=EntryKind.HANDED_OVER, limit=1))

    team = officer.unit or ""
    other = orders.other_order(serial, officer.number, was_issued, team=team, models=models)
    if other is not None:
        return Entitlement(None, other)
    return Entitlement(orders.ordered(serial, officer=officer.number, team=team, models=models), None)
