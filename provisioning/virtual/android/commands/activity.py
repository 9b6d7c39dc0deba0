"""``am``: the little that a desk uses."""

from __future__ import annotations

from provisioning.virtual.android.commands.java import Arguments, answered, security
from provisioning.virtual.android.shell.process import Process


async def run(process: Process) -> int:
    """Run a command; ``argv`` is ``activity COMMAND …``."""
    words = process.arguments
    return await answered(process, words[0] if words else "null", _command, words)


async def _command(process: Process, arguments: Arguments) -> int:
    verb = arguments.next()
    words = arguments.rest()
    if verb == "get-current-user":
        process.line("0")
    elif verb in {"start", "start-activity"}:
        return _start(process, words)
    elif verb in {"broadcast"}:
        action = words[words.index("-a") + 1] if "-a" in words[:-1] else ""
        if action.startswith(("android.intent.action.MASTER_CLEAR", "android.intent.action.FACTORY_RESET")):
            raise security(f"Permission Denial: not allowed to send broadcast {action} from pid=4711, uid=2000")
        process.line(f"Broadcasting: Intent {{ act={action} flg=0x400000 }}")
        process.line("Broadcast completed: result=0")
    elif verb in {"force-stop", "kill", "kill-all", "switch-user", "stop-user", "start-user", "idle-maintenance"}:
        if verb == "start-user":
            process.line("Success: user started")
    elif verb == "wait-for-broadcast-idle":
        process.line("All broadcast queues are idle!")
    else:
        process.out(f"Unknown command: {verb}\n")
        return 255
    return 0


def _start(process: Process, words: list[str]) -> int:
    name = words[words.index("-n") + 1] if "-n" in words[:-1] else ""
    package = name.split("/", 1)[0]
    setting = process.phone.packages.find(package) if package else None
    process.line(
        f"Starting: Intent {{ cmp={name} }}" if name else "Starting: Intent { act=android.intent.action.VIEW }"
    )
    if name and (setting is None or not setting.user(0).present):
        process.err(f"Error type 3\nError: Activity class {{{name}}} does not exist.\n")
        return 1
    return 0
