"""``cmd user`` and ``pm list users``: who is on the handset.

``UserManagerServiceShellCommand`` of Android 14 and ``UserManagerService.runList`` of Android 11 (no type, no owners
in ``-v``).
"""

from __future__ import annotations

from provisioning.virtual.android.commands.java import Arguments, answered
from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.state.users import User


def list_users(process: Process, arguments: Arguments) -> int:
    """Print the users; ``-v`` exists since Android 11."""
    phone = process.phone
    verbose = False
    # Android 10 reads no options here.
    while phone.android >= 11 and (option := arguments.option()) is not None:
        if option in {"-v", "--verbose"}:
            verbose = True
        elif option == "--all":
            continue
        else:
            process.line(f"Invalid option: {option}")
            return 255
    users = [phone.users[number] for number in sorted(phone.users)]
    if not verbose:
        process.line("Users:")
        for user in users:
            process.line(f"\tUserInfo{{{user.id}:{user.name}:{user.flags:x}}}{' running' if user.running else ''}")
        return 0
    process.out(f"{len(users)} users:\n\n")
    for index, user in enumerate(users):
        process.line(_verbose_line(process, index, user))
    return 0


def _verbose_line(process: Process, index: int, user: User) -> str:
    phone = process.phone
    line = f"{index}: id={user.id}, name={user.name}"
    if phone.android >= 13:
        line += f", type={user.type}"
    line += f", flags={user.flag_names()}"
    owner = user.id == 0 and phone.policy.device_owner is not None
    if phone.android < 13:
        return line + (" (running)" if user.running else "") + (" (current)" if user.id == 0 else "")
    marks = [
        (f"parentId={user.parent}", user.parent is not None),
        ("running", user.running),
        ("device-owner", owner),
        ("profile-owner", user.owner is not None),
        ("current", user.id == 0),
        ("visible", user.running and phone.android >= 14),
    ]
    return line + "".join(f" ({mark})" for mark, holds in marks if holds)


async def run(process: Process) -> int:
    """Run ``cmd user …``."""
    words = process.arguments
    return await answered(process, words[0] if words else "null", _command, words)


async def _command(process: Process, arguments: Arguments) -> int:
    command = arguments.next()
    if command == "list":
        return list_users(process, arguments)
    if command == "get-main-user" and process.phone.android >= 14:
        process.line("0")
        return 0
    if command == "is-headless-system-user-mode":
        process.line("false")
        return 0
    process.out(f"Unknown command: {command}\n")
    return 255
