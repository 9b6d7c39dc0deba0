"""Puts onto a new handset what lies on it: preloaded packages, users, apps, accounts, an owner."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from provisioning.errors import UsageError
from provisioning.virtual.android.apk.build import Manifest, build_apk
from provisioning.virtual.android.apk.reading import read_apk
from provisioning.virtual.android.apk.signing import Signer, java_hash_of
from provisioning.virtual.android.state.files import ForeignFile
from provisioning.virtual.android.state.packages import (
    DISABLED_USER,
    AdminReceiver,
    NoBytes,
    PackageFacts,
    PackageSetting,
    UserState,
)
from provisioning.virtual.android.state.policy import ActiveAdmin, Component, parse_component
from provisioning.virtual.android.state.users import User, owner_user, parse_account, parse_user
from provisioning.virtual.android.vocabulary import user_table

if TYPE_CHECKING:
    from provisioning.virtual.android.handset import VirtualAndroid

FACTORY_TIME = 1230768000
"""2009-01-01, the time stamp of packages on a read-only image."""
_IN_EVERY_PROFILE = (
    "android", "com.android.systemui", "com.android.settings", "com.android.providers.", "com.google.android.gms",
    "com.google.android.gsf", "com.android.vending", "com.android.shell", "com.google.android.permissioncontroller",
    "com.google.android.packageinstaller", "com.android.server.telecom", "com.android.phone", "com.android.bluetooth",
    "com.android.nfc", "com.google.android.webview", "com.google.android.ext.", "com.android.certinstaller",
    "com.android.keychain", "com.android.externalstorage", "com.google.android.documentsui",
)  # fmt: skip
# Headwind MDM's agent 5.18: facts from its published APK.
FOREIGN_OWNER: Mapping[str, Any] = {
    "component": "com.hmdm.launcher/.AdminReceiver",
    "name": "Headwind MDM",
    "version_code": 5180,
    "version_name": "5.18",
    "target_sdk": 29,
    "certificate_sha256": "095761e0055fe057672406397f352257cd34d71f279e8bd4f4fd3d8f91099757",
    "policies": ["wipe-data", "limit-password"],
    "restrictions": ["no_safe_boot", "no_system_error_dialogs"],
}


# Java's hash of these two certificates, read from two makers' images; for others the digest's beginning stands in.
_KNOWN_HASHES = {
    "e3f9e1e0cf99d0e56a055ba65e241b3399f7cea524326b0cdd6ec1327ed0fdc1": "c412e90e",
    "b92109b59095955ccaaf5ecbcf0f153ec9640a4658c101667ad96b7e499a4092": "c4e416cc",
}


def populate(phone: VirtualAndroid) -> None:
    """Fill a handset from its profile and plan. Raises UsageError for a plan that makes no sense."""
    plan, profile = phone.plan, phone.profile
    users = [owner_user(phone.android)]
    taken = {0}
    own_apps: list[Any] = []
    for entry in plan.users or profile.users:
        if (table := user_table(entry)).get("id") == 0:
            own_apps += list(table.get("apps", ()))
            users[0].owner = str(table["owner"]) if "owner" in table else None
            users[0].running = bool(table.get("running", True))
            continue
        user = parse_user(entry, taken, phone.android)
        users.append(user)
        taken.add(user.id)
    phone.users.update({user.id: user for user in users})
    _preload(phone)
    for entry in (*profile.apps, *plan.apps, *own_apps):
        put_app(phone, entry, 0)
    for user in users:
        for entry in user.apps:
            put_app(phone, entry, user.id)
        if user.owner is not None:
            _own_profile(phone, user)
    accounts = [parse_account(entry) for entry in (plan.accounts or profile.accounts)]
    if phone.state == "set-up-with-account" and not accounts:
        accounts = [("resident@example.com", "com.google")]
    phone.users[0].accounts = accounts
    for name in profile.admins:
        _activate(phone, name)
    owner = profile.owner or (FOREIGN_OWNER if phone.state == "owned-by-another" else {})
    if phone.state == "owned-by-us":
        owner = _rack_controller(phone)
    if owner:
        _own_device(phone, owner)


def _rack_controller(phone: VirtualAndroid) -> Mapping[str, Any]:
    """Put the controller that ships with the rack on the handset, as an earlier enrolment left it."""
    data = files("resources").joinpath("virtual", "training-dpc.apk").read_bytes()
    read = read_apk(data, "")
    facts = replace(read, apk=data_path(read.name, phone.serial_number, phone.android))
    setting = phone.packages.add(facts, _Kept(data))
    setting.users[0] = UserState(first_install=phone.now())
    setting.updated = phone.now()
    return {
        "component": f"{facts.name}/{facts.admins[0].name}",
        "service": facts.admin_service,
        "policies": facts.admins[0].policies,
    }


class _Kept(ForeignFile):
    """An APK that is there already."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        """Give its length in bytes."""
        return len(self._data)

    def read(self) -> bytes:
        """Give it."""
        return self._data


def put_app(phone: VirtualAndroid, entry: object, user: int) -> PackageSetting:
    """Install an app given as an identifier or a neutral dictionary (see the scenario's ``apps`` and ``inventory``).

    Beyond the neutral fields ``version_code``, ``version_name``, ``target_sdk``, ``category``, ``test_only`` and
    ``signature_scheme`` (1: the JAR signature alone) are taken.
    An app without a certificate digest gets a generated APK with a key of its own.
    """
    table = {"id": entry} if isinstance(entry, str) else entry
    if not isinstance(table, Mapping) or not isinstance(cast("Mapping[str, Any]", table).get("id"), str):
        raise UsageError("an app must be an identifier or a table with id.")
    app = cast("Mapping[str, Any]", table)
    user = int(app.get("user") or user)
    if user not in phone.users:
        raise UsageError(f"app {app['id']} is for user {user}, whom this handset does not have.")
    setting = phone.packages.find(str(app["id"]))
    if setting is None:
        file = _GeneratedApk(phone, app) if not app.get("certificate_sha256") else NoBytes(4096)
        facts = _facts(phone, app)
        setting = phone.packages.add(facts, file)
        setting.installer = _text(app, "installer")
        setting.source = 2 if setting.installer == "com.android.vending" else 0
        setting.initiator = setting.installer
        setting.updated = phone.now()
    setting.users[user] = _state(app, phone.now())
    phone.packages.changed()
    return setting


def data_path(name: str, seed: str, android: int) -> str:
    """Give where an installed package lies: random folders since Android 11, one with a random end before."""
    digest = hashlib.sha256(f"{name} {seed}".encode("utf-8", "surrogatepass")).digest()
    first, second = (urlsafe_b64encode(part).decode() for part in (digest[:16], digest[16:]))
    folder = f"~~{first}/{name}-{second}" if android >= 11 else f"{name}-{second}"
    return f"/data/app/{folder}/base.apk"


class _GeneratedApk(ForeignFile):
    """The APK of a scenario's app, made when somebody reads it."""

    def __init__(self, phone: VirtualAndroid, app: Mapping[str, Any]) -> None:
        self._android = phone.android
        self._app = app
        self._data: bytes | None = None

    @property
    def size(self) -> int:
        """Give its length in bytes."""
        return len(self.read())

    def read(self) -> bytes:
        """Make it once."""
        if self._data is None:
            name = str(self._app["id"])
            manifest = Manifest(
                package=name,
                version_code=int(self._app.get("version_code") or 1),
                label=str(self._app.get("name") or name),
                link_domains=tuple(self._app.get("link_domains") or ()),
                url_schemes=tuple(self._app.get("url_schemes") or ()),
                web_start_url=self._app.get("web_start_url") or None,
            )
            self._data = build_apk(manifest, Signer.derived(name), int(self._app.get("signature_scheme") or 2))
        return self._data


def _facts(phone: VirtualAndroid, app: Mapping[str, Any]) -> PackageFacts:
    name = str(app["id"])
    certificate = str(app.get("certificate_sha256") or "").replace(":", "").lower()
    signature = _KNOWN_HASHES.get(certificate, certificate[:8])
    if not certificate:
        signer = Signer.derived(name)
        certificate, signature = signer.certificate_sha256, java_hash_of(signer.certificate)
    system = bool(app.get("system"))
    folder = name.rsplit(".", 1)[-1]
    category = app.get("category")
    return PackageFacts(
        name=name,
        apk=f"/system/app/{folder}/{folder}.apk" if system else data_path(name, phone.serial_number, phone.android),
        version_code=int(app.get("version_code") or 1),
        version_name=_text(app, "version_name") or _text(app, "version") or "1.0",
        target_sdk=int(app.get("target_sdk") or 33),
        certificate_sha256=certificate,
        signature=signature,
        system=system,
        size=4096,
        label=_text(app, "name") or name,
        test_only=bool(app.get("test_only")),
        category=int(category) if category is not None else None,
        scheme=int(app.get("signature_scheme") or 2),
        permissions=("android.permission.INTERNET",),
        link_domains=tuple(str(one) for one in app.get("link_domains") or ()),
        url_schemes=tuple(str(one) for one in app.get("url_schemes") or ()),
        web_start_url=_text(app, "web_start_url"),
    )


def _state(app: Mapping[str, Any], now: int) -> UserState:
    presence = str(app.get("presence") or "installed")
    state = UserState(first_install=now)
    if presence == "hidden":
        state.hidden = True
    elif presence == "suspended":
        state.suspended_by = ("com.android.shell",)
    elif presence == "disabled" or app.get("enabled") is False:
        state.enabled = DISABLED_USER
        state.last_disabled_by = "shell:2000"
    elif presence == "removed for user":
        state.installed = False
    return state


def _preload(phone: VirtualAndroid) -> None:
    profiles = [user for user in phone.users.values() if user.id != 0]
    for facts in phone.profile.packages:
        setting = phone.packages.add(facts)
        setting.updated = FACTORY_TIME
        setting.users[0] = UserState(first_install=FACTORY_TIME)
        if facts.name.startswith(_IN_EVERY_PROFILE):
            for user in profiles:
                setting.users[user.id] = UserState(first_install=FACTORY_TIME)


def _own_profile(phone: VirtualAndroid, user: User) -> None:
    component = parse_component(user.owner or "")
    if component is None:
        raise UsageError(f"owner “{user.owner}” of user {user.id} is not package/receiver.")
    _ensure_admin_package(phone, component, {}, user.id)
    admin = ActiveAdmin(component, AdminReceiver(component.name, protected=True, described=True), test_only=False)
    if user.restrictions:
        admin.restrictions, user.restrictions = set(user.restrictions), None
    phone.policy.admins.setdefault(user.id, []).append(admin)
    phone.policy.provisioning_state[user.id] = 3


def _activate(phone: VirtualAndroid, text: str) -> None:
    component = parse_component(text)
    if component is None or component.package not in phone.packages:
        raise UsageError(f"admin “{text}” of the profile is not among its packages.")
    policies = ("wipe-data", "reset-password", "limit-password", "watch-login", "force-lock", "expire-password",
                "encrypted-storage", "disable-camera")  # fmt: skip
    receiver = AdminReceiver(component.name, protected=True, described=True, policies=policies)
    phone.policy.admins.setdefault(0, []).append(ActiveAdmin(component, receiver, test_only=False))


def _own_device(phone: VirtualAndroid, owner: Mapping[str, Any]) -> None:
    component = parse_component(str(owner.get("component", "")))
    if component is None:
        raise UsageError(f"owner “{owner.get('component')}” is not package/receiver.")
    setting = _ensure_admin_package(phone, component, owner, 0)
    receiver = setting.facts.admins[0]
    admin = ActiveAdmin(component, receiver, test_only=setting.facts.test_only)
    admin.restrictions = {str(name) for name in owner.get("restrictions", ())}
    phone.policy.admins.setdefault(0, []).append(admin)
    phone.policy.device_owner = component
    phone.policy.device_owner_name = str(owner.get("name", ""))
    phone.policy.provisioning_state[0] = 3
    phone.users[0].restrictions = base_restrictions(phone.android)
    phone.owned_at_boot = True


def base_restrictions(android: int) -> set[str]:
    """Give what the system itself forbids once there is a device owner (``setDeviceOwner`` of A11, A14, A15)."""
    names = {"no_add_managed_profile"}
    if android >= 14:
        names.add("no_add_clone_profile")
    if android >= 15:
        names.add("no_add_private_profile")
    return names


def _ensure_admin_package(
    phone: VirtualAndroid, component: Component, owner: Mapping[str, Any], user: int
) -> PackageSetting:
    app = {
        "id": component.package,
        "installer": None,
        **{k: v for k, v in owner.items() if k not in {"component", "name"}},
    }
    setting = phone.packages.find(component.package) or put_app(phone, app, user)
    setting.users.setdefault(user, UserState(first_install=phone.now()))
    receiver = AdminReceiver(
        component.name, protected=True, described=True, policies=tuple(str(p) for p in owner.get("policies", ()))
    )
    service = str(owner["service"]) if "service" in owner else None
    setting.facts = replace(setting.facts, admins=(receiver,), admin_service=service)
    setting.app_id = int(owner.get("app_id", setting.app_id))
    return setting


def _text(app: Mapping[str, Any], key: str) -> str | None:
    value = app.get(key)
    return value if isinstance(value, str) and value else None
