"""The adb server of this machine: found, asked for its list, and started only where it is ours to start.

The desk's real handsets hang on port 5037, where every adb of this machine meets; where nobody listens there the
adb that ships in adbutils' wheel (36.0.0) is started, never the one on PATH (Debian's 29.0.6 does not push
``unauthorized``). A server on any other port belongs to whoever started it (a rack, a test, another program): it is
never started, and no server that was there before is ever stopped.

So no adb *client* is ever run: ``adb start-server``, and every other command of one, first asks whatever listens for
its version and kills it where that is another than its own (``adb_client.cpp``: 41 in 29.0.6 and 36.0.0, 40 before).
The server is run as a process of its own instead, which ends by itself where the port is taken.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path

from provisioning.android.transports import Transport, read_transports
from provisioning.android.wire import Deadline, Line, Unreachable, Wire, WireError
from provisioning.errors import HubError

logger = logging.getLogger(__name__)

DESK_PORT = 5037
LIST_LIMIT = 5.0
"""Seconds; the adb server answers from memory, in about 1 ms."""
START_LIMIT = 20.0
"""Seconds for the server to listen and to have looked at the USB ports once."""
FIRST_LOOK = 4.0
"""Seconds after which a server that listens has looked; it gives up waiting for that after 3 itself."""
_AGAIN = 0.05
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class AdbServer:
    """The adb server at ``host:port``. Blocking; every method has a deadline and may be called from any thread."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

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
        """Stop the server if, and only if, this object started it: that process, whatever listens by now."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(LIST_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> None:
        """Start it and wait until it has looked at the ports. Where another one was faster, that one is used."""
        adb = bundled_adb()
        if adb is None:
            raise HubError(
                "No adb server is running and this machine's adbutils brings no adb. Install Android's platform-tools "
                "and run “adb start-server”."
            )
        self.stop_if_ours()  # one that has ended, if any
        try:
            self._process, heard = _server(adb, self.port)
        except OSError as error:
            raise HubError("The adb server could not be started. Run “issuing-desk doctor”.") from error
        try:
            up = self._comes_up(self._process, heard)
        finally:
            if heard is not None:
                os.close(heard)
        if up:
            logger.info("started the adb server on port %d with %s", self.port, adb)
            return
        code = self._process.poll()
        self.stop_if_ours()
        if not self._listens():
            logger.warning("%s: no server on port %d (code %s)", adb, self.port, code)
            raise HubError("The adb server could not be started. Run “issuing-desk doctor”.")

    def _comes_up(self, process: subprocess.Popen[bytes], heard: int | None) -> bool:
        """Wait for its word that it has looked, or, where it cannot give it, for as long as it takes at most."""
        began = time.monotonic()
        with selectors.DefaultSelector() as selector:
            if heard is not None:
                selector.register(heard, selectors.EVENT_READ)
            while process.poll() is None and time.monotonic() - began < START_LIMIT:
                if heard is None:
                    time.sleep(_AGAIN)
                elif selector.select(_AGAIN):
                    return os.read(heard, 8).startswith(b"OK")
                if time.monotonic() - began > FIRST_LOOK and self._listens():
                    return process.poll() is None
        return False

    def _listens(self) -> bool:
        try:
            self.transports()
        except HubError:
            return False
        return True

    def _nobody_there(self) -> str:
        if self.ours_to_start:
            return "No adb server is running. Unplug nothing; it will be started again by itself."
        return (
            f"No adb server listens on {self.host}:{self.port}. Start the program that it belongs to, "
            "or unset ANDROID_ADB_SERVER_PORT to use this desk's own."
        )


def _server(adb: Path, port: int) -> tuple[subprocess.Popen[bytes], int | None]:
    """Run the server in the foreground of a session of its own, so that Ctrl+C in ours does not end it before us.

    Gives the process, and where the system can hand one over, a pipe on which it says ``OK`` once it has looked at
    the USB ports (``--reply-fd``, as adb's own client uses it).
    """
    command = [str(adb), "-P", str(port), "nodaemon", "server"]
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, creationflags=flags
        ), None
    heard, said = os.pipe()
    try:
        return subprocess.Popen(
            [*command, "--reply-fd", str(said)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(said,),
            start_new_session=True,
        ), heard
    except OSError:
        os.close(heard)
        raise
    finally:
        os.close(said)


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
