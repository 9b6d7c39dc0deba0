"""The closed union of everything that a stage can say; ``ui`` has one sentence for each, or does not type-check."""

from __future__ import annotations

from provisioning.errors import (
    HandsetError,
    HandsetGarbled,
    HandsetGone,
    HandsetLocked,
    HandsetRefused,
    HandsetSilent,
    HandsetStarting,
    UsageError,
)
from provisioning.platforms import Platform
from provisioning.stages import apply, enrol, erase, identify, preflight, seal, trust, verify
from provisioning.walk import (
    AnsweredGarbage,
    DeskLacks,
    Interruption,
    KeptSilent,
    Next,
    SaidNo,
    StageName,
    StillStarting,
    WentAway,
)

Outcome = (
    identify.Outcome
    | trust.Outcome
    | erase.Outcome
    | preflight.Outcome
    | enrol.Outcome
    | apply.Outcome
    | verify.Outcome
    | seal.Outcome
    | Interruption
)


def interruption(error: HandsetError | UsageError, stage: StageName, platform: Platform) -> Outcome:
    """Give the outcome that an error of a handset, or of the desk itself, stands for."""
    match error:
        case HandsetGone():
            return WentAway(error.doing)
        case HandsetSilent():
            return KeptSilent(error.doing, error.seconds)
        case HandsetStarting():
            return StillStarting(error.doing)
        case HandsetGarbled():
            return AnsweredGarbage(error.doing, error.detail)
        case HandsetLocked():
            return trust.AwaitingUnlock(platform)
        case HandsetRefused():
            return SaidNo(error.doing, error.reason)
        case UsageError():
            return DeskLacks(str(error))
        case _:
            return SaidNo(stage, str(error))


def did_all(outcome: Outcome) -> bool:
    """Tell whether a stage did all of its work: a verification did, whatever it found."""
    return outcome.next is Next.PROCEED or isinstance(outcome, verify.NotClear | verify.Unknown)


def found_done(outcome: Outcome) -> bool:
    """Tell whether a stage found its work done before it began, so that its time says nothing of that work."""
    match outcome:
        case enrol.Enrolled(already=already) | apply.Applied(already=already) | erase.Erased(already=already):
            return already
        case _:
            return False
