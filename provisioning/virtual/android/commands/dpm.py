"""``cmd device_policy`` (``dpm`` since Android 12).

``DevicePolicyManagerServiceShellCommand`` of Android 14 and 15. Since 15 any IllegalArgumentException of the first
step is swallowed with "was already an admin", whatever it was.
"""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.virtual.android.commands.java import Arguments, ServiceCommand, Thrown, answered, illegal_argument
from provisioning.virtual.android.commands.ownership import activate_admin, remove_admin, set_device_owner
from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.state.policy import Component, parse_component

_SWALLOWS_SINCE = 15
_NAME_UNTIL = 13
_ILLEGAL_ARGUMENT = "java.lang.IllegalArgumentException"


async def run(process: Process) -> int:
    """Run a command; ``argv`` is ``device_policy COMMAND …``."""
    words = process.arguments
    command = _COMMANDS.get(words[0]) if words else None
    if command is None:
        if words and words[0] not in {"help", "-h"}:
            process.out(f"Unknown command: {words[0]}\nUsage: \n")
        else:
            process.out("DevicePolicyManager Service (device_policy) commands:\n\n")
        process.out("".join(f"  {name}\n" for name in _COMMANDS))
        return 0 if words and words[0] in {"help", "-h"} else 255
    return await answered(process, words[0], command, words[1:])


def target(process: Process, arguments: Arguments) -> tuple[Component, int, str]:
    """Read ``[--user N] [--name X] COMPONENT``. Raises Thrown."""
    user, name = 0, ""
    while (option := arguments.option()) is not None:
        if option == "--user":
            user = arguments.user() or 0
        elif option == "--name" and process.phone.android <= _NAME_UNTIL:
            name = arguments.required()
        elif option != "--device-owner-only":
            raise illegal_argument(f"Unknown option: {option}")
    text = arguments.required()
    component = parse_component(text)
    if component is None:
        raise illegal_argument(f"Invalid component {text}")
    return component, user, name


async def _set_device_owner(process: Process, arguments: Arguments) -> int:
    component, user, name = target(process, arguments)
    phone = process.phone
    fresh = phone.policy.admin(component, user) is None
    try:
        activate_admin(phone, component, user, refreshing=phone.android < _SWALLOWS_SINCE)
    except Thrown as thrown:
        if phone.android < _SWALLOWS_SINCE or thrown.kind != _ILLEGAL_ARGUMENT:
            raise
        fresh = False
        process.line(f"{component.short} was already an admin for user {user}. No need to set it again.")
    try:
        set_device_owner(phone, component, user, name)
    except Thrown:
        if fresh:
            phone.policy.remove_admin(component, user)
        raise
    process.line(f"Success: Device owner set to package {component.short}")
    process.line(f"Active admin set to component {component.short}")
    return 0


async def _set_active_admin(process: Process, arguments: Arguments) -> int:
    component, user, _ = target(process, arguments)
    activate_admin(process.phone, component, user, refreshing=True)
    process.line(f"Success: Active admin set to component {component.short}")
    return 0


async def _set_profile_owner(process: Process, arguments: Arguments) -> int:
    component, user, _ = target(process, arguments)
    phone = process.phone
    activate_admin(phone, component, user, refreshing=True)
    found = phone.users.get(user)
    if found is None or phone.policy.device_owner is not None or found.owner is not None:
        phone.policy.remove_admin(component, user)
        raise Thrown(
            "java.lang.IllegalStateException",
            "Trying to set the profile owner, but the user already has a device owner.",
        )
    found.owner = component.short
    process.line(f"Success: Active admin and profile owner set to {component.short} for user {user}")
    return 0


async def _remove_active_admin(process: Process, arguments: Arguments) -> int:
    component, user, _ = target(process, arguments)
    remove_admin(process.phone, component, user)
    process.line(f"Success: Admin removed {component.info}")
    return 0


async def _list_owners(process: Process, _arguments: Arguments) -> int:
    lines = owner_lines(process)
    if not lines:
        process.line("no owners")
        return 0
    process.line(f"{len(lines)} owner{'' if len(lines) == 1 else 's'}:")
    process.out("".join(f"{line}\n" for line in lines))
    return 0


def owner_lines(process: Process) -> list[str]:
    """Give one line per owner (``runListOwners``)."""
    phone = process.phone
    lines: list[str] = []
    owner = phone.policy.device_owner
    if owner is not None:
        admin = phone.policy.owner_admin()
        mark = ",Affiliated" if admin is not None and admin.affiliation else ""
        lines.append(f"User {0:2d}: admin={owner.short},DeviceOwner{mark}")
    for user in phone.users.values():
        if user.owner is not None:
            mark = f",ManagedProfileOwner(parentUserId={user.parent})" if user.parent is not None else ""
            component = parse_component(user.owner) or Component("", user.owner)
            lines.append(f"User {user.id:2d}: admin={component.short},ProfileOwner{mark}")
    return lines


async def _nothing(process: Process, _arguments: Arguments) -> int:
    process.line("Success")
    return 0


async def _exempt(process: Process, _arguments: Arguments) -> int:
    process.line("no policy exempt apps")
    return 0


_COMMANDS: Mapping[str, ServiceCommand] = {
    "list-owners": _list_owners,
    "list-policy-exempt-apps": _exempt,
    "set-active-admin": _set_active_admin,
    "set-device-owner": _set_device_owner,
    "set-profile-owner": _set_profile_owner,
    "remove-active-admin": _remove_active_admin,
    "clear-freeze-period-record": _nothing,
    "force-network-logs": _nothing,
    "force-security-logs": _nothing,
}
