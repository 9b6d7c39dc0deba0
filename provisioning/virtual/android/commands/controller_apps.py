"""What the controller's channel does about apps: hide, suspend, keep from being uninstalled (TestDPC's words).

``setApplicationHidden`` answers false for packages that it does not know or that administer the handset; TestDPC prints
success all the same, so only reading back tells.
"""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.virtual.android.commands.controller_policy import Reply, boolean, collection, missing, owner
from provisioning.virtual.android.commands.pm_state import set_suspended
from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.state.packages import UserState

_NEVER_HIDDEN = {"android", "com.android.systemui", "com.android.settings"}


def _word(suspended: bool) -> str:
    return "SUSPENDED" if suspended else "NOT SUSPENDED"


def _hide(process: Process, words: list[str]) -> str:
    if len(words) < 2:
        return missing("package" if not words else "hidden")
    name, hidden = words[0], boolean(words[1])
    if hidden is None:
        return "Parameter 'hidden' could not be parsed as 'boolean'.\n"
    phone = process.phone
    setting = phone.packages.find(name)
    state = setting.users.get(0) if setting is not None else None
    own = owner(process).component.package
    if state is not None and state.installed and name not in _NEVER_HIDDEN | {own}:
        state.hidden = hidden
        phone.packages.changed()
    return f"Set {name} as {'HIDDEN' if hidden else 'VISIBLE'}\n"


def _is_hidden(process: Process, words: list[str]) -> str:
    if not words:
        return missing("package")
    setting = process.phone.packages.find(words[0])
    if setting is None or 0 not in setting.users:
        return f"Invalid package name: {words[0]}\n"
    return f"{words[0]}: {'HIDDEN' if setting.user(0).hidden else 'VISIBLE'}\n"


def _suspend(process: Process, words: list[str]) -> str:
    suspended = boolean(words[0]) if words else None
    if suspended is None:
        return missing("suspended") if not words else "Parameter 'suspended' could not be parsed as 'boolean'.\n"
    failed: list[str] = []
    for name in words[1:]:
        setting = process.phone.packages.find(name)
        # The platform suspends on the owner's behalf under its own name.
        if setting is None or not set_suspended(process, setting, 0, "android", suspended):
            failed.append(name)
    return f"Set [{', '.join(words[1:])}] (but not [{', '.join(failed)}]) to {_word(suspended)}\n"


def _is_suspended(process: Process, words: list[str]) -> str:
    text = ""
    for name in words:
        setting = process.phone.packages.find(name)
        if setting is None or 0 not in setting.users:
            text += f"Invalid package name: {name}\n"
        else:
            text += f"{name}: {_word(bool(setting.user(0).suspended_by))}\n"
    return text


def _block(process: Process, words: list[str]) -> str:
    if len(words) < 2:
        return missing("package" if not words else "uninstallBlocked")
    blocked = boolean(words[1])
    if blocked is None:
        return "Parameter 'uninstallBlocked' could not be parsed as 'boolean'.\n"
    setting = process.phone.packages.find(words[0])
    if setting is not None:
        if blocked:
            setting.uninstall_blocked.add(0)
        else:
            setting.uninstall_blocked.discard(0)
    return f"{'Blocked' if blocked else 'Unblocked'} uninstall of pacakge {words[0]}\n"


def _is_blocked(process: Process, words: list[str]) -> str:
    setting = process.phone.packages.find(words[0]) if words else None
    return f"{str(setting is not None and 0 in setting.uninstall_blocked).lower()}\n"


def _disabled_system_apps(process: Process, _words: list[str]) -> str:
    names = [s.name for s in process.phone.packages if s.facts.system and not s.user(0).installed]
    return collection("disabled system app", names)


def _enable_system_app(process: Process, words: list[str]) -> str:
    setting = process.phone.packages.find(words[0]) if words else None
    if setting is None or not setting.facts.system:
        return (
            f"Error enabling system app {words[0] if words else ''}: "
            "java.lang.IllegalArgumentException: Only system apps can be enabled this way.\n"
        )
    setting.users.setdefault(0, UserState()).installed = True
    process.phone.packages.changed()
    return f"Enabled system apps for package {words[0]}\n"


def _set_restrictions(process: Process, words: list[str]) -> str:
    """Set an app's managed settings. TestDPC cuts each word at every ``=`` and keeps the first two pieces alone."""
    if not words:
        return missing("package")
    settings: dict[str, str] = {}
    for word in words[1:]:
        if "=" not in word:
            return (
                "Parameter 'restrictions' could not be parsed as 'KeyValue'.\n"
                f"Key-value type must contain '=' separator, found only: '{word}'.\n"
            )
        key, value, *_ = *word.split("="), ""
        settings[key] = value
    if process.phone.mishaps.lasting("token-refused") is not None:
        return (
            f"Error setting app restrictions for {words[0]}: java.lang.SecurityException: "
            f"Admin {owner(process).component.info} does not own the profile\n"
        )
    process.phone.policy.app_restrictions[words[0]] = settings
    return f"Set {len(settings)} app restrictions for {words[0]}\n"


def _get_restrictions(process: Process, words: list[str]) -> str:
    """Print managed settings. Asked for one app alone, TestDPC prints its own, whichever was named."""
    own = owner(process).component.package
    asked = [(own, "UserManager")] if len(words) == 1 else [(name, "DevicePolicyManager") for name in words]
    text = ""
    for name, source in asked:
        settings = process.phone.policy.app_restrictions.get(name)
        if not settings:
            text += f"No app restrictions (from {source}) for {name}\n"
            continue
        text += f"{len(settings)} app restriction{'s' if len(settings) > 1 else ''}{source} for {name}\n"
        text += "".join(f"  {key} = {value}\n" for key, value in settings.items())
    return text


COMMANDS: Mapping[str, Reply] = {
    "set-hidden-package": _hide,
    "is-hidden-package": _is_hidden,
    "set-suspended-packages": _suspend,
    "is-suspended-packages": _is_suspended,
    "set-uninstall-blocked": _block,
    "is-uninstall-blocked": _is_blocked,
    "list-disabled-system-apps": _disabled_system_apps,
    "enable-system-app": _enable_system_app,
    "set-app-restrictions": _set_restrictions,
    "get-app-restrictions": _get_restrictions,
}
