"""``pm install`` and the session commands behind ``adb install-multiple``.

Order of the checks and their words: ``PackageInstallerService.createSession`` (the user restriction throws), then
``PackageInstallerSession`` and ``InstallPackageHelper`` (``Failure [CODE: message]``, code 1). What a vendor, a full
disk or a locked screen adds comes from the profile's quirks and the scenario's faults.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from provisioning.virtual.android.apk.reading import InstallProblem, read_apk
from provisioning.virtual.android.commands.java import (
    Arguments,
    ServiceCommand,
    illegal_argument,
    security,
    translated_user,
)
from provisioning.virtual.android.occupants import data_path
from provisioning.virtual.android.shell.process import Process
from provisioning.virtual.android.shell.streams import ReadEnd
from provisioning.virtual.android.state.files import FileProblem
from provisioning.virtual.android.state.packages import Bytes, PackageFacts, PackageSetting, UserState
from provisioning.virtual.android.state.policy import NO_DEBUGGING, NO_INSTALL_APPS
from provisioning.virtual.android.state.sessions import InstallOptions

_WITH_VALUE = {"--abi", "--originating-uri", "--referrer", "--volume", "--install-reason", "--force-uuid",
               "--install-location",
               "-p", "--package-source", "--staged-ready-timeout"}  # fmt: skip
_IGNORED = {"-r", "-f", "-l", "-s", "--dont-kill", "--no-streaming", "--streaming", "--fastdeploy",
            "--no-incremental", "--full",
            "--preload", "--force-queryable", "--enable-rollback", "--skip-verification",
            "--bypass-low-target-sdk-block",
            "--multi-package", "--restrict-permissions", "--no-wait", "-R"}  # fmt: skip
_OLDEST_TARGET = {14: 23, 15: 24, 16: 24}
_LARGEST_APK = 512 * 1024 * 1024
_ALL_LARGE = 1 << 40


async def _install(process: Process, arguments: Arguments) -> int:
    options = _options(process, arguments)
    if options is None:
        return 1
    paths = arguments.rest()
    if (not paths or paths[0] == "-") and options.size is None:
        process.line("Error: must either specify a package size or an APK file")
        return 1
    _may_install(process, options)
    if paths and paths[0] != "-":
        data = _from_file(process, paths[0])
        if data is None:
            return 255
    else:
        data = await _exactly(process.stdin, options.size or 0)
    return await _commit(process, options, data)


async def _create(process: Process, arguments: Arguments) -> int:
    options = _options(process, arguments)
    if options is None:
        return 1
    _may_install(process, options)
    session = process.phone.sessions.create(options)
    process.line(f"Success: created install session [{session.number}]")
    return 0


async def _write(process: Process, arguments: Arguments) -> int:
    size: int | None = None
    while (option := arguments.option()) is not None:
        if option != "-S":
            raise illegal_argument(f"Unknown option: {option}")
        size = _number(arguments.required())
    session = process.phone.sessions.find(_number(arguments.required()))
    name = arguments.required()
    path = arguments.next()
    if session is None:
        raise security("Caller has no access to session")
    if path is None or path == "-":
        if size is None:
            return process.fail("Error: must specify an APK size")
        data = await _exactly(process.stdin, size)
    else:
        found = _from_file(process, path)
        if found is None:
            return 255
        data = found
    session.splits[name] = data
    process.line(f"Success: streamed {len(data)} bytes")
    return 0


async def _commit_session(process: Process, arguments: Arguments) -> int:
    number = _number(arguments.required())
    session = process.phone.sessions.find(number)
    if session is None:
        raise security(f"Caller has no access to session {number}")
    process.phone.sessions.close(number)
    if not session.splits:
        process.line("Failure [INSTALL_FAILED_INVALID_APK: No packages staged]")
        return 1
    # The base is the split without a split name; here the biggest one stands for it.
    base = session.splits.get("base.apk") or max(session.splits.values(), key=len)
    return await _commit(process, session.options, base)


async def _abandon(process: Process, arguments: Arguments) -> int:
    process.phone.sessions.close(_number(arguments.required()))
    process.line("Success")
    return 0


def _options(process: Process, arguments: Arguments) -> InstallOptions | None:
    options = InstallOptions()
    while (option := arguments.option()) is not None:
        if option == "--user":
            options.user = arguments.user()
        elif option == "-t":
            options.test = True
        elif option in {"-d", "--request-downgrade"}:
            options.downgrade = True
        elif option == "-i":
            options.installer = arguments.required()
        elif option == "-S":
            options.size = _number(arguments.required())
        elif option == "-g":
            options.grant = True
        elif option in _WITH_VALUE:
            arguments.required()
        elif option not in _IGNORED:
            raise illegal_argument(f"Unknown option {option}")
    if options.size is not None and not 0 <= options.size < _ALL_LARGE:
        raise illegal_argument(f"Bad size {options.size}")
    return options


def _may_install(process: Process, options: InstallOptions) -> None:
    phone = process.phone
    user = translated_user(process, options.user or 0)
    if phone.restricted(NO_INSTALL_APPS, user):
        raise security("User restriction prevents installing")


def _from_file(process: Process, path: str) -> bytes | None:
    try:
        return process.phone.files.read(process.phone.files.absolute(path, process.shell.folder))
    except FileProblem as problem:
        process.err(f"Error: failed to open file: {path}\nError: {problem}\n")
        process.err(f"Error: Can't open file: {path}\n")
        return None


async def _exactly(stdin: ReadEnd, size: int) -> bytes:
    pieces: list[bytes] = []
    total = 0
    while total < size and (piece := await stdin.read()):
        total += len(piece)
        if total <= _LARGEST_APK:
            pieces.append(piece)
    return b"".join(pieces)[:size]


async def _commit(process: Process, options: InstallOptions, data: bytes) -> int:
    try:
        await _refused_by_the_handset(process, len(data))
        staged = "/data/app/vmdl1804289383.tmp/base.apk"
        facts = await asyncio.to_thread(read_apk, data, staged)
        _check(process, options, facts)
    except InstallProblem as problem:
        process.line(f"Failure [{problem}]")
        return 1
    put(process, options, facts, data)
    process.line("Success")
    return 0


async def _refused_by_the_handset(process: Process, size: int) -> None:
    phone = process.phone
    refused = phone.mishaps.lasting("install-refused")
    if refused is not None:
        raise InstallProblem(refused.options.get("reason", "INSTALL_FAILED_INTERNAL_ERROR"))
    if phone.files.full or size > _LARGEST_APK:
        raise InstallProblem("INSTALL_FAILED_INSUFFICIENT_STORAGE", "Failed to override installation location")
    if not phone.profile.quirk("install_over_usb", default=True):
        # MIUI and HyperOS without "Install via USB".
        raise InstallProblem("INSTALL_FAILED_USER_RESTRICTED", "Install canceled by user")
    # A verifier's question cannot be answered while the screen is locked: the install hangs until it is unlocked.
    await phone.unlocked.wait()


def _check(process: Process, options: InstallOptions, facts: PackageFacts) -> None:
    phone = process.phone
    if facts.test_only and not options.test:
        raise InstallProblem("INSTALL_FAILED_TEST_ONLY", "installPackageLI")
    if facts.min_sdk > phone.profile.sdk:
        raise InstallProblem(
            "INSTALL_FAILED_OLDER_SDK",
            f"Failed parse during installPackageLI: {facts.apk} (at Binary XML file line #7): "
            f"Requires newer sdk version #{facts.min_sdk} (current version is #{phone.profile.sdk})",
        )
    oldest = _OLDEST_TARGET.get(phone.android, 0)
    if facts.target_sdk < oldest:
        raise InstallProblem(
            "INSTALL_FAILED_DEPRECATED_SDK_VERSION",
            f"App package must target at least SDK version {oldest}, but found {facts.target_sdk}",
        )
    existing = phone.packages.find(facts.name)
    if existing is None:
        return
    old = existing.facts
    if old.certificate_sha256 and old.certificate_sha256 != facts.certificate_sha256:
        raise InstallProblem(
            "INSTALL_FAILED_UPDATE_INCOMPATIBLE",
            f"Existing package {facts.name} signatures do not match newer version; ignoring!",
        )
    if facts.version_code < old.version_code and not options.downgrade:
        raise InstallProblem(
            "INSTALL_FAILED_VERSION_DOWNGRADE",
            f"Downgrade detected: Update version code {facts.version_code} is older than current {old.version_code}",
        )


def put(process: Process, options: InstallOptions, facts: PackageFacts, data: bytes) -> PackageSetting:
    """Lay a checked APK onto the handset, for one user or for all that may have it."""
    phone = process.phone
    facts = replace(facts, apk=data_path(facts.name, f"{phone.serial_number} {len(data)}", phone.android))
    setting = phone.packages.add(facts, Bytes(data))
    setting.installer = options.installer
    setting.initiator = "com.android.shell"
    setting.source = 1
    setting.updated = phone.now()
    if options.user is not None:
        users = [options.user]
    else:
        # processInstallPackage: every user except those with no_install_apps or no_debugging_features.
        users = [
            n for n in phone.users if not phone.restricted(NO_INSTALL_APPS, n) and not phone.restricted(NO_DEBUGGING, n)
        ]
    for user in users:
        state = setting.users.get(user)
        if state is None or not state.installed:
            setting.users[user] = UserState(
                stopped=True,
                not_launched=True,
                first_install=phone.now(),
                granted=facts.permissions if options.grant else (),
            )
    phone.packages.changed()
    return setting


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise illegal_argument(f'For input string: "{text}"') from None


COMMANDS: Mapping[str, ServiceCommand] = {
    "install": _install,
    "install-create": _create,
    "install-write": _write,
    "install-commit": _commit_session,
    "install-abandon": _abandon,
    "install-streaming": _install,
}
