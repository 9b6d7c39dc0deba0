"""Permits: one person's permission for one app family, case by case; kept as ledger entries, so never rewritten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from provisioning.errors import UsageError
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.policy.effective import PermitGrant


@dataclass(frozen=True, slots=True)
class Permit:
    """Who may have what, why, on whose word, and for how long (both days included)."""

    reference: str
    officer: str
    family: str
    requester: str
    approver: str
    reason: str
    valid_from: date
    valid_until: date
    revoked: bool = False

    def __post_init__(self) -> None:
        if self.approver.casefold() == self.requester.casefold():
            raise UsageError("The approver of a permit must be another person than its requester.")
        if self.valid_until < self.valid_from:
            raise UsageError("The permit ends before it begins.")

    def in_force(self, day: date) -> bool:
        """Tell whether it holds on ``day``."""
        return not self.revoked and self.valid_from <= day <= self.valid_until

    def grant(self) -> PermitGrant:
        """Give what the policy compiler needs of it."""
        return PermitGrant(self.reference, self.family, self.valid_until.isoformat())

    def to_body(self) -> dict[str, str]:
        """Give the ledger body of its PERMIT_ADDED entry."""
        return {
            "permit": self.reference,
            "officer": self.officer,
            "family": self.family,
            "requester": self.requester,
            "approver": self.approver,
            "reason": self.reason,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
        }


PERMIT_KINDS = (EntryKind.PERMIT_ADDED, EntryKind.PERMIT_REVOKED)


def permits_on_the_books(entries: Iterable[Entry]) -> dict[str, Permit]:
    """Fold permit entries, oldest first, to the permits as they stand, by reference."""
    permits: dict[str, Permit] = {}
    for entry in entries:
        body = entry.body
        reference = str(body["permit"])
        if entry.kind == EntryKind.PERMIT_REVOKED:
            known = permits.get(reference)
            if known is not None:
                permits[reference] = replace(known, revoked=True)
            continue
        permits[reference] = Permit(
            reference=reference,
            officer=str(body["officer"]),
            family=str(body["family"]),
            requester=str(body["requester"]),
            approver=str(body["approver"]),
            reason=str(body["reason"]),
            valid_from=date.fromisoformat(str(body["valid_from"])),
            valid_until=date.fromisoformat(str(body["valid_until"])),
        )
    return permits
