"""The engine in a thread of its own beside Qt: a plain asyncio loop, asked from the glass, stopped in order."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from console.assembly import Engine

logger = logging.getLogger(__name__)

WORKERS = 2
"""Threads for parsing, judging and fsync. Each one more that computes makes the glass wait longer for its turn at the
interpreter; on the wire's side nothing is lost, since what they do is bound by the processor or the disk."""

T = TypeVar("T")
Opening = Callable[[], AbstractAsyncContextManager[Engine]]


class EngineThread:
    """Opens an engine on its own loop and keeps it until :meth:`stop`.

    ``fault`` is called (on this thread) with an exception that is our own mistake.
    """

    def __init__(self, opening: Opening, fault: Callable[[BaseException], None]) -> None:
        self._opening = opening
        self._fault = fault
        self._ready: Future[Engine] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    async def ready(self) -> Engine:
        """Wait on the glass's loop until the engine is open. Raises what kept it from opening."""
        return await asyncio.wrap_future(self._ready)

    async def call(self, work: Callable[[Engine], Coroutine[Any, Any, T]]) -> T:
        """Run ``work`` on the engine's loop and await its result on the caller's. Cancelling cancels it there."""
        engine = await self.ready()
        assert self._loop is not None, "set before the engine is ready"
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(engine), self._loop))

    async def stop(self, seconds: float = 20.0) -> None:
        """End every walk, close everything, and wait for the thread."""
        loop = self._loop
        if loop is not None and loop.is_running():
            loop.call_soon_threadsafe(self._ended.set)
        await asyncio.to_thread(self._thread.join, seconds)
        if self._thread.is_alive():
            logger.error("the engine did not end within %g s", seconds)

    def _run(self) -> None:
        try:
            asyncio.run(self._live())
        except BaseException as error:  # noqa: BLE001  # the edge of the thread: whatever ends it must be told
            if not self._ready.done():
                self._ready.set_exception(error)
            else:
                self._fault(error)

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._mistake)
        self._loop.set_default_executor(ThreadPoolExecutor(WORKERS, thread_name_prefix="engine worker"))
        async with self._opening() as engine:
            self._ready.set_result(engine)
            await self._ended.wait()

    def _mistake(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        logger.error("engine: %s", context.get("message"), exc_info=error)
        if isinstance(error, BaseException):
            self._fault(error)
