"""The database of the tests ends with the process that started it, however that ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import time
from postgres_server import server
print(server().port, server().folder, flush=True)
time.sleep(120)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_a_database_of_a_killed_test_process_ends_and_leaves_nothing() -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=Path(__file__).parent, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    port, folder = owner.stdout.readline().split()
    assert answers(int(port))
    owner.kill()
    owner.communicate()
    deadline = time.monotonic() + 60
    while answers(int(port)) or Path(folder).exists():
        assert time.monotonic() < deadline, "it is still there"
        time.sleep(0.02)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
