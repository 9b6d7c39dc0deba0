"""``pm`` commands that change how a package lies there: disable, enable, suspend, hide, clear, grant.

``setEnabledSetting``, ``SuspendPackageHelper`` and ``setApplicationHiddenSettingAsUser`` (One UI 6.1). Refused
suspensions are not errors: the new state is printed as false. Hiding needs MANAGE_USERS, which shell has not.
"""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.virtual.android.commands.java import (
    Arguments,
    ServiceCommand,
    illegal_argument,
    security,
    translated_user,
)
from provisioning.virtual.android.commands.samsung import SHELL_CLOSED_PACKAGES
from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.state.packages import (
    DISABLED,
    DISABLED_UNTIL_USED,
    DISABLED_USER,
    ENABLED,
    ENABLED_DEFAULT,
    ENABLED_WORDS,
    PackageSetting,
)
from provisioning.virtual.android.state.policy import NO_CONTROL_APPS, NO_UNINSTALL_APPS

_PROTECTED = {"android", "com.android.systemui", "com.android.settings", "com.android.shell", "com.android.phone"}
_UNSUSPENDABLE = {"android", "com.google.android.packageinstaller", "com.android.vending",
                  "com.google.android.permissioncontroller", "com.android.permissioncontroller",
                  "com.android.settings"}  # fmt: skip
_SHELL_MAY_SET = {ENABLED_DEFAULT, ENABLED, DISABLED_USER}


def _enabled_setter(new: int) -> ServiceCommand:
    async def run(process: Process, arguments: Arguments) -> int:
        user = 0
        if arguments.option() == "--user":
            user = arguments.user() or 0
        name = arguments.next()
        if name is None:
            return process.fail("Error: no package or component specified")
        phone = process.phone
        if phone.profile.samsung and name in SHELL_CLOSED_PACKAGES:
            return process.fail(f"Failed to change state of package: {name}")
        translated_user(process, user)
        package, _, component = name.partition("/")
        setting = phone.packages.find(package)
        state = setting.users.get(user) if setting is not None else None
        if setting is None or state is None or not state.installed:
            raise illegal_argument(f"Unknown package: {package}")
        if new in {DISABLED, DISABLED_USER} and _protected(process, setting, user):
            raise security(f"Cannot disable a protected package: {package}")
        if component or new not in _SHELL_MAY_SET:
            raise security(f"Shell cannot change component state for {package}/{component or 'null'} to {new}")
        state.enabled = new
        state.last_disabled_by = "shell:2000" if new == DISABLED_USER else None
        phone.packages.changed()
        process.line(f"Package {name} new state: {ENABLED_WORDS[new]}")
        return 0

    return run


def _protected(process: Process, setting: PackageSetting, user: int) -> bool:
    admins = process.phone.policy.admins.get(user, [])
    return setting.name in _PROTECTED or any(a.component.package == setting.name for a in admins)


def _suspender(suspend: bool) -> ServiceCommand:
    async def run(process: Process, arguments: Arguments) -> int:
        user = 0
        while (option := arguments.option()) is not None:
            if option == "--user":
                user = arguments.user() or 0
            elif option == "--dialogMessage":
                arguments.required()
            elif option in {"--aed", "--ael", "--aes", "--led", "--lel", "--les"}:
                arguments.required()
                arguments.required()
            else:
                process.line(f"Error: Unknown option: {option}")
                return 1
        names = arguments.rest()
        if not names:
            process.line("Error: package name not specified")
            return 1
        phone = process.phone
        translated_user(process, user)
        closed = [n for n in names if phone.profile.samsung and n in SHELL_CLOSED_PACKAGES]
        if closed:
            return process.fail(f"Error: cmd restricted - package: {closed[0]}")
        forbidden = phone.restricted(NO_CONTROL_APPS, user) or phone.restricted(NO_UNINSTALL_APPS, user)
        for name in names:
            setting = phone.packages.find(name)
            if setting is None:
                if phone.android >= 11:
                    process.line(f"java.lang.IllegalArgumentException: Unknown target package: {name}")
                    return 1
                raise illegal_argument(f"Unknown target package: {name}")
            if not forbidden:
                set_suspended(process, setting, user, "com.android.shell", suspend)
            process.line(f"Package {name} new suspended state: {str(bool(setting.user(user).suspended_by)).lower()}")
        return 0

    return run


def set_suspended(process: Process, setting: PackageSetting, user: int, by: str, suspend: bool) -> bool:
    """Suspend or release a package for ``by``; False where the platform refuses."""
    phone = process.phone
    state = setting.users.get(user)
    if state is None or not state.installed:
        return False
    admins = phone.policy.admins.get(user, [])
    special = _UNSUSPENDABLE | {phone.profile.launcher, phone.profile.dialer} | {a.component.package for a in admins}
    if suspend and setting.name in special:
        return False
    others = tuple(name for name in state.suspended_by if name != by)
    state.suspended_by = (*others, by) if suspend else others
    phone.packages.changed()
    return True


async def _hide(_process: Process, _arguments: Arguments) -> int:
    raise security("Neither user 2000 nor current process has android.permission.MANAGE_USERS.")


async def _clear(process: Process, arguments: Arguments) -> int:
    user = 0
    while (option := arguments.option()) is not None:
        if option == "--user":
            user = arguments.user() or 0
    name = arguments.next()
    if name is None:
        return process.fail("Error: no package specified")
    phone = process.phone
    if phone.profile.samsung and name in SHELL_CLOSED_PACKAGES:
        return process.fail(f"Error: package cmd restricted - package: {name}")
    translated_user(process, user)
    setting = phone.packages.find(name)
    if setting is None or not setting.user(user).installed or _protected(process, setting, user):
        return process.fail("Failed")
    process.line("Success")
    return 0


def _granter(grant: bool) -> ServiceCommand:
    async def run(process: Process, arguments: Arguments) -> int:
        user = 0
        while (option := arguments.option()) is not None:
            if option == "--user":
                user = arguments.user() or 0
        name, permission = arguments.next(), arguments.next()
        if name is None:
            return process.fail("Error: no package specified")
        phone = process.phone
        if phone.profile.samsung and name in SHELL_CLOSED_PACKAGES:
            return process.fail(f"Error: package cmd restricted - package: {name}")
        if permission is None:
            return process.fail("Error: no permission specified")
        translated_user(process, user)
        setting = phone.packages.find(name)
        state = setting.users.get(user) if setting is not None else None
        if setting is None or state is None:
            raise illegal_argument(f"Unknown package: {name}")
        if permission not in setting.facts.permissions:
            raise security(f"Package {name} has not requested permission {permission}")
        rest = tuple(p for p in state.granted if p != permission)
        state.granted = (*rest, permission) if grant else rest
        phone.packages.changed()
        return 0

    return run


COMMANDS: Mapping[str, ServiceCommand] = {
    "enable": _enabled_setter(ENABLED),
    "disable": _enabled_setter(DISABLED),
    "disable-user": _enabled_setter(DISABLED_USER),
    "disable-until-used": _enabled_setter(DISABLED_UNTIL_USED),
    "default-state": _enabled_setter(ENABLED_DEFAULT),
    "suspend": _suspender(suspend=True),
    "unsuspend": _suspender(suspend=False),
    "hide": _hide,
    "unhide": _hide,
    "clear": _clear,
    "grant": _granter(grant=True),
    "revoke": _granter(grant=False),
}
