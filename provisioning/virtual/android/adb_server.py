"""A real adb server of the rack's own: private port, private keys, no USB, no emulators, no mDNS.

The program is the one inside the adbutils wheel, found by the package's place on disk without importing it
(``importlib.util.find_spec`` of the top-level package runs no code); where the wheel has none, adb on PATH. The
switches ``ADB_USB``, ``ADB_EMU`` and ``ADB_MDNS`` are read in AOSP ``client/main.cpp`` and ``client/mdns_utils.cpp``;
29.0.6 knows them too.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import socket
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from provisioning.errors import HubError
from provisioning.virtual.android.smart_socket import ServerError, ask

logger = logging.getLogger(__name__)

_START_SECONDS = 10.0
_STOP_SECONDS = 20.0
_TRIES = 5
_USUAL_PORT = 5037
_PREFIX = "virtual-adb-"


def bundled_adb() -> Path:
    """Find the adb program. Raises HubError where there is none."""
    spec = find_spec("adbutils")
    name = "adb.exe" if sys.platform == "win32" else "adb"
    for folder in spec.submodule_search_locations or () if spec is not None else ():
        program = Path(folder) / "binaries" / name
        if program.is_file():
            return program
    on_path = shutil.which("adb")
    if on_path is None:
        raise HubError("There is no adb program for the virtual handsets. Install adb (platform-tools) and try again.")
    return Path(on_path)


class AdbServer:
    """The server process; its port stays the same over restarts."""

    def __init__(self, program: Path | None = None) -> None:
        self._program = program
        self._process: asyncio.subprocess.Process | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.port = 0

    @property
    def running(self) -> bool:
        """Tell whether the process lives."""
        return self._process is not None and self._process.returncode is None

    @property
    def process_id(self) -> int | None:
        """Give the process's id, for tests that look for leftovers."""
        return self._process.pid if self._process is not None else None

    @property
    def home(self) -> Path | None:
        """Give the folder with its keys and log while it is open."""
        return Path(self._folder.name) if self._folder is not None else None

    async def start(self) -> None:
        """Start it and wait until it answers. Raises HubError."""
        if self._folder is None:
            _remove_orphans()
            self._folder = tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-", ignore_cleanup_errors=True)
        program = self._program or bundled_adb()
        for _ in range(_TRIES):
            port = self.port or _free_port()
            await self._spawn(program, port)
            if await self._answers(port):
                self.port = port
                return
            await self.kill()
        raise HubError(f"The adb server of the virtual handsets did not start ({program}).")

    async def ask(self, request: str, seconds: float = 15.0) -> str:
        """Send one host request. Raises ServerError."""
        return await ask(self.port, request, seconds)

    async def kill(self) -> None:
        """Kill it at once, as a crash would."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        if process.stdin is not None:
            process.stdin.close()

    async def close(self) -> None:
        """Kill it and remove its keys."""
        await self.kill()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    async def _spawn(self, program: Path, port: int) -> None:
        assert self._folder is not None
        command = [str(program), "-L", f"tcp:localhost:{port}", "nodaemon", "server"]
        starter = Path(__file__).with_name("adb_child.py")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", str(starter), str(os.getpid()), *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(self._folder.name),
            start_new_session=True,
        )  # fmt: skip

    async def _answers(self, port: int) -> bool:
        deadline = asyncio.get_running_loop().time() + _START_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            if not self.running:
                return False
            try:
                await ask(port, "host:version", 1.0)
                return True
            except ServerError:
                await asyncio.sleep(0.01)
        return False


def _remove_orphans() -> None:
    """Remove the keys of servers whose parent was killed before it could tidy up."""
    if os.name != "posix":
        return  # nothing there tells whether a process lives without harming it
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        parent = folder.name.removeprefix(_PREFIX).split("-", 1)[0]
        try:
            os.kill(int(parent), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (ValueError, OSError):
            continue


def _environment(home: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ADB_", "ANDROID_"))}
    return kept | {
        "HOME": home,
        "USERPROFILE": home,
        "TMPDIR": home,
        "ADB_USB": "0",
        "ADB_EMU": "0",
        "ADB_MDNS": "0",
        "ADB_MDNS_AUTO_CONNECT": "",
        "ADB_LOCAL_TRANSPORT_MAX_PORT": "5554",
        "ANDROID_ADB_LOG_PATH": os.path.join(home, "adb.log"),
    }


def _free_port() -> int:
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port != _USUAL_PORT:
            return port
