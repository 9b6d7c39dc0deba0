"""The few words about a session that fit on a card, and how little each wait takes to be resolved. No Qt here.

The sentence that says all of it is in ``ui.phrases``; nothing is told here that it does not tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from provisioning.handset import Hindrance
from provisioning.notices import UnderEvidenceHold
from provisioning.outcomes import Outcome
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.stages import apply, enrol, erase, identify, preflight, seal, trust, verify
from provisioning.status import Phase, SessionStatus
from provisioning.verification.judgement import Judgement
from provisioning.walk import AnsweredGarbage, DeskLacks, KeptSilent, SaidNo, StageName, StillStarting, WentAway
from ui.standing import latest

STAGE_DOING: Mapping[StageName, str] = {
    StageName.IDENTIFY: "Identifying",
    StageName.TRUST: "Asking for trust",
    StageName.ERASE: "Erasing",
    StageName.PREFLIGHT: "Checking",
    StageName.ENROL: "Enrolling",
    StageName.APPLY: "Locking down",
    StageName.VERIFY: "Verifying",
    StageName.SEAL: "Sealing",
}

_HINDRANCE: Mapping[Hindrance, tuple[str, int]] = {
    Hindrance.STILL_BOOTING: ("Wait for its home screen", 0),
    Hindrance.BATTERY_LOW: ("Let it charge", 1),
    Hindrance.NOT_ACTIVATED: ("Let it activate on Wi-Fi", 5),
    Hindrance.LOCKDOWN_MODE: ("Switch off Lockdown Mode", 6),
    Hindrance.FIND_MY_ON: ("Switch off Find My", 7),
    Hindrance.ACCOUNTS_PRESENT: ("Remove its accounts", 8),
    Hindrance.EXTRA_USERS: ("Remove extra users", 9),
    Hindrance.OS_TOO_OLD: ("System too old", 10),
    Hindrance.ALREADY_SET_UP: ("Erase it first", 11),
    Hindrance.TRADE_IN_MODE: ("In trade-in mode", 12),
    Hindrance.OWNED_BY_ANOTHER: ("Owned by another", 13),
    Hindrance.ACTIVATION_LOCKED: ("Activation-locked", 14),
}
"""The words, and the effort on the scale of :func:`effort`."""


def note(status: SessionStatus) -> str:
    """Give the few words that a card carries beside the state."""
    match status.phase:
        case Phase.WORKING:
            return STAGE_DOING[status.stage] if status.stage else ""
        case Phase.READY:
            return f"Clear, {status.judgement.apps_seen} apps read" if status.judgement else ""
        case Phase.NOT_CLEAR:
            return _worst(status.judgement)
        case Phase.UNKNOWN:
            return _unread(status.judgement)
        case Phase.UNPLUGGED:
            return "Plug it in again" if wanted(status) else ""
        case Phase.WAITING | Phase.STOPPED:
            outcome = latest(status)
            return said(outcome) if outcome else ""
        case Phase.SEEN:
            return ""


def said(outcome: Outcome) -> str:
    """Say an outcome in a few words."""
    match outcome:
        case identify.Identified():
            return "Identified"
        case identify.Glimpsed():
            return "Says little yet"
        case identify.Swapped():
            return "Another handset"
        case identify.HereTwice():
            return "Here twice"
        case identify.NotAsListed():
            return "Not as listed"
        case trust.Trusted():
            return "Trusts this desk"
        case trust.AwaitingUnlock():
            return "Enter its passcode"
        case trust.AwaitingTrust(platform):
            return "Unlock, tap Trust" if platform is Platform.IOS else "Unlock, tap Allow"
        case trust.TrustDenied(platform):
            return "Replug, tap Trust" if platform is Platform.IOS else "Replug, tap Allow"
        case trust.Unreachable():
            return "Does not answer"
        case trust.PairingClosed():
            return "Closed by its owner"
        case trust.StillNameless():
            return "No name yet"
        case erase.Erased():
            return "As new"
        case erase.Erasing():
            return "Being erased"
        case erase.NotErased():
            return "Not erased"
        case erase.NotFromHere():
            return "Erase it by hand"
        case identify.LeftAsItIs(_, notice):
            return "Evidence: leave it" if isinstance(notice, UnderEvidenceHold) else f"Reported {notice.reason}"
        case preflight.Fit():
            return "Fit"
        case preflight.AlreadyOurs() | enrol.Enrolled():
            return "Ours"
        case preflight.NeedsHands(obstacles) | preflight.NotFit(obstacles):
            return max((_HINDRANCE[one.hindrance] for one in obstacles), key=lambda pair: pair[1])[0]
        case enrol.HeldByAnother():
            return "Owned by another"
        case enrol.EnrolmentRefused():
            return "Refused enrolment"
        case enrol.NotReadBack():
            return "Not read back"
        case enrol.NotManaged():
            return "Management failed"
        case apply.Applied():
            return "Locked down"
        case apply.AppliedInPart():
            return "Lock-down incomplete"
        case verify.Verified(judgement) | verify.NotClear(judgement):
            return _worst(judgement)
        case verify.Unknown(judgement):
            return _unread(judgement)
        case seal.Sealed():
            return "Sealed"
        case seal.NothingToSeal():
            return "Needs no seal"
        case seal.NotSealed():
            return "Not sealed"
        case WentAway():
            return "Plug it in again"
        case KeptSilent():
            return "No answer"
        case StillStarting():
            return _HINDRANCE[Hindrance.STILL_BOOTING][0]
        case AnsweredGarbage():
            return "Unreadable answer"
        case SaidNo():
            return "Refused"
        case DeskLacks():
            return "The desk lacks something"
        case _:
            assert_never(outcome)


def wanted(status: SessionStatus) -> bool:
    """True while a person's hand, and nothing else, would let this handset's walk go on."""
    return status.phase is Phase.WAITING or (
        status.phase is Phase.UNPLUGGED and any(isinstance(record.outcome, WentAway) for record in status.stages)
    )


def needs_somebody(status: SessionStatus) -> bool:
    """True while nothing goes on with this handset until a person sees to it: it waits, or its walk ended badly."""
    return wanted(status) or status.phase in {Phase.NOT_CLEAR, Phase.UNKNOWN, Phase.STOPPED}


def effort(status: SessionStatus) -> int:
    """Say how much it takes: 0 patience, 2 a tap, 3 a passcode, 4 a cable or another try, then settings or more.

    Only the order means something. The lane of needed hands is sorted by it, the least first.
    """
    match latest(status):
        case trust.AwaitingTrust():
            return 2
        case trust.AwaitingUnlock():
            return 3
        case preflight.NeedsHands(obstacles) | preflight.NotFit(obstacles):
            return max(_HINDRANCE[one.hindrance][1] for one in obstacles)
        case StillStarting():
            return _HINDRANCE[Hindrance.STILL_BOOTING][1]
        case verify.Unknown():
            return 9
        case verify.NotClear() | identify.NotAsListed():
            return 10
        case enrol.HeldByAnother() | trust.PairingClosed() | erase.NotFromHere():
            return 13
        case identify.LeftAsItIs():
            return 15
        case _:
            return 4


def _worst(judgement: Judgement | None) -> str:
    if judgement is None or not judgement.findings:
        return ""
    first = judgement.findings[0]
    more = len({finding.family or finding.subject for finding in judgement.findings}) - 1
    return one_line(first.family or first.subject, 40) + (f" +{more}" if more else "")


def _unread(judgement: Judgement | None) -> str:
    return f"Unread: {one_line(judgement.not_checked[0].area, 40)}" if judgement and judgement.not_checked else ""
