"""``dumpsys device_policy``: owners, admins, and since Android 14 the policy engine.

Recording of a Motorola with Headwind (Android 12), snippets of a Samsung with Secure Folder (Android 14), and the
sources of Android 11, 14 (One UI 6.1) and 15 (One UI 7), where the engine's part is behind a flag and can be missing.
"""

from __future__ import annotations

from provisioning.virtual.android.commands.admin_text import admin_block
from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.state.java_order import array_map_order
from provisioning.virtual.android.state.policy import ActiveAdmin, parse_component

_IMMUTABLE_SINCE = 12
_ENGINE_SINCE = 14
_NAME_UNTIL = 13


async def dump(process: Process, _words: list[str]) -> None:
    """Print it all."""
    phone = process.phone
    process.out("Current Device Policy Manager state:\n")
    if phone.android >= _IMMUTABLE_SINCE:
        process.out(
            "  Immutable state:\n    mHasFeature=true\n    mIsWatch=false\n    mIsAutomotive=false\n"
            "    mHasTelephonyFeature=true\n    mSafetyChecker=null\n"
        )
    process.out(_owners(process))
    process.out("\n\n")
    for user in sorted(phone.users):
        process.out(_per_user(process, user))
    process.out(_CONSTANTS)
    if phone.android >= _ENGINE_SINCE and phone.profile.quirk("policy_engine_dump", default=True):
        process.out(_engine(process) + "\n")
    process.out("  Encryption Status: per-user\n\n  no pending user created callback tokens\n\n")
    process.out(_caches(process))


def _owners(process: Process) -> str:
    phone = process.phone
    blocks: list[str] = []
    owner = phone.policy.device_owner
    if owner is not None:
        text = f"  Device Owner: \n    admin={owner.info}\n"
        if phone.android <= _NAME_UNTIL:
            text += f"    name={phone.policy.device_owner_name}\n"
        text += f"    package={owner.package}\n"
        if phone.android >= 11:
            text += f"    isOrganizationOwnedDevice={str(phone.policy.organisation_owned).lower()}\n"
        blocks.append(text + "    User ID: 0\n")
    for user in phone.users.values():
        component = parse_component(user.owner) if user.owner else None
        if component is None:
            continue
        text = f"  Profile Owner (User {user.id}): \n    admin={component.info}\n"
        if phone.android <= _NAME_UNTIL:
            text += "    name=\n"
        text += f"    package={component.package}\n"
        if phone.android >= 11:
            text += "    isOrganizationOwnedDevice=false\n"
        blocks.append(text)
    return "\n".join(blocks)


def _per_user(process: Process, user: int) -> str:
    phone = process.phone
    state = phone.policy.provisioning_state.get(user, 0)
    text = f"\n  Enabled Device Admins (User {user}, provisioningState: {state}):\n"
    for admin in phone.policy.admins.get(user, []):
        setting = phone.packages.find(admin.component.package)
        uid = user * 100000 + (setting.app_id if setting is not None else 0)
        shown = admin.restrictions
        if phone.android >= _ENGINE_SINCE and shown is not None:
            # Since 14 restrictions live in the engine; the admin's own block says none.
            shown = set[str]()
        text += admin_block(admin, uid, shown, phone.android)
        if phone.profile.samsung:
            text += _EAS
    complete = phone.settings.get("secure", "user_setup_complete") == "1"
    affiliation = next((a.affiliation for a in phone.policy.admins.get(user, []) if a.affiliation), ())
    text += "\n    mPasswordOwner=-1\n"
    if phone.android >= _ENGINE_SINCE:
        text += "    mPasswordTokenHandle=0\n"
    else:
        text += "    mUserControlDisabledPackages=[]\n"
    text += "    mAppsSuspended=false\n"
    if phone.android >= 12:
        text += f"    mUserSetupComplete={str(complete).lower()}\n    mAffiliationIds={{{', '.join(affiliation)}}}\n"
        text += "    mNewUserDisclaimer=null\n"
    return text


def _engine(process: Process) -> str:
    phone = process.phone
    text = "  Local Policies: \n"
    for user in sorted(phone.users):
        admins = [a for a in phone.policy.admins.get(user, []) if a.restrictions]
        if not admins:
            continue
        text += f"    User {user}:\n"
        names = array_map_order({name for admin in admins for name in admin.restrictions or ()})
        text += "".join(_restriction(name, admins, user) for name in names)
    return text + "\n  Global Policies: \n"


def _restriction(name: str, admins: list[ActiveAdmin], user: int) -> str:
    value = "BooleanPolicyValue { mValue= true }"
    text = f"      UserRestrictionPolicyKey userRestriction_{name}\n        Per-admin Policy\n"
    for admin in admins:
        if name in (admin.restrictions or ()):
            text += (
                f"          EnforcingAdmin {{ mPackageName= {admin.component.package}, mComponentName= "
                f"{admin.component.info}, mAuthorities= [enterprise], mUserId= {user}, mIsRoleAuthority= false }}\n"
                f"            {value}\n"
            )
    return text + f"        Resolved Policy (MostRestrictive):\n          {value}\n\n"


def _caches(process: Process) -> str:
    phone = process.phone
    managed = phone.settings.get("global", "device_provisioned") == "1"
    users = ", ".join(f"{user}=0" for user in sorted(phone.users))
    return (
        "  Device policy cache:\n"
        f"    Screen capture disabled: {{{users.replace('=0', '=false')}}}\n"
        f"    Password quality: {{{users}}}\n    Permission policy: {{{users}}}\n"
        f"    Admin can grant sensors permission: {{0={str(phone.policy.device_owner is not None).lower()}}}\n\n"
        f"  Device state cache:\n    Device provisioned: {str(managed).lower()}\n\n"
    )


_EAS = (
    "      eas it policies:\n        simplePasswordEnabled=true\n        allowStorageCard=true\n"
    "        allowWifi=true\n        allowBluetoothMode=2\n"
)
_CONSTANTS = (
    "\n\n  Constants:\n    DAS_DIED_SERVICE_RECONNECT_BACKOFF_SEC: 3600\n"
    "    DAS_DIED_SERVICE_RECONNECT_BACKOFF_INCREASE: 2.0\n    DAS_DIED_SERVICE_RECONNECT_MAX_BACKOFF_SEC: 86400\n"
    "    DAS_DIED_SERVICE_STABLE_CONNECTION_THRESHOLD_SEC: 120\n\n  Stats:\n"
    "    LockGuard.guard(): count=28788, total=203.7ms, avg=0.007ms, max calls/s=835 max dur/s=9.6ms max time=9.3ms\n\n"
)
