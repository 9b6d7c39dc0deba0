"""A user's adb server of another version: used as it is, never killed, also where it comes at the last moment."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.android import server as ours
from provisioning.android.server import AdbServer, bundled_adb

LINE = "R58T00TEST             device usb:1-1 product:a14xx model:SM_A145R device:a14 transport_id:3\n"
pytestmark = pytest.mark.skipif(bundled_adb() is None, reason="adbutils brings no adb for this platform")


class OldServer:
    """An adb server of version 40 with one handset. Like the real one it ends when a client says ``host:kill``."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.asked: list[str] = []
        self._listener: socket.socket | None = None

    @property
    def alive(self) -> bool:
        return self._listener is not None

    def start(self) -> None:
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def stop(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client, client.makefile("rb") as read:
                request = read.read(int(read.read(4) or b"0", 16)).decode()
                self.asked.append(request)
                said = {"host:version": "0028", "host:devices-l": LINE}.get(request, "").encode()
                client.sendall(b"OKAY" + (b"%04x" % len(said) + said if said else b""))
                if request == "host:kill":
                    self.stop()
                    return


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[OldServer]:
    played = OldServer()
    # The desk's port itself belongs to whoever runs these tests.
    monkeypatch.setattr("provisioning.android.server.DESK_PORT", played.port)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ADB_LOCAL_TRANSPORT_MAX_PORT", "5553")
    yield played
    played.stop()


def test_the_server_that_runs_is_used_and_left(old: OldServer) -> None:
    old.start()
    desk = AdbServer("127.0.0.1", old.port)
    assert [one.serial for one in desk.transports_starting()] == ["R58T00TEST"]
    desk.stop_if_ours()
    assert (old.alive, old.asked) == (True, ["host:devices-l"])


def test_a_server_that_comes_while_ours_starts_is_used_and_left(
    old: OldServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile() -> Path | None:
        old.start()
        return bundled_adb()

    monkeypatch.setattr(ours, "bundled_adb", meanwhile)
    desk = AdbServer("127.0.0.1", old.port)
    assert [one.serial for one in desk.transports_starting()] == ["R58T00TEST"]
    desk.stop_if_ours()
    assert old.alive
    assert set(old.asked) == {"host:devices-l"}


def test_an_adb_client_would_have_killed_it(old: OldServer) -> None:
    """What the other tests would see if a client were run, so that they can fail."""
    old.start()
    adb = bundled_adb()
    subprocess.run(
        [str(adb), "-P", str(old.port), "start-server"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30, check=False,
    )  # fmt: skip
    assert "host:kill" in old.asked
    assert not old.alive
    subprocess.run(
        [str(adb), "-P", str(old.port), "kill-server"], capture_output=True, timeout=30, check=False, env=os.environ
    )
