"""Permits: one person's permission for one app family, case by case; kept as ledger entries, so never rewritten.

A permit for a *role* instead of a family exempts as the policy's role says, on the handsets that it names alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from provisioning.canonical import Json
from provisioning.catalogue.identifiers import fold
from provisioning.errors import UsageError
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.policy.effective import PermitGrant, Person
from provisioning.privacy.reading import text_of

_BETWEEN_NAMES = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Permit:
    """Who may have what, why, on whose word, and for how long (both days included).

    Either ``family`` says what, or ``role`` does for the handsets in ``serials``. ``conditions`` are words for people.
    """

    reference: str
    officer: str
    family: str
    requester: str
    approver: str
    reason: str
    valid_from: date
    valid_until: date
    revoked: bool = False
    conditions: str = ""
    role: str = ""
    serials: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _letters(self.approver) or not _letters(self.requester):
            raise UsageError("A permit needs the names of its requester and of its approver.")
        if _letters(self.approver) == _letters(self.requester):
            raise UsageError("The approver of a permit must be another person than its requester.")
        if self.valid_until < self.valid_from:
            raise UsageError("The permit ends before it begins.")
        if bool(self.family) == bool(self.role):
            raise UsageError("A permit is for an app family or for a role, one of the two.")
        if self.role and not self.serials:
            raise UsageError("A role exemption holds on named handsets. Name each with --serial.")

    def in_force(self, day: date) -> bool:
        """Tell whether it holds on ``day``."""
        return not self.revoked and self.valid_from <= day <= self.valid_until

    @property
    def what(self) -> str:
        """Say what it is for."""
        return self.family or f"role {self.role}"

    def grant(self) -> PermitGrant:
        """Give what the policy compiler needs of a permit for a family, and papers of one for a role."""
        return PermitGrant(self.reference, self.what, self.valid_until.isoformat())

    def to_body(self) -> dict[str, Json]:
        """Give the ledger body of its PERMIT_ADDED entry."""
        body: dict[str, Json] = {
            "permit": self.reference,
            "officer": self.officer,
            "family": self.family,
            "requester": self.requester,
            "approver": self.approver,
            "reason": self.reason,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
        }
        if self.conditions:
            body["conditions"] = self.conditions
        if self.role:
            body |= {"role": self.role, "serials": list(self.serials)}
        return body


def _letters(name: str) -> str:
    """Give a name without what people write differently: case, spaces, points, signs that cannot be seen."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


def refuse_own_approval(permit: Permit) -> None:
    """See that whoever approves a new permit is another person than who asked and who is to have the app.

    Stricter than what a permit on the books must be: “Smith, A.” is A. Smith, whatever alphabet a letter is drawn from.
    Raises UsageError.
    """
    approver = _person(permit.approver)
    if approver == _person(permit.requester):
        raise UsageError("The approver of a permit must be another person than its requester.")
    if approver == _person(permit.officer):
        raise UsageError(f"Officer {permit.officer} would approve a permit of their own. Somebody else must.")


def _person(name: str) -> tuple[str, ...]:
    """Give a name's words in one spelling and order."""
    return tuple(sorted(filter(None, (_letters(fold(word)) for word in _BETWEEN_NAMES.split(name)))))


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
        permits[reference] = _from_body(reference, body)
    return permits


def person_with(
    officer: str, permits: Iterable[Permit], day: date, *, roles: Iterable[str] = (), serials: Iterable[str] = ()
) -> Person:
    """Give an officer with the permits in force on ``day``; roles that the policy has, where all handsets are named."""
    theirs = [permit for permit in permits if permit.officer == officer and permit.in_force(day)]
    handsets, known = set(serials), set(roles)
    held = [p for p in theirs if p.role in known and handsets and handsets <= set(p.serials)]
    return Person(
        officer,
        tuple(sorted({permit.role for permit in held})),
        permits=tuple(permit.grant() for permit in theirs if permit.family),
        exemptions=tuple(permit.grant() for permit in held),
    )


def _from_body(reference: str, body: Mapping[str, Json]) -> Permit:
    serials = body.get("serials")
    return Permit(
        reference=reference,
        officer=str(body["officer"]),
        family=str(body["family"]),
        # Sealed, or lawfully erased: two people all the same.
        requester=text_of(body, "requester", "(requester not shown)"),
        approver=text_of(body, "approver", "(approver not shown)"),
        reason=text_of(body, "reason"),
        valid_from=date.fromisoformat(str(body["valid_from"])),
        valid_until=date.fromisoformat(str(body["valid_until"])),
        conditions=str(body.get("conditions", "")),
        role=str(body.get("role", "")),
        serials=tuple(str(one) for one in serials) if isinstance(serials, list) else (),
    )
