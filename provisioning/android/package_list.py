"""``pm list packages`` for one user: what Android itself says is there, which no app can put a word into."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provisioning.android.reading import Unreadable, lines, package_name, whole
from provisioning.android.script import Answer

MOST_PACKAGES = 20_000
_COLUMNS = (
    r"(?: versionCode:(?P<version>-?\d{1,19}))?"
    r"(?:  installer=(?P<installer>\S*))?"
    r"(?: uid:(?P<uids>\d{1,10}(?:,\d{1,10})*))?$"
)
_LINE = re.compile(r"^package:(?P<head>[^ ]*)" + _COLUMNS)
_LINE_WITH_BLANKS = re.compile(r"^package:(?P<head>.*?)" + _COLUMNS)
"""For a maker's path with a blank in it; four times slower."""


@dataclass(frozen=True, slots=True)
class ListedPackage:
    """One line of a list. ``path`` is the base APK's, None for what is removed but keeps its data."""

    name: str
    path: str | None
    version_code: int | None
    installer: str | None
    uid: int | None


@dataclass(frozen=True, slots=True)
class UserPackages:
    """All that ``pm`` lists for one user, by name: the system's own packages (FLAG_SYSTEM) and the others.

    Both hold what is hidden, and the first what was removed for this user; ``visible`` are those that are neither.
    """

    system: Mapping[str, ListedPackage]
    others: Mapping[str, ListedPackage]
    visible: frozenset[str]
    names: frozenset[str] = field(init=False)
    """Every name, hidden or not."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(self.system) | frozenset(self.others))

    def __contains__(self, name: object) -> bool:
        return name in self.system or name in self.others

    def get(self, name: str) -> ListedPackage | None:
        """Give one package's line; None where it is not listed."""
        return self.system.get(name) or self.others.get(name)


def commands(user: int) -> tuple[str, str, str]:
    """Give the commands for one user's lists: the system's packages, all others, those that can be seen.

    Always with ``--user``: without it Android 13 on lists all users at once, fails for all if one is forbidden
    (13, 14) or leaves that one out with code 0 (16). ``-u`` also lists hidden packages, and system ones that were
    removed for this user. ``-f -U -i --show-versioncode`` are why adbutils' ``list_packages`` cannot be used: it
    answers any of them with an empty list.
    """
    everything = f"-u -f -U -i --show-versioncode --user {user}"
    return f"pm list packages -s {everything}", f"pm list packages -3 {everything}", visible_command(user)


def visible_command(user: int) -> str:
    """Give the command for what one user can see: installed and not hidden."""
    return f"pm list packages --user {user}"


def read_user_packages(answers: Sequence[Answer], user: int) -> UserPackages:
    """Read the answers to :func:`commands`. Raises Unreadable where one is not whole or they contradict each other.

    The list of others may be empty, as on a Pixel that has just been unpacked.
    """
    system, others, visible = (whole(answer) for answer in answers)
    found = UserPackages(
        read_package_list(system, user),
        read_package_list(others, user) if others.strip() else {},
        frozenset(read_package_list(visible, user)),
    )
    if found.system.keys() & found.others.keys() or found.visible - found.names:
        raise Unreadable("the lists of packages contradict each other")
    return found


def read_package_list(text: str, user: int) -> dict[str, ListedPackage]:
    """Read the list of one user, in any order (Android 13 on gives none).

    Line grammar (``PackageManagerShellCommand.runListPackages``, Android 11 and One UI 6.1)::

        package:PATH=NAME versionCode:N  installer=NAME|null uid:N

    A path holds ``=`` itself (``/data/app/~~Rg8..==/com.x-a1..==/base.apk``), so the name begins after the last one.
    Raises Unreadable for any line of another form or without an end, a name that comes twice, a uid of another user, no
    line at all.
    """
    found: dict[str, ListedPackage] = {}
    if text and not text.endswith("\n"):
        raise Unreadable("the list breaks off")
    for line in lines(text):
        if not line.strip():
            continue
        package = _read_line(line, user)
        if package.name in found:
            raise Unreadable(f"{package.name} is listed twice")
        if len(found) >= MOST_PACKAGES:
            raise Unreadable(f"more than {MOST_PACKAGES} packages")
        found[package.name] = package
    if not found:
        raise Unreadable("the list is empty")
    return found


def _read_line(line: str, user: int) -> ListedPackage:
    parts = _LINE.match(line) or _LINE_WITH_BLANKS.match(line)
    if parts is None:
        raise Unreadable("the list holds a line that is no package")
    path, _, name = parts["head"].rpartition("=")
    uids = [int(uid) for uid in parts["uids"].split(",")] if parts["uids"] else []
    if any(uid // 100_000 != user for uid in uids):
        raise Unreadable("the list mixes users")
    installer = parts["installer"]
    return ListedPackage(
        name=package_name(name),
        path=path if path.startswith("/") else None,
        version_code=int(parts["version"]) if parts["version"] else None,
        installer=installer if installer and installer != "null" else None,
        uid=uids[0] if uids else None,
    )
