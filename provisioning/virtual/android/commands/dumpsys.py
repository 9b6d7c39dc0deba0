"""``dumpsys [SERVICE ARGS…]``: what the native program does before a service speaks.

A missing service is a line on standard error and code 0 (``dumpsys.cpp``); without a service all are dumped, each
under a header.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from provisioning.virtual.android.commands import (
    controller,
    dump_package,
    dump_policy,
    dump_small,
    dump_user,
)
from provisioning.virtual.android.commands.cmd import SERVICE_NAMES
from provisioning.virtual.android.shell.process import Process

Dump = Callable[[Process, list[str]], Awaitable[None]]
_DUMPS: Mapping[str, Dump] = {
    "package": dump_package.dump,
    "device_policy": dump_policy.dump,
    "user": dump_user.dump,
    "account": dump_small.account,
    "battery": dump_small.battery,
    "activity": controller.dump_activity,
}
_LINE = "-" * 79


async def run(process: Process) -> int:
    """Run ``dumpsys``."""
    words = process.arguments
    while words and words[0] in {"-t", "-T", "--priority", "--skip"}:
        words = words[2:]
    if words[:1] == ["-l"]:
        process.out("Currently running services:\n" + "".join(f"  {name}\n" for name in SERVICE_NAMES))
        return 0
    if not process.phone.services_ready and words:
        process.err(f"Can't find service: {words[0]}\n")
        return 0
    if not words:
        process.out("Currently running services:\n" + "".join(f"  {name}\n" for name in SERVICE_NAMES))
        for name, dump in _DUMPS.items():
            process.out(f"{_LINE}\nDUMP OF SERVICE {name}:\n")
            await dump(process, [])
            process.out(f"--------- 0.012s was the duration of dumpsys {name}, ending at: 2025-01-01 12:00:00\n")
        return 0
    dump = _DUMPS.get(words[0])
    if dump is None:
        if words[0] not in SERVICE_NAMES:
            process.err(f"Can't find service: {words[0]}\n")
        return 0
    await dump(process, words[1:])
    return 0
