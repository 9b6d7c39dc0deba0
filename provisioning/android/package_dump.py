"""``dumpsys package packages``: every package with its state for every user, in one dump.

Why this dump. It is the only source that needs no permission for the user it tells of, so it alone sees into Secure
Folder (150), Dual Messenger (95) and other profiles that forbid debugging, whose ``pm list`` is refused. One dump of
all packages costs one call; ``dumpsys package NAME`` for each of some 400 packages costs 400 processes on the handset
(150 ms each on hardware) and must know the names, which is just what a refused list does not tell. The whole
``dumpsys package`` would add resolvers, permissions and features, several times the bytes. ``--checkin packages``
is the smallest, a tenth of it, but leaves out path, flags and version name and since Android 14 runs the
installer's fields together without a separator (``Settings.dumpPackageLPr``, One UI 6.1).

An app writes its own ``versionName`` into this dump, line feeds included, and could forge lines with it. It cannot keep
its true lines from following: they make a field, a user or a package come twice, or leave a package without its users,
and each of these makes the dump unreadable. One that forges the section's end after a whole false state of its own
gets through here; so whatever the dump says that makes an app less (system, hidden, removed) must also be what ``pm``
lists, into which no app can write (``stock.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from provisioning.android.reading import Unreadable, package_name, user_number
from provisioning.inventory import Presence

COMMAND = "dumpsys -t 60 package packages"
"""The service's own limit of 10 s would cut the dump of a slow handset."""
LARGEST = 64 << 20
"""Bytes. Real phones give 2 to 6 MB (5 to 20 MB for the dump of everything)."""
MOST_PACKAGES = 20_000

_LINE = re.compile(
    r"\n  (?:Package (?P<head>\[[^\n]*\n[^\n]*)|  (?:User (?P<state>[^\n]*)"
    r"|(?P<field>codePath|versionCode|versionName|pkgFlags|installerPackageName)=(?P<value>[^\n]*)"
    r"|(?P<library>static library|SDK library):))"
)
"""The lines that count. Most of a dump are permissions and components; a pattern that begins with fixed text lets the
regular expression engine skip them, several times faster than a loop over lines."""
_HEAD = re.compile(r"^\[([^\]\n]*)\] \([0-9a-f]{1,8}\):\r?\n    (?:userId=\d+\r?$|appId=\d+\r?$|compat name=)")
_STATE = re.compile(r"^(\d{1,9}): ceDataInode=-?\d+(?: [A-Za-z]+DataInode=-?\d+)*((?: [A-Za-z]+=\S*)*) ?$")
_START = re.compile(r"^Packages:\r?\n", re.MULTILINE)
_NEXT_SECTION = re.compile(r"\n(?=[^\s])")
_ENABLED = frozenset("01234")
_FLAG = re.compile(r"^\[((?: [A-Z_0-9]+)*) \]$")


@dataclass(frozen=True, slots=True)
class UserState:
    """How a package lies for one user. ``enabled`` is Android's number: 0 default, 1 enabled, 2, 3 and 4 disabled.

    ``instant`` apps run without being installed for good, and ``pm`` does not list them.
    """

    installed: bool
    hidden: bool
    suspended: bool
    enabled: int
    instant: bool = False

    @property
    def shown(self) -> bool:
        """True if ``pm`` lists it without being asked for more."""
        return self.installed and not self.hidden

    @property
    def presence(self) -> Presence:
        """Say it in the inventory's words; the state that keeps it furthest away wins."""
        if not self.installed:
            return Presence.REMOVED_FOR_USER
        if self.hidden:
            return Presence.HIDDEN
        if self.suspended:
            return Presence.SUSPENDED
        return Presence.DISABLED if self.enabled in (2, 3, 4) else Presence.INSTALLED


@dataclass(frozen=True, slots=True)
class DumpedPackage:
    """One package of the dump. Texts are hostile; ``library`` is one that ``pm list`` leaves out by rule."""

    name: str
    states: Mapping[int, UserState]
    code_path: str | None = None
    version_code: int | None = None
    version_name: str | None = None
    installer: str | None = None
    flags: frozenset[str] = frozenset()
    library: bool = False

    @property
    def system(self) -> bool:
        """True if it lies on a system partition, updated or not (ApplicationInfo.FLAG_SYSTEM)."""
        return "SYSTEM" in self.flags

    def installed(self, user: int) -> bool:
        """True if it is installed for that user, hidden or not."""
        state = self.states.get(user)
        return state is not None and state.installed


@dataclass(slots=True)
class _Draft:
    name: str
    states: dict[int, UserState] = field(default_factory=dict[int, UserState])
    fields: dict[str, str] = field(default_factory=dict[str, str])
    library: bool = False


def read_package_dump(text: str) -> dict[str, DumpedPackage]:
    """Read the ``Packages:`` section; what follows (``Hidden system packages:`` and others) repeats names and is left.

    Field names differ little from Android 10 to 17: 15 adds ``deDataInode``, 17 ``pccCeDataInode``, ``pccDeDataInode``
    and ``appLockEnabled`` (GrapheneOS on a Pixel, in a public capture of September 2026). Raises Unreadable.
    """
    found: dict[str, DumpedPackage] = {}
    users: frozenset[int] | None = None
    for draft in _drafts(text):
        if draft.name in found:
            raise Unreadable(f"{draft.name} is dumped twice")
        if len(found) >= MOST_PACKAGES:
            raise Unreadable(f"more than {MOST_PACKAGES} packages")
        if users is None:
            users = frozenset(draft.states)
        if not users or draft.states.keys() != users:
            raise Unreadable(f"the dump of {draft.name} does not name every user")
        found[draft.name] = _finished(draft)
    if not found:
        raise Unreadable("the dump holds no package")
    return found


def _drafts(text: str) -> Iterator[_Draft]:
    start = _START.search(text)
    if start is None:
        raise Unreadable("not a dump of packages")
    end = _NEXT_SECTION.search(text, start.end())
    draft: _Draft | None = None
    for line in _LINE.finditer(text, start.end() - 1, end.start() if end is not None else len(text)):
        if line["head"] is not None:
            if draft is not None:
                yield draft
            head = _HEAD.match(line["head"])
            if head is None:
                raise Unreadable("the dump holds a package that is not shaped as one")
            draft = _Draft(package_name(head[1]))
        elif draft is not None:
            _take(draft, line)
    if draft is not None:
        yield draft


def _take(draft: _Draft, line: re.Match[str]) -> None:
    if line["state"] is not None:
        user, state = _state(draft.name, line["state"].removesuffix("\r"))
        if user in draft.states:
            raise Unreadable(f"{draft.name} has two states for user {user}")
        draft.states[user] = state
    elif line["field"] is not None:
        if line["field"] in draft.fields:
            raise Unreadable(f"{draft.name} has two {line['field']}")
        draft.fields[line["field"]] = line["value"].removesuffix("\r")
    else:
        draft.library = True


def _state(package: str, line: str) -> tuple[int, UserState]:
    parts = _STATE.match(line)
    state = _flags(parts[2]) if parts is not None else None
    if parts is None or state is None:
        raise Unreadable(f"a state of {package} is not readable")
    return user_number(parts[1]), state


@lru_cache(maxsize=256)
def _flags(text: str) -> UserState | None:
    """Read what follows the inode; hundreds of packages have the same. None where it is not readable.

    The fields grow with each release, so they are taken by name; four must be there.
    """
    pairs = [field.split("=", 1) for field in text.split()]
    fields = dict(pairs)
    flags = [fields.get(key) for key in ("installed", "hidden", "suspended")]
    enabled = fields.get("enabled", "")
    if len(fields) != len(pairs) or not set(flags) <= {"true", "false"} or enabled not in _ENABLED:
        return None
    installed, hidden, suspended = (flag == "true" for flag in flags)
    return UserState(installed, hidden, suspended, int(enabled), fields.get("instant") == "true")


def _finished(draft: _Draft) -> DumpedPackage:
    # Android 13 on prints Java's null for what is not there, before it leaves the line out.
    fields = {key: value for key, value in draft.fields.items() if value != "null"}
    flags = _FLAG.match(fields.get("pkgFlags", ""))
    if flags is None:
        raise Unreadable(f"the flags of {draft.name} are not readable")
    version = fields.get("versionCode", "").split(" ", 1)[0]
    return DumpedPackage(
        name=draft.name,
        states=draft.states,
        code_path=fields.get("codePath"),
        version_code=int(version) if version.isascii() and version.isdigit() and len(version) < 20 else None,
        version_name=fields.get("versionName"),
        installer=fields.get("installerPackageName"),
        flags=frozenset(flags[1].split()),
        library=draft.library,
    )
