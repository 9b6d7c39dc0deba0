"""An ended, revoked or foreign permit is a handset to lock again; a later one is a handset to open."""

from __future__ import annotations

from datetime import date

import pytest

from provisioning.errors import UsageError
from provisioning.people.permits import Permit, person_with, refuse_own_approval
from provisioning.people.tasks import Issued, Task, permit_tasks
from provisioning.policy.effective import PermitGrant

DAY = date(2026, 6, 1)


def permit(**other: object) -> Permit:
    facts: dict[str, object] = {
        "reference": "P-1", "officer": "1234", "family": "WhatsApp", "requester": "A", "approver": "B",
        "reason": "r", "valid_from": date(2026, 1, 1), "valid_until": date(2026, 12, 31), **other,
    }  # fmt: skip
    return Permit(**facts)  # pyright: ignore[reportArgumentType] - the facts of the test


def issued(*permits: str, officer: str = "1234", serial: str = "S1") -> Issued:
    return Issued(serial, officer, "D4-26-00001-7", permits, date(2026, 3, 1))


def tasks(handset: Issued, *permits: Permit, day: date = DAY) -> list[tuple[Task, str]]:
    return [(one.task, one.permit) for one in permit_tasks([handset], {p.reference: p for p in permits}, day)]


def test_a_permit_in_force_leaves_nothing_to_do() -> None:
    assert tasks(issued("P-1"), permit()) == []


@pytest.mark.parametrize(
    "one",
    [permit(valid_until=date(2026, 5, 31)), permit(revoked=True), permit(officer="9999")],
    ids=["ended", "revoked", "another officer's"],
)
def test_a_permit_that_holds_no_longer_is_a_handset_to_lock(one: Permit) -> None:
    assert tasks(issued("P-1"), one) == [(Task.LOCK_AGAIN, "P-1")]


def test_a_permit_that_is_on_no_book_is_a_handset_to_lock() -> None:
    assert tasks(issued("P-9")) == [(Task.LOCK_AGAIN, "P-9")]


def test_the_last_day_counts_and_is_announced() -> None:
    last = permit(valid_until=DAY)
    assert tasks(issued("P-1"), last) == [(Task.RENEW_OR_LOCK, "P-1")]
    assert tasks(issued("P-1"), last, day=date(2026, 6, 2)) == [(Task.LOCK_AGAIN, "P-1")]


def test_a_permit_that_came_later_is_a_handset_to_open() -> None:
    assert tasks(issued(), permit()) == [(Task.OPEN, "P-1")]
    assert tasks(issued(), permit(officer="9999")) == []


def test_a_role_that_ended_is_a_handset_to_lock_if_it_was_named() -> None:
    role = permit(family="", role="communications", serials=("S1",), valid_until=date(2026, 5, 1))
    assert tasks(issued(), role) == [(Task.LOCK_AGAIN, "P-1")]
    assert tasks(issued(serial="S2"), role) == []


def test_a_role_on_a_receipt_is_for_the_handsets_that_it_names() -> None:
    role = permit(family="", role="communications", serials=("S1",), valid_until=date(2026, 5, 1))
    assert tasks(issued("P-1"), role) == [(Task.LOCK_AGAIN, "P-1")]
    assert tasks(issued("P-1", serial="S2"), role) == []


def test_a_role_in_force_is_said_with_its_permit() -> None:
    role = permit(family="", role="communications", serials=("S1",))
    person = person_with("1234", [role], DAY, roles=("communications",), serials=("S1",))
    grant = PermitGrant("P-1", "role communications", role.valid_until.isoformat())
    assert (person.permits, person.exemptions) == ((), (grant,))
    assert person_with("1234", [role], DAY, roles=("communications",), serials=("S2",)).exemptions == ()


def test_a_role_holds_on_named_handsets_alone() -> None:
    role = permit(family="", role="communications", serials=("S1", "S2"))
    known = ("communications",)
    assert person_with("1234", [role], DAY, roles=known, serials=("S1",)).roles == known
    assert person_with("1234", [role], DAY, roles=known, serials=("S1", "S2")).roles == known
    assert person_with("1234", [role], DAY, roles=known, serials=("S1", "S3")).roles == ()
    assert person_with("1234", [role], DAY, roles=known).roles == ()
    assert person_with("1234", [role], DAY, roles=(), serials=("S1",)).roles == ()
    assert person_with("9999", [role], DAY, roles=known, serials=("S1",)).roles == ()
    assert person_with("1234", [role], date(2027, 1, 1), roles=known, serials=("S1",)).roles == ()


@pytest.mark.parametrize(
    "other",
    [
        {"approver": "a"},
        {"requester": "Insp. B. Dunn", "approver": " insp B  DUNN\u200b"},
        {"requester": "Ann", "approver": "\uff21\uff4e\uff4e"},
        {"approver": " - "},
        {"valid_until": date(2025, 1, 1)},
        {"family": ""},
        {"role": "communications", "serials": ("S1",)},
        {"family": "", "role": "communications"},
    ],
)
def test_a_permit_that_makes_no_sense_is_refused(other: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        permit(**other)


@pytest.mark.parametrize(
    ("requester", "approver"),
    [("A. Smith", "Smith, A."), ("A. Smith", "\u0410. Smith"), ("José Núñez", "jose nunez"), ("B. Jones", "1234")],
    ids=["turned round", "Cyrillic A", "without accents", "the officer's own number"],
)
def test_nobody_approves_a_new_permit_for_themselves(requester: str, approver: str) -> None:
    with pytest.raises(UsageError, match=r"another person|of their own"):
        refuse_own_approval(permit(requester=requester, approver=approver))


def test_an_officer_may_ask_and_another_approve() -> None:
    refuse_own_approval(permit(requester="1234", approver="Supt Khan"))
