"""``cmd SERVICE …`` and the scripts that are nothing else: pm, dpm, settings, am, appops."""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.virtual.android.commands import (
    activity,
    app_operations,
    dpm,
    dpm_before_12,
    pm,
    settings_tables,
    user_service,
)
from provisioning.virtual.android.commands.java import NO_SERVICE
from provisioning.virtual.android.shell.process import Process, Program

_SERVICES: Mapping[str, Program] = {
    "package": pm.run,
    "device_policy": dpm.run,
    "settings": settings_tables.run,
    "user": user_service.run,
    "appops": app_operations.run,
    "activity": activity.run,
}
SERVICE_NAMES = (
    "account", "activity", "appops", "battery", "device_policy", "iphonesubinfo", "package", "settings",
    "telephony.registry",
    "usb", "user", "wifi", "window",
)  # fmt: skip


async def cmd(process: Process) -> int:
    """Run a service's shell command."""
    words = process.arguments
    if words[:1] == ["-w"]:
        words = words[1:]
    if not words:
        process.err("cmd: No service specified; use -l to list all running services. Use -w to start and wait.\n")
        return NO_SERVICE
    if words[0] == "-l":
        process.out("Currently running services:\n" + "".join(f"  {name}\n" for name in SERVICE_NAMES))
        return 0
    service = _SERVICES.get(words[0])
    known = words[0] != "device_policy" or process.phone.android >= 12
    if not process.phone.services_ready and (said := process.phone.says_not_ready) is not None:
        return process.fail(*said)
    if service is None or not known or not process.phone.services_ready:
        return process.fail(f"cmd: Can't find service: {words[0]}", NO_SERVICE)
    process.argv = words
    return await service(process)


def _script(service: str) -> Program:
    async def run(process: Process) -> int:
        process.argv = ["cmd", service, *process.arguments]
        return await cmd(process)

    return run


async def dpm_program(process: Process) -> int:
    """Run ``dpm``: a script around ``cmd device_policy`` since Android 12, a program of its own before."""
    if process.phone.android >= 12:
        return await _script("device_policy")(process)
    return await dpm_before_12.run(process)


PROGRAMS: Mapping[str, Program] = {
    "cmd": cmd,
    "pm": _script("package"),
    "dpm": dpm_program,
    "settings": _script("settings"),
    "am": _script("activity"),
    "appops": _script("appops"),
}
