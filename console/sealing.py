"""Lead one handset through its seal, for window and commands: a fresh, clear verification first, on the books."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from console.assembly import Engine
from provisioning.errors import IssuingDeskError, LedgerError
from provisioning.ledger.entry import EntryKind
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.android import in_force_after_seal
from provisioning.stages import seal as stage
from provisioning.status import Errand, SessionStatus
from provisioning.walk import SEALING, StageName
from ui.phrases import headline, name_of, sentence

if TYPE_CHECKING:
    from provisioning.policy.effective import EffectivePolicy
    from provisioning.session import Session

PATIENCE = 15.0
"""Seconds to wait for a person (an unlock, a replug), each time."""


async def seal_session(
    engine: Engine, session: Session, effective: EffectivePolicy
) -> tuple[SessionStatus, bool | None, str]:
    """Lead a handset through its seal; None where it needs none. The text is the sentence for it."""
    await engine.desk.stop(session)
    status = await engine.desk.begin(session, Errand(SEALING, effective, PATIENCE))
    outcome = next((one.outcome for one in status.stages if one.name is StageName.SEAL), None)
    match outcome:
        case stage.Sealed():
            return status, True, sentence(outcome, name_of(status))
        case stage.NothingToSeal():
            return status, None, sentence(outcome, name_of(status))
        case None if status.judgement is None:
            return status, False, f"Not sealed. {headline(status)}"
        case None:
            return status, False, "Not sealed: it was not found clear, and only what is clear is sealed."
        case _:
            return status, False, sentence(outcome, name_of(status))


class SealsBegun:
    """The seals that handovers in the window began; they go on while the next officer is served."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[tuple[bool | None, str]]] = {}

    def begin(self, engine: Engine, session: Session, policy: Awaitable[EffectivePolicy]) -> None:
        """Seal a handset in the background, if ``policy`` seals at the handover."""
        work = _seal_if_asked(engine, session, policy)
        self._tasks[session.key] = asyncio.create_task(work, name=f"seal {session.key}")

    async def outcome(self, key: str) -> tuple[bool | None, str]:
        """Wait for a seal: as of :func:`seal_session`, None also where the policy asks for none at the handover.

        Raises LedgerError where the record is in doubt; whatever else goes wrong is in the sentence.
        """
        task = self._tasks.get(key)
        if task is None:
            return None, "No seal was begun for this handset."
        try:
            return await asyncio.shield(task)
        finally:
            if task.done() and self._tasks.get(key) is task:
                del self._tasks[key]


async def _seal_if_asked(
    engine: Engine, session: Session, policy: Awaitable[EffectivePolicy]
) -> tuple[bool | None, str]:
    try:
        effective = await policy
        if not effective.orders.seal_at_handover:
            return None, left_open(session, effective)
        _, sealed, said = await seal_session(engine, session, effective)
    except LedgerError:
        raise
    except IssuingDeskError as error:
        sealed, said = False, f"Not sealed: {error}"
    if sealed is False:
        said += " It is handed over with USB debugging open: put it back on the cable and seal it."
    return sealed, said


def left_open(session: Session, effective: EffectivePolicy) -> str:
    """Say what the policy forbids on a handset that goes out without its seal; nothing where it needs none."""
    identity = session.status().identity
    if identity is None or identity.platform is not Platform.ANDROID:
        return ""
    keys = in_force_after_seal(effective, identity.os_version)
    if not keys:
        return ""
    serial = one_line(identity.serial_number, 40)
    return (
        f"USB debugging on it stays open: {', '.join(keys)} of the policy comes into force only with the seal. "
        f"Seal it while it is on the cable: issuing-desk seal {serial}"
    )


async def sealing_policy(engine: Engine, session: Session) -> EffectivePolicy:
    """Give the policy that a handset is sealed under: the one applied to it, for whoever holds it by the ledger."""
    return await asyncio.to_thread(policy_for, engine, session.status().serial_number or "", None)


def policy_for(engine: Engine, serial: str, officer: str | None) -> EffectivePolicy:
    """Give the policy that was last applied to a handset, for ``officer`` or, if None, for whoever holds it."""
    policy = engine.counter.policy_of(serial, engine.settings.policy)
    return engine.counter.effective(policy, officer if officer is not None else _holder(engine, serial))


def _holder(engine: Engine, serial: str) -> str | None:
    """Give the officer who holds a handset by the ledger; None where it is on the shelf."""
    hands = (EntryKind.HANDED_OVER, EntryKind.RETURNED)
    for entry in engine.ledger.entries(serial=serial, kind=hands, newest_first=True, limit=1):
        return entry.officer if entry.kind == EntryKind.HANDED_OVER else None
    return None
