"""The command channel of a device policy controller: ``dumpsys activity --user 0 service PACKAGE COMMAND …``.

The system binds a DeviceAdminService only of owners, so anybody else's package is "No services match". What stands
around the answer is ActivityManager's (``ActiveServices.dumpService``, One UI 6.1); commands and their words are
TestDPC's (``ShellCommand.java``, ``Flags.java``), which the training controller follows. The exit code is always 0:
dumpsys does not know.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

from provisioning.virtual.android.commands import controller_apps, controller_policy
from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.state.packages import PackageSetting

_COMMANDS: Mapping[str, Callable[[Process, list[str]], str]] = {
    **controller_policy.COMMANDS,
    **controller_apps.COMMANDS,
}


async def dump_activity(process: Process, words: list[str]) -> None:
    """Answer ``dumpsys activity …``; only services are simulated."""
    words = list(words)
    user = 0
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option == "--user" and words:
            user = int(words[0]) if words[0].isdigit() else 0
            words.pop(0)
    if words[:1] != ["service"]:
        process.out("ACTIVITY MANAGER (dumpsys activity)\n")
        return
    name = words[1] if len(words) > 1 else ""
    setting = _bound(process, name, user)
    if setting is None:
        process.out(f"No services match: {name}\nUse -h for help.\n")
        return
    service = setting.facts.admin_service or ""
    short = service[len(setting.name) :] if service.startswith(setting.name + ".") else service
    mark = f"{zlib.crc32(service.encode()) & 0xFFFFFFF:x}"
    process.out(f"SERVICE {setting.name}/{short} {mark} pid=12345 user={user}\n  Client:\n")
    if process.phone.mishaps.lasting("controller-silent") is not None:
        # TransferPipe.go gives up after its time; the text is Android's.
        process.out("    Failure while dumping the service: java.io.IOException: Timeout\n")
        return
    answer = answer_to(process, words[2:])
    process.out("".join(f"    {line}\n" for line in answer.splitlines()))
    await process.flush()
    await process.phone.vanish()


def answer_to(process: Process, words: list[str]) -> str:
    """Run one command of the controller and give what it writes."""
    if not words:
        return "Usage:\n\n" + "".join(f"  {name}\n" for name in _COMMANDS)
    command = _COMMANDS.get(words[0])
    if command is None:
        return f"Command '{words[0]}' was not found.\n"
    return command(process, words[1:])


def _bound(process: Process, name: str, user: int) -> PackageSetting | None:
    owner = process.phone.policy.device_owner
    if owner is None or user != 0 or not name:
        return None
    setting = process.phone.packages.find(owner.package)
    if setting is None or setting.facts.admin_service is None:
        return None
    # filterRecord: a component, or any part of its name.
    full = f"{setting.name}/{setting.facts.admin_service}"
    return setting if name in full or name.replace("/.", f"/{setting.name}.") == full else None
