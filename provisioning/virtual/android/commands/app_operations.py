"""``appops get|set|reset|query-op``: kept and read back, nothing more hangs on them here."""

from __future__ import annotations

from provisioning.virtual.android.commands.java import Arguments, answered
from provisioning.virtual.android.shell.process import Process

_MODES = {"allow", "ignore", "deny", "default", "foreground"}


async def run(process: Process) -> int:
    """Run a command; ``argv`` is ``appops COMMAND …``."""
    words = process.arguments
    return await answered(process, words[0] if words else "null", _command, words)


async def _command(process: Process, arguments: Arguments) -> int:
    verb = arguments.next()
    user = 0
    while (option := arguments.option()) is not None:
        if option == "--user":
            user = arguments.user() or 0
    name = arguments.next()
    if verb in {"get", "set"} and (name is None or name not in process.phone.packages):
        return process.fail(f"Error: No UID for {name} in user {user}", 255)
    operations = process.phone.app_operations.setdefault((name or "", user), {})
    if verb == "set":
        operation, mode = arguments.next(), arguments.next()
        if operation is None or mode not in _MODES:
            return process.fail(f"Error: Mode {mode} is not valid", 255)
        operations[operation.removeprefix("android:").upper()] = mode
        return 0
    if verb == "get":
        wanted = arguments.next()
        kept = {k: v for k, v in operations.items() if wanted in {None, k}}
        process.out("".join(f"{k}: {v}\n" for k, v in kept.items()) or "No operations.\n")
        return 0
    if verb == "reset":
        process.phone.app_operations.clear()
        return 0
    process.out(f"Unknown command: {verb}\n")
    return 255
