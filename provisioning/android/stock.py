"""What was gathered about the apps of a handset, and what its sources make of each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provisioning.android.links import AppLinks
from provisioning.android.package_dump import DumpedPackage
from provisioning.android.package_list import UserPackages
from provisioning.android.users import User
from provisioning.inventory import App, Presence, Unread
from provisioning.plain_text import one_line

FEWEST = 100
"""No handset that was sold has fewer packages (the smallest image looked at, a Pixel 8, has 209)."""
SENTINELS = ("android", "com.android.systemui")
"""Packages without which no Android runs."""

_AWAY = (Presence.HIDDEN, Presence.REMOVED_FOR_USER)


@dataclass(slots=True)
class Stock:
    """The apps of one handset while they are read; ``lists`` hold the users whose lists were whole."""

    sdk: int
    users: dict[int, User] = field(default_factory=dict[int, User])
    lists: dict[int, UserPackages] = field(default_factory=dict[int, UserPackages])
    packages: dict[str, DumpedPackage] = field(default_factory=dict[str, DumpedPackage])
    schemes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    links: Mapping[str, AppLinks] = field(default_factory=dict[str, AppLinks])
    certificates: dict[str, str] = field(default_factory=dict[str, str])
    web_addresses: dict[str, str] = field(default_factory=dict[str, str])
    unread: list[Unread] = field(default_factory=list[Unread])

    def miss(self, area: str, why: str) -> None:
        """Name an area as unread."""
        self.unread.append(Unread(area, one_line(why)))

    def compare(self) -> None:
        """Hold list and dump of each user against each other; where they differ, that user's apps are unread.

        Then one of them is short, or forged by an app, or something was installed between the two readings.
        """
        for user in self.users.values():
            if user.id in self.lists and self.packages:
                self._compare(user, self.lists[user.id])

    def _compare(self, user: User, listed: UserPackages) -> None:
        area = f"apps of {user.label}"
        if not any(user.id in package.states for package in self.packages.values()):
            if not user.unfinished:
                self.miss(area, "the dump of packages does not name this user")
            return
        states = {name: package.states[user.id] for name, package in self.packages.items() if user.id in package.states}
        expected = {name for name, state in states.items() if state.installed and not state.instant}
        lacking = sorted(name for name in expected - listed.names if not self.packages[name].library)
        unknown = sorted(listed.names - states.keys())
        both = listed.names & states.keys()
        otherwise = sorted(
            name
            for name in both
            if states[name].shown != (name in listed.visible) or self.packages[name].system != (name in listed.system)
        )
        if lacking:
            self.miss(area, f"the list lacks {_some(lacking)}, which the dump of packages holds")
        if unknown:
            self.miss(area, f"the dump of packages lacks {_some(unknown)}, which the list holds")
        if otherwise:
            self.miss(area, f"list and dump of packages contradict each other about {_some(otherwise)}")

    def look_for_sentinels(self, owner: str | None) -> None:
        """Name user 0's apps as unread where something is missing that must be there: the system, the device owner."""
        expected = [*SENTINELS, *([owner] if owner is not None else [])]
        there = {name for name in self._names_of(0) if self._presence(name, 0) is not Presence.REMOVED_FOR_USER}
        lost = [name for name in expected if name not in there]
        if lost:
            self.miss("apps of user 0", f"{_some(lost)} is not on the list, which cannot be")
        if len(there) < FEWEST:
            self.miss("apps of user 0", f"only {len(there)} packages, fewer than any handset has")

    def present(self) -> Sequence[str]:
        """List every package that any user has or had."""
        names = {name for listed in self.lists.values() for name in listed.names}
        names |= {name for name, package in self.packages.items() if any(s.installed for s in package.states.values())}
        return sorted(names)

    def is_system(self, name: str) -> bool | None:
        """Say whether a package came with the handset; None where nothing says so. The lists' word goes first."""
        for listed in self.lists.values():
            if name in listed:
                return name in listed.system
        package = self.packages.get(name)
        return package.system if package is not None else None

    def base_apk(self, name: str) -> str | None:
        """Give the path of a package's base APK."""
        for listed in self.lists.values():
            entry = listed.get(name)
            if entry is not None and entry.path is not None:
                return entry.path
        package = self.packages.get(name)
        if package is None or package.code_path is None or not package.code_path.startswith("/"):
            return None
        return package.code_path if package.code_path.endswith(".apk") else f"{package.code_path}/base.apk"

    def apps_of(self, user: int) -> list[App]:
        """List the apps of one user: whatever either source names."""
        apps: list[App] = []
        for name in sorted(self._names_of(user)):
            presence = self._presence(name, user)
            # A profile is made with a handful of the system's apps; the hundreds that it never had were not removed.
            if presence is not Presence.REMOVED_FOR_USER or user == 0:
                apps.append(self._app(name, user, presence))
        return apps

    def _names_of(self, user: int) -> set[str]:
        listed = self.lists[user].names if user in self.lists else frozenset[str]()
        # A static library is no app: it has no screen, and pm lists it only when asked for libraries.
        return {n for n, package in self.packages.items() if package.installed(user) and not package.library} | listed

    def _presence(self, name: str, user: int) -> Presence:
        """Say how an app lies there; less than installed only where no source contradicts it."""
        package = self.packages.get(name)
        state = package.states.get(user) if package is not None else None
        if state is None:
            return Presence.INSTALLED
        listed = self.lists.get(user)
        if listed is not None and name in listed and (state.presence in _AWAY) == (name in listed.visible):
            return Presence.INSTALLED
        return state.presence

    def _app(self, name: str, user: int, presence: Presence) -> App:
        package = self.packages.get(name)
        entry = self.lists[user].get(name) if user in self.lists else None
        version = package.version_name if package is not None else None
        if not version and entry is not None and entry.version_code is not None:
            version = str(entry.version_code)
        installer = (entry.installer if entry is not None else None) or (package.installer if package else None)
        return App(
            id=name,
            user=user,
            system=self.is_system(name),
            presence=presence,
            version=one_line(version, 60) if version else None,
            installer=one_line(installer, 80) if installer else None,
            certificate_sha256=self.certificates.get(name),
            url_schemes=self.schemes.get(name, ()),
            link_domains=self.links[name].domains if name in self.links else (),
            web_start_url=self.web_addresses.get(name),
        )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
