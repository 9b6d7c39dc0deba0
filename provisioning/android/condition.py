"""What stands in the way of enrolment: boot, accounts (counted, never named), users, battery, release."""

from __future__ import annotations

import re
from collections.abc import Sequence

from provisioning.android import users
from provisioning.android.cable import Talk
from provisioning.android.properties import OLDEST_SDK, build, read_properties
from provisioning.android.reading import StillStarting, Unreadable, dump, lines, whole
from provisioning.android.script import Answer
from provisioning.android.users import User
from provisioning.handset import Condition, Hindrance, Obstacle
from provisioning.plain_text import one_line

BATTERY_FLOOR = 15
"""Percent; installing and verifying wake the screen, and a handset that dies half-way must be done again."""

_COMMANDS = (
    "getprop",
    "settings get secure user_setup_complete",
    "pm list users",
    "dumpsys -t 30 account",
    "dumpsys battery",
)
_ACCOUNTS = re.compile(r"^  Accounts: (\d{1,6})$")
_USER = re.compile(r"^User UserInfo\{\d{1,9}:.*\}:$")
_BATTERY = re.compile(r"^  (level|scale): (\d{1,6})$")


def read_condition(talk: Talk) -> Condition:
    """Read it in one go. Raises WireError, Unreadable."""
    said = talk.ask_each(_COMMANDS, talk.deadlines.condition)
    properties, setup, listed, accounts, battery = (said[command] for command in _COMMANDS)
    facts = read_properties(whole(properties))
    percent = _battery_percent(battery)
    if facts.get("sys.boot_completed", "") != "1":
        # Nothing else that it says now can be relied on; the other services may not even answer.
        return Condition((Obstacle(Hindrance.STILL_BOOTING),), percent)
    version = build(facts)
    obstacles: list[Obstacle] = []
    if version.sdk < OLDEST_SDK:
        obstacles.append(Obstacle(Hindrance.OS_TOO_OLD, f"Android {version.release}"))
    try:
        if _set_up(setup):
            # Before set-up is finished Android checks neither (checkDeviceOwnerProvisioningPreConditionLocked).
            obstacles += _extra_users(users.read_user_list(whole(listed)), version.sdk)
            obstacles += _accounts(dump(accounts))
    except StillStarting as error:
        return Condition((Obstacle(Hindrance.STILL_BOOTING, str(error)),), percent)
    if percent is not None and percent < BATTERY_FLOOR:
        obstacles.append(Obstacle(Hindrance.BATTERY_LOW, f"{percent} %"))
    return Condition(tuple(obstacles), percent)


def _set_up(answer: Answer) -> bool:
    """``settings get`` prints ``null`` for what was never set, which is not yet set up."""
    value = whole(answer).strip()
    if value not in ("0", "1", "null"):
        raise Unreadable(f"user_setup_complete is “{one_line(value, 20)}”")
    return value == "1"


def _extra_users(found: dict[int, User], sdk: int) -> Sequence[Obstacle]:
    """Count every user but the owner; Android 14 on ignores those made for testing."""
    extra = [user for user in found.values() if user.id != 0 and not (sdk >= 34 and user.flags & users.FOR_TESTING)]
    return [Obstacle(Hindrance.EXTRA_USERS, ", ".join(user.label for user in extra))] if extra else []


def count_accounts(text: str) -> int:
    """Count the accounts of all users in ``dumpsys account``, looking at no name. Raises Unreadable.

    Each user has one line with its number; an account's own text with line feeds can only add to them.
    """
    counts: list[int] = []
    owners = 0
    for line in lines(text):
        if _USER.match(line):
            owners += 1
        number = _ACCOUNTS.match(line)
        if number is not None:
            counts.append(int(number[1]))
    if owners == 0 or len(counts) < owners:
        raise Unreadable("the number of accounts is missing")
    return sum(counts)


def _accounts(text: str) -> Sequence[Obstacle]:
    count = count_accounts(text)
    if count == 0:
        return []
    return [Obstacle(Hindrance.ACCOUNTS_PRESENT, f"{count} account{'s' if count != 1 else ''}")]


def _battery_percent(answer: Answer) -> int | None:
    """Read the charge; None where it does not say. Samsung prints more, unindented lines below."""
    if not answer.clean:
        return None
    found: dict[str, int] = {}
    for line in lines(answer.text):
        part = _BATTERY.match(line)
        if part is not None:
            found.setdefault(part[1], int(part[2]))
    level, scale = found.get("level"), found.get("scale", 100)
    return level * 100 // scale if level is not None and level <= scale and scale > 0 else None
