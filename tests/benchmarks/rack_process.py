"""Serve a rack in a process of its own for a benchmark, and say where it is in the environment of others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ServedRack:
    """A rack that is up; ``environment`` points a client to it."""

    process: int
    announcement: dict[str, Any]
    environment: dict[str, str]

    def of(self, platform: str) -> list[dict[str, Any]]:
        """Give the announced handsets of one platform."""
        return [one for one in self.announcement["handsets"] if one["platform"] == platform]


@contextmanager
def served(*arguments: str) -> Generator[ServedRack]:
    """Run ``issuing-desk rack ARGUMENTS``."""
    process = subprocess.Popen(
        [sys.executable, "-m", "console", "rack", *arguments, "--until-stdin-closes"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        announcement = json.loads(process.stdout.readline())
        environment = {
            **os.environ,
            "USBMUXD_SOCKET_ADDRESS": announcement["usbmuxd"],
            "ANDROID_ADB_SERVER_ADDRESS": "127.0.0.1",
            "ANDROID_ADB_SERVER_PORT": str(announcement["adb_server_port"]),
        }
        yield ServedRack(process.pid, announcement, environment)
    finally:
        process.terminate()
        process.communicate()
