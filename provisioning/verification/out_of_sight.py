"""What a list of apps does not show of itself: apps inside another, what a false spelling hides, what is blocked."""

from __future__ import annotations

from provisioning.catalogue.identifiers import fold, is_impossible
from provisioning.inventory import App, Presence, Unread
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.effective import BlockedSuffices, Decision, EffectivePolicy
from provisioning.verification.judgement import Classification

CONTAINER = "container"
"""The class of apps that keep others inside."""


def hidden_by(effective: EffectivePolicy, platform: Platform, app: App, believed: Classification) -> tuple[Unread, ...]:
    """Say what one entry of a list keeps out of sight; empty for most."""
    if believed.app_class == CONTAINER:
        return _kept_inside(effective, platform, app, believed)
    if not believed.identified and is_impossible(platform, app.id):
        why = "no app's identifier can be written so; the list was changed or damaged"
        return (Unread(f"the app listed as “{one_line(app.id, 80)}”", why),)
    return ()


def _kept_inside(
    effective: EffectivePolicy, platform: Platform, app: App, believed: Classification
) -> tuple[Unread, ...]:
    """Say that apps are kept inside this one, where no list of the handset's names them.

    A body that allows it by its very identifier, or whom nothing on a handset keeps back, has answered that.
    """
    if app.presence is Presence.REMOVED_FOR_USER or held_back(effective, app):
        return ()
    named = effective.identifiers.get((platform, fold(app.id)))
    if not effective.blocking or (named is not None and named.decision is Decision.ALLOWED):
        return ()
    why = "it keeps apps of its own that the handset lists nowhere; remove it and verify again"
    return (Unread(f"apps inside {believed.family} ({one_line(app.id, 80)}) of user {app.user}", why),)


def held_back(effective: EffectivePolicy, app: App) -> bool:
    """Say whether the handset's management keeps the app from being started, and the policy takes that for enough."""
    if app.presence is not Presence.HIDDEN:
        return False
    match effective.blocked_suffices:
        case BlockedSuffices.ALL:
            return True
        case BlockedSuffices.SYSTEM:
            return app.system is True
        case BlockedSuffices.NONE:
            return False
