"""Every app of every user of an Android, from two independent sources that must agree.

1. ``pm list packages --user N`` for each user: what Android says is there; refused for profiles that forbid debugging.
2. ``dumpsys package packages``: every package with its state for every user, refused for nobody.

The inventory is what either of them names. Where they differ, where one is not whole, or where a user's list was
refused, the area is named in ``unread``: a short list is never taken for a clean handset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provisioning.android import enrolment, links, package_dump, package_list, users
from provisioning.android.cable import Talk
from provisioning.android.certificates import read_certificates
from provisioning.android.links import AppLinks
from provisioning.android.owner import read_owner_dump
from provisioning.android.package_dump import DumpedPackage
from provisioning.android.package_list import ListedPackage
from provisioning.android.reading import Unreadable, dump, whole
from provisioning.android.script import Answer
from provisioning.android.users import User
from provisioning.inventory import App, Inventory, Presence, Unread
from provisioning.plain_text import one_line
from provisioning.platforms import Platform

FEWEST = 100
"""No handset that was sold has fewer packages (the smallest image looked at, a Pixel 8, has 209)."""
SENTINELS = ("android", "com.android.systemui")
"""Packages without which no Android runs."""


@dataclass(slots=True)
class _Stock:
    """What is gathered while reading. ``lists`` hold the users whose list was whole."""

    sdk: int
    users: dict[int, User] = field(default_factory=dict[int, User])
    lists: dict[int, dict[str, ListedPackage]] = field(default_factory=dict[int, dict[str, ListedPackage]])
    packages: dict[str, DumpedPackage] = field(default_factory=dict[str, DumpedPackage])
    schemes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    links: Mapping[str, AppLinks] = field(default_factory=dict[str, AppLinks])
    certificates: dict[str, str] = field(default_factory=dict[str, str])
    web_addresses: dict[str, str] = field(default_factory=dict[str, str])
    unread: list[Unread] = field(default_factory=list[Unread])

    def miss(self, area: str, why: str) -> None:
        self.unread.append(Unread(area, one_line(why)))


def take_inventory(talk: Talk) -> Inventory:
    """Read it all: one call for nearly everything, one for other users' lists, two or three for certificates.

    Raises WireError, and Unreadable where it does not even say which users it has; any other part that is not whole
    is in ``unread``.
    """
    sdk = talk.api_level()
    commands = [
        "pm list users",
        "dumpsys -t 30 user",
        package_dump.COMMAND,
        package_list.command(0),
        links.SCHEMES_COMMAND,
        links.APP_LINKS_COMMAND if sdk >= links.APP_LINKS_SDK else links.LEGACY_LINKS_COMMAND,
        enrolment.POLICY_COMMAND,
    ]
    listed, dumped, packages, first, schemes, app_links, policy = talk.ask(
        commands, talk.deadlines.packages, package_dump.LARGEST
    )
    stock = _Stock(sdk)
    _read_users(stock, listed, dumped)
    _read_packages(stock, packages)
    _read_links(stock, schemes, app_links)
    _read_list(stock, 0, first)
    _read_other_lists(talk, stock)
    for user in stock.users.values():
        _compare(stock, user)
    _look_for_sentinels(stock, policy)
    _read_more(talk, stock)
    apps = [app for user in stock.users for app in _apps_of(stock, user)]
    return Inventory(
        platform=Platform.ANDROID,
        apps=tuple(apps),
        users=tuple(user.handset_user for user in stock.users.values()),
        unread=tuple(stock.unread),
    )


def _read_users(stock: _Stock, listed: Answer, dumped: Answer) -> None:
    known: list[dict[int, User]] = []
    for area, read in (
        ("list of users", lambda: users.read_user_list(whole(listed))),
        ("types of users", lambda: users.read_user_dump(dump(dumped))),
    ):
        try:
            known.append(read())
        except Unreadable as error:
            stock.miss(area, str(error))
    if not known:
        raise Unreadable("it does not say which users it has")
    try:
        stock.users = users.merged(known[0], known[-1])
    except Unreadable as error:
        stock.miss("list of users", str(error))
        stock.users = dict(sorted({**known[0], **known[-1]}.items()))


def _read_packages(stock: _Stock, answer: Answer) -> None:
    try:
        stock.packages = package_dump.read_package_dump(dump(answer))
    except Unreadable as error:
        stock.miss("state of every package", str(error))


def _read_links(stock: _Stock, schemes: Answer, app_links: Answer) -> None:
    try:
        stock.schemes = links.read_schemes(dump(schemes, may_be_empty=True))
    except Unreadable as error:
        stock.miss("URL schemes of the apps", str(error))
    try:
        if stock.sdk >= links.APP_LINKS_SDK:
            stock.links = links.read_app_links(whole(app_links))
        else:
            stock.links = links.read_legacy_links(dump(app_links, may_be_empty=True))
    except Unreadable as error:
        stock.miss("link domains of the apps", str(error))


def _read_list(stock: _Stock, user: int, answer: Answer) -> None:
    try:
        stock.lists[user] = package_list.read_package_list(whole(answer), user)
    except Unreadable as error:
        stock.miss(f"apps of {stock.users[user].label}", str(error))


def _read_other_lists(talk: Talk, stock: _Stock) -> None:
    others = [user for user in stock.users if user != 0]
    if not others:
        return
    commands = [package_list.command(user) for user in others]
    answers = talk.ask(commands, talk.deadlines.more_packages, package_dump.LARGEST)
    for user, answer in zip(others, answers, strict=True):
        _read_list(stock, user, answer)


def _compare(stock: _Stock, user: User) -> None:
    """Name the user's apps as unread where list and dump differ: one of them is short, or an app came in between."""
    listed = stock.lists.get(user.id)
    if listed is None or not stock.packages:
        return
    if not any(user.id in package.states for package in stock.packages.values()):
        if not user.unfinished:
            stock.miss(f"apps of {user.label}", "the dump of packages does not name this user")
        return
    installed = {name for name, package in stock.packages.items() if package.installed(user.id) and not package.library}
    missing = sorted(installed - listed.keys())
    unknown = sorted(listed.keys() - stock.packages.keys())
    if missing:
        stock.miss(f"apps of {user.label}", f"its list lacks {_some(missing)}, which the dump of packages holds")
    if unknown:
        stock.miss(f"apps of {user.label}", f"the dump of packages lacks {_some(unknown)}, which its list holds")


def _look_for_sentinels(stock: _Stock, policy: Answer) -> None:
    """Name user 0's apps as unread where something is missing that must be there: the system, the device owner."""
    expected: list[str] = [*SENTINELS]
    try:
        owner = read_owner_dump(dump(policy)).device_owner
        if owner is not None:
            expected.append(owner.partition("/")[0])
    except Unreadable as error:
        stock.miss("device owner", str(error))
    area = "apps of user 0"
    there = {app.id for app in _apps_of(stock, 0) if app.presence is not Presence.REMOVED_FOR_USER}
    lost = [name for name in expected if name not in there]
    if lost:
        stock.miss(area, f"{_some(lost)} is not on the list, which cannot be")
    if len(there) < FEWEST:
        stock.miss(area, f"only {len(there)} packages, fewer than any handset has")


def _read_more(talk: Talk, stock: _Stock) -> None:
    """Read certificates of apps that came after the factory, and the addresses of web apps; only what is missing."""
    stock.certificates = {name: one.certificate_sha256 for name, one in stock.links.items() if one.certificate_sha256}
    paths: dict[str, str] = {}
    for name in _present(stock):
        path = _base_apk(stock, name)
        if path is not None and name not in stock.certificates and not _is_system(stock, name):
            paths[name] = path
    if paths:
        stock.certificates |= read_certificates(talk, paths, stock.sdk)
    web_apps = [name for name in _present(stock) if links.is_web_apk(name)]
    if not web_apps:
        return
    commands = [links.filters_command(name) for name in web_apps]
    answers = talk.ask(commands, talk.deadlines.more_packages, package_dump.LARGEST)
    for name, answer in zip(web_apps, answers, strict=True):
        try:
            address = links.read_web_address(dump(answer))
        except Unreadable as error:
            stock.miss(f"address of the web app {name}", str(error))
            continue
        if address is None:
            stock.miss(f"address of the web app {name}", "it names none")
        else:
            stock.web_addresses[name] = address


def _present(stock: _Stock) -> Sequence[str]:
    names = {name for listed in stock.lists.values() for name in listed}
    names |= {name for name, package in stock.packages.items() if any(s.installed for s in package.states.values())}
    return sorted(names)


def _is_system(stock: _Stock, name: str) -> bool:
    package = stock.packages.get(name)
    return package is not None and package.system


def _base_apk(stock: _Stock, name: str) -> str | None:
    for listed in stock.lists.values():
        if name in listed and listed[name].path is not None:
            return listed[name].path
    package = stock.packages.get(name)
    if package is None or package.code_path is None or not package.code_path.startswith("/"):
        return None
    return package.code_path if package.code_path.endswith(".apk") else f"{package.code_path}/base.apk"


def _apps_of(stock: _Stock, user: int) -> list[App]:
    listed = stock.lists.get(user, {})
    # A static library is no app: it has no screen, and pm lists it only when asked for libraries.
    installed = {name for name, package in stock.packages.items() if package.installed(user) and not package.library}
    apps: list[App] = []
    for name in sorted(listed.keys() | installed):
        presence = _presence(stock, name, user, listed=name in listed)
        # A profile is made with a handful of the system's apps; the hundreds that it never had were not removed.
        if presence is Presence.REMOVED_FOR_USER and user != 0:
            continue
        apps.append(_app(stock, name, user, presence, listed.get(name)))
    return apps


def _presence(stock: _Stock, name: str, user: int, *, listed: bool) -> Presence:
    package = stock.packages.get(name)
    state = package.states.get(user) if package is not None else None
    if package is None or state is None:
        return Presence.INSTALLED
    if listed and not state.installed and not package.system:
        # Only system apps are listed without being installed, so it came between the two readings.
        return Presence.INSTALLED
    return state.presence


def _app(stock: _Stock, name: str, user: int, presence: Presence, entry: ListedPackage | None) -> App:
    package = stock.packages.get(name)
    version = package.version_name if package is not None else None
    if not version and entry is not None and entry.version_code is not None:
        version = str(entry.version_code)
    installer = (package.installer if package is not None else None) or (entry.installer if entry is not None else None)
    return App(
        id=name,
        user=user,
        system=package.system if package is not None else None,
        presence=presence,
        version=one_line(version, 60) if version else None,
        installer=one_line(installer, 80) if installer else None,
        certificate_sha256=stock.certificates.get(name),
        url_schemes=stock.schemes.get(name, ()),
        link_domains=stock.links[name].domains if name in stock.links else (),
        web_start_url=stock.web_addresses.get(name),
    )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
