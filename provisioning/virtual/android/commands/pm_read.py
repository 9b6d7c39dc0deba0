"""``pm`` commands that only look: path, get-app-links, resolve, restrictions, limits.

``DomainVerificationDebug.printState`` (Android 12 on) for get-app-links; ``displayPackageFilePath`` for path: a
missing package is code 1 and not a word.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from provisioning.virtual.android.commands.java import (
    Arguments,
    ServiceCommand,
    Thrown,
    illegal_argument,
    translated_user,
)
from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.state.java_order import array_map_order
from provisioning.virtual.android.state.packages import PackageSetting
from provisioning.virtual.android.state.policy import KNOWN

_LINKS_SINCE = 12
_RESTRICTION_READ_SINCE = 15


async def _path(process: Process, arguments: Arguments) -> int:
    user = 0
    if arguments.option() == "--user":
        user = arguments.user() or 0
    name = arguments.required()
    translated_user(process, user)
    setting = process.phone.packages.find(name)
    if setting is None or not setting.user(user).present:
        return 1
    process.line(f"package:{setting.facts.apk}")
    return 0


async def _app_links(process: Process, arguments: Arguments) -> int:
    if process.phone.android < _LINKS_SINCE:
        process.out("Unknown command: get-app-links\n")
        return 255
    user: int | None = None
    while (option := arguments.option()) is not None:
        if option != "--user":
            process.line(f"Error: unknown option: {option}")
            return 1
        user = arguments.user()
    name = arguments.next()
    if name is None:
        for setting in process.phone.packages:
            process.out(app_links_text(setting, process.phone.serial_number, user))
        return 0
    setting = process.phone.packages.find(name)
    if setting is None:
        raise Thrown("android.content.pm.PackageManager$NameNotFoundException", f"Package {name} unavailable")
    process.out(app_links_text(setting, process.phone.serial_number, user))
    return 0


def app_links_text(setting: PackageSetting, seed: str, user: int | None = None) -> str:
    """Print a package's verified domains; nothing for one that declares none (as AOSP does)."""
    facts = setting.facts
    if not facts.link_domains:
        return ""
    digest = facts.certificate_sha256.upper()
    pairs = ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))
    domains = array_map_order(facts.link_domains)
    number = uuid.uuid5(uuid.NAMESPACE_OID, f"{seed} {facts.name}")
    text = f"  {facts.name}:\n    ID: {number}\n    Signatures: [{pairs}]\n    Domain verification state:\n"
    text += "".join(f"      {domain}: verified\n" for domain in domains)
    if user is not None:
        text += f"    User {user}:\n      Verification link handling allowed: true\n"
        text += "      Selection state:\n        Disabled:\n"
        text += "".join(f"          {domain}\n" for domain in domains)
    return text


async def _get_restriction(process: Process, arguments: Arguments) -> int:
    if process.phone.android < _RESTRICTION_READ_SINCE:
        process.out("Unknown command: get-user-restriction\n")
        return 255
    user, everything = 0, False
    while (option := arguments.option()) is not None:
        if option == "--user":
            user = arguments.user() or 0
        elif option == "--all":
            everything = True
        else:
            raise illegal_argument(f"Unknown option {option}")
    found = process.phone.users.get(translated_user(process, user))
    effective = process.phone.policy.effective(found) if found is not None else set[str]()
    if everything:
        process.line("All restrictions:")
        inner = ", ".join(f"{name}=true" for name in array_map_order(effective))
        process.line(f"Bundle[{{{inner}}}]")
        return 0
    key = arguments.required()
    if key not in KNOWN:
        process.line("false")
        return 0
    process.line(str(key in effective).lower())
    return 0


async def _dump(process: Process, arguments: Arguments) -> int:
    name = arguments.next()
    if name is None:
        return process.fail("Error: no package specified")
    return await process.shell.run_arguments(["dumpsys", "package", name], process.ends)


async def _has_feature(process: Process, arguments: Arguments) -> int:
    name = arguments.next()
    if name is None:
        return process.fail("Error: expected FEATURE name")
    has = name.startswith(("android.hardware.", "android.software."))
    process.line(str(has).lower())
    return 0 if has else 1


async def _install_location(process: Process, _arguments: Arguments) -> int:
    process.line("0[auto]")
    return 0


async def _max_users(process: Process, _arguments: Arguments) -> int:
    process.line("Maximum supported users: 4")
    return 0


async def _resolve(process: Process, arguments: Arguments) -> int:
    words = arguments.rest()
    if "android.intent.category.HOME" in words:
        process.line("priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=true")
        process.line(f"{process.phone.profile.launcher}/.Launcher")
        return 0
    process.line("No activity found")
    return 0


COMMANDS: Mapping[str, ServiceCommand] = {
    "path": _path,
    "get-app-links": _app_links,
    "get-user-restriction": _get_restriction,
    "dump": _dump,
    "has-feature": _has_feature,
    "get-install-location": _install_location,
    "get-max-users": _max_users,
    "resolve-activity": _resolve,
}
