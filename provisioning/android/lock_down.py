"""The lock-down as the handset has it: owner, certificate, effective restrictions, hidden packages, state of boot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from provisioning.android import enrolment, package_list
from provisioning.android.cable import Talk
from provisioning.android.controller import Controller, NoService, is_uninstall_blocked
from provisioning.android.enrolment import ControllerOnHandset
from provisioning.android.owner import Ownership
from provisioning.android.package_dump import read_package_dump
from provisioning.android.properties import build, read_properties
from provisioning.android.reading import Unreadable, dump, whole
from provisioning.android.restrictions import read_effective
from provisioning.android.script import Answer
from provisioning.handset import LockDown, Requirement, Strength
from provisioning.inventory import Presence, Unread
from provisioning.organisation import DeviceController
from provisioning.plain_text import one_line

LARGEST = 16 << 20
USER_DUMP_COMMAND = "dumpsys -t 30 user"
ASKED = ("getprop", USER_DUMP_COMMAND, *enrolment.OWNER_COMMANDS)

EVERYTHING_COMMAND = "pm list packages -u --user 0"
"""Also what is hidden from user 0, and system packages that were removed for it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the lock-down is to be: restriction keys that are set, packages that nobody may see or may uninstall."""

    restrictions: tuple[str, ...]
    blocked: tuple[str, ...]
    kept: tuple[str, ...] = ()


@dataclass(slots=True)
class LockDownReading:
    """What one look at the handset gave.

    ``seen`` are the packages that user 0 can see, ``invisible`` those that are hidden from it or removed for it;
    ``blocked`` says of each blocked package among them how it lies there. The last two are None where that was not
    read. ``kept`` says of each package that is to stay, and is there, whether the controller calls it uninstallable.
    """

    wanted: Wanted
    sdk: int = 0
    restrictions: frozenset[str] | None = None
    ownership: Ownership | None = None
    controller: ControllerOnHandset | None = None
    blocked: Mapping[str, Presence] | None = None
    invisible: frozenset[str] | None = None
    seen: frozenset[str] = frozenset()
    kept: Mapping[str, bool] = field(default_factory=dict[str, bool])
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    unread: list[Unread] = field(default_factory=list[Unread])


_BOOT: Mapping[str, str] = {
    "ro.boot.verifiedbootstate": "green",
    "ro.boot.flash.locked": "1",
    "ro.boot.vbmeta.device_state": "locked",
    "ro.boot.warranty_bit": "0",
    "ro.build.type": "user",
    "ro.debuggable": "0",
    "ro.adb.secure": "1",
}
"""What an untouched handset says of its system (source.android.com, Verified Boot and AVB; Samsung's warranty bit; the
image's own build properties)."""
_ALWAYS_SAID = frozenset({"ro.boot.verifiedbootstate", "ro.debuggable"})
"""Those that every Android has; the others are left out by some makers."""


def look(talk: Talk, controller: DeviceController | None, wanted_for: Callable[[str], Wanted]) -> LockDownReading:
    """Read everything that the lock-down is judged by: shells side by side, then certificate and hidden packages.

    ``wanted_for`` says for an Android release (``14``) what is wanted there.

    Raises WireError, and Unreadable where not even the properties can be read; any other part that is not whole is
    in ``unread``.
    """
    visible = package_list.visible_command(0)
    path = [enrolment.path_command(controller.package)] if controller else []
    said = talk.ask_each([*ASKED, visible, EVERYTHING_COMMAND, *path], talk.deadlines.lock_down, LARGEST)
    found = facts_in(said, wanted_for)
    try:
        seen = package_list.read_package_list(whole(said[visible]), 0).keys()
        there = package_list.read_package_list(whole(said[EVERYTHING_COMMAND]), 0).keys()
        take_packages(found, frozenset(seen), frozenset(there), partial(states, talk))
    except Unreadable as error:
        found.unread.append(Unread("hidden packages", str(error)))
    if controller is not None and found.ownership is not None:
        try:
            found.controller = enrolment.read_controller(talk, controller, said[path[0]], found.ownership, found.sdk)
        except Unreadable as error:
            found.unread.append(Unread("device owner", str(error)))
    look_at_kept(talk, found)
    return found


def facts_in(said: Mapping[str, Answer], wanted_for: Callable[[str], Wanted]) -> LockDownReading:
    """Read the answers to :data:`ASKED`. Raises Unreadable where not even the properties can be read."""
    facts = read_properties(whole(said["getprop"]))
    version = build(facts)
    found = LockDownReading(wanted_for(version.release), version.sdk, properties=facts)
    try:
        found.restrictions = read_effective(dump(said[USER_DUMP_COMMAND]))[0]
    except Unreadable as error:
        found.unread.append(Unread("effective restrictions", str(error)))
    try:
        policy, owners = (said[command] for command in enrolment.OWNER_COMMANDS)
        found.ownership = enrolment.read_ownership(policy, owners, found.sdk)
    except Unreadable as error:
        found.unread.append(Unread("device owner", str(error)))
    return found


def take_packages(
    found: LockDownReading,
    seen: frozenset[str],
    there: frozenset[str],
    presences: Callable[[Sequence[str]], Mapping[str, Presence]],
) -> None:
    """Tell the hidden from the merely removed: both are missing from what user 0 sees, only a dump tells them apart.

    ``there`` are also those that it does not see. Raises Unreadable.
    """
    if seen - there:
        raise Unreadable("the lists of packages contradict each other")
    blocked = frozenset(found.wanted.blocked)
    found.seen, found.invisible = seen, there - seen
    found.blocked = {
        **dict.fromkeys(blocked & seen, Presence.INSTALLED),
        **presences(sorted(blocked & found.invisible)),
    }


def look_at_kept(talk: Talk, found: LockDownReading) -> None:
    """Ask our controller; Android prints nowhere which packages may not be uninstalled."""
    ours = found.controller
    kept = [name for name in found.wanted.kept if name in found.seen]
    if not kept or ours is None or found.ownership is None or found.ownership.device_owner != ours.component:
        return
    try:
        said = Controller(talk, ours.component.partition("/")[0]).order([is_uninstall_blocked(name) for name in kept])
    except (NoService, Unreadable) as error:
        found.unread.append(Unread("apps that may not be uninstalled", str(error)))
        return
    found.kept = {name: text.strip() == "true" for name, text in zip(kept, said, strict=True)}


def states(talk: Talk, packages: Sequence[str]) -> dict[str, Presence]:
    """Read how each package lies there for user 0. Raises WireError, Unreadable."""
    if not packages:
        return {}
    found: dict[str, Presence] = {}
    commands = [f"dumpsys -t 20 package {name}" for name in packages]
    answers = talk.ask(commands, talk.deadlines.lock_down, LARGEST)
    for name, answer in zip(packages, answers, strict=True):
        package = read_package_dump(dump(answer)).get(name)
        if package is None or 0 not in package.states:
            raise Unreadable(f"the dump of {name} is missing")
        found[name] = package.states[0].presence
    return found


def judged(found: LockDownReading, organisation: str) -> LockDown:
    """Hold what was read against what is wanted. Requirements whose source was not read are not there, but unread."""
    requirements = [
        *_owner(found, organisation),
        *_restrictions(found),
        *_blocked(found),
        *_kept(found),
        *_boot(found.properties),
    ]
    return LockDown(tuple(requirements), _strangers(found), tuple(found.unread))


def _owner(found: LockDownReading, organisation: str) -> Iterable[Requirement]:
    if found.ownership is None:
        return
    owner = one_line(found.ownership.device_owner or "nobody", 120)
    ours = found.controller
    if ours is None:
        if not any(unread.area == "device owner" for unread in found.unread):
            yield _effective("device owner", False, f"the controller of {organisation} (none is configured)", owner)
        return
    yield _effective("device owner", found.ownership.device_owner == ours.component, ours.component, owner)
    yield _effective(
        "controller certificate",
        ours.certificate == ours.wanted_certificate,
        ours.wanted_certificate,
        ours.certificate or "not installed",
    )
    found_test_only = "unknown" if ours.test_only is None else str(ours.test_only).lower()
    yield _effective("testOnlyAdmin", ours.test_only is False, "false", found_test_only)


def _restrictions(found: LockDownReading) -> Iterable[Requirement]:
    if found.restrictions is None:
        return
    for key in found.wanted.restrictions:
        holds = key in found.restrictions
        yield _effective(key, holds, "true", str(holds).lower())


def _blocked(found: LockDownReading) -> Iterable[Requirement]:
    """Require each blocked package that is there to be hidden by the controller; what is not there needs nothing.

    Disabled, suspended or removed for the user is not hidden: anybody with a cable undoes it with one command.
    """
    for name, presence in sorted((found.blocked or {}).items()):
        yield _effective(f"hidden {name}", presence is Presence.HIDDEN, str(Presence.HIDDEN), str(presence))


def _kept(found: LockDownReading) -> Iterable[Requirement]:
    """Require that no app which the policy asks for can be uninstalled; whether it is there, the verdict says."""
    for name, holds in found.kept.items():
        yield Requirement(f"uninstall-blocked {name}", holds, "true", str(holds).lower(), Strength.DECLARED)


def _boot(properties: Mapping[str, str]) -> Iterable[Requirement]:
    """Verified boot and a locked boot loader, without which nothing else that the handset says is worth much.

    ``green`` is AVB's word for a locked device with the maker's own key.
    """
    for key, wanted in _BOOT.items():
        found = one_line(properties.get(key, "").strip(), 20)
        if found or key in _ALWAYS_SAID:
            yield _effective(key, found == wanted, wanted, found or "not said")


def _strangers(found: LockDownReading) -> tuple[str, ...]:
    if found.ownership is None:
        return ()
    ours = found.controller.component if found.controller else None
    owner = found.ownership.device_owner
    foreign = [f"device owner {one_line(owner, 120)}"] if owner is not None and owner != ours else []
    foreign += [
        f"profile owner of user {one.user}: {one_line(one.component, 120)}"
        for one in found.ownership.profile_owners
        if one.component != ours
    ]
    return tuple(foreign)


def _effective(name: str, holds: bool, wanted: str, found: str) -> Requirement:
    return Requirement(name, holds, wanted, found, Strength.EFFECTIVE)
