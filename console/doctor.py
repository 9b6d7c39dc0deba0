"""What this machine lacks for the work, each with the one command that mends it. Looks only, changes nothing."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_ADB_AGAIN = "pip install --force-reinstall adbutils"
_OLDEST_SQLITE = (3, 37, 0)
"""The first with STRICT tables, which the ledger uses (sqlite.org/stricttables.html)."""
SECONDS = 2.0
"""How long any one look may take."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One look: ``essential`` says whether the desk can work without it; ``mend`` is one command or one act."""

    check: str
    ok: bool
    sentence: str
    mend: str = ""
    essential: bool = True


def examine(home: Path) -> Iterator[Finding]:
    """Yield the findings in the order in which a person would mend them."""
    for look in _LOOKS:
        yield look()
    yield from _usb(home)
    yield from _shared_ledger(home)
    yield _home(home)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    ok = sys.version_info >= (3, 11)
    return Finding("python", ok, f"Python {version}.", "" if ok else "Install Python 3.11 or newer.")


def _qt() -> Finding:
    try:
        version = importlib.metadata.version("PySide6-Essentials")
    except importlib.metadata.PackageNotFoundError:
        return Finding("qt", False, "Qt for Python is not installed.", "pip install 'PySide6-Essentials>=6.11.3,<6.12'")
    broken = version.startswith("6.12.0") and sys.version_info < (3, 12)
    sentence = f"Qt for Python {version}."
    if broken:
        return Finding(
            "qt", False, f"{sentence} It aborts on Python 3.11.", "pip install 'PySide6-Essentials>=6.11.3,<6.12'"
        )
    look = subprocess.run(  # a missing system library ends the interpreter that imports Qt, so not this one
        [sys.executable, "-c", "import PySide6.QtWidgets"], capture_output=True, timeout=20, check=False
    )
    if look.returncode != 0:
        reason = look.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
        return Finding("qt", False, f"{sentence} It does not load: {reason[0][:200]}", _qt_libraries())
    return Finding("qt", True, sentence)


def _qt_libraries() -> str:
    if sys.platform != "linux":
        return "Reinstall Qt: pip install --force-reinstall PySide6-Essentials"
    return (
        "sudo apt-get install libglib2.0-0 libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libfreetype6 "
        "libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 "
        "libxcb-xkb1 libxkbcommon-x11-0 libx11-xcb1"
    )


def _display() -> Finding:
    if sys.platform != "linux":
        return Finding("display", True, "A desktop is there.")
    shown = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if shown:
        return Finding("display", True, f"The display is {shown}.")
    return Finding(
        "display", False, "No display: the window cannot open, every command works.",
        "Log in to a desktop, or use: issuing-desk provision --policy met-police", essential=False,
    )  # fmt: skip


def _usbmuxd() -> Finding:
    where = os.environ.get("USBMUXD_SOCKET_ADDRESS") or ("127.0.0.1:27015" if os.name == "nt" else "/var/run/usbmuxd")
    if _answers(where):
        return Finding("usbmuxd", True, f"iPhones can be seen (usbmuxd at {where}).")
    mend = {
        "win32": "Install “Apple Devices” from the Microsoft Store.",
        "darwin": "Restart the Mac: usbmuxd is part of macOS.",
    }.get(sys.platform, "sudo apt-get install usbmuxd && sudo systemctl start usbmuxd")
    return Finding("usbmuxd", False, f"iPhones cannot be seen: nothing answers at {where}.", mend)


def _adb_binary() -> Finding:
    try:
        files = importlib.metadata.files("adbutils") or []
    except importlib.metadata.PackageNotFoundError:
        return Finding("adb", False, "adbutils is not installed.", "pip install adbutils")
    name = "adb.exe" if os.name == "nt" else "adb"
    found = [file.locate() for file in files if file.name == name and "binaries" in str(file)]
    if not found:
        return Finding("adb", False, "The adb that ships with adbutils is missing.", _ADB_AGAIN)
    try:
        look = subprocess.run([str(found[0]), "version"], capture_output=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("adb", False, f"The bundled adb does not run: {error}.", _ADB_AGAIN)
    return Finding("adb", True, look.stdout.decode(errors="replace").splitlines()[0] + ", bundled.")


def _adb_server() -> Finding:
    host = os.environ.get("ANDROID_ADB_SERVER_ADDRESS") or "127.0.0.1"
    port = os.environ.get("ANDROID_ADB_SERVER_PORT") or "5037"
    if _answers(f"{host}:{port}"):
        return Finding("adb server", True, f"An adb server answers at {host}:{port}.")
    if port == "5037":
        return Finding("adb server", True, "No adb server runs; one is started when the desk opens.", essential=False)
    return Finding("adb server", False, f"No adb server answers at {host}:{port}.", f"adb -P {port} start-server")


def _udev() -> Finding:
    if sys.platform != "linux" or os.geteuid() == 0:
        return Finding("usb permissions", True, "USB devices may be opened.")
    folders = (Path("/etc/udev/rules.d"), Path("/lib/udev/rules.d"), Path("/usr/lib/udev/rules.d"))
    if any("android" in rule.name for folder in folders if folder.is_dir() for rule in folder.iterdir()):
        return Finding("usb permissions", True, "udev rules for Android are installed.")
    return Finding(
        "usb permissions", False, "No udev rules for Android: phones would show “no permissions”.",
        "sudo apt-get install android-sdk-platform-tools-common && sudo usermod -aG plugdev $USER",
    )  # fmt: skip


def _usb(home: Path) -> Iterator[Finding]:
    """Look at controllers and hubs; nothing of it keeps a desk from working, so nothing is essential."""
    from provisioning.bays.bay_map import load_map
    from provisioning.bays.desk_bays import MAP_FILE
    from provisioning.bays.usb_preflight import usb_preflight, use_of
    from provisioning.bays.usb_tree import read_tree
    from provisioning.errors import FileError

    tree = read_tree()
    try:
        hub_name = load_map(home / "bays" / MAP_FILE).today(tree).hub_named
    except FileError as error:
        yield Finding("bays", False, str(error), essential=False)
        hub_name = None
    findings = usb_preflight(tree, hub_name=hub_name) if hub_name else usb_preflight(tree)
    for found in findings:
        yield Finding("usb", False, found.sentence, found.mend, essential=False)
    if tree is not None and not findings:
        told = "; ".join(f"{use.controller}: {use.devices}" for use in use_of(tree))
        yield Finding("usb", True, f"USB devices on each controller: {told}.", essential=False)


def _printers() -> Finding:
    if os.name == "nt":
        return Finding("printers", True, "Printing goes through the Windows spooler.", essential=False)
    if shutil.which("lp") is None or shutil.which("lpstat") is None:
        return Finding("printers", False, "No print system: receipts go to PDF only.", _cups(), essential=False)
    try:
        look = subprocess.run(["lpstat", "-e"], capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Finding(
            "printers", False, "The print system does not answer.", "sudo systemctl restart cups", essential=False
        )
    queues = look.stdout.decode(errors="replace").split()
    if not queues:
        return Finding("printers", False, "No printer is set up.", "Add one in the system's settings.", essential=False)
    return Finding("printers", True, f"Printers: {', '.join(queues[:8])}.", essential=False)


def _cups() -> str:
    return "sudo apt-get install cups-client" if sys.platform == "linux" else "Set up a printer in System Settings."


def _database() -> Finding:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        return Finding("database", False, f"SQLite {version} is too old for the ledger.", "Install a newer Python.")
    return Finding("database", True, f"The ledger's database is SQLite {version}, embedded; no service is needed.")


def _shared_ledger(home: Path) -> Iterator[Finding]:
    """Look whether the ledger that desks share answers, is encrypted, and gives this desk no right that it need not."""
    from provisioning.errors import IssuingDeskError
    from provisioning.home.home import is_home, open_home

    try:
        shared = open_home(home).shared_ledger() if is_home(home) else None
        if shared is None:
            return
        from provisioning.ledger.postgres_connection import postgres_url
        from provisioning.ledger.postgres_health import health_of

        told, troubles = health_of(postgres_url(shared.address), shared.password)
    except IssuingDeskError as error:
        yield Finding("shared ledger", False, str(error), "Until then this desk works alone.", essential=False)
        return
    for trouble in troubles:
        yield Finding("shared ledger", False, trouble.sentence, trouble.mend)
    if not troubles:
        yield Finding("shared ledger", True, told)


def _home(home: Path) -> Finding:
    if not home.exists():
        return Finding("home", True, f"No home yet at {home}; “issuing-desk init” makes one.", essential=False)
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        return Finding("home", False, f"{home} cannot be written.", f"chmod u+rwx {home}")
    free = shutil.disk_usage(home).free
    if free < 200_000_000:
        return Finding("home", False, f"Only {free // 1_000_000} MB are free at {home}.", "Free some disk space.")
    return Finding("home", True, f"The home is {home}.")


def _answers(where: str) -> bool:
    host, separator, port = where.removeprefix("UNIX:").rpartition(":")
    try:
        if separator and port.isdigit():
            with socket.create_connection((host, int(port)), SECONDS):
                return True
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(SECONDS)
            connection.connect(where.removeprefix("UNIX:"))
            return True
    except (OSError, AttributeError):  # AttributeError: Windows' Python has no AF_UNIX
        return False


_LOOKS: tuple[Callable[[], Finding], ...] = (
    _python, _qt, _display, _usbmuxd, _adb_binary, _adb_server, _udev, _printers, _database,
)  # fmt: skip
