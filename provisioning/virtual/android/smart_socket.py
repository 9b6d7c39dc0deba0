"""The little that the fleet asks of an adb server, over its smart-socket protocol.

``hex4 length, request`` answered by ``OKAY`` or ``FAIL`` and a length-prefixed text (AOSP ``docs/dev/services.md``).
"""

from __future__ import annotations

import asyncio
import contextlib

_ANSWER_LIMIT = 64 * 1024


class ServerError(Exception):
    """Raised where the server cannot be reached or says FAIL; ``str()`` is its reason."""


async def ask(port: int, request: str, seconds: float) -> str:
    """Send one host request to the server on ``port`` and give its text. Raises ServerError."""
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                data = request.encode()
                writer.write(b"%04x" % len(data) + data)
                await writer.drain()
                status = await reader.readexactly(4)
                length = int(await reader.readexactly(4), 16)
                text = (await reader.readexactly(min(length, _ANSWER_LIMIT))).decode("utf-8", "replace")
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except (OSError, asyncio.IncompleteReadError, ValueError, TimeoutError) as error:
        raise ServerError(f"{request}: {error or type(error).__name__}") from error
    if status != b"OKAY":
        raise ServerError(text)
    return text
