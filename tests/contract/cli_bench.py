"""The program as other programs call it: a process, its arguments, one JSON document, an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from rack_process import ServedRack, served

from console.cli import run

POLICY = ("--policy", "met-police")
CLEAR, NOT_CLEAR, USAGE, UNKNOWN, IN_DOUBT = range(5)


@dataclass(frozen=True, slots=True)
class Result:
    """How a call ended. ``document`` is the JSON that it printed."""

    code: int
    document: Any
    said: str


@dataclass(frozen=True, slots=True)
class Desk:
    """A home and the rack that its console is pointed to.

    With ``within`` commands run in this process, one after the other, which saves the start of a program each time:
    for tests of what a command does. That it does the same as a program of its own is shown without.
    """

    home: Path
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    within: pytest.CaptureFixture[str] | None = None

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "console", "--home", str(self.home), "--json", *arguments]

    def call(self, *arguments: str, seconds: float = 90.0, stdin: bytes = b"") -> Result:
        """Run one command; whatever it says on stdout must be one JSON document, and no traceback is ever shown."""
        if self.within is not None:
            with mock.patch.dict(os.environ, self.environment):
                return called(self.home, self.within, *arguments)
        done = subprocess.run(
            self.command(*arguments),
            env=self.environment,
            capture_output=True,
            timeout=seconds,
            check=False,
            input=stdin,
        )
        said = done.stderr.decode()
        assert "Traceback" not in said, said
        return Result(done.returncode, json.loads(done.stdout), said)


@contextmanager
def desk_on_rack(
    folder: Path, *arguments: str, scenario: str | None = None, within: pytest.CaptureFixture[str] | None = None
) -> Generator[tuple[Desk, ServedRack]]:
    """Serve a rack and make a training home for it."""
    if scenario is not None:
        file = folder / "scenario.toml"
        file.write_text(scenario, "utf-8")
        arguments = ("--scenario", str(file))
    with served(*arguments) as rack:
        desk = Desk(folder / "home", rack.environment, within)
        assert desk.call("init", "--training").code == CLEAR
        yield desk, rack


def called(home: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> Result:
    """Run one command within this process, which takes a tenth of the time; for those that touch no handset."""
    capsys.readouterr()
    code = run(["--home", str(home), "--json", *arguments])
    out = capsys.readouterr()
    assert "Traceback" not in out.err, out.err
    return Result(code, json.loads(out.out), out.err)


def off_the_net(folder: Path, within: pytest.CaptureFixture[str] | None = None) -> Desk:
    """A desk whose hub daemons are nowhere."""
    environment = dict(os.environ)
    environment |= {"USBMUXD_SOCKET_ADDRESS": "127.0.0.1:9", "ANDROID_ADB_SERVER_PORT": "9"}
    return Desk(folder / "home", environment, within)
