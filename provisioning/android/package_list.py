"""``pm list packages`` for one user, with every column, read strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass

from provisioning.android.reading import Unreadable, lines, package_name

MOST_PACKAGES = 20_000
_LINE = re.compile(
    r"^package:(?P<head>.*?)"
    r"(?: versionCode:(?P<version>-?\d{1,19}))?"
    r"(?:  installer=(?P<installer>\S*))?"
    r"(?: uid:(?P<uids>\d{1,10}(?:,\d{1,10})*))?$"
)


@dataclass(frozen=True, slots=True)
class ListedPackage:
    """One line of the list. ``path`` is the base APK's, None for what is removed but keeps its data."""

    name: str
    path: str | None
    version_code: int | None
    installer: str | None
    uid: int | None


def command(user: int) -> str:
    """Give the command for one user's list.

    Always with ``--user``: without it Android 13 on lists all users at once, fails for all if one is forbidden
    (13, 14) or leaves that one out with code 0 (16). ``-u`` also lists hidden packages, and system ones that were
    removed for this user. ``-f -U -i --show-versioncode`` are why adbutils' ``list_packages`` cannot be used: it
    answers any of them with an empty list.
    """
    return f"pm list packages -u -f -U -i --show-versioncode --user {user}"


def read_package_list(text: str, user: int) -> dict[str, ListedPackage]:
    """Read the list of one user, in any order (Android 13 on gives none).

    Line grammar (``PackageManagerShellCommand.runListPackages``, Android 11 and One UI 6.1)::

        package:PATH=NAME versionCode:N  installer=NAME|null uid:N

    A path holds ``=`` itself (``/data/app/~~Rg8..==/com.x-a1..==/base.apk``), so the name begins after the last one.
    Raises Unreadable for any line of another form, a name that comes twice, a uid of another user, no line at all.
    """
    found: dict[str, ListedPackage] = {}
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
    parts = _LINE.match(line)
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
