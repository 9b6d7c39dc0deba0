"""``settings get|put|delete|list`` (``SettingsService`` of the settings provider).

An unset key prints ``null``; a refused change throws. With ``no_debugging_features`` adb_enabled can only be set to 0
(``UserRestrictionsUtils.isSettingRestrictedForUser``).
"""

from __future__ import annotations

from provisioning.virtual.android.commands.java import Arguments, answered, security
from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.state.policy import NO_DEBUGGING
from provisioning.virtual.android.state.settings import NAMESPACES

_ADB = {"adb_enabled", "adb_wifi_enabled"}


async def run(process: Process) -> int:
    """Run a command; ``argv`` is ``settings COMMAND …``."""
    words = process.arguments
    code = await answered(process, words[0] if words else "null", _command, words)
    await process.flush()
    if words[:1] == ["put"]:
        await process.phone.vanish()
    return code


async def _command(process: Process, arguments: Arguments) -> int:
    user = 0
    words: list[str] = []
    while (word := arguments.next()) is not None:
        if word == "--user":
            user = arguments.user() or 0
        else:
            words.append(word)
    verb = words[0] if words else ""
    if verb not in {"get", "put", "delete", "list", "reset"}:
        process.err(f"Invalid command: {verb}\n" if verb else "Not enough arguments\n")
        return 255
    if len(words) < 2 or words[1] not in NAMESPACES:
        process.err(f"Invalid namespace '{words[1]}'\n" if len(words) > 1 else "Not enough arguments\n")
        return 255
    settings, namespace = process.phone.settings, words[1]
    if verb == "list":
        table = settings.table(namespace, user)
        process.out("".join(f"{key}={table[key]}\n" for key in sorted(table)))
        return 0
    if len(words) < (4 if verb == "put" else 3):
        process.err("Bad arguments\n")
        return 255
    if verb == "get":
        process.line(settings.get(namespace, words[2], user) or _unset(settings.get(namespace, words[2], user)))
    elif verb == "delete":
        process.line(f"Deleted {int(settings.delete(namespace, words[2], user))} rows")
    elif verb == "put":
        _put(process, namespace, words[2], words[3], user)
    return 0


def _unset(value: str | None) -> str:
    return "null" if value is None else value


def _put(process: Process, namespace: str, key: str, value: str, user: int) -> None:
    phone = process.phone
    if namespace == "global" and key in _ADB and value != "0" and phone.restricted(NO_DEBUGGING):
        raise security(f"Permission denial, user {user} is not allowed to change setting {key}")
    if not phone.profile.quirk("shell_may_write_settings", default=True):
        raise security("Permission denial, must have one of: (android.permission.WRITE_SECURE_SETTINGS)")
    phone.settings.put(namespace, key, value, user)
