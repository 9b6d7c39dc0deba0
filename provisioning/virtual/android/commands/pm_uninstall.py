"""``pm uninstall`` and ``install-existing``.

``runUninstall`` and ``DeletePackageHelper`` (One UI 6.1): a system app only loses the installed bit for a user; what a
policy forbids is ``Failure [DELETE_FAILED_…]`` with code 1.
"""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.virtual.android.commands.java import Arguments, ServiceCommand, translated_user
from provisioning.virtual.android.commands.samsung import SHELL_CLOSED_PACKAGES
from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.state.packages import PackageSetting, UserState
from provisioning.virtual.android.state.policy import NO_UNINSTALL_APPS

_REQUIRED = {
    "android",
    "com.google.android.packageinstaller",
    "com.google.android.permissioncontroller",
    "com.android.shell",
}


async def _uninstall(process: Process, arguments: Arguments) -> int:
    user: int | None = None
    keep = False
    while (option := arguments.option()) is not None:
        if option == "--user":
            user = arguments.user()
        elif option == "-k":
            keep = True
        elif option == "--versionCode":
            arguments.required()
        else:
            process.line(f"Error: Unknown option: {option}")
            return 1
    name = arguments.next()
    if name is None:
        process.line("Error: package name not specified")
        return 1
    phone = process.phone
    if phone.profile.samsung and name in SHELL_CLOSED_PACKAGES:
        return process.fail(f"Failed to uninstall a package: {name}")
    for_user = translated_user(process, user or 0)
    setting = phone.packages.find(name)
    if user is not None and (setting is None or not setting.user(for_user).installed):
        process.line(f"Failure [not installed for {for_user}]")
        return 1
    failure = _refusal(process, name, setting, for_user, user is None)
    if failure is not None:
        process.line(f"Failure [{failure}]")
        return 1
    if setting is not None:
        _delete(process, setting, user, keep)
    process.line("Success")
    return 0


def _refusal(process: Process, name: str, setting: PackageSetting | None, user: int, everywhere: bool) -> str | None:
    phone = process.phone
    if name in _REQUIRED:
        return "DELETE_FAILED_INTERNAL_ERROR"
    if phone.restricted(NO_UNINSTALL_APPS, user):
        return "DELETE_FAILED_USER_RESTRICTED"
    if setting is None:
        return "DELETE_FAILED_INTERNAL_ERROR"
    if user in setting.uninstall_blocked and not everywhere:
        return "DELETE_FAILED_OWNER_BLOCKED"
    admins = [a for number in phone.users for a in phone.policy.admins.get(number, [])]
    if any(a.component.package == name for a in admins):
        return "DELETE_FAILED_DEVICE_POLICY_MANAGER"
    if everywhere and setting.uninstall_blocked:
        return "DELETE_FAILED_OWNER_BLOCKED"
    if everywhere and setting.facts.system and setting.factory is None:
        return "DELETE_FAILED_INTERNAL_ERROR"
    return None


def _delete(process: Process, setting: PackageSetting, user: int | None, keep: bool) -> None:
    packages = process.phone.packages
    packages.changed()
    if user is None:
        packages.remove(setting.name)
        return
    state = setting.users.setdefault(user, UserState())
    state.installed = False
    state.stopped = True
    state.hidden = False
    state.suspended_by = ()
    others = any(s.installed for s in setting.users.values())
    if not setting.facts.system and not others and not keep:
        packages.remove(setting.name)


async def _install_existing(process: Process, arguments: Arguments) -> int:
    user = 0
    while (option := arguments.option()) is not None:
        if option == "--user":
            user = arguments.user() or 0
        elif option not in {"--instant", "--full", "--wait", "--restrict-permissions", "--ephemeral"}:
            process.line(f"Error: Unknown option: {option}")
            return 1
    name = arguments.next()
    if name is None:
        process.line("Error: package name not specified")
        return 1
    translated_user(process, user)
    phone = process.phone
    setting = phone.packages.find(name)
    if setting is None:
        process.line(f"android.content.pm.PackageManager$NameNotFoundException: Package {name} doesn't exist")
        return 1
    if phone.restricted("no_install_apps", user):
        # installExistingPackageAsUser answers INSTALL_FAILED_USER_RESTRICTED and the command does not look at it.
        process.line(f"Package {name} installed for user: {user}")
        return 0
    state = setting.users.setdefault(user, UserState(first_install=phone.now()))
    state.installed = True
    state.hidden = False
    phone.packages.changed()
    process.line(f"Package {name} installed for user: {user}")
    return 0


COMMANDS: Mapping[str, ServiceCommand] = {"uninstall": _uninstall, "install-existing": _install_existing}
