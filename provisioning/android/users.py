"""The users and profiles of a handset, by number, flags and type; their names are skipped, never kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from provisioning.android.reading import Unreadable, lines, user_number
from provisioning.inventory import HandsetUser

MOST_USERS = 512
"""Android allows a handful; Samsung adds ids 95 to 99 and 150 to 160. More than any is still read, and told."""

# UserInfo.java (AOSP); the second group is Samsung's (One UI 6.1, decompiled).
GUEST = 0x4
RESTRICTED = 0x8
MANAGED_PROFILE = 0x20
DEMO = 0x200
FULL = 0x400
SYSTEM = 0x800
PROFILE = 0x1000
FOR_TESTING = 0x8000
SECURE_FOLDER = 0x20000
KNOX_WORKSPACE = 0x10000000
DUAL_APP = 0x20000000
APP_SEPARATION = 0x40000000

_LISTED = re.compile(r"^\tUserInfo\{(\d{1,9}):(.*):([0-9a-f]{1,8})\}(?: running)?$")
_DUMPED = re.compile(r"^  UserInfo\{(\d{1,9}):(?:.*):([0-9a-f]{1,8})\} serialNo=-?\d+(.*)$")
_TYPE = re.compile(r"^    Type: (\S+)$")


@dataclass(frozen=True, slots=True)
class User:
    """One user or profile. ``type`` is Android 11's ``android.os.usertype.…``, empty before it or where not said.

    ``unfinished`` is one that is being made or removed (``partial``, ``pre-created``, ``removing``).
    """

    id: int
    flags: int
    type: str = ""
    unfinished: bool = False

    @property
    def kind(self) -> str:
        """Say what it is, in words for a technician."""
        if self.id == 0:
            return "owner"
        if self.flags & SECURE_FOLDER:
            return "Secure Folder"
        if self.flags & DUAL_APP:
            return "Dual Messenger"
        if self.flags & APP_SEPARATION:
            return "Separated Apps"
        if self.type.endswith(".PRIVATE"):
            return "Private Space"
        if self.type.endswith(".CLONE"):
            return "clone profile"
        if self.flags & KNOX_WORKSPACE:
            return "Knox workspace"
        if self.flags & MANAGED_PROFILE or self.type.endswith(".MANAGED"):
            return "work profile"
        if self.flags & GUEST:
            return "guest"
        if self.flags & RESTRICTED:
            return "restricted profile"
        if self.flags & DEMO:
            return "demo user"
        return "profile" if self.flags & PROFILE else "second user"

    @property
    def label(self) -> str:
        """Name it for a sentence: ``user 150 (Secure Folder)``."""
        return f"user {self.id}" if self.id == 0 else f"user {self.id} ({self.kind})"

    @property
    def handset_user(self) -> HandsetUser:
        """Give it in the shape of the inventory."""
        return HandsetUser(self.id, self.kind)


def read_user_list(text: str) -> dict[int, User]:
    r"""Read ``pm list users``: ``\tUserInfo{ID:NAME:HEXFLAGS} running``. A name may be empty or hold ``:`` and ``}``.

    Raises Unreadable for any other line (a name with a line feed makes one), for an id that comes twice, and for a
    list without user 0. Seen on five phones of Android 10 to 14.
    """
    rows = [line for line in lines(text) if line.strip()]
    if not rows or rows[0] != "Users:":
        raise Unreadable("not a list of users")
    found: dict[int, User] = {}
    for row in rows[1:]:
        parts = _LISTED.match(row)
        if parts is None:
            raise Unreadable("the list of users holds a line that is no user")
        _add(found, User(user_number(parts[1]), int(parts[3], 16)))
    return _checked(found)


def read_user_dump(text: str) -> dict[int, User]:
    """Read the users out of ``dumpsys user``, with their types where the release has them (Android 11 on).

    User builds since Android 13, and Samsung's, print ``xxx`` for each name (``UserManagerService.dumpUserLocked``).
    Raises Unreadable as :func:`read_user_list` does.
    """
    found: dict[int, User] = {}
    last: User | None = None
    for line in _users_section(text):
        head = _DUMPED.match(line)
        if head is not None:
            unfinished = any(mark in head[3] for mark in ("<removing>", "<partial>", "<pre-created>"))
            last = User(user_number(head[1]), int(head[2], 16), unfinished=unfinished)
            _add(found, last)
            continue
        kind = _TYPE.match(line)
        if kind is not None and last is not None and not last.type:
            last = User(last.id, last.flags, kind[1][:80], last.unfinished)
            found[last.id] = last
    return _checked(found)


def _users_section(text: str) -> list[str]:
    rows = lines(text)
    try:
        start = rows.index("Users:") + 1
    except ValueError:
        raise Unreadable("not a dump of the users") from None
    for end in range(start, len(rows)):
        if rows[end] and not rows[end].startswith(" "):
            return rows[start:end]
    return rows[start:]


def _add(found: dict[int, User], user: User) -> None:
    if user.id in found:
        raise Unreadable(f"user {user.id} comes twice")
    if len(found) >= MOST_USERS:
        raise Unreadable(f"more than {MOST_USERS} users")
    found[user.id] = user


def _checked(found: dict[int, User]) -> dict[int, User]:
    if 0 not in found:
        raise Unreadable("user 0 is missing")
    return found


def merged(listed: dict[int, User], dumped: dict[int, User]) -> dict[int, User]:
    """Put both readings together: every user that either names, with the type from the dump.

    Raises Unreadable where they contradict each other: a user of the list that the dump does not know, or a finished
    one of the dump that is not on the list.
    """
    unknown = sorted(listed.keys() - dumped.keys())
    unlisted = sorted(number for number in dumped.keys() - listed.keys() if not dumped[number].unfinished)
    if unknown or unlisted:
        raise Unreadable(f"the two lists of users differ ({', '.join(map(str, unknown + unlisted))})")
    return dict(sorted({**listed, **dumped}.items()))
