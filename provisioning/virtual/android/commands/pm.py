"""``cmd package`` (``pm``): finds the command and runs it."""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.virtual.android.commands import pm_install, pm_list, pm_read, pm_state, pm_uninstall, pm_users
from provisioning.virtual.android.commands.java import ServiceCommand, answered
from provisioning.virtual.android.shell.process import Process

_COMMANDS: Mapping[str, ServiceCommand] = {
    **pm_list.COMMANDS,
    **pm_read.COMMANDS,
    **pm_install.COMMANDS,
    **pm_uninstall.COMMANDS,
    **pm_state.COMMANDS,
    **pm_users.COMMANDS,
}
_HELP = "Package manager (package) commands:\n  help\n    Print this help text.\n\n"


async def run(process: Process) -> int:
    """Run a package command; ``argv`` is ``package COMMAND …``."""
    words = process.arguments
    if not words or words[0] in {"help", "-h"}:
        process.out(_HELP + "".join(f"  {name}\n" for name in sorted(_COMMANDS)))
        return 0 if words else 255
    command = _COMMANDS.get(words[0])
    if command is None:
        process.out(f"Unknown command: {words[0]}\n")
        return 255
    return await answered(process, words[0], command, words[1:])
