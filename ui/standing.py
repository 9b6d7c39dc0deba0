"""How a session stands now, in one sentence: what it waits for, what ended it, or what is being done. No Qt here."""

from __future__ import annotations

from provisioning.outcomes import Outcome
from provisioning.status import Phase, SessionStatus
from ui.connection_phrases import connection_sentence
from ui.phrases import DOING, PHASE_WORD, name_of, sentence


def latest(status: SessionStatus) -> Outcome | None:
    """Give the outcome that explains the phase: that of the stage in hand, else that of the last one.

    A walk that began anew after a replug keeps the records of its later stages; the last record is not the newest.
    """
    for record in status.stages:
        if record.name is status.stage:
            return record.outcome
    return status.stages[-1].outcome if status.stages else None


def standing(status: SessionStatus, who: str | None = None) -> str:
    """Say how it stands; ``who`` names the handset other than by model and bay."""
    name = who or name_of(status)
    outcome = latest(status)
    if status.phase is Phase.WORKING and status.stage is not None:
        return _begun(f"{name} is {DOING[status.stage]}.")
    if status.phase is Phase.SEEN:
        told = connection_sentence(status.attachment, name) if status.identity is None else ""
        return told or _begun(f"{name} is plugged in. Nothing has been done with it yet.")
    if outcome is None:
        return _begun(f"{name}: {PHASE_WORD[status.phase].lower()}.")
    return sentence(outcome, name)


def _begun(text: str) -> str:
    return text[0].upper() + text[1:]
