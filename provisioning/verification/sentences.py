"""The sentences of findings: one line each, for a technician, with everything hostile made fit to be shown."""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.catalogue.catalogue import Catalogue
from provisioning.handset import Requirement
from provisioning.inventory import App, HandsetUser, Presence, WebClip
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.decision import Decided
from provisioning.policy.effective import Decision, EffectivePolicy
from provisioning.policy.explanation import called
from provisioning.verification.judgement import Classification, Social

LONGEST = 480
"""Characters of a sentence; it must fit a phone's width of scrolling and a cell of a report."""

_LIES = {
    Presence.INSTALLED: "is installed{whom}",
    Presence.DISABLED: "is installed{whom}, switched off, and can be switched on again",
    Presence.SUSPENDED: "is installed{whom} and suspended",
    Presence.HIDDEN: "lies on the handset{whom}, blocked so that it cannot be started",
    Presence.OFFLOADED: "is offloaded{whom}: its icon and data stay, and one tap brings it back",
    Presence.PLACEHOLDER: "is being downloaded or restored{whom}",
    Presence.APP_CLIP: "is there as an app clip{whom}",
    Presence.REMOVED_FOR_USER: "was removed{whom} but lies in the firmware, and one command brings it back",
}
_WORD = {
    Decision.ALLOWED: "allows",
    Decision.DENIED: "denies",
    Decision.NEEDS_PERMIT: "wants a permit for",
    Decision.REVIEW: "wants a person to look at",
}


def whereabouts(platform: Platform, app: App, users: Mapping[int, HandsetUser]) -> str:
    """Say where an app lies: “user 0”, “user 150 (Secure Folder), switched off”."""
    place = user_title(users.get(app.user) or HandsetUser(app.user, "" if app.user else "owner"))
    if app.presence is Presence.INSTALLED:
        return place
    return f"{place}, {app.presence.value}"


def user_title(user: HandsetUser) -> str:
    """Name a user: “user 0”, “user 150 (Secure Folder)”."""
    kind = one_line(user.kind, 40)
    return f"user {user.id}" if not kind or user.id == 0 else f"user {user.id} ({kind})"


def app_sentence(
    effective: EffectivePolicy,
    catalogue: Catalogue,
    platform: Platform,
    app: App,
    *,
    believed: Classification,
    decided: Decided,
    users: Mapping[int, HandsetUser],
) -> str:
    """Say that an app is there, what it is, and what the policy makes of it and why."""
    whom = "" if platform is Platform.IOS else f" for {user_title(users.get(app.user) or HandsetUser(app.user, ''))}"
    lies = _LIES[app.presence].format(whom=whom)
    suspicion = _suspicion(catalogue, believed)
    outside = f" It is {decided.sideloaded}." if decided.sideloaded else ""
    policy = one_line(effective.reference.name, 60)
    return _line(
        f"{called(app, believed)} {lies};{suspicion} {policy} {_WORD[decided.decision]} "
        f"{_kind(catalogue, believed)}: {decided.rule.reason}.{outside}"
    )


def clip_sentence(
    effective: EffectivePolicy, catalogue: Catalogue, clip: WebClip, believed: Classification, decided: Decided
) -> str:
    """Say that a page is on the home screen, whose it is, and what the policy makes of it."""
    title = one_line(clip.title, 60)
    whose = f" of {believed.family}" if believed.family and believed.identified else ""
    suspicion = _suspicion(catalogue, believed)
    policy = one_line(effective.reference.name, 60)
    return _line(
        f"The page “{title}”{whose} ({one_line(clip.url, 120)}) is on the home screen;{suspicion} {policy} "
        f"{_WORD[decided.decision]} {_kind(catalogue, believed, 'it')}: {decided.rule.reason}."
    )


_UNTOUCHED = {
    "ro.boot.verifiedbootstate": "its system is not verified as the maker's own at boot",
    "ro.boot.flash.locked": "its boot loader is unlocked",
    "ro.boot.vbmeta.device_state": "its boot loader is unlocked",
    "ro.boot.warranty_bit": "its maker's warranty bit is burnt: another system was once started on it",
    "ro.build.type": "it runs a build for developers",
    "ro.debuggable": "its build lets anybody debug it",
    "ro.adb.secure": "its build lets any computer debug it without being allowed to",
}
"""What an Android says of its own system, which no policy can put right; keys as Android spells them."""


def requirement_sentence(requirement: Requirement) -> str:
    """Say that something of the lock-down does not hold."""
    wanted, found = one_line(requirement.wanted, 80) or "it", one_line(requirement.found, 80) or "nothing"
    untouched = _UNTOUCHED.get(requirement.name)
    if untouched is not None:
        return _line(
            f"{requirement.name} is {found} instead of {wanted}: {untouched}, so nothing that it says can be "
            "relied on. Set it aside; only the maker's own system with a locked boot loader, installed anew, mends it."
        )
    return _line(
        f"{one_line(requirement.name, 80)} is not in force: wanted {wanted}, found {found}. Apply the policy again."
    )


def _suspicion(catalogue: Catalogue, believed: Classification) -> str:
    if believed.social is not Social.SUSPECTED or believed.identified:
        return ""
    evidence = believed.evidence[-1] if believed.evidence else None
    shown = f" ({evidence.kind.replace('_', ' ')}: {one_line(evidence.value, 80)})" if evidence else ""
    app_class = catalogue.classes.get(believed.app_class or "")
    what = believed.family or (f"one of the {app_class.title}" if app_class else "a social app")
    return f" it may be {what}{shown};"


def _kind(catalogue: Catalogue, believed: Classification, otherwise: str = "this app") -> str:
    app_class = catalogue.classes.get(believed.app_class or "")
    return app_class.title if app_class is not None and believed.identified else otherwise


def _line(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
