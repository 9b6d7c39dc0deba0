"""What the policy makes of one app: belief in, rule out. The same for verifier, explanation and matrix."""

from __future__ import annotations

from dataclasses import dataclass, replace

from provisioning.catalogue import genres
from provisioning.catalogue.classifier import APP_STORE_ID
from provisioning.catalogue.identifiers import fold
from provisioning.inventory import App
from provisioning.platforms import Platform
from provisioning.policy.compilation import rule_of
from provisioning.policy.effective import Decision, EffectivePolicy, Rule
from provisioning.verification.judgement import Classification, Social

RESTRICTING = frozenset({Decision.DENIED, Decision.NEEDS_PERMIT, Decision.REVIEW})
STORE_SIGNER = "apple iphone os application signing"
TESTFLIGHT = "testflight"
NOT_LISTED = Rule(
    "not-on-the-allow-list", Decision.DENIED, "only approved apps may be there", "the policy is an allow-list"
)
STORES = frozenset(
    {
        "com.android.vending", "com.google.android.feedback", "com.sec.android.app.samsungapps", "com.huawei.appmarket",
        "com.xiaomi.mipicks", "com.amazon.venezia", "com.google.android.apps.work.clouddpc",
    }
)  # fmt: skip
"""Installers that are a store or the organisation's management (installerPackageName of Android)."""
HAND_INSTALLERS = frozenset(
    {
        "", "null", "com.android.shell", "com.google.android.packageinstaller", "com.android.packageinstaller",
        "com.samsung.android.packageinstaller", "com.miui.packageinstaller", "adb",
    }
)  # fmt: skip
"""Installers that mean a person with a file or a cable; empty and ``null`` are what ``pm -i`` says of adb."""
A_TESTFLIGHT_BUILD, A_DEVELOPERS = "a TestFlight build", "signed by a developer and not by the store"
STRICTEST = (Decision.DENIED, Decision.NEEDS_PERMIT, Decision.REVIEW, Decision.ALLOWED)
_HARD_TO_CHOOSE = frozenset({"certificate", "url_scheme", "link_domain", "web_apk"})
"""Kinds of evidence that come with a network's own code or key."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision and the rule behind it; ``sideloaded`` says how the app got there, where that is known and bad."""

    decision: Decision
    rule: Rule
    sideloaded: str = ""


def decide(effective: EffectivePolicy, platform: Platform, app: App, believed: Classification) -> Decided:
    """Decide about an app by the most particular rule that names it."""
    rule = _rule(effective, platform, app, believed)
    outside = sideloading(platform, app)
    if outside and rule.decision is Decision.ALLOWED:
        wanted = {fold(identifier) for identifier in effective.required_apps.get(platform, ())}
        if fold(app.id) not in wanted:
            from_outside = _from_outside(effective, outside)
            return Decided(from_outside.decision, from_outside, outside)
    return Decided(rule.decision, rule, outside)


def decide_web(effective: EffectivePolicy, believed: Classification) -> Decided:
    """Decide about a page on the home screen."""
    if believed.social is Social.UNKNOWN and not believed.identified:
        return Decided(effective.web.decision, effective.web)
    rule = _of_belief(effective, believed)
    return Decided(rule.decision, rule) if rule is not None else Decided(effective.web.decision, effective.web)


def sideloading(platform: Platform, app: App) -> str:
    """Say how an app got there if not through a store; empty where it did or where nobody knows."""
    if app.system is True:
        return ""
    if platform is Platform.ANDROID:
        # only of what is known to be no part of the firmware: that has no installer either
        by_hand = app.system is False and app.installer is not None and app.installer.lower() in HAND_INSTALLERS
        return "installed by hand" if by_hand else ""
    signer = (app.signer or "").lower()
    if not signer or signer.startswith(STORE_SIGNER):
        return ""
    return A_TESTFLIGHT_BUILD if TESTFLIGHT in signer else A_DEVELOPERS


def _from_outside(effective: EffectivePolicy, outside: str) -> Rule:
    finer = {A_TESTFLIGHT_BUILD: effective.testflight, A_DEVELOPERS: effective.developer_signed}
    return finer.get(outside) or effective.sideloaded


def _rule(effective: EffectivePolicy, platform: Platform, app: App, believed: Classification) -> Rule:
    identifier = "" if _is_masked(believed) else app.id
    if believed.identified and believed.family is not None and believed.app_class is not None:
        named = rule_of(effective, platform, identifier, believed.family, believed.app_class)
    else:
        named = effective.identifiers.get((platform, fold(identifier)))
    if named is not None:
        return named
    shelf = _of_shelf(effective, app)
    suspicion = None if believed.identified else _of_belief(effective, believed)
    if shelf is not None and suspicion is not None:
        return min(shelf, suspicion, key=lambda rule: STRICTEST.index(rule.decision))
    if shelf is not None or suspicion is not None:
        return shelf or suspicion or effective.suspected
    if effective.allow_list:
        return effective.unlisted_system if app.system is True else NOT_LISTED
    if believed.social is Social.NO or believed.identified:
        return effective.known_other
    return effective.unlisted_system if app.system is True else effective.unlisted_user


def _of_shelf(effective: EffectivePolicy, app: App) -> Rule | None:
    """Give the rule for the store's shelf that an app stands on."""
    if not effective.genres:
        return None
    shelves = genres.keys_of(app.store_genre, app.store_genre_id)
    return next((effective.genres[one] for one in shelves if one in effective.genres), None)


def _is_masked(believed: Classification) -> bool:
    """True where what an app cannot choose freely says another thing than its identifier.

    A clone of a network under the identifier of an app that a policy allows is not that app.
    """
    if believed.social not in {Social.YES, Social.SUSPECTED} or not believed.evidence:
        return False
    first = believed.evidence[0]
    return first.kind in _HARD_TO_CHOOSE or first.value.startswith(APP_STORE_ID)


def _of_belief(effective: EffectivePolicy, believed: Classification) -> Rule | None:
    """Give the rule for what is believed. A suspicion never denies by itself: where it would, a person looks."""
    named = effective.families.get(believed.family or "") or effective.classes.get(believed.app_class or "")
    if believed.identified or believed.social is not Social.SUSPECTED:
        return named
    if named is None:
        return effective.suspected
    if named.decision not in RESTRICTING:
        return named
    return replace(named, decision=Decision.REVIEW)
