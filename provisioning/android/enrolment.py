"""Whose handset it is: the device owner as the handset names it, held against this organisation's controller."""

from __future__ import annotations

import logging
import shlex
from dataclasses import dataclass

from provisioning.android import install, owner, settings_order
from provisioning.android.apk import certificate_of_file
from provisioning.android.cable import Talk
from provisioning.android.certificates import read_certificates
from provisioning.android.reading import StillStarting, Unreadable, dump, lines, whole
from provisioning.android.script import Answer
from provisioning.errors import HandsetRefused, UsageError
from provisioning.handset import Enrolment, Ownership
from provisioning.organisation import DeviceController, Organisation, TokenFile, TokenOrder
from provisioning.plain_text import one_line

logger = logging.getLogger(__name__)

LARGEST = 8 << 20
"""Bytes; the policy's dump of a phone with many profiles and admins is some 200 kB."""
LIST_OWNERS_SDK = 31
"""Android 12; before it ``dpm`` has no ``list-owners``."""

NO_CERTIFICATE = "the certificate of the installed controller cannot be read"
POLICY_COMMAND = "dumpsys -t 30 device_policy"
OWNERS_COMMAND = "dpm list-owners"
OWNER_COMMANDS = (POLICY_COMMAND, OWNERS_COMMAND)


@dataclass(frozen=True, slots=True)
class ControllerOnHandset:
    """Our controller as it lies on the handset: who owns it, and whether it is ours and cannot be stripped.

    ``certificate`` is None where it is not installed or was not asked for, ``component`` the wanted one in full.
    """

    component: str
    wanted_certificate: str
    certificate: str | None
    test_only: bool | None

    @property
    def genuine(self) -> bool:
        """True if its certificate is the organisation's and it is no test-only admin."""
        return self.certificate == self.wanted_certificate and self.test_only is False


def controller_of(organisation: Organisation) -> DeviceController | None:
    """Give the organisation's controller; None where the desk has none, for reading a handset does not need one."""
    try:
        return organisation.controller()
    except UsageError as error:
        logger.info("no controller is configured: %s", error)
        return None


def path_command(package: str) -> str:
    """Give the command that tells where a package's APK lies; Android's test for whether it is installed."""
    return f"pm path --user 0 {shlex.quote(package)}"


def read_ownership(policy: Answer, owners: Answer, sdk: int) -> owner.Ownership:
    """Read the owners from both sources and hold them against each other. Raises Unreadable."""
    listed = owner.read_owner_list(whole(owners)) if sdk >= LIST_OWNERS_SDK else None
    return owner.agreed(owner.read_owner_dump(dump(policy)), listed)


def read_controller(
    talk: Talk, controller: DeviceController, path: Answer, ownership: owner.Ownership, sdk: int
) -> ControllerOnHandset:
    """Read the certificate of the installed controller from its APK. Raises WireError, Unreadable."""
    base = base_apk(path)
    certificate: str | None = None
    if base is not None:
        certificate = read_certificates(talk, {controller.package: base}, sdk).get(controller.package)
        if certificate is None:
            raise Unreadable(NO_CERTIFICATE)
    return controller_with(controller, certificate, ownership)


def controller_with(
    controller: DeviceController, certificate: str | None, ownership: owner.Ownership
) -> ControllerOnHandset:
    """Say how our controller lies there, from its certificate as read from the APK and from the owners."""
    component = owner.full_component(controller.component)
    return ControllerOnHandset(
        component, controller.certificate_sha256.lower(), certificate, ownership.test_only.get(component)
    )


def base_apk(path: Answer) -> str | None:
    """Read ``pm path``: the base APK's path, None where the package is not installed (code 1 and nothing said)."""
    if path.code == 1 and not path.out.strip() and not path.complaint:
        return None
    found = [line.removeprefix("package:") for line in lines(whole(path)) if line.startswith("package:/")]
    if not found:
        raise Unreadable("it does not say where the controller is installed")
    return next((one for one in found if one.endswith("/base.apk")), found[0])


def read_enrolment(talk: Talk, controller: DeviceController | None) -> Enrolment:
    """Say who manages the handset. What cannot be read is UNREADABLE, never NOBODY. Raises WireError, StillStarting."""
    try:
        sdk = talk.api_level()
        path = [path_command(controller.package)] if controller else []
        said = talk.ask_each([*OWNER_COMMANDS, *path], talk.deadlines.enrolment, LARGEST)
        ownership = read_ownership(said[POLICY_COMMAND], said[OWNERS_COMMAND], sdk)
        if ownership.device_owner is None:
            return Enrolment(Ownership.NOBODY)
        package = one_line(ownership.device_owner.partition("/")[0], 80)
        if controller is None or ownership.device_owner != owner.full_component(controller.component):
            return Enrolment(Ownership.ANOTHER, package)
        found = read_controller(talk, controller, said[path[0]], ownership, sdk)
        if found.genuine:
            return Enrolment(Ownership.OURS, package, missing=_untold(talk, controller))
        return Enrolment(Ownership.ANOTHER, package, _why_not_ours(found))
    except StillStarting:
        raise
    except Unreadable as error:
        return Enrolment(Ownership.UNREADABLE, detail=str(error))


def copy_over(talk: Talk, controller: DeviceController) -> bool:
    """Copy the controller's APK to the handset; tells whether the controller was installed before.

    The file is looked at first: a controller with another certificate than configured must not become device owner,
    for nobody could take it back. Raises UsageError, HandsetRefused, WireError, Unreadable.
    """
    (before,) = talk.ask((path_command(controller.package),), talk.deadlines.enrolment)
    was_there = base_apk(before) is not None
    if controller.apk is None:
        raise UsageError(
            f"The controller {controller.package} is not installed over the cable. Reset the handset and enrol it by "
            "its QR or its portal; or name an APK in desk.toml."
        )
    sdk, wanted = talk.api_level(), controller.certificate_sha256.lower()
    try:
        in_file = certificate_of_file(controller.apk, sdk)
    except (Unreadable, OSError) as error:
        raise UsageError(f"The controller's APK {controller.apk} cannot be used: {error}.") from error
    if in_file != wanted:
        raise UsageError(
            f"The controller's APK {controller.apk} is signed with {in_file}, not with the configured {wanted}. "
            "Configure the certificate's digest or the file anew."
        )
    install.copy(talk, controller.apk, controller.package)
    return was_there


def take_over(talk: Talk, controller: DeviceController, *, was_there: bool) -> None:
    """Install the copied controller and make it device owner. A refused handset is left as it was found.

    Raises UsageError, HandsetRefused, WireError, Unreadable.
    """
    try:
        _install_ours(talk, controller)
        if isinstance(controller.token, TokenFile):
            install.hand_over(talk, controller.token)
        install.set_device_owner(talk, controller.component)
    except HandsetRefused:
        if not was_there:
            (removed,) = talk.ask((f"pm uninstall --user 0 {controller.package}",), talk.deadlines.install)
            logger.info("the refused controller was taken off again: code %d", removed.code)
        raise


def tell_token(talk: Talk, controller: DeviceController) -> None:
    """Tell a controller that owns the handset what it is to be told through its channel, if anything.

    Android binds that channel only once it is owner. Raises HandsetRefused, WireError, Unreadable.
    """
    if isinstance(controller.token, TokenOrder):
        settings_order.tell(talk, controller.package, controller.token)


def _untold(talk: Talk, controller: DeviceController) -> str:
    if not isinstance(controller.token, TokenOrder):
        return ""
    keys = settings_order.lacking(talk, controller.package, controller.token)
    return f"its controller was not told {', '.join(keys)}" if keys else ""


def _install_ours(talk: Talk, controller: DeviceController) -> None:
    """Install our controller and make sure that what lies there then is ours."""
    sdk, wanted = talk.api_level(), controller.certificate_sha256.lower()
    install.install(talk, controller.package)
    (after,) = talk.ask((path_command(controller.package),), talk.deadlines.enrolment)
    base = base_apk(after)
    if base is None:
        raise Unreadable("the controller is not there after it was installed")
    found = read_certificates(talk, {controller.package: base}, sdk).get(controller.package)
    if found is None:
        raise Unreadable(NO_CERTIFICATE)
    if found != wanted:
        raise HandsetRefused(install.INSTALLING, "an app of the controller's name with another signature is on it")


def _why_not_ours(found: ControllerOnHandset) -> str:
    if found.certificate != found.wanted_certificate:
        return "the controller carries another organisation's certificate"
    return "the controller is a test-only admin, which anybody with a cable could remove"
