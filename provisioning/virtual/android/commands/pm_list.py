"""``pm list …``: packages, users, features.

``runListPackages`` of Android 11, 14 (One UI 6.1), 15 (GrapheneOS' branch) and 16 (BlueStacks' frameworks-base). Up to
Android 12 the list is that of user 0 in ArrayMap order. Since 13 no ``--user`` means every user, lines are keys of a
HashMap, and a user that shell may not see makes the whole command fail; since 15 that user is skipped with a line on
standard error and code 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.virtual.android.commands import user_service
from provisioning.virtual.android.commands.java import Arguments, ServiceCommand, Thrown, closed_user, translated_user
from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.state.java_order import hash_map_order
from provisioning.virtual.android.state.packages import (
    DISABLED,
    DISABLED_UNTIL_USED,
    DISABLED_USER,
    PackageSetting,
    UserState,
)

ANY_USER_SINCE = 13
SILENT_SKIP_SINCE = 15
_DISABLED_STATES = {DISABLED, DISABLED_USER, DISABLED_UNTIL_USED}
_FEATURES = (
    "android.hardware.bluetooth", "android.hardware.camera", "android.hardware.fingerprint", "android.hardware.nfc",
    "android.hardware.telephony", "android.hardware.usb.accessory", "android.hardware.usb.host",
    "android.hardware.wifi",
    "android.software.device_admin", "android.software.managed_users", "android.software.verified_boot",
)  # fmt: skip


@dataclass(slots=True)
class _Wanted:
    path: bool = False
    version: bool = False
    stopped: bool = False
    installer: bool = False
    uid: bool = False
    uninstalled: bool = False
    disabled: bool = False
    enabled: bool = False
    system: bool = False
    third_party: bool = False
    nothing: bool = False
    only_uid: int | None = None
    user: int | None = None
    user_given: bool = False
    text: str = ""


async def _list(process: Process, arguments: Arguments) -> int:
    kind = arguments.next()
    if kind is None:
        process.line("Error: didn't specify type of data to list")
        return 255
    if kind in {"package", "packages"}:
        return _packages(process, arguments)
    if kind == "users":
        return user_service.list_users(process, arguments)
    if kind == "features":
        process.out("".join(f"feature:{name}\n" for name in _FEATURES))
        return 0
    if kind in {"libraries", "instrumentation", "permission-groups", "permissions", "staged-sessions", "sdks"}:
        return 0
    process.line(f"Error: unknown list type '{kind}'")
    return 255


def _packages(process: Process, arguments: Arguments) -> int:
    try:
        wanted = _options(process, arguments)
    except Thrown as thrown:
        # runListPackages catches what its options throw and says it on standard output.
        process.line(f"Error: {thrown.kind}: {thrown.message}")
        return 255
    if wanted is None:
        return 255
    if process.phone.android < ANY_USER_SINCE:
        user = translated_user(process, wanted.user or 0)
        lines = [line for s in process.phone.packages if (line := _line(s, s.user(user), wanted, user)) is not None]
        process.out("".join(lines))
        return 0
    return _all_users(process, wanted)


def _all_users(process: Process, wanted: _Wanted) -> int:
    phone = process.phone
    users = [wanted.user] if wanted.user is not None else sorted(phone.users)
    found: dict[str, list[str]] = {}
    for user in users:
        if not phone.shell_may_see(user):
            thrown = closed_user(process, user, "translateUserId")
            if phone.android < SILENT_SKIP_SINCE:
                raise thrown
            process.err(f"Error: {thrown.kind}: {thrown.message.splitlines()[0]}\n")
            continue
        for setting in phone.packages:
            line = _line(setting, setting.user(user), wanted, user, with_uid=False)
            if line is not None:
                uids = found.setdefault(line, [])
                if wanted.uid:
                    uids.append(str(user * 100000 + setting.app_id))
    ordered = hash_map_order(found)
    process.out("".join(f"{line}{' uid:' + ','.join(found[line]) if found[line] else ''}\n" for line in ordered))
    return 0


def _options(process: Process, arguments: Arguments) -> _Wanted | None:
    wanted = _Wanted()
    android = process.phone.android
    switches = {
        "-f": "path", "-i": "installer", "-U": "uid", "-u": "uninstalled", "-d": "disabled", "-e": "enabled",
        "-s": "system",
        "-3": "third_party", "--show-versioncode": "version",
    }  # fmt: skip
    if android >= 10:
        switches["--apex-only"] = "nothing"
    if android >= 14:
        switches["--show-stopped"] = "stopped"
    if android >= 15:
        switches["-q"] = "nothing"
    while (option := arguments.option()) is not None:
        if option in switches:
            setattr(wanted, switches[option], True)
        elif option in {"-l", "-a", "--factory-only", "--match-libraries"}:
            continue
        elif option == "--user":
            wanted.user = arguments.user()
            wanted.user_given = True
        elif option == "--uid":
            wanted.only_uid = int(arguments.required())
            wanted.uid = True
        else:
            process.line(f"Error: Unknown option: {option}")
            return None
    wanted.text = arguments.next() or ""
    return wanted


def _line(setting: PackageSetting, state: UserState, wanted: _Wanted, user: int, with_uid: bool = True) -> str | None:
    facts = setting.facts
    if wanted.nothing or not _available(setting, state, wanted.uninstalled):
        return None
    enabled = state.enabled not in _DISABLED_STATES
    uid = user * 100000 + setting.app_id
    if (
        (wanted.text and wanted.text not in facts.name)
        or (wanted.only_uid is not None and uid != wanted.only_uid)
        or (wanted.disabled and enabled)
        or (wanted.enabled and not enabled)
        or (wanted.system and not facts.system)
        or (wanted.third_party and facts.system)
    ):
        return None
    line = "package:"
    if wanted.path:
        line += f"{facts.apk}="
    line += facts.name
    if wanted.version:
        line += f" versionCode:{facts.version_code}"
    if wanted.stopped:
        line += f" stopped={str(state.stopped).lower()}"
    if wanted.installer:
        line += f"  installer={setting.installer or 'null'}"
    if with_uid:
        return line + (f" uid:{uid}\n" if wanted.uid else "\n")
    return line


def _available(setting: PackageSetting, state: UserState, uninstalled: bool) -> bool:
    # isAvailable: hidden packages need MATCH_UNINSTALLED_PACKAGES; with it system packages match any user.
    if state.present:
        return True
    return uninstalled and (state.installed or setting.facts.system)


COMMANDS: Mapping[str, ServiceCommand] = {"list": _list}
