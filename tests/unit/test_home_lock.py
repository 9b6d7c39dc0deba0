"""One engine per home: the second is told who the first is, and a dead one holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from provisioning.errors import HomeError
from provisioning.home.lock import HomeLock

REPOSITORY = Path(__file__).parents[2]
HOLD = (
    "import sys, time; from pathlib import Path; from provisioning.home.lock import HomeLock\n"
    "with HomeLock(Path(sys.argv[1]), 'issuing-desk provision'):\n"
    "    print('held', flush=True); sys.stdin.read()"
)


def hold(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=10)


def test_a_second_engine_is_told_who_the_first_is(tmp_path: Path) -> None:
    first = hold(tmp_path)
    with pytest.raises(HomeError) as refused:
        HomeLock(tmp_path, "second").acquire()
    assert f"“issuing-desk provision” (process {first.pid}, since 2" in str(refused.value)
    end(first)
    with HomeLock(tmp_path, "second"):
        pass


def test_a_killed_engine_holds_nothing(tmp_path: Path) -> None:
    first = hold(tmp_path)
    first.send_signal(signal.SIGKILL)
    end(first)
    assert (tmp_path / "engine.json").exists(), "the note of the dead process is still there"
    with HomeLock(tmp_path, "second"), pytest.raises(HomeError, match=f"“second” \\(process {os.getpid()},"):
        HomeLock(tmp_path, "third").acquire()


def test_one_process_cannot_hold_it_twice_and_any_thread_may_release(tmp_path: Path) -> None:
    lock = HomeLock(tmp_path, "window")
    lock.acquire()
    with pytest.raises(HomeError):
        HomeLock(tmp_path, "window").acquire()
    thread = threading.Thread(target=lock.release)
    thread.start()
    thread.join()
    lock.release()
    with HomeLock(tmp_path, "again"):
        assert (tmp_path / "engine.json").exists()
    assert not (tmp_path / "engine.json").exists()


@pytest.mark.parametrize("note", [b"", b"{}", b"\xff", b'{"command":"\\u001b[2J\\n","pid":1,"since":"x"}', b"[" * 3000])
def test_a_strange_note_does_not_confuse_the_refusal(tmp_path: Path, note: bytes) -> None:
    with HomeLock(tmp_path, "first"):
        (tmp_path / "engine.json").write_bytes(note)
        with pytest.raises(HomeError, match="in use by") as refused:
            HomeLock(tmp_path, "second").acquire()
        assert "\x1b" not in str(refused.value)


def test_a_home_that_is_not_there_cannot_be_locked(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HomeError, match="cannot be locked"):
        HomeLock(tmp_path / "file", "x").acquire()
