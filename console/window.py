"""The window: QApplication on qasync, the engine in its thread, and the orderly end of both."""

from __future__ import annotations

import asyncio
import ctypes
import sys
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING

from console import assembly
from console.call import Call, Exit, exit_for
from console.display import why_no_window
from console.duty import account_name
from console.engine_thread import EngineThread
from console.settings import load_settings
from console.signals import ending_on_signals
from console.way_back import ConsoleReturns
from provisioning.errors import IssuingDeskError
from provisioning.handset import HubFound, HubLost
from provisioning.home.home import Home

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


AT_ONCE = 20
"""Handsets that are worked on at the same moment while somebody looks: the glass shares the interpreter with them."""
_MALLOC = ((-8, 2), (-3, 128 * 1024))
"""Of glibc's ``mallopt`` (malloc.h): M_ARENA_MAX and M_MMAP_THRESHOLD. All threads share two heaps instead of eight for
each core, and a dump of two megabytes goes back to the system at once; together that is 80 MB with 256 handsets."""


def run(call: Call) -> Exit:
    """Open the window on the handsets that are attached to this machine."""
    hindrance = why_no_window()
    if hindrance is not None:
        call.tell(
            f"{hindrance} Every step is also a command: “issuing-desk provision --policy met-police”; "
            "see “issuing-desk --help”."
        )
        return Exit.USAGE
    return run_at(call, assembly.home_at(call.home_path, call.tell))


def run_at(call: Call, home: Home, bays: Mapping[str, str] | None = None) -> Exit:
    """Open the window on a home; returns when it has been closed and everything has ended.

    ``bays`` are labels of ports beside those in desk.toml.
    """
    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop

    _spare_memory()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication), "this process shows windows"
    application.setApplicationName("Issuing Desk")
    application.setQuitOnLastWindowClosed(False)  # the end is awaited below; see style.md on qasync
    with asyncio.Runner(loop_factory=lambda: QEventLoop(application)) as runner:
        return runner.run(_show(call, home, application, bays))


def _spare_memory() -> None:
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            for parameter, value in _MALLOC:
                ctypes.CDLL(None).mallopt(parameter, value)


async def _show(call: Call, home: Home, application: QApplication, bays: Mapping[str, str] | None) -> Exit:
    from console.batch_actions import ConsoleBatches
    from console.desk_actions import ConsoleActions
    from console.print_actions import ConsolePaper
    from console.printing import office_of, press_of, spooler_of
    from console.reading_actions import ConsoleReading
    from console.shift import begin_work
    from console.wall_actions import ConsoleWall, remembered_aloud
    from ui.actions import DeskFacts
    from ui.bridge import Bridge, LedgerAlone
    from ui.theme import Theme
    from ui.window import MainWindow

    settings = load_settings(home.settings_file)
    policy = assembly.policies(home.path).policy(settings.policy).reference
    bridge = Bridge()

    def tell_hub(movement: HubLost | HubFound) -> None:
        bridge.post_hub(movement.platform, movement.sentence if isinstance(movement, HubLost) else None)

    def opening() -> AbstractAsyncContextManager[assembly.Engine]:
        return assembly.engine(
            home,
            "window",
            usual=AT_ONCE,
            threads=None,
            bays=bays,
            on_change=bridge.post,
            on_gone=bridge.post_gone,
            on_hub=tell_hub,
            on_ports=bridge.post_ports,
            on_sharing=lambda sharing: bridge.post_alone(LedgerAlone(sharing.trouble, sharing.waiting)),
            on_entry=bridge.post_entry_elsewhere,
        )

    loop = asyncio.get_running_loop()
    thread = EngineThread(opening, lambda error: loop.call_soon_threadsafe(window.show_error, error) and None)
    facts = DeskFacts(
        desk=home.identity.desk_name,
        policy=f"{policy.name} {policy.version}",
        technician=account_name(),
        training=home.training,
        scanner_prefix=settings.scanner_prefix,
        lock_after=settings.lock_after_minutes * 60.0,
        aloud=remembered_aloud(home.path),
    )
    spooler = spooler_of()
    office = office_of(home)
    press = press_of(office, spooler)
    reading = ConsoleReading(thread, office)
    actions = ConsoleActions(
        thread,
        ConsolePaper(thread, office, spooler),
        ConsoleBatches(thread, office),
        ConsoleWall(thread, home.path),
        ConsoleReturns(thread, office),
        reading,
    )
    window = MainWindow(bridge, actions, facts, Theme(application))
    closed = asyncio.Event()
    window.closed.connect(closed.set)
    window.show()
    thread.start()
    code = Exit.CLEAR
    try:
        with ending_on_signals(closed.set):
            try:
                await thread.ready()
                press.start()
                window.begin()
                await thread.call(begin_work)
            except IssuingDeskError as error:
                call.tell(str(error))
                code = exit_for(error)
                window.show_error(error)
            await closed.wait()
    finally:
        bridge.close()
        await asyncio.to_thread(press.stop)
        await asyncio.to_thread(reading.close)
        await thread.stop()
    return code
