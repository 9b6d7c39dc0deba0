"""``pm`` commands about users: create, remove, restrict.

Shell may create and remove users (CREATE_USERS) but not restrict them: MANAGE_USERS is missing on user builds.
"""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.virtual.android.commands.java import Arguments, ServiceCommand, illegal_argument, security
from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.state.packages import UserState
from provisioning.virtual.android.state.policy import NO_ADD_USER, NO_REMOVE_USER
from provisioning.virtual.android.state.users import parse_user


async def _set_restriction(process: Process, arguments: Arguments) -> int:
    if arguments.option() == "--user":
        arguments.user()
    arguments.next()
    if arguments.next() not in {"0", "1"}:
        return process.fail("Error: valid value not specified")
    raise security("You need MANAGE_USERS permission to: setUserRestriction")


async def _create(process: Process, arguments: Arguments) -> int:
    kind = "second-user"
    while (option := arguments.option()) is not None:
        if option == "--managed":
            kind = "work-profile"
        elif option == "--guest":
            kind = "guest"
        elif option in {"--profileOf", "--user-type"}:
            arguments.required()
        elif option not in {"--ephemeral", "--for-testing", "--restricted", "--demo"}:
            return process.fail(f"Error: unknown option {option}")
    name = arguments.next()
    if name is None:
        return process.fail("Error: no user name specified.")
    phone = process.phone
    forbidden = "no_add_managed_profile" if kind == "work-profile" else NO_ADD_USER
    if phone.restricted(forbidden):
        if phone.android >= 11:
            process.err(
                "Error: android.os.ServiceSpecificException: Cannot add user. "
                f"DISALLOW_{'ADD_MANAGED_PROFILE' if kind == 'work-profile' else 'ADD_USER'} is enabled. (code 1)\n"
            )
        return process.fail("Error: couldn't create User.")
    user = parse_user({"kind": kind, "name": name, "debugging": True}, set(phone.users), phone.android)
    user.owner = None
    phone.users[user.id] = user
    for setting in phone.packages:
        if setting.facts.system:
            setting.users[user.id] = UserState(first_install=phone.now())
    phone.packages.changed()
    process.line(f"Success: created user id {user.id}")
    return 0


async def _remove(process: Process, arguments: Arguments) -> int:
    while (option := arguments.option()) is not None:
        if option not in {"-w", "--wait", "--set-ephemeral-if-in-use"}:
            return process.fail(f"Error: unknown option: {option}", 255)
    text = arguments.next()
    if text is None:
        return process.fail("Error: no user id specified.")
    if not text.isdigit():
        raise illegal_argument(f"Bad user number: {text}")
    number = int(text)
    phone = process.phone
    if number == 0 or number not in phone.users or phone.restricted(NO_REMOVE_USER):
        return process.fail(f"Error: couldn't remove user id {number}")
    del phone.users[number]
    phone.policy.admins.pop(number, None)
    for setting in list(phone.packages):
        setting.users.pop(number, None)
        if not setting.facts.system and not setting.users:
            phone.packages.remove(setting.name)
    phone.packages.changed()
    process.line("Success: removed user")
    return 0


COMMANDS: Mapping[str, ServiceCommand] = {
    "set-user-restriction": _set_restriction,
    "create-user": _create,
    "remove-user": _remove,
}
