"""Users and profiles of a handset, as UserManager keeps them.

Flags: AOSP ``UserInfo``; Samsung's upper bits and the ids of Secure Folder (150 on) and Dual Messenger (95 on) are from
decompiled One UI 6.1 and five real ``pm list users`` outputs. In a scenario users are written as::

    users = [
        150, "dual-messenger", "10:Work:1030",
        { id = 150, kind = "secure-folder", apps = ["com.whatsapp"] },
        { kind = "work-profile", name = "Work profile", owner = "com.example.dpc/.Admin", debugging = false },
        { kind = "dual-messenger", apps = [{ id = "com.facebook.katana", version_code = 450000001 }] },
    ]

``kind`` is one of ``work-profile``, ``secure-folder``, ``dual-messenger``, ``clone``, ``private-space``,
``second-user``, ``guest``; everything else has a default. ``debugging = false`` gives the user the restriction
``no_debugging_features``, which closes it to the shell (default for Secure Folder and work profiles). ``accounts`` as
at the handset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioning.errors import UsageError
from provisioning.virtual.android.vocabulary import user_table

PRIMARY, ADMIN, GUEST, INITIALIZED, MANAGED, FULL, SYSTEM, PROFILE, MAIN = (
    0x1, 0x2, 0x4, 0x10, 0x20, 0x400, 0x800, 0x1000, 0x4000,
)  # fmt: skip
SECURE_FOLDER, NO_SDP, KNOX_WORKSPACE, DUAL_APP = 0x20000, 0x40000, 0x10000000, 0x20000000

# UserInfo.flagsToString goes through DebugUtils.flagsToString: names in alphabetical order, joined by "|".
_FLAG_NAMES = {
    ADMIN: "ADMIN", FULL: "FULL", GUEST: "GUEST", INITIALIZED: "INITIALIZED", MAIN: "MAIN", MANAGED: "MANAGED_PROFILE",
    PRIMARY: "PRIMARY", PROFILE: "PROFILE", SYSTEM: "SYSTEM", SECURE_FOLDER: "SECURE_FOLDER",
    NO_SDP: "SDP_NOT_SUPPORTED_SECURE_FOLDER", KNOX_WORKSPACE: "KNOX_WORKSPACE", DUAL_APP: "DUALAPP_PROFILE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Kind:
    first_id: int
    name: str
    type: str
    flags: int
    profile: bool
    closed: bool


_KINDS = {
    "work-profile": _Kind(10, "Work profile", "profile.MANAGED", INITIALIZED | MANAGED | PROFILE, True, True),
    "secure-folder": _Kind(
        150, "Secure Folder", "profile.MANAGED",
KNOX_WORKSPACE | SECURE_FOLDER | NO_SDP | PROFILE | INITIALIZED | MANAGED,
        True, True,
    ),
    "dual-messenger": _Kind(95, "DUAL_APP", "profile.CLONE", DUAL_APP | PROFILE | INITIALIZED, True, False),
    "clone": _Kind(999, "Clone", "profile.CLONE", INITIALIZED | PROFILE, True, False),
    "private-space": _Kind(11, "Private space", "profile.PRIVATE", INITIALIZED | PROFILE, True, False),
    "second-user": _Kind(10, "Second space", "full.SECONDARY", INITIALIZED | FULL, False, False),
    "guest": _Kind(10, "Guest", "full.GUEST", GUEST | INITIALIZED | FULL, False, False),
}  # fmt: skip
_KEYS = frozenset({"id", "kind", "name", "flags", "apps", "accounts", "owner", "debugging", "running", "quiet"})


@dataclass(slots=True)
class User:
    """One user; ``restrictions`` are the base restrictions, ``owner`` a profile owner's component."""

    id: int
    kind: str
    name: str
    type: str
    flags: int
    parent: int | None = None
    running: bool = True
    serial: int = 0
    owner: str | None = None
    restrictions: set[str] | None = None
    apps: tuple[Any, ...] = ()
    accounts: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def is_profile(self) -> bool:
        """Tell whether it hangs on another user."""
        return self.parent is not None

    def flag_names(self) -> str:
        """Give the flags as ``UserInfo.flagsToString`` does, Samsung's by the names in its own ``UserInfo``."""
        return "|".join(sorted(name for flag, name in _FLAG_NAMES.items() if self.flags & flag))


def owner_user(android: int) -> User:
    """Make user 0 as a handset of this Android version has it."""
    flags = PRIMARY | ADMIN | INITIALIZED
    if android >= 11:
        flags |= FULL | SYSTEM
    if android >= 14:
        flags |= MAIN
    return User(0, "owner", "Owner", "full.SYSTEM", flags)


def parse_user(entry: object, taken: set[int], android: int) -> User:
    """Read one entry of ``users``. Raises UsageError with what is wrong."""
    table = user_table(entry)
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise UsageError(f"unknown key “{unknown[0]}” in users.")
    kind = _KINDS.get(str(table.get("kind", "second-user")))
    if kind is None:
        raise UsageError(f"kind “{table.get('kind')}” in users is unknown; there are: {', '.join(_KINDS)}.")
    number = table.get("id", kind.first_id)
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise UsageError("id in users must be a whole number from 1.")
    while "id" not in table and number in taken:
        number += 1
    if number in taken:
        raise UsageError(f"user {number} is there twice.")
    closed = not table.get("debugging", not kind.closed)
    flags = int(table.get("flags", kind.flags))
    return User(
        id=number,
        kind=str(table.get("kind", "second-user")),
        name=str(table.get("name", kind.name)),
        type=kind.type,
        flags=flags if android >= 11 else flags & ~(FULL | SYSTEM | PROFILE),
        parent=0 if kind.profile else None,
        running=bool(table.get("running", True)) and not table.get("quiet", False),
        serial=number,
        owner=_owner(table, str(table.get("kind", ""))),
        restrictions={"no_debugging_features"} if closed else None,
        apps=tuple(table.get("apps", ())),
        accounts=[parse_account(account) for account in table.get("accounts", ())],
    )


def parse_account(entry: object) -> tuple[str, str]:
    """Read an account: ``"name@example.com"`` (Google) or ``{ name = "…", type = "com.osp.app.signin" }``."""
    if isinstance(entry, str):
        return entry, "com.google"
    if isinstance(entry, Mapping):
        table: Mapping[str, Any] = entry  # pyright: ignore[reportUnknownVariableType] - TOML gives untyped tables
        return str(table.get("name", "")), str(table.get("type", "com.google"))
    raise UsageError("accounts must be texts or tables with name and type.")


def _owner(table: Mapping[str, Any], kind: str) -> str | None:
    if "owner" in table:
        return str(table["owner"])
    if kind == "secure-folder":
        return "com.samsung.knox.securefolder/.containeragent.detector.KnoxDeviceAdminReceiver"
    if kind == "work-profile":
        return "com.google.android.apps.work.clouddpc/.receivers.CloudDeviceAdminReceiver"
    return None
