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
def _head(  # noqa: PLR0917 - the key of the cache
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
    name = facts.name
    modern = android >= _INSTALL_TIME_PER_USER_SINCE
    flags = _flags(facts, is_update)
    lines = [f"  Package [{name}] ({_hash(name)}):", f"    {'appId' if modern else 'userId'}={app_id}"]
    if facts.shared_user:
        lines.append(f"    sharedUser=SharedUserSetting{{{_hash(facts.shared_user)} {facts.shared_user}/{app_id}}}")
    lines += [
        f"    pkg=Package{{{_hash('pkg ' + name)} {name}}}",
        f"    codePath={facts.folder}",
        f"    resourcePath={facts.folder}",
        f"    legacyNativeLibraryDir={facts.folder}/lib",
    ]
    if modern:
        lines.append("    extractNativeLibs=false")
    lines += ["    primaryCpuAbi=null", "    secondaryCpuAbi=null"]
    if modern:
        lines.append("    cpuAbiOverride=null")
    lines.append(f"    versionCode={facts.version_code} minSdk={facts.min_sdk} targetSdk={facts.target_sdk}")
    if modern:
        lines.append("    minExtensionVersions=[]")
    lines.append(f"    versionName={facts.version_name or 'null'}")
    if modern:
        lines.append("    usesNonSdkApi=false")
    lines += ["    splits=[base]", f"    apkSigningVersion={facts.scheme}"]
    if not modern:
        lines.append(f"    applicationInfo=ApplicationInfo{{{_hash('info ' + name)} {name}}}")
    lines += [f"    flags={flags}", f"    privateFlags={_private_flags(facts)}"]
    if android >= 11:
        lines.append("    forceQueryable=false")
        if not modern:
            lines.append("    queriesPackages=[]")
    lines += [
        f"    dataDir=/data/user/0/{name}",
        "    supportsScreens=[small, medium, large, xlarge, resizeable, anyDensity]",
    ]
    stamp = _stamp(updated)
    lines.append(f"    timeStamp={stamp}")
    if not modern:
        lines.append(f"    firstInstallTime={stamp}")
    lines.append(f"    lastUpdateTime={stamp}")
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
    if whole and facts.permissions:
        lines.append("    requested permissions:")
        lines += [f"      {permission}" for permission in facts.permissions]
    if (whole or not facts.shared_user) and facts.permissions:
        lines.append("    install permissions:")
        lines += [f"      {permission}: granted=true" for permission in facts.permissions]
    return "\n".join(lines) + "\n"


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
