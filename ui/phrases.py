"""One sentence for every outcome: what happened, to which handset, what to do next. Read by window and command line.

No Qt here. A new outcome without a sentence does not type-check (``assert_never``).
"""

from __future__ import annotations

from typing import assert_never

from provisioning.batches.manifest import Disagreement, Mismatch
from provisioning.handset import Hindrance, LockDown, Obstacle
from provisioning.outcomes import Outcome
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.stages import apply, enrol, erase, identify, preflight, seal, trust, verify
from provisioning.status import Phase, SessionStatus
from provisioning.verification.judgement import Judgement
from provisioning.walk import AnsweredGarbage, DeskLacks, KeptSilent, SaidNo, StageName, StillStarting, WentAway
from ui.connection_phrases import unreachable
from ui.notice_phrases import notice_sentence, notice_word

DOING = {
    StageName.IDENTIFY: "being identified",
    StageName.TRUST: "being asked for trust",
    StageName.ERASE: "being erased",
    StageName.PREFLIGHT: "being checked before enrolment",
    StageName.ENROL: "being enrolled",
    StageName.APPLY: "being locked down",
    StageName.VERIFY: "being verified",
    StageName.SEAL: "being sealed",
}

STAGE_TITLE = {
    StageName.IDENTIFY: "Identified",
    StageName.TRUST: "Trusts this desk",
    StageName.ERASE: "Erased",
    StageName.PREFLIGHT: "Fit for enrolment",
    StageName.ENROL: "Enrolled",
    StageName.APPLY: "Policy applied",
    StageName.VERIFY: "Verified",
    StageName.SEAL: "Sealed",
}

PHASE_WORD = {
    Phase.SEEN: "Seen",
    Phase.WORKING: "Working",
    Phase.WAITING: "Needs hands",
    Phase.UNPLUGGED: "Unplugged",
    Phase.READY: "Ready",
    Phase.NOT_CLEAR: "Not clear",
    Phase.UNKNOWN: "Unknown",
    Phase.STOPPED: "Stopped",
}


def name_of(status: SessionStatus) -> str:
    """Name a handset for a sentence: “the iPhone 15 in bay 1-3”."""
    model = status.identity.model_name if status.identity else status.glimpse.model_name if status.glimpse else None
    return f"the {one_line(model, 40) if model else 'handset'} in bay {one_line(status.attachment.bay, 40)}"


def sentence(outcome: Outcome, who: str) -> str:
    """Say an outcome about the handset that ``who`` names (see :func:`name_of`)."""
    said = _sentence(outcome, who)
    return _capital(said)


def headline(status: SessionStatus) -> str:
    """Give the one line that a technician needs first about a session."""
    if not status.stages:
        return f"{PHASE_WORD[status.phase]}: {name_of(status)}."
    return sentence(status.stages[-1].outcome, name_of(status))


def notices_member(status: SessionStatus) -> dict[str, list[dict[str, str]]]:
    """Give what is noticed about a handset as the member ``notices`` of its object; no member where it is nothing."""
    who = name_of(status)
    told = [{"kind": notice_word(one), "sentence": notice_sentence(one, who)} for one in status.notices]
    return {"notices": told} if told else {}


def _sentence(outcome: Outcome, who: str) -> str:
    match outcome:
        case identify.Identified(identity):
            return f"{who} has serial number {one_line(identity.serial_number, 40)}."
        case identify.Glimpsed():
            return f"{who} says no more until it trusts this desk."
        case identify.Swapped(expected, found):
            return (
                f"{who} is another handset than before ({one_line(found, 40)} instead of {one_line(expected, 40)}). "
                "Unplug it and plug both in again."
            )
        case identify.HereTwice(serial, other_bay):
            return (
                f"{who} and the handset in bay {one_line(other_bay, 20)} both say that they are "
                f"{one_line(serial, 40)}. Nothing is done with either. Unplug the one that is not, and set it aside."
            )
        case identify.NotAsListed(identity, mismatch):
            return _not_as_listed(who, one_line(identity.serial_number, 40), mismatch)
        case identify.LeftAsItIs(_, notice):
            return notice_sentence(notice, who)
        case trust.Trusted():
            return f"{who} trusts this desk."
        case trust.AwaitingUnlock():
            return f"unlock {who} with its passcode."
        case trust.AwaitingTrust(platform):
            return f"unlock {who} and tap {_yes(platform)}."
        case trust.TrustDenied(platform):
            return f"{who} was told not to trust this desk. Unplug it, plug it in again and tap {_yes(platform)}."
        case trust.Unreachable(_, detail, remedy):
            return unreachable(who, detail, remedy)
        case trust.PairingClosed():
            return (
                f"{who} is closed to this desk by the organisation that supervises it. "
                "Have that organisation release it; it was left as it is."
            )
        case trust.StillNameless():
            return f"{who} does not say who it is yet. Leave it plugged in; if this stays, restart it."
        case erase.Erased(already):
            return f"{who} {'is as new' if already else 'was erased and is as new'}. Connect it to the desk's Wi-Fi."
        case erase.Erasing():
            return f"{who} is being erased. Leave it plugged in; it comes back by itself in a minute or two."
        case erase.NotErased(obstacles):
            return f"{who} was not erased: " + " ".join(_obstacle(obstacle, "it") for obstacle in obstacles)
        case erase.NotFromHere():
            return f"{who} cannot be erased over the cable. Erase it in its own Settings, under Reset."
        case preflight.Fit() | preflight.AlreadyOurs():
            return _fit(outcome, who)
        case preflight.NeedsHands(obstacles) | preflight.NotFit(obstacles):
            first, *others = obstacles
            return " ".join([_obstacle(first, who), *(_capital(_obstacle(other, "it")) for other in others)])
        case enrol.Enrolled(enrolment, already):
            organisation = one_line(enrolment.organisation, 60)
            return f"{who} {'was already' if already else 'is now'} managed by {organisation or 'us'}."
        case enrol.HeldByAnother(organisation):
            return _held(who, organisation)
        case enrol.EnrolmentRefused(reason):
            return f"{who} refused enrolment: {_stopped(reason)}"
        case enrol.NotReadBack(found):
            return f"{who} took the enrolment but does not show it ({one_line(found)}). It is tried again."
        case enrol.NotManaged(reason):
            return f"{who} is supervised, but its device management did not take it: {one_line(reason, 400)}"
        case apply.Applied(lock_down, already):
            return f"the lock-down of {who} {'was already' if already else 'is'} in force ({_count(lock_down)})."
        case apply.AppliedInPart(lock_down):
            return f"the lock-down of {who} is not complete: {_missing(lock_down)}."
        case verify.Verified(judgement) | verify.NotClear(judgement) | verify.Unknown(judgement):
            return _verdict(outcome, judgement, who)
        case seal.Sealed() | seal.NothingToSeal() | seal.NotSealed():
            return _sealed(outcome, who)
        case WentAway(doing):
            return f"{who} was unplugged while {_doing(doing)}. Plug it in again; the work goes on from there."
        case KeptSilent(doing, seconds):
            return (
                f"{who} gave no answer for {seconds:.0f} s while {_doing(doing)}. "
                "Wake and unlock it, or try another cable."
            )
        case StillStarting():
            return _still_starting(who)
        case AnsweredGarbage(doing, detail):
            return (
                f"{who} gave an answer that cannot be read while {_doing(doing)} ({one_line(detail, 80)}). "
                "Unplug it, plug it in and try again."
            )
        case DeskLacks(said):
            return f"{who} waits for this desk: {one_line(said, 400)}"
        case SaidNo(doing, reason):
            return f"{who} refused while {_doing(doing)}: {_stopped(reason)}"
        case _:
            assert_never(outcome)


def _capital(said: str) -> str:
    return said[0].upper() + said[1:]


def _still_starting(who: str) -> str:
    return f"{who} is still starting. Wait for its home screen."


def _stopped(reason: str) -> str:
    """Give a handset's reason as the end of a sentence."""
    said = one_line(reason, 400)
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _yes(platform: Platform) -> str:
    return "“Trust”, then enter its passcode" if platform is Platform.IOS else "“Allow” (USB debugging)"


def _doing(doing: str) -> str:
    return DOING[StageName(doing)] if doing in set(StageName) else one_line(doing, 80)


def _fit(outcome: preflight.Fit | preflight.AlreadyOurs, who: str) -> str:
    battery = f" Battery {outcome.battery_percent} %." if outcome.battery_percent is not None else ""
    what = "is fit for enrolment" if isinstance(outcome, preflight.Fit) else "is ours already"
    return f"{who} {what}.{battery}"


def _held(who: str, organisation: str) -> str:
    owner = one_line(organisation, 60) or "another organisation"
    return f"{who} is managed by {owner}. It was not touched; have it released there or set it aside."


def _not_as_listed(who: str, serial: str, mismatch: Mismatch) -> str:
    match mismatch.kind:
        case Disagreement.NOT_LISTED:
            return f"{who} ({serial}) is not on the manifest. Set it aside, or ask the supplier; it was left as it is."
        case Disagreement.LISTED_TWICE:
            return (
                f"{who} ({serial}) stands on the manifest twice, in lines {mismatch.detail}. "
                "Correct the manifest; it was left as it is."
            )
        case Disagreement.OTHER_IMEI:
            return (
                f"{who} ({serial}) has another IMEI than the manifest says ({mismatch.detail}). "
                "Set it aside and ask the supplier; it was left as it is."
            )


def _verdict(outcome: verify.Outcome, judgement: Judgement, who: str) -> str:
    match outcome:
        case verify.Verified(after_seal=later):
            kept = f" but for {one_line(', '.join(later), 80)}, which the seal sets" if later else ""
            return f"{who} is clear: {judgement.apps_seen} apps read, none denied, the lock-down is in force{kept}."
        case verify.NotClear():
            first = judgement.findings[0].sentence if judgement.findings else "see the findings."
            more = len(judgement.findings) - 1
            return f"{who} is not clear: {first}" + (f" And {more} more." if more > 0 else "")
        case verify.Unknown():
            first = judgement.not_checked[0]
            return f"{who} is not proven clear: {one_line(first.area, 80)} was not read ({one_line(first.why)})."
        case _:
            assert_never(outcome)


def _sealed(outcome: seal.Outcome, who: str) -> str:
    match outcome:
        case seal.Sealed(evidence):
            return f"{who} is sealed: no computer reaches it any more ({one_line(', '.join(evidence), 200)})."
        case seal.NothingToSeal(reason):
            return f"{who} needs no seal: {one_line(reason, 120)}."
        case seal.NotSealed(reason):
            return (
                f"{who} is not sealed: {one_line(reason, 200)}. It stays on the books as verified; do not issue it so."
            )
        case _:
            assert_never(outcome)


def _count(lock_down: LockDown) -> str:
    number = len(lock_down.requirements)
    return f"{number} requirement{'s' if number != 1 else ''} read back"


def _missing(lock_down: LockDown) -> str:
    names = [requirement.name for requirement in lock_down.requirements if not requirement.holds]
    names += [f"unknown management {one_line(stranger, 60)}" for stranger in lock_down.strangers]
    names += [f"{one_line(area.area, 60)} not read" for area in lock_down.unread]
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _obstacle(obstacle: Obstacle, who: str) -> str:
    detail = one_line(obstacle.detail, 80)
    said = f" ({detail})" if detail else ""
    match obstacle.hindrance:
        case Hindrance.NOT_ACTIVATED:
            return (
                f"{who} is not activated{said}. Connect it to the desk's Wi-Fi and let it activate; "
                "if it asks for an Apple Account, it is locked to its previous owner: set it aside."
            )
        case Hindrance.ACTIVATION_LOCKED:
            return (
                f"{who} is locked to its previous owner's Apple Account. Set it aside; only that owner can release it."
            )
        case Hindrance.FIND_MY_ON:
            return f"{who} has Find My switched on. Have its user sign out of the Apple Account before any erase."
        case Hindrance.ALREADY_SET_UP:
            return f"{who} has been set up already. Erase it, leave it at the Hello screen and plug it in again."
        case Hindrance.OWNED_BY_ANOTHER:
            return _held(who, obstacle.detail)
        case Hindrance.LOCKDOWN_MODE:
            return f"{who} is in Lockdown Mode. Switch that off in Settings, Privacy & Security."
        case Hindrance.ACCOUNTS_PRESENT:
            return f"{who} holds accounts{said}. Remove them in Settings, or reset it, then press R."
        case Hindrance.EXTRA_USERS:
            return f"{who} has further users or profiles{said}. Reset it, then press R."
        case Hindrance.STILL_BOOTING:
            return _still_starting(who)
        case Hindrance.TRADE_IN_MODE:
            return (
                f"{who} is in Android's trade-in mode. Finish its setup without an account and turn on USB debugging."
            )
        case Hindrance.OS_TOO_OLD:
            return f"{who} runs too old a system{said}. Update it first."
        case Hindrance.BATTERY_LOW:
            return f"the battery of {who} is low{said}. Leave it on the cable and come back."
        case _:
            assert_never(obstacle.hindrance)
