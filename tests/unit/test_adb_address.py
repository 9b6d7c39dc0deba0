"""Which adb server the desk talks to: the one that the standard variables name, or its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from console.assembly import adb_address
from provisioning.errors import UsageError


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        (None, None, ("127.0.0.1", 5037)),
        ("", "", ("127.0.0.1", 5037)),
        ("10.0.0.7", "15037", ("10.0.0.7", 15037)),
        ("", "15037", ("127.0.0.1", 15037)),
    ],
)
def test_the_variables_are_followed_and_an_empty_one_is_none(
    monkeypatch: pytest.MonkeyPatch, host: str | None, port: str | None, address: tuple[str, int]
) -> None:
    for name, value in (("ANDROID_ADB_SERVER_ADDRESS", host), ("ANDROID_ADB_SERVER_PORT", port)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert adb_address() == address


@pytest.mark.parametrize("port", ["none", "0", "65536", "-1", " "])
def test_what_is_no_port_is_said(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", port)
    with pytest.raises(UsageError, match="is no port number"):
        adb_address()


def test_the_engine_starts_with_an_empty_port() -> None:
    """adbutils reads the variable when it is imported and would end in a ValueError."""
    environment = {**os.environ, "ANDROID_ADB_SERVER_PORT": ""}
    line = "import provisioning.android.hub, provisioning.android.server as s; assert s.bundled_adb()"
    subprocess.run([sys.executable, "-c", line], env=environment, check=True, timeout=60)
