"""``dumpsys package [NAME]`` (``DumpHelper.doDump``, One UI 6.1).

It needs no permission for other users, so every package shows every user: the way to see what a Secure Folder holds.
"""

from __future__ import annotations

import asyncio

from provisioning.virtual.android.commands.package_text import package_block
from provisioning.virtual.android.commands.pm_read import app_links_text
from provisioning.virtual.android.commands.resolver_text import activity_resolver, receiver_resolver
from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.state.packages import PackageSetting

_AT_A_TIME = 60
_LINKS_SINCE = 12
_UNABLE_SINCE = 13


async def dump(process: Process, words: list[str]) -> None:
    """Print the whole state, or that of one package."""
    names = [word for word in words if not word.startswith("-")]
    if not names:
        await _whole(process)
    elif "." in names[0] or names[0] == "android":
        _one(process, names[0])
    elif names[0] in {"p", "packages"}:
        process.out("Packages:\n")
        await _blocks(process, list(process.phone.packages))
    elif names[0] in {"r", "resolvers"}:
        process.out(activity_resolver(process.phone.packages, spelled_out=False))
    elif names[0] in {"v", "verifiers"}:
        process.out(_verifiers(process))


async def _whole(process: Process) -> None:
    phone = process.phone
    settings = list(phone.packages)
    process.out(
        f"Database versions:\n  Internal:\n    sdkVersion={phone.profile.sdk} databaseVersion=3\n"
        f"    buildFingerprint={phone.profile.fingerprint} fingerprint={phone.profile.fingerprint}\n\n"
    )
    process.out(_verifiers(process) + "\n")
    process.out(activity_resolver(settings, spelled_out=False))
    process.out(receiver_resolver(settings, spelled_out=False))
    if phone.android >= _LINKS_SINCE:
        process.out("Domain verification status:\n")
        process.out("".join(app_links_text(s, phone.serial_number) for s in settings) + "\n")
    process.out("Packages:\n")
    await _blocks(process, settings)
    updated = [s for s in settings if s.factory is not None]
    if updated:
        users = sorted(phone.users)
        process.out("\nHidden system packages:\n")
        process.out("".join(package_block(s, users, phone.android, whole=False, factory=True) for s in updated))


async def _blocks(process: Process, settings: list[PackageSetting]) -> None:
    phone = process.phone
    users = sorted(phone.users)
    for start in range(0, len(settings), _AT_A_TIME):
        some = settings[start : start + _AT_A_TIME]
        process.out("".join(package_block(s, users, phone.android, whole=False) for s in some))
        await asyncio.sleep(0)


def _one(process: Process, name: str) -> None:
    phone = process.phone
    setting = phone.packages.find(name)
    if setting is None:
        if phone.android >= _UNABLE_SINCE:
            process.out(f"Unable to find package: {name}\n")
        return
    users = sorted(phone.users)
    process.out(activity_resolver([setting], spelled_out=True))
    process.out(receiver_resolver([setting], spelled_out=True))
    links = app_links_text(setting, phone.serial_number)
    if links and phone.android >= _LINKS_SINCE:
        process.out(f"Domain verification status:\n{links}\n")
    process.out("Packages:\n" + package_block(setting, users, phone.android, whole=True))
    if setting.factory is not None:
        block = package_block(setting, users, phone.android, whole=True, factory=True)
        process.out(f"\nHidden system packages:\n{block}")


def _verifiers(process: Process) -> str:
    store = process.phone.packages.find("com.android.vending")
    uid = store.app_id if store is not None else 10019
    return f"Verifiers:\n  Required: com.android.vending (uid={uid})\n"
