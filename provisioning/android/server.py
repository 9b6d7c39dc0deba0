"""The adb server of this machine: found, asked for its list, and started only where it is ours to start.

The desk's real handsets hang on port 5037, where every adb of this machine meets; where nobody listens there the
adb that ships in adbutils' wheel (36.0.0) is started, never the one on PATH (Debian's 29.0.6 does not push
``unauthorized``). A server on any other port belongs to whoever started it (a rack, a test, another program): it is
never started, and no server that was there before is ever stopped.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import subprocess
import sys
from pathlib import Path

from provisioning.android.transports import Transport, read_transports
from provisioning.android.wire import Deadline, Line, Unreachable, Wire, WireError
from provisioning.errors import HubError

logger = logging.getLogger(__name__)

DESK_PORT = 5037
LIST_LIMIT = 5.0
"""Seconds; the adb server answers from memory, in about 1 ms."""
START_LIMIT = 20.0
"""Seconds; ``start-server`` returns after the first scan of the USB ports."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class AdbServer:
    """The adb server at ``host:port``. Blocking; every method has a deadline and may be called from any thread."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._started = False

    @property
    def ours_to_start(self) -> bool:
        """True for the desk's own port on this machine."""
        return self.port == DESK_PORT and self.host in _LOOPBACK

    def transports(self, line: Line | None = None) -> list[Transport]:
        """List what is attached. Raises HubError with a sentence where the server cannot be asked."""
        try:
            with Wire(self.host, self.port, Deadline(LIST_LIMIT), line) as wire:
                wire.request("host:devices-l")
                return read_transports(wire.block())
        except Unreachable as error:
            raise HubError(self._nobody_there()) from error
        except (WireError, ValueError) as error:
            raise HubError(
                f"What listens on {self.host}:{self.port} does not answer like an adb server ({error}). "
                "Stop that program, or set ANDROID_ADB_SERVER_PORT to the adb server's port."
            ) from error

    def transports_starting(self, line: Line | None = None) -> list[Transport]:
        """List what is attached; where nobody listens on the desk's own port, start the server first."""
        try:
            return self.transports(line)
        except HubError as error:
            if not (self.ours_to_start and isinstance(error.__cause__, Unreachable)):
                raise
            self._start()
            return self.transports(line)

    def stop_if_ours(self) -> None:
        """Stop the server if, and only if, this object started it."""
        if not self._started:
            return
        self._started = False
        try:
            with Wire(self.host, self.port, Deadline(LIST_LIMIT)) as wire:
                wire.request("host:kill")
        except WireError as error:
            logger.info("the adb server was gone before it was stopped: %s", error)

    def _start(self) -> None:
        adb = bundled_adb()
        if adb is None:
            raise HubError(
                "No adb server is running and this machine's adbutils brings no adb. Install Android's platform-tools "
                "and run “adb start-server”."
            )
        try:
            done = subprocess.run(
                [str(adb), "-P", str(self.port), "start-server"],
                # No pipes: the daemon would keep them open and this call would wait for it.
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=START_LIMIT,
                check=False,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise HubError("The adb server could not be started. Run “issuing-desk doctor”.") from error
        if done.returncode != 0:
            logger.warning("%s start-server ended with code %d", adb, done.returncode)
            raise HubError("The adb server could not be started. Run “issuing-desk doctor”.")
        logger.info("started the adb server on port %d with %s", self.port, adb)
        self._started = True

    def _nobody_there(self) -> str:
        if self.ours_to_start:
            return "No adb server is running. Unplug nothing; it will be started again by itself."
        return (
            f"No adb server listens on {self.host}:{self.port}. Start the program that it belongs to, "
            "or unset ANDROID_ADB_SERVER_PORT to use this desk's own."
        )


def bundled_adb() -> Path | None:
    """Give the adb binary to start: ADBUTILS_ADB_PATH if a person set it, else the one in adbutils' wheel.

    None where the wheel of this platform brings none.
    """
    chosen = os.environ.get("ADBUTILS_ADB_PATH")
    if chosen:
        return Path(chosen)
    name = "adb.exe" if sys.platform == "win32" else "adb"
    # Found, not imported: that costs 0.12 s, and reads ANDROID_ADB_SERVER_PORT so that an empty one is a ValueError.
    found = importlib.util.find_spec("adbutils")
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / "binaries" / name
    return path if path.is_file() else None
