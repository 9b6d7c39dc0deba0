"""Every app of every user of an Android, from two independent sources that must agree.

1. ``pm list packages --user N`` for each user: what Android says is there; refused for profiles that forbid debugging.
2. ``dumpsys package packages``: every package with its state for every user, refused for nobody.

The inventory is what either of them names. Where they differ, where one is not whole, or where a user's list was
refused, the area is named in ``unread``: a short list is never taken for a clean handset.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from provisioning.android import enrolment, links, package_dump, package_list, users, web_manifest
from provisioning.android.cable import Talk
from provisioning.android.certificates import read_certificates
from provisioning.android.owner import read_owner_dump
from provisioning.android.reading import StillStarting, Unreadable, dump, whole
from provisioning.android.script import Answer
from provisioning.android.stock import Stock
from provisioning.android.users import User
from provisioning.inventory import Inventory
from provisioning.platforms import Platform

logger = logging.getLogger(__name__)

USERS_COMMAND = "pm list users"
USER_DUMP_COMMAND = "dumpsys -t 30 user"


def asked(sdk: int) -> list[str]:
    """List what is asked first, for an Android of that API level; none of it depends on another's answer."""
    return [
        package_dump.COMMAND,
        enrolment.POLICY_COMMAND,
        *package_list.commands(0),
        USERS_COMMAND,
        USER_DUMP_COMMAND,
        links.SCHEMES_COMMAND,
        links.app_links_command(sdk),
    ]


def take_inventory(talk: Talk) -> Inventory:
    """Read it all: several shells side by side for nearly everything, then other users' lists, certificates after.

    Raises WireError, and Unreadable where it does not even say which users it has; any other part that is not whole
    is in ``unread``.
    """
    sdk = talk.api_level()
    said = talk.ask_each(asked(sdk), talk.deadlines.packages, package_dump.LARGEST)
    return inventory_of(gathered(talk, said, sdk))


def gathered(talk: Talk, said: Mapping[str, Answer], sdk: int, controller: str | None = None) -> Stock:
    """Read the answers to :func:`asked` and what follows from them. Raises as :func:`take_inventory` does.

    The certificate of ``controller``, a package, is read from its APK in any case.
    """
    stock = Stock(sdk)
    _read_users(stock, said[USERS_COMMAND], said[USER_DUMP_COMMAND])
    _read_packages(stock, said[package_dump.COMMAND])
    _read_links(stock, said[links.SCHEMES_COMMAND], said[links.app_links_command(sdk)])
    _read_lists(stock, 0, said)
    _read_other_lists(talk, stock)
    stock.compare()
    stock.look_for_sentinels(_owner_package(stock, said[enrolment.POLICY_COMMAND]))
    _read_more(talk, stock, controller)
    return stock


def inventory_of(stock: Stock) -> Inventory:
    """Give what was gathered in the shape of the house."""
    return Inventory(
        platform=Platform.ANDROID,
        apps=tuple(app for user in stock.users for app in stock.apps_of(user)),
        users=tuple(user.handset_user for user in stock.users.values()),
        unread=tuple(stock.unread),
    )


def _read_users(stock: Stock, listed: Answer, dumped: Answer) -> None:
    known: list[dict[int, User]] = []
    starting: StillStarting | None = None
    for area, read in (
        ("list of users", lambda: users.read_user_list(whole(listed))),
        ("types of users", lambda: users.read_user_dump(dump(dumped))),
    ):
        try:
            known.append(read())
        except Unreadable as error:
            stock.miss(area, str(error))
            starting = error if isinstance(error, StillStarting) else starting
    if not known:
        if starting is not None:
            raise starting
        raise Unreadable("it does not say which users it has")
    try:
        stock.users = users.merged(known[0], known[-1])
    except Unreadable as error:
        stock.miss("list of users", str(error))
        stock.users = dict(sorted({**known[0], **known[-1]}.items()))


def _read_packages(stock: Stock, answer: Answer) -> None:
    try:
        stock.packages = package_dump.read_package_dump(dump(answer))
    except Unreadable as error:
        stock.miss("state of every package", str(error))


def _read_links(stock: Stock, schemes: Answer, app_links: Answer) -> None:
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


def _read_lists(stock: Stock, user: int, said: Mapping[str, Answer]) -> None:
    try:
        answers = [said[command] for command in package_list.commands(user)]
        stock.lists[user] = package_list.read_user_packages(answers, user)
    except Unreadable as error:
        stock.miss(f"apps of {stock.users[user].label}", str(error))


def _read_other_lists(talk: Talk, stock: Stock) -> None:
    others = [user for user in stock.users if user != 0]
    if not others:
        return
    commands = [command for user in others for command in package_list.commands(user)]
    said = talk.ask_each(commands, talk.deadlines.more_packages, package_dump.LARGEST)
    for user in others:
        _read_lists(stock, user, said)


def _owner_package(stock: Stock, policy: Answer) -> str | None:
    try:
        owner = read_owner_dump(dump(policy)).device_owner
    except Unreadable as error:
        stock.miss("device owner", str(error))
        return None
    return owner.partition("/")[0] if owner is not None else None


def _read_more(talk: Talk, stock: Stock, controller: str | None) -> None:
    """Read certificates of apps that came after the factory, and the addresses of web apps; only what is missing."""
    stock.certificates = {name: one.certificate_sha256 for name, one in stock.links.items() if one.certificate_sha256}
    paths: dict[str, str] = {}
    for name in stock.present():
        path = stock.base_apk(name)
        missing = name not in stock.certificates and not stock.is_system(name)
        if path is not None and (missing or name == controller):
            paths[name] = path
    stock.certificates.pop(controller or "", None)
    if paths:
        stock.certificates |= read_certificates(talk, paths, stock.sdk)
    _read_web_apps(talk, stock, [name for name in stock.present() if links.is_web_apk(name)])


def _read_web_apps(talk: Talk, stock: Stock, names: Sequence[str]) -> None:
    """Read where each web app starts, and what it stands for where its own file does not say."""
    if not names:
        return
    filters = {name: links.filters_command(name) for name in names}
    files = {name: web_manifest.apk_command(path) for name in names if (path := stock.base_apk(name)) is not None}
    commands = [*filters.values(), *files.values()]
    said = talk.ask_each(commands, talk.deadlines.more_packages, package_dump.LARGEST)
    for name in names:
        area = f"address of the web app {name}"
        try:
            scope = links.read_web_address(dump(said[filters[name]]))
        except Unreadable as error:
            stock.miss(area, str(error))
            continue
        start = _start_address(said[files[name]]) if name in files else None
        if start is not None and scope is not None and not web_manifest.same_site(start, scope):
            stock.miss(area, "it starts at another site than it stands for")
        address = start or scope
        if address is None:
            stock.miss(area, "it names none")
        else:
            stock.web_addresses[name] = address


def _start_address(file: Answer) -> str | None:
    try:
        return web_manifest.read_start_address(file.out) if file.clean else None
    except Unreadable as error:
        logger.info("a web app's start is not known: %s", error)
        return None
