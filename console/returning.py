"""Watch for handsets that come back after they scanned the code, and say of each whose it is by its own word."""

from __future__ import annotations

import time
from dataclasses import replace

from console.assembly import Engine
from console.commands.arrival import INTRODUCTION
from provisioning.errors import HandsetError
from provisioning.handset import Enrolment, Ownership
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy
from provisioning.session import Session
from provisioning.status import Errand
from ui.actions import Returned, ReturnState
from ui.phrases import name_of
from ui.standing import standing

ASK_AGAIN = 4.0
"""Seconds before a handset that nobody manages is asked again: its enrolment may be under way."""
_SETTLED = frozenset({ReturnState.OURS, ReturnState.ANOTHER})


class Returns:
    """Every Android that was not known here when this began. Lives on the engine's loop."""

    def __init__(self, engine: Engine, effective: EffectivePolicy) -> None:
        self._engine = engine
        self._effective = effective
        self._before = {one.key for one in engine.desk.sessions if one.status().identity is not None}
        self._said: dict[str, Returned] = {}
        self._asked: dict[str, float] = {}

    async def look(self, patience: float | None) -> tuple[Returned, ...]:
        """Give what is known of each now, in the order of their coming.

        One that does not say who it is yet is asked for trust, for ``patience`` seconds (None: as long as it takes).
        """
        for session in self._engine.desk.sessions:
            status = session.status()
            if session.key in self._before or status.attachment.platform is not Platform.ANDROID:
                continue
            before = self._said.get(session.key)
            if before is not None and before.state in _SETTLED:
                continue
            self._said[session.key] = await self._asked_now(session, before, patience)
        return tuple(self._said.values())

    async def _asked_now(self, session: Session, before: Returned | None, patience: float | None) -> Returned:
        status = session.status()
        waiting = Returned(session.key, "", ReturnState.WAITING, standing(status))
        if status.identity is None:
            if session.plugged_in and not self._engine.desk.walking(session):
                self._engine.desk.begin(session, Errand(INTRODUCTION, self._effective, patience))
            return waiting
        serial = one_line(status.identity.serial_number, 40)
        waiting = replace(waiting, serial_number=serial)
        asked = self._asked.get(session.key)
        if not session.plugged_in or (asked is not None and time.monotonic() - asked < ASK_AGAIN):
            return before or waiting
        self._asked[session.key] = time.monotonic()
        try:
            return _said(session.key, serial, name_of(status), await session.handset.enrolment())
        except HandsetError:
            return replace(waiting, sentence=f"{serial} is back and does not say yet who manages it.")


def _said(key: str, serial: str, name: str, found: Enrolment) -> Returned:
    match found.ownership:
        case Ownership.OURS:
            more = f", but {one_line(found.missing, 120)}; provisioning it tells it" if found.missing else ""
            return Returned(key, serial, ReturnState.OURS, f"{serial} is back, enrolled with this organisation{more}.")
        case Ownership.ANOTHER:
            owner = one_line(found.organisation, 60)
            why = f" ({one_line(found.detail, 120)})" if found.detail else ""
            return Returned(
                key, serial, ReturnState.ANOTHER, f"{serial} is back, owned by {owner}{why}. It is left as it is."
            )
        case Ownership.NOBODY:
            sentence = f"{serial} is back, but nobody manages it: the code did not take. Reset {name} and scan again."
            return Returned(key, serial, ReturnState.NOBODY, sentence)
        case Ownership.UNREADABLE:
            sentence = f"{serial} is back, but who manages it cannot be read ({one_line(found.detail, 120)})."
            return Returned(key, serial, ReturnState.WAITING, sentence)
