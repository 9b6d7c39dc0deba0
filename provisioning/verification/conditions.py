"""What must hold beside the apps: the lock-down, the age of the system, the apps that must be there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioning.catalogue.identifiers import fold
from provisioning.handset import Identity, LockDown, Strength
from provisioning.inventory import Inventory, Presence, Unread
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy, Severity
from provisioning.policy.versions import older, parts
from provisioning.verification.judgement import Finding
from provisioning.verification.sentences import requirement_sentence

HANDSET = "handset"
DEVICE_OWNER, CONTROLLER_CERTIFICATE = "device owner", "controller certificate"
"""Requirements of an Android's lock-down: whose controller owns it, and that its certificate is the right one."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_BACK = frozenset({Presence.INSTALLED, Presence.DISABLED, Presence.SUSPENDED, Presence.HIDDEN})


def findings(
    inventory: Inventory, effective: EffectivePolicy, lock_down: LockDown | None, identity: Identity | None
) -> Iterator[Finding]:
    """Give a weakness for each thing that does not hold."""
    if lock_down is not None:
        yield from _lock_down(effective, lock_down)
    if identity is not None:
        yield from _floors(effective, identity)
    yield from _required_apps(inventory, effective)


def unread(effective: EffectivePolicy, lock_down: LockDown | None, identity: Identity | None) -> list[Unread]:
    """Give what of this could not be read."""
    found = list(lock_down.unread) if lock_down is not None else []
    if identity is None:
        return found
    if effective.os_floor.get(identity.platform) and not parts(identity.os_version):
        found.append(Unread("system version", "the handset did not say it"))
    patch = identity.security_patch or ""
    if effective.patch_floor and identity.platform is Platform.ANDROID and not _DAY.match(patch):
        found.append(Unread("security patch", "the handset did not say its date"))
    return found


def own_controller(lock_down: LockDown | None) -> frozenset[str]:
    """Give the package of the body's own controller, where it was found to own the handset and to be genuine."""
    held = {r.name: r.wanted for r in lock_down.requirements if r.holds} if lock_down is not None else {}
    if CONTROLLER_CERTIFICATE not in held:
        return frozenset()
    package = held.get(DEVICE_OWNER, "").partition("/")[0]
    return frozenset({fold(package)}) if package else frozenset()


def _lock_down(effective: EffectivePolicy, lock_down: LockDown) -> Iterator[Finding]:
    for requirement in lock_down.requirements:
        if not requirement.holds:
            name = one_line(requirement.name, 80)
            yield _weakness(effective, f"lockdown.{name}", name, requirement_sentence(requirement))
    for stranger in lock_down.strangers:
        name = one_line(stranger, 120)
        sentence = f"{name} manages the handset too and is not ours. Find out whose it is and remove it."
        yield _weakness(effective, "lockdown.stranger", name, sentence)
    weak = [r.name for r in lock_down.requirements if r.holds and r.strength is Strength.DECLARED]
    if weak and effective.required_strength == Strength.EFFECTIVE:
        sentence = (
            f"{len(weak)} requirements, {one_line(weak[0], 60)} first, are only known as installed and not as in "
            "effect, and the policy asks for more. Verify with the supervision identity."
        )
        yield _weakness(effective, "lockdown.strength", "strength", sentence)


def _floors(effective: EffectivePolicy, identity: Identity) -> Iterator[Finding]:
    floor = effective.os_floor.get(identity.platform, "")
    version = one_line(identity.os_version, 30)
    if floor and parts(identity.os_version) and older(identity.os_version, floor):
        sentence = f"The handset runs version {version}, and the policy wants {floor} or newer. Update it."
        yield _weakness(effective, "floor.os", version, sentence)
    patch = identity.security_patch or ""
    if effective.patch_floor and _DAY.match(patch) and patch < effective.patch_floor:
        shown = one_line(patch, 30)
        sentence = (
            f"Its security patch is of {shown}, and the policy wants {effective.patch_floor} or newer. Update it."
        )
        yield _weakness(effective, "floor.patch", shown, sentence)


def _required_apps(inventory: Inventory, effective: EffectivePolicy) -> Iterator[Finding]:
    wanted = effective.required_apps.get(inventory.platform, ())
    if not wanted:
        return
    there = {fold(app.id) for app in inventory.apps if app.presence in _BACK}
    for identifier in wanted:
        if fold(identifier) not in there:
            sentence = f"{identifier} must be on the handset and is not. Install it."
            yield _weakness(effective, "required", identifier, sentence)


def _weakness(effective: EffectivePolicy, rule: str, subject: str, sentence: str) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.WEAKNESS,
        subject=subject,
        family=None,
        app_class=None,
        where=HANDSET,
        evidence=(),
        sentence=sentence,
        blocks=Severity.WEAKNESS in effective.blocking and rule not in effective.notes,
    )
