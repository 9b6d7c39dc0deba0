"""SIGINT and SIGTERM as an orderly end of the window: Qt's loop sleeps in C and would not see Python's handlers."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ending_on_signals(end: Callable[[], None]) -> Generator[None, None, None]:
    """Call ``end`` on Qt's thread when this process is asked to stop; the old handlers are put back afterwards."""
    from PySide6.QtCore import QSocketNotifier

    def asked(_number: int, _frame: FrameType | None) -> None:
        end()

    hears, speaks = socket.socketpair()
    hears.setblocking(False)
    speaks.setblocking(False)
    notifier = QSocketNotifier(hears.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: hears.recv(64) and None)  # waking up is enough: Python runs the handler then
    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    wakeup = signal.set_wakeup_fd(speaks.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        notifier.setEnabled(False)
        hears.close()
        speaks.close()
