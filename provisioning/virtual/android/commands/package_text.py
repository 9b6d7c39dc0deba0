"""The block of one package in ``dumpsys package``.

Fields and their order: ``Settings.dumpPackageLPr`` of Android 11, 14 (One UI 6.1) and 15 (One UI 7). What hangs on the
user is printed anew each time; the rest is kept, because hundreds of blocks are the same on every handset of a model.
"""

from __future__ import annotations

import time
import zlib
from functools import lru_cache

from provisioning.virtual.android.state.packages import PackageFacts, PackageSetting, UserState

_STAMP = "%Y-%m-%d %H:%M:%S"
_INSTALL_TIME_PER_USER_SINCE = 13
_ARCHIVING_SINCE = 15


def package_block(setting: PackageSetting, users: list[int], android: int, whole: bool, factory: bool = False) -> str:
    """Print a package; ``whole`` adds permissions (only with a package name), ``factory`` the firmware's copy."""
    facts = setting.factory if factory and setting.factory is not None else setting.facts
    head = _head(
        facts, setting.app_id, setting.installer, setting.initiator, setting.source, setting.updated,
        setting.factory is not None and not factory, android, whole,
    )  # fmt: skip
    return head + "".join(_user(setting.user(user), user, facts, setting.app_id, android) for user in users)


@lru_cache(maxsize=32768)
def _head(
    facts: PackageFacts,
    app_id: int,
    installer: str | None,
    initiator: str | None,
    source: int,
    updated: int,
    is_update: bool,
    android: int,
    whole: bool,
) -> str:
    name, modern = facts.name, android >= _INSTALL_TIME_PER_USER_SINCE
    flags, stamp = _flags(facts, is_update), _stamp(updated)
    lines = [f"  Package [{name}] ({_hash(name)}):", f"    {'appId' if modern else 'userId'}={app_id}"]
    if facts.shared_user:
        lines.append(f"    sharedUser=SharedUserSetting{{{_hash(facts.shared_user)} {facts.shared_user}/{app_id}}}")
    lines += _code(facts, modern)
    if not modern:
        lines.append(f"    applicationInfo=ApplicationInfo{{{_hash('info ' + name)} {name}}}")
    lines += [f"    flags={flags}", f"    privateFlags={_private_flags(facts)}"]
    if android >= 11:
        lines += ["    forceQueryable=false", *([] if modern else ["    queriesPackages=[]"])]
    lines += [
        f"    dataDir=/data/user/0/{name}",
        "    supportsScreens=[small, medium, large, xlarge, resizeable, anyDensity]",
        f"    timeStamp={stamp}",
        *([] if modern else [f"    firstInstallTime={stamp}"]),
        f"    lastUpdateTime={stamp}",
    ]
    lines += _source(installer, initiator, source=source, category=facts.category, modern=modern, android=android)
    signature = facts.signature or f"{zlib.crc32(b'certificate of ' + name.encode()):08x}"
    lines += [
        f"    signatures=PackageSignatures{{{_hash('sig ' + name)} version:{facts.scheme}, "
        f"signatures:[{signature}], past signatures:[]}}",
        "    installPermissionsFixed=true",
        f"    pkgFlags={flags}",
    ]
    if modern:
        lines += [f"    privatePkgFlags={_private_flags(facts)}", "    apexModuleName=null"]
    return "\n".join([*lines, *_permissions(facts, whole)]) + "\n"


def _code(facts: PackageFacts, modern: bool) -> list[str]:
    lines = [
        f"pkg=Package{{{_hash('pkg ' + facts.name)} {facts.name}}}",
        f"codePath={facts.folder}",
        f"resourcePath={facts.folder}",
        f"legacyNativeLibraryDir={facts.folder}/lib",
        *(["extractNativeLibs=false"] if modern else []),
        "primaryCpuAbi=null",
        "secondaryCpuAbi=null",
        *(["cpuAbiOverride=null"] if modern else []),
        f"versionCode={facts.version_code} minSdk={facts.min_sdk} targetSdk={facts.target_sdk}",
        *(["minExtensionVersions=[]"] if modern else []),
        f"versionName={facts.version_name or 'null'}",
        *(["usesNonSdkApi=false"] if modern else []),
        "splits=[base]",
        f"apkSigningVersion={facts.scheme}",
    ]
    return [f"    {line}" for line in lines]


def _permissions(facts: PackageFacts, whole: bool) -> list[str]:
    lines: list[str] = []
    if whole and facts.permissions:
        lines += ["    requested permissions:", *(f"      {permission}" for permission in facts.permissions)]
    if (whole or not facts.shared_user) and facts.permissions:
        lines += ["    install permissions:", *(f"      {name}: granted=true" for name in facts.permissions)]
    return lines


def _source(
    installer: str | None, initiator: str | None, *, source: int, category: int | None, modern: bool, android: int
) -> list[str]:
    if not modern:
        lines = [f"    installerPackageName={installer}"] if installer is not None else []
        return lines + ([f"    category=-1 (manifest={category})"] if category is not None and android >= 12 else [])
    lines = [
        f"    installerPackageName={installer or 'null'}",
        f"    installerPackageUid={-1 if installer is None else 10145}",
        f"    initiatingPackageName={initiator or 'null'}",
        "    originatingPackageName=null",
    ]
    if category is not None:
        lines.append(f"    category=-1 (manifest={category})")
    return [*lines, f"    packageSource={source}", "    appMetadataFilePath=null"]


def _user(state: UserState, user: int, facts: PackageFacts, app_id: int, android: int) -> str:
    def word(value: bool) -> str:
        return "true" if value else "false"

    inode = zlib.crc32(f"{facts.name} {user}".encode()) & 0xFFFFFF if state.installed else 0
    device_inode = f" deDataInode={inode + 1 if inode else 0}" if android >= _ARCHIVING_SINCE else ""
    quarantined = " quarantined=false" if android >= _ARCHIVING_SINCE else ""
    text = (
        f"    User {user}: ceDataInode={inode}{device_inode} installed={word(state.installed)} "
        f"hidden={word(state.hidden)} suspended={word(bool(state.suspended_by))} distractionFlags=0 "
        f"stopped={word(state.stopped)} notLaunched={word(state.not_launched)} enabled={state.enabled} "
        f"instant=false virtual=false{quarantined}\n"
    )
    if android >= _INSTALL_TIME_PER_USER_SINCE:
        text += f"      installReason={4 if facts.preloaded_data else 0}\n"
        if android >= _ARCHIVING_SINCE:
            text += f"      dataDir=/data/user/{user}/{facts.name}\n"
        stamp = _stamp(state.first_install)
        text += f"      firstInstallTime={stamp}\n      uninstallReason=0\n"
    if state.suspended_by:
        text += "    Suspend params:\n"
        for name in state.suspended_by:
            # Android 15 keys this by UserPackage, which prints its user first.
            who = f"<{user}>{name}" if android >= _ARCHIVING_SINCE else name
            tail = " quarantined=false\n" if android >= _ARCHIVING_SINCE else ""
            text += f"      suspendingPackage={who} dialogInfo=null{tail}\n"
    if state.last_disabled_by is not None:
        text += f"      lastDisabledCaller: {state.last_disabled_by}\n"
    if not facts.shared_user:
        text += "      gids=[3002, 3003, 3001]\n"
        if state.granted:
            text += "      runtime permissions:\n"
            text += "".join(f"        {name}: granted=true, flags=[ USER_SET]\n" for name in state.granted)
    return text


def _flags(facts: PackageFacts, is_update: bool) -> str:
    names = ["SYSTEM"] if facts.system else []
    names += ["HAS_CODE", "ALLOW_CLEAR_USER_DATA"]
    if is_update:
        names.append("UPDATED_SYSTEM_APP")
    if facts.test_only:
        names.append("TEST_ONLY")
    return f"[ {' '.join([*names, 'ALLOW_BACKUP'])} ]"


def _private_flags(facts: PackageFacts) -> str:
    names = ["PRIVATE_FLAG_ACTIVITIES_RESIZE_MODE_RESIZEABLE_VIA_SDK_VERSION", "ALLOW_AUDIO_PLAYBACK_CAPTURE"]
    if facts.privileged:
        names.append("PRIVILEGED")
    if facts.apk.startswith("/product/"):
        names.append("PRODUCT")
    return f"[ {' '.join(names)} ]"


def _hash(text: str) -> str:
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')) & 0xFFFFFFF:x}"


@lru_cache(maxsize=4096)
def _stamp(seconds: int) -> str:
    return time.strftime(_STAMP, time.gmtime(seconds))
