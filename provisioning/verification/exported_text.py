"""Read lists of apps that are lines of text: ``pm list packages``, ideviceinstaller, go-ios, or bare identifiers.

The line of ``pm`` is ``package:[PATH=]NAME[ versionCode:N][ stopped=b][  installer=X][ uid:N,…]`` (AOSP
PackageManagerShellCommand); paths hold ``==``, so the name stands after the *last* ``=``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from provisioning.inventory import App, HandsetUser, Inventory, Unread
from provisioning.plain_text import one_line
from provisioning.platforms import Platform

PACKAGE = "package:"
PER_USER = 100_000
"""AOSP UserHandle.PER_USER_RANGE: uid = user * 100000 + app id."""
MOST_LINES = 200_000
MOST_USERS = 1_000
TROUBLE = (
    "exception occurred", "error:", "java.lang.", "securityexception", "failure [", "could not ", "no device found",
    "adb: ", "cmd: can't find", "killed", "cannot ", "can't ", "permission denial", "broken pipe", "timed out",
    "device offline", "unauthorized", "fatal", "traceback",
)  # fmt: skip
"""Words of tools that failed half-way; what they print is not the whole list (seen on Android 13 to 16)."""
LONE_TROUBLE = frozenset({"killed", "terminated", "closed", "aborted", "exception"})
"""The same where they are the whole line; within an identifier they mean nothing."""
_SYSTEM = ("/system/", "/product/", "/vendor/", "/system_ext/", "/apex/", "/odm/", "/oem/")
_FIELD = re.compile(r"\s+(versionCode:|stopped=|installer=|uid:)(\S*)")
_DASHED = re.compile(r"^(?P<id>\S+) - (?P<name>.*?)(?: (?P<version>[\d][^\s]*))?$")
_QUOTED = re.compile(r'^(?P<id>[^\s,"]+), *"(?P<version>[^"]*)"(?:, *"(?P<name>.*)")?$')
_TOTAL = re.compile(r"^Total:\s*(\d+)\s+apps?$", re.IGNORECASE)
_LIKE_AN_ID = re.compile(r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$")


class NotThisFormat(Exception):
    """Raised for content that cannot be read as an inventory; ``line`` counts from 1 where it is known."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(slots=True)
class _Reading:
    apps: list[App] = field(default_factory=list[App])
    trouble: list[str] = field(default_factory=list[str])
    strange: list[int] = field(default_factory=list[int])
    announced: int | None = None
    packages: int = 0
    fields: int = 0


def read(text: str, platform: Platform) -> Inventory:
    """Read a text list. Raises NotThisFormat."""
    lines = [line.rstrip("\r") for line in text.split("\n")]
    if len(lines) > MOST_LINES:
        raise NotThisFormat(f"has more than {MOST_LINES} lines, which no list of apps has.")
    found = _Reading()
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            _line(found, line, number, platform)
    if platform is Platform.IOS and found.packages:
        raise NotThisFormat("lists Android packages. Say --platform android.", 1)
    if not found.packages and not found.trouble and len(found.strange) > max(1, len(found.apps) // 4):
        raise NotThisFormat(f"is no list of apps: {len(found.strange)} lines of it name none.", found.strange[0])
    return Inventory(platform, tuple(found.apps), _users(found.apps), unread=tuple(_unread(found, text, lines)))


def _line(found: _Reading, line: str, number: int, platform: Platform) -> None:
    folded = line.strip().lower()
    if folded.startswith(PACKAGE):
        found.packages += 1
        found.apps += _package(found, line.strip()[len(PACKAGE) :], number)
    elif _is_trouble(folded):
        found.trouble.append(one_line(line.strip(), 120))
    elif platform is Platform.IOS:
        _ios_line(found, line.strip(), number)
    elif re.search(r"\s", line.strip()) and not _FIELD.search(line):
        found.strange.append(number)
    else:
        bare = line.strip()
        found.apps += _package(found, bare, number) if bare.startswith("/") or "=" not in bare else ()
        if "=" in bare and not bare.startswith("/"):
            found.strange.append(number)


def _is_trouble(folded: str) -> bool:
    if not re.search(r"\s", folded):
        return folded in LONE_TROUBLE
    return folded.startswith("at ") or any(word in folded for word in TROUBLE)


def _package(found: _Reading, rest: str, number: int) -> Iterable[App]:
    fields = {match[1].rstrip(":="): match[2] for match in _FIELD.finditer(rest)}
    found.fields += bool(fields)
    first = _FIELD.search(rest)
    where = (rest[: first.start()] if first else rest).strip()
    path, _, name = where.rpartition("=")
    if not name or "/" in name:
        found.strange.append(number)
        return []
    installer = fields.get("installer")
    version = fields.get("versionCode") or None
    users = _users_of(fields.get("uid", ""))
    system = True if path.startswith(_SYSTEM) else None
    return [App(name, user=user, system=system, version=version, installer=installer) for user in users]


def _users_of(uids: str) -> list[int]:
    numbers = [int(uid) for uid in uids.split(",") if uid.isdigit() and len(uid) < 10]
    return sorted({number // PER_USER for number in numbers})[:MOST_USERS] or [0]


def _ios_line(found: _Reading, line: str, number: int) -> None:
    total = _TOTAL.match(line)
    if total:
        found.announced = int(total[1])
    elif line.startswith("CFBundleIdentifier,"):
        pass
    elif dashed := _DASHED.match(line) or _QUOTED.match(line):
        found.apps.append(App(dashed["id"], name=dashed["name"], version=dashed["version"]))
    elif not re.search(r"\s", line):
        found.apps.append(App(line))
    elif _LIKE_AN_ID.match(line.split(maxsplit=1)[0]):
        identifier, name = line.split(maxsplit=1)
        found.apps.append(App(identifier, name=name))
    else:
        found.strange.append(number)


def _unread(found: _Reading, text: str, lines: list[str]) -> Iterable[Unread]:
    if found.trouble:
        yield Unread("apps (the tool that wrote the list met an error)", f"it says: {found.trouble[0]}")
    if found.strange:
        shown = one_line(lines[found.strange[0] - 1].strip(), 60)
        yield Unread("apps (lines that are no apps)", f"line {found.strange[0]} cannot be read: {shown}")
    if found.announced is not None and found.announced != len(found.apps):
        yield Unread("apps", f"the file announces {found.announced} apps and names {len(found.apps)}")
    if found.packages and not text.endswith("\n"):
        yield Unread("apps (the last line is cut)", "pm ends every line; this list ends in the middle of one")


def _users(apps: Iterable[App]) -> tuple[HandsetUser, ...]:
    numbers = sorted({app.user for app in apps}) or [0]
    return tuple(HandsetUser(number, "owner" if number == 0 else "") for number in numbers)
