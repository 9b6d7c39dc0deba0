"""Say in one sentence why an app is allowed or not *for this person*: rule, permit or role, and source."""

from __future__ import annotations

from typing import assert_never

from provisioning.catalogue.catalogue import Catalogue
from provisioning.inventory import App
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.decision import Decided, decide
from provisioning.policy.effective import Decision, EffectivePolicy
from provisioning.verification.judgement import Classification, Social


def explain(effective: EffectivePolicy, catalogue: Catalogue, platform: Platform, identifier: str) -> str:
    """Explain what the effective policy makes of one identifier, as if it were installed from the store."""
    app = App(identifier, name=None)
    believed = catalogue.classify(platform, app)
    decided = decide(effective, platform, app, believed)
    who = effective.person.officer_number if effective.person else None
    person = f" for officer {one_line(who, 40)}" if who else ""
    return (
        f"{called(app, believed)} {verb(decided.decision)}{person} under {effective.reference.name} "
        f"{one_line(effective.reference.version, 20)}: {belief(catalogue, believed)}{because(decided)}"
    )


def called(app: App, believed: Classification) -> str:
    """Name an app for a sentence: “TikTok (com.zhiliaoapp.musically)”."""
    shown = one_line(app.id, 80) or "(no identifier)"
    name = believed.family if believed.identified and believed.family else None
    name = name or (one_line(app.name, 60) if app.name else None)
    return f"{name} ({shown})" if name else shown


def verb(decision: Decision) -> str:
    """Say a decision."""
    match decision:
        case Decision.ALLOWED:
            return "is allowed"
        case Decision.DENIED:
            return "is denied"
        case Decision.NEEDS_PERMIT:
            return "needs a permit"
        case Decision.REVIEW:
            return "must be looked at"
        case _:
            assert_never(decision)


def belief(catalogue: Catalogue, believed: Classification) -> str:
    """Say what is believed of an app, to stand before the rule."""
    app_class = catalogue.classes.get(believed.app_class or "")
    title = app_class.title if app_class else "social apps"
    evidence = believed.evidence[-1].value if believed.evidence else ""
    if believed.identified:
        return f"it is one of the {title}; "
    if believed.social is Social.SUSPECTED and believed.family:
        return f"it may be {believed.family} ({evidence}); "
    if believed.social is Social.SUSPECTED:
        return f"it may be one of the {title} ({evidence}); "
    if believed.social is Social.NO:
        return "" if not evidence else f"it is known ({evidence}); "
    return ""


def because(decided: Decided) -> str:
    """Give the rule's reason and basis; a permit and a role name themselves in the reason."""
    rule = decided.rule
    outside = f"it is {decided.sideloaded}; " if decided.sideloaded else ""
    return f"{outside}{rule.reason} (rule {rule.id}; {one_line(rule.basis, 240)})."
