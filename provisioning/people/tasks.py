"""Work that permits leave behind: a handset whose permit ended, was revoked or is not its holder's is locked again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum, unique

from provisioning.people.permits import Permit
from provisioning.plain_text import one_line


@unique
class Task(StrEnum):
    """What is to be done."""

    LOCK_AGAIN = "lock_again"
    """Compile the holder's policy anew, apply and verify it: something is open that may not be."""
    RENEW_OR_LOCK = "renew_or_lock"
    """It ends soon: ask for another permit, or plan to lock the handset."""
    OPEN = "open"
    """A permit came after the handover: the handset still keeps the app back."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A handset in somebody's hands, by the last handover; ``permits`` are the references it was handed over with.

    ``since`` is the day of that handover by the desk's own calendar.
    """

    serial_number: str
    officer: str
    receipt: str
    permits: tuple[str, ...]
    since: date


@dataclass(frozen=True, slots=True)
class Errand:
    """One handset, one thing to do, and why."""

    task: Task
    serial_number: str
    officer: str
    permit: str
    due: str
    sentence: str


def permit_tasks(issued: Iterable[Issued], permits: Mapping[str, Permit], day: date, notice: int = 14) -> list[Errand]:
    """Give what is to be done on ``day``, most urgent first. ``notice``: days before an end at which to say so."""
    found = [errand for handset in issued for errand in _of(handset, permits, day, notice)]
    return sorted(found, key=lambda one: (list(Task).index(one.task), one.due, one.serial_number, one.permit))


def _of(handset: Issued, permits: Mapping[str, Permit], day: date, notice: int) -> Iterator[Errand]:
    for reference in handset.permits:
        permit = permits.get(reference)
        if permit is not None and permit.role and handset.serial_number not in permit.serials:
            continue  # it stands on the receipt for another handset of the same handover
        why = _why_not(permit, handset, day)
        if why:
            due = (permit.valid_until + timedelta(days=1)).isoformat() if permit and not permit.revoked else ""
            yield _errand(Task.LOCK_AGAIN, handset, reference, due, f"{why}. Lock the handset again")
        elif permit is not None and permit.valid_until - day <= timedelta(days=notice):
            ends = permit.valid_until.isoformat()
            says = f"permit {one_line(reference, 40)} for {permit.what} ends on {ends}. Renew it or plan to lock it"
            yield _errand(Task.RENEW_OR_LOCK, handset, reference, ends, says)
    for permit in permits.values():
        if permit.officer == handset.officer and permit.reference not in handset.permits:
            yield from _beside_the_receipt(handset, permit, day)


def _beside_the_receipt(handset: Issued, permit: Permit, day: date) -> Iterator[Errand]:
    """Roles stood on no receipt until 2026.11, and what came after a handover stands on none."""
    name = f"permit {one_line(permit.reference, 40)} for {permit.what}"
    if permit.role:
        ended = permit.revoked or day > permit.valid_until
        if (
            ended
            and handset.serial_number in permit.serials
            and permit.valid_from <= handset.since <= permit.valid_until
        ):
            why = _why_not(permit, handset, day)
            yield _errand(Task.LOCK_AGAIN, handset, permit.reference, "", f"{why}. Lock the handset again")
    elif permit.in_force(day):
        says = f"{name} came after the handover. Apply it"
        yield _errand(Task.OPEN, handset, permit.reference, permit.valid_from.isoformat(), says)


def _why_not(permit: Permit | None, handset: Issued, day: date) -> str:
    if permit is None:
        return "its permit is not on the books"
    name = f"permit {one_line(permit.reference, 40)} for {permit.what}"
    if permit.revoked:
        return f"{name} was revoked"
    if permit.officer != handset.officer:
        return f"{name} is officer {one_line(permit.officer, 40)}'s"
    if day > permit.valid_until:
        return f"{name} ended on {permit.valid_until.isoformat()}"
    return f"{name} begins on {permit.valid_from.isoformat()}" if day < permit.valid_from else ""


def _errand(task: Task, handset: Issued, permit: str, due: str, says: str) -> Errand:
    serial, officer = one_line(handset.serial_number, 40), one_line(handset.officer, 40)
    sentence = f"Handset {serial} of officer {officer}: {says}."
    return Errand(task, handset.serial_number, handset.officer, permit, due, sentence)
