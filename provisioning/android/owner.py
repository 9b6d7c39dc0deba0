"""Who owns the handset by device policy, from ``dumpsys device_policy`` and, on Android 12 on, ``dpm list-owners``.

An enabled device admin is not an owner: every Samsung has KnoxGuard (``com.samsung.android.kgclient``) as an admin of
user 0, and Secure Folder as profile owner of its own user. Only the ``Device Owner:`` block and the list's
``DeviceOwner`` count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioning.android.reading import Unreadable, lines, package_name, user_number

_TITLE = "Current Device Policy Manager state:"
_DEVICE_OWNER = re.compile(r"^  Device Owner: ?$")
_PROFILE_OWNER = re.compile(r"^  Profile Owner \(User (\d{1,9})\): ?$")
_ADMIN_OF_OWNER = re.compile(r"^    admin=ComponentInfo\{([^{}]+)\}$")
_ADMINS = re.compile(r"^  Enabled Device Admins \(User (\d{1,9}), provisioningState: (\d{1,2})\):$")
_ADMIN = re.compile(r"^    ([^\s:]+/[^\s:]+):$")
_TEST_ONLY = re.compile(r"^      testOnlyAdmin=(true|false)$")
_COUNT = re.compile(r"^(\d{1,3}) owners?:$")
_OWNER = re.compile(r"^User +(\d{1,9}): admin=([^\s,]+)((?:,[A-Za-z]+(?:\([^()]*\))?)*)$")
_CLASS = re.compile(r"[A-Za-z0-9_.$]{1,255}")


@dataclass(frozen=True, slots=True, order=True)
class ProfileOwner:
    """The owner of one user or profile; ``component`` is ``package/full.class.Name``."""

    user: int
    component: str


@dataclass(frozen=True, slots=True)
class Ownership:
    """All owners that the handset names. Components are written in full.

    ``test_only`` says of each enabled admin of user 0 whether it is one that anybody with adb can strip of its rights
    (``dpm remove-active-admin``); an admin of which the handset does not say is not in it.
    """

    device_owner: str | None
    profile_owners: tuple[ProfileOwner, ...] = ()
    test_only: Mapping[str, bool] = field(default_factory=dict[str, bool])


def full_component(text: str) -> str:
    """Write ``com.x/.Receiver`` as ``com.x/com.x.Receiver``. Raises Unreadable for what is no component."""
    package, slash, name = text.partition("/")
    if not slash or _CLASS.fullmatch(name) is None:
        raise Unreadable("a component is not readable")
    package_name(package)
    return f"{package}/{package}{name}" if name.startswith(".") else f"{package}/{name}"


def read_owner_dump(text: str) -> Ownership:
    """Read the owners and the admins of user 0 out of ``dumpsys device_policy`` (Android 10 to 16).

    The owners' block ends before the first ``Enabled Device Admins``, which is there for each user even without an
    admin; a dump without it broke off. The owner's own ``name=`` (until Android 13) is hostile and localised, and
    skipped. Raises Unreadable.
    """
    rows = lines(text)
    if not rows or rows[0].strip() != _TITLE:
        raise Unreadable("not a dump of the device policy")
    first_admins = next((number for number, line in enumerate(rows) if _ADMINS.match(line)), None)
    if first_admins is None:
        raise Unreadable("the dump of the device policy breaks off")
    device_owner: str | None = None
    profile_owners: dict[int, str] = {}
    for number, line in enumerate(rows[:first_admins]):
        profile = _PROFILE_OWNER.match(line)
        if profile is not None:
            user = user_number(profile[1])
            if user in profile_owners:
                raise Unreadable(f"user {user} has two profile owners")
            profile_owners[user] = _admin_below(rows, number)
        elif _DEVICE_OWNER.match(line):
            if device_owner is not None:
                raise Unreadable("there are two device owners")
            device_owner = _admin_below(rows, number)
    owners = tuple(sorted(ProfileOwner(user, component) for user, component in profile_owners.items()))
    return Ownership(device_owner, owners, _test_only(rows[first_admins:]))


def read_owner_list(text: str) -> Ownership:
    """Read ``dpm list-owners`` (Android 12 on). Raises Unreadable where the count does not fit."""
    rows = [line for line in lines(text) if line.strip()]
    if rows == ["no owners"]:
        return Ownership(None)
    count = _COUNT.match(rows[0]) if rows else None
    owners = [_OWNER.match(row) for row in rows[1:]]
    if count is None or int(count[1]) != len(owners) or None in owners:
        raise Unreadable("not a list of owners")
    device_owner: str | None = None
    profile_owners: list[ProfileOwner] = []
    for owner in owners:
        assert owner is not None, "checked above"
        component, marks = full_component(owner[2]), owner[3].split(",")
        if "DeviceOwner" in marks:
            if device_owner is not None:
                raise Unreadable("there are two device owners")
            device_owner = component
        else:
            profile_owners.append(ProfileOwner(user_number(owner[1]), component))
    return Ownership(device_owner, tuple(sorted(profile_owners)))


def agreed(dumped: Ownership, listed: Ownership | None) -> Ownership:
    """Give the dump's reading if the list, where there is one, says the same. Raises Unreadable."""
    if listed is not None and listed.device_owner != dumped.device_owner:
        raise Unreadable("the device policy and the list of owners differ")
    return dumped


def _admin_below(rows: list[str], number: int) -> str:
    admin = _ADMIN_OF_OWNER.match(rows[number + 1]) if number + 1 < len(rows) else None
    if admin is None:
        raise Unreadable("an owner without a component")
    return full_component(admin[1])


def _test_only(rows: list[str]) -> Mapping[str, bool]:
    said: dict[str, bool] = {}
    user: int | None = None
    admin: str | None = None
    for line in rows:
        head = _ADMINS.match(line)
        if head is not None:
            user, admin = user_number(head[1]), None
        elif line and not line.startswith("    "):
            user = None
        elif user == 0:
            found = _ADMIN.match(line)
            mark = _TEST_ONLY.match(line)
            if found is not None:
                admin = full_component(found[1])
            elif mark is not None and admin is not None:
                if admin in said:
                    raise Unreadable("an admin is described twice")
                said[admin] = mark[1] == "true"
    return said
