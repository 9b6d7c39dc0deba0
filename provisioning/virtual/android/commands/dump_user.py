"""``dumpsys user``: the only place where effective restrictions look alike on every version.

``UserManagerService.dump`` of Android 11 and 14 (One UI 6.1). User builds since 13 print ``xxx`` for names; Samsung
adds a line about Knox.
"""

from __future__ import annotations

from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.state.policy import GLOBAL_FOR_OWNER, printed
from provisioning.virtual.android.state.users import User

_NEW_LAYOUT_SINCE = 13


async def dump(process: Process, words: list[str]) -> None:
    """Print all users, or the one after ``--user``."""
    phone = process.phone
    modern = phone.android >= _NEW_LAYOUT_SINCE
    if modern and words[:1] == ["--user"] and len(words) > 1:
        number = int(words[1]) if words[1].isdigit() else 0
        found = phone.users.get(number)
        process.out(_user(process, found) if found is not None else f"User {number} not found\n")
        return
    process.out("Current user: 0\n" + ("\n" if modern else "") + "Users:\n")
    for number in sorted(phone.users):
        process.out(_user(process, phone.users[number]))
    process.out(_device(process) if modern else _device_before_13(process))


def _user(process: Process, user: User) -> str:
    phone = process.phone
    modern = phone.android >= _NEW_LAYOUT_SINCE
    name = "xxx" if modern else user.name
    text = f"  UserInfo{{{user.id}:{name}:{user.flags:x}}} serialNo={user.serial} isPrimary={str(user.id == 0).lower()}"
    if modern and user.parent is not None:
        text += f" parentId={user.parent}"
    state = ("RUNNING_UNLOCKED" if phone.state != "locked" else "RUNNING_LOCKED") if user.running else "-1"
    text += "\n"
    if phone.android >= 11:
        text += f"    Type: android.os.usertype.{user.type}\n    Flags: {user.flags} ({user.flag_names()})\n"
    text += (
        f"    State: {state}\n    Created: <unknown>\n    Last logged in: +2h3m4s5ms ago\n"
        f"    Last logged in fingerprint: {phone.profile.fingerprint}\n"
    )
    if phone.android >= 11:
        text += "    Start time: +2h3m9s0ms ago\n    Unlock time: +2h2m50s0ms ago\n"
    if modern:
        text += "    Last entered foreground: +2h3m9s0ms ago\n"
    text += f"    Has profile owner: {str(user.owner is not None).lower()}\n    Restrictions:\n"
    # A bundle that was never made prints as null, one that holds nothing as none.
    base = set[str]() if user.restrictions is None else user.restrictions
    policy = phone.policy.from_policy(user.id)
    text += printed(base, "      ")
    if modern:
        text += "    Device policy restrictions:\n" + printed(policy, "      ")
    else:
        text += "    Device policy global restrictions:\n" + printed(_part(policy, keep_global=True), "      ")
        text += "    Device policy local restrictions:\n" + printed(_part(policy, keep_global=False) or set(), "      ")
    text += "    Effective restrictions:\n" + printed(phone.policy.effective(user), "      ")
    if modern:
        text += "    Ignore errors preparing storage: false\n"
    return text


def _part(restrictions: set[str] | None, keep_global: bool) -> set[str] | None:
    if restrictions is None:
        return None
    return restrictions & GLOBAL_FOR_OWNER if keep_global else restrictions - GLOBAL_FOR_OWNER


_GUEST = ("no_sms", "no_install_unknown_sources", "no_config_wifi", "no_outgoing_calls")


def _device(process: Process) -> str:
    phone = process.phone
    knox = "\n  agree Knox Privacy Policy: false\n" if phone.profile.samsung else ""
    guest = "".join(f"    {name}\n" for name in _GUEST)
    states = ", ".join(f"{user.id}=RUNNING_UNLOCKED" for user in phone.users.values() if user.running)
    numbers = ", ".join(str(number) for number in sorted(phone.users))
    return (
        f"{knox}\nDevice properties:\n  Device policy global restrictions:\n    none\n  Guest restrictions:\n{guest}\n"
        f"  Device managed: {_managed(process)}\n  Started users state: [{states}]\n"
        f"  Cached user IDs: [{numbers}]\n  Cached user IDs (including pre-created): [{numbers}]\n\n"
        f"  Max users: 4 (limit reached: false)\n  Supports switchable users: true\n  All guests ephemeral: false\n"
        f"  Force ephemeral users: false\n  Is headless-system mode: false\n  User version: 11\n  Owner name: Owner\n"
    )


def _device_before_13(process: Process) -> str:
    phone = process.phone
    owner = 0 if phone.policy.device_owner is not None else -10000
    guest = "".join(f"    {name}\n" for name in _GUEST)
    states = ", ".join(f"{user.id}=3" for user in phone.users.values() if user.running)
    return (
        f"\n  Device owner id:{owner}\n\n  Guest restrictions:\n{guest}\n  Device managed: {_managed(process)}\n"
        f"  Started users state: {{{states}}}\n\n  Max users: 4 (limit reached: false)\n"
        "  Supports switchable users: true\n  All guests ephemeral: false\n"
    )


def _managed(process: Process) -> str:
    return str(process.phone.policy.device_owner is not None).lower()
