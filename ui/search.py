"""Find a handset by what is scanned or typed: serial number, IMEI, UDID, bay, model. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable

from provisioning.status import SessionStatus
from ui.card import bay_of, model_of


def matches(status: SessionStatus, text: str) -> bool:
    """Say whether every word of ``text`` is found in what names this handset; nothing matches everything."""
    wanted = text.casefold().split()
    if not wanted:
        return True
    told = [name.casefold() for name in (*numbers(status), bay_of(status).label, model_of(status))]
    return all(any(word in name for name in told) for word in wanted)


def exactly(statuses: Iterable[SessionStatus], text: str) -> SessionStatus | None:
    """Give the one handset that has this number or this bay, as a scanner reads it off a box."""
    wanted = text.strip().casefold()
    found = [
        status
        for status in statuses
        if wanted in {name.casefold() for name in (*numbers(status), bay_of(status).label)}
    ]
    return found[0] if len(found) == 1 else None


def numbers(status: SessionStatus) -> tuple[str, ...]:
    """Give the numbers by which a handset is known."""
    identity = status.identity
    told = (identity.serial_number, identity.imei, identity.udid) if identity else ()
    return tuple(number for number in (*told, status.attachment.udid) if number)
