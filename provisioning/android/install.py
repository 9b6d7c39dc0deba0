"""Install the controller and make it device owner; every refusal that is known, in words that say what to do.

Not adbutils' ``install``: it retries with an *uninstall* on a signature or version conflict, which would take the
data of a controller in use, and does not raise for a short upload. Android's texts are matched by substring, for they
change form with each release: exit code 0 with ``Error:`` on Android 10 and 11, 255 with a stack from 12 on, an
untrue “was already an admin” first from 15 on (``DevicePolicyManagerServiceShellCommand``, ``Dpm.java``, BaseCommand).
"""

from __future__ import annotations

import hashlib
import re
import shlex
import tempfile
from pathlib import Path

from provisioning.android.cable import Talk
from provisioning.android.reading import gist, must_be_up
from provisioning.android.script import Answer
from provisioning.android.wire import Refused
from provisioning.errors import HandsetRefused, UsageError
from provisioning.organisation import TokenFile
from provisioning.plain_text import one_line

INSTALLING = "installing the controller"
HANDING_OVER = "handing the controller its token"
OWNING = "making the controller device owner"

PUSH_FLOOR = 1 << 20
"""Bytes a second that even a bad USB 2 cable carries."""

_FAILURE = re.compile(r"Failure \[([A-Z_]+)(?::? ?(.*?))?\]\s*$", re.MULTILINE)
_NO_SPACE = "it has too little free storage; remove something or reset it"
_REFUSED_INSTALL = {
    "INSTALL_FAILED_TEST_ONLY": "the controller is a test-only build, which anybody with a cable could remove; "
    "configure a release build",
    "INSTALL_FAILED_USER_RESTRICTED": "it does not let a computer install apps; switch on “Install via USB” in its "
    "Developer options (Xiaomi also asks for “USB debugging (Security settings)”)",
    "INSTALL_FAILED_INSUFFICIENT_STORAGE": _NO_SPACE,
    "INSTALL_FAILED_UPDATE_INCOMPATIBLE": "an app of the controller's name with another signature is on it; reset it",
    "INSTALL_FAILED_DEPRECATED_SDK_VERSION": "the controller was built for an Android that is too old for this one",
    "INSTALL_FAILED_OLDER_SDK": "its Android is too old for the controller",
    "INSTALL_FAILED_VERIFICATION_FAILURE": "its app verifier (Play Protect) rejected the controller",
    "INSTALL_FAILED_VERIFICATION_TIMEOUT": "its app verifier did not decide; unlock its screen and look for a prompt",
    "INSTALL_FAILED_INVALID_APK": "it does not accept the controller's APK file",
    "INSTALL_PARSE_FAILED_NO_CERTIFICATES": "the controller's APK file is not signed",
}
_NOT_HANDED_OVER = (
    "it does not let this computer write where its controller looks for its settings; scan the controller's own code "
    "instead"
)
_NEWER_THERE = "INSTALL_FAILED_VERSION_DOWNGRADE"
_REFUSED_INSTALL_WORDS = (
    ("User restriction prevents installing", "a restriction on it forbids installing apps"),
    ("Is the system running", "it is still starting; try again in a minute"),
    ("Can't find service", "it is still starting; try again in a minute"),
    ("INSTALL_FAILED_ABORTED: User rejected", "somebody tapped no on its screen"),
)
_REFUSED_OWNER = (
    ("there are already some accounts on the device", "accounts are present; remove every one of them (also those of "
     "WhatsApp, Samsung and others) or reset it"),
    ("there are already several users on the device", "other users or profiles are present (Secure Folder, Dual "
     "Messenger, clones, a work profile); remove them or reset it"),
    ("but device owner is already set", "it has a device owner already"),
    (") is already set", "it has a device owner already"),
    ("the user already has a profile owner", "its owner's user has a profile owner; remove that or reset it"),
    ("if the device is already set-up", "it was set up too far for this; reset it"),
    ("but device is already provisioned", "it was set up too far for this; reset it"),
    ("not system user", "its first user is not the one in the foreground; switch to the owner"),
    ("not running", "its owner's storage is locked or it is still starting; unlock it and try again"),
    ("Unknown admin", "the controller's APK does not hold the configured component"),
    ("Invalid component", "the controller's APK does not hold the configured component"),
    ("Not active admin", "the controller's APK does not hold the configured component"),
    ("Bad admin", "the configured component is not a device administrator"),
    ("BIND_DEVICE_ADMIN", "the configured component is not a device administrator"),
    ("Can't set package", "it forbids any device owner (Samsung: integrity check failed after rooting, no device root "
     "key, or Knox Guard); it cannot be issued"),
    ("Can't find service", "it is still starting; try again in a minute"),
    ("Is the system running", "it is still starting; try again in a minute"),
)  # fmt: skip
_OWNER_SET = "Success: Device owner set to package"


def copy(talk: Talk, apk: Path, package: str) -> None:
    """Copy the controller's APK to the handset. Raises HandsetRefused, WireError, UsageError for an unreadable file."""
    try:
        size = apk.stat().st_size
        talk.push(apk, _place(package), talk.deadlines.push + size / PUSH_FLOOR)
    except OSError as error:
        raise UsageError(f"The controller's APK {apk} cannot be read: {error.strerror}.") from error
    except Refused as refusal:
        reason = _NO_SPACE if "No space left" in refusal.reason else one_line(refusal.reason)
        raise HandsetRefused(INSTALLING, reason) from refusal


def install(talk: Talk, package: str) -> None:
    """Install the copied APK for user 0, keeping what data the controller has, and remove the copy.

    A newer version of it that is there already stays. Raises HandsetRefused, WireError, Unreadable.
    """
    target = shlex.quote(_place(package))
    installed, _ = talk.ask([f"pm install --user 0 -r {target}", f"rm -f {target}"], talk.deadlines.install)
    reason = refusal_of_install(installed)
    if reason is not None:
        must_be_up(installed)
        raise HandsetRefused(INSTALLING, reason)


def _place(package: str) -> str:
    return f"/data/local/tmp/{package}.apk"


def hand_over(talk: Talk, token: TokenFile) -> None:
    """Put the controller's token where it looks for it, and make sure that it lies there whole.

    Raises HandsetRefused where Android does not let this computer write there (as since Android 11), WireError.
    """
    folder = token.path.rpartition("/")[0]
    talk.ask([f"mkdir -p {shlex.quote(folder)}"], talk.deadlines.orders)
    try:
        with tempfile.TemporaryDirectory() as place:
            source = Path(place) / "token"
            source.touch(0o600)
            source.write_bytes(token.content)
            talk.push(source, token.path, talk.deadlines.push)
    except Refused as refusal:
        raise HandsetRefused(HANDING_OVER, _NOT_HANDED_OVER) from refusal
    (answer,) = talk.ask([f"sha256sum {shlex.quote(token.path)}"], talk.deadlines.orders)
    if answer.code != 0 or answer.text.split()[:1] != [hashlib.sha256(token.content).hexdigest()]:
        raise HandsetRefused(HANDING_OVER, _NOT_HANDED_OVER)


def refusal_of_install(answer: Answer) -> str | None:
    """Say why ``pm install`` did not install; None if it did, or if a newer version is there."""
    said = f"{answer.text}\n{answer.complaint}"
    if answer.code == 0 and re.search(r"^Success\s*$", answer.text, re.MULTILINE):
        return None
    failure = _FAILURE.search(said)
    if failure is not None and failure[1] == _NEWER_THERE:
        return None
    for words, reason in _REFUSED_INSTALL_WORDS:
        if words in said:
            return reason
    if failure is not None:
        reason = _REFUSED_INSTALL.get(failure[1])
        return f"{reason} ({failure[1]})" if reason else one_line(f"{failure[1]}: {failure[2] or ''}".rstrip(": "))
    return one_line(gist(said)) or f"pm ended with code {answer.code}"


def set_device_owner(talk: Talk, component: str) -> None:
    """Make the installed controller device owner. Raises HandsetRefused, WireError, Unreadable.

    Returning means that Android said so; whether it is so must be read back.
    """
    (answer,) = talk.ask([f"dpm set-device-owner {shlex.quote(component)}"], talk.deadlines.owner)
    reason = refusal_of_owner(answer)
    if reason is not None:
        must_be_up(answer)
        raise HandsetRefused(OWNING, reason)


def refusal_of_owner(answer: Answer) -> str | None:
    """Say why ``dpm set-device-owner`` set none; None if it did."""
    if answer.code == 0 and _OWNER_SET in answer.text:
        return None
    said = f"{answer.complaint}\n{answer.text}"
    for words, reason in _REFUSED_OWNER:
        if words in said:
            return reason
    return one_line(gist(said)) or f"dpm ended with code {answer.code}"
