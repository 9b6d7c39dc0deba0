"""What the state of a connection means and what to do about it: one sentence for each word that adb has. No Qt here."""

from __future__ import annotations

from provisioning.handset import Attachment
from provisioning.plain_text import one_line
from provisioning.platforms import Platform

UDEV_FILE = "/etc/udev/rules.d/51-android.rules"


def connection_sentence(attachment: Attachment, who: str) -> str:
    """Say how a handset's connection stands that has not said who it is; nothing where its state says nothing."""
    state = attachment.state.strip().lower()
    if attachment.platform is not Platform.ANDROID or state in {"", "device"}:
        return ""
    if state == "unauthorized":
        said = f"unlock {who} and tap “Allow” (USB debugging)."
    elif state == "authorizing":
        said = f"{who} is being asked to allow this computer. Unlock it; its prompt comes up in a moment."
    else:
        said = unreachable(who, attachment.state, attachment.remedy)
    return said[0].upper() + said[1:]


def unreachable(who: str, detail: str, remedy: str = "") -> str:
    """Say why no handset answers on a connection. ``detail`` is the hub's word for it, ``remedy`` what mends it."""
    word = detail.strip().lower()
    if word.startswith("no perm"):
        rule = f"Add this line to {UDEV_FILE}: {one_line(remedy, 200)} — then" if remedy else "Allow it by a udev rule,"
        return (
            f"this user may not open {who}. {rule} run “sudo udevadm control --reload” and plug it in again; "
            "“issuing-desk doctor” says more."
        )
    match word:
        case "recovery" | "rescue":
            return f"{who} is in {word} mode. Choose “Reboot system now” on its screen, or hold its power key."
        case "sideload":
            return f"{who} is in sideload mode and waits for an update. Hold its power key until it restarts."
        case "bootloader" | "fastboot":
            return f"{who} is in {word} mode. Choose “Start” with its volume keys, then press its power key."
        case "connecting" | "detached":
            return f"{who} is just being connected. Leave the cable in; if this stays, plug it in again."
        case "offline" | "":
            return f"{who} is seen but does not answer. Wait for its home screen, then unplug it and plug it in again."
        case _:
            return f"{who} cannot be reached ({one_line(detail, 80)}). Unplug it and plug it in again."
