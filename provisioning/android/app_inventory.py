"""Every app of every user of an Android, from two independent sources that must agree.

1. ``pm list packages --user N`` for each user: what Android says is there; refused for profiles that forbid debugging.
2. ``dumpsys package packages``: every package with its state for every user, refused for nobody.

The inventory is what either of them names. Where they differ, where one is not whole, or where a user's list was
refused, the area is named in ``unread``: a short list is never taken for a clean handset.
"""

from __future__ import annotations

from provisioning.android import enrolment, links, package_dump, package_list, users
from provisioning.android.cable import Talk
from provisioning.android.certificates import read_certificates
from provisioning.android.owner import read_owner_dump
from provisioning.android.reading import Unreadable, dump, whole
from provisioning.android.script import Answer
from provisioning.android.stock import Stock
from provisioning.android.users import User
from provisioning.inventory import Inventory
from provisioning.platforms import Platform


def take_inventory(talk: Talk) -> Inventory:
    """Read it all: three shells side by side for nearly everything, one for other users' lists, certificates after.

    Raises WireError, and Unreadable where it does not even say which users it has; any other part that is not whole
    is in ``unread``.
    """
    sdk = talk.api_level()
    link_command = links.APP_LINKS_COMMAND if sdk >= links.APP_LINKS_SDK else links.LEGACY_LINKS_COMMAND
    groups = [
        [package_dump.COMMAND, enrolment.POLICY_COMMAND],
        package_list.commands(0),
        ["pm list users", "dumpsys -t 30 user", links.SCHEMES_COMMAND, link_command],
    ]
    (packages, policy), first, (listed, dumped, schemes, app_links) = talk.ask_together(
        groups, talk.deadlines.packages, package_dump.LARGEST
    )
    stock = Stock(sdk)
    _read_users(stock, listed, dumped)
    _read_packages(stock, packages)
    _read_links(stock, schemes, app_links)
    _read_lists(stock, 0, first)
    _read_other_lists(talk, stock)
    stock.compare()
    stock.look_for_sentinels(_owner_package(stock, policy))
    _read_more(talk, stock)
    return Inventory(
        platform=Platform.ANDROID,
        apps=tuple(app for user in stock.users for app in stock.apps_of(user)),
        users=tuple(user.handset_user for user in stock.users.values()),
        unread=tuple(stock.unread),
    )


def _read_users(stock: Stock, listed: Answer, dumped: Answer) -> None:
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


def _read_lists(stock: Stock, user: int, answers: list[Answer]) -> None:
    try:
        stock.lists[user] = package_list.read_user_packages(answers, user)
    except Unreadable as error:
        stock.miss(f"apps of {stock.users[user].label}", str(error))


def _read_other_lists(talk: Talk, stock: Stock) -> None:
    others = [user for user in stock.users if user != 0]
    if not others:
        return
    commands = [command for user in others for command in package_list.commands(user)]
    answers = talk.ask(commands, talk.deadlines.more_packages, package_dump.LARGEST)
    for number, user in enumerate(others):
        _read_lists(stock, user, answers[3 * number : 3 * number + 3])


def _owner_package(stock: Stock, policy: Answer) -> str | None:
    try:
        owner = read_owner_dump(dump(policy)).device_owner
    except Unreadable as error:
        stock.miss("device owner", str(error))
        return None
    return owner.partition("/")[0] if owner is not None else None


def _read_more(talk: Talk, stock: Stock) -> None:
    """Read certificates of apps that came after the factory, and the addresses of web apps; only what is missing."""
    stock.certificates = {name: one.certificate_sha256 for name, one in stock.links.items() if one.certificate_sha256}
    paths: dict[str, str] = {}
    for name in stock.present():
        path = stock.base_apk(name)
        if path is not None and name not in stock.certificates and not stock.is_system(name):
            paths[name] = path
    if paths:
        stock.certificates |= read_certificates(talk, paths, stock.sdk)
    web_apps = [name for name in stock.present() if links.is_web_apk(name)]
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
