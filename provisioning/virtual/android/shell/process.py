"""One running command: its words, its ends, and the handset it runs on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from provisioning.virtual.android.shell.streams import ReadEnd, WriteEnd

if TYPE_CHECKING:
    from provisioning.virtual.android.handset import VirtualAndroid
    from provisioning.virtual.android.shell.interpreter import Shell

ENCODING_ERRORS = "surrogateescape"


def to_text(data: bytes) -> str:
    """Decode what came over the wire without losing a byte."""
    return data.decode("utf-8", ENCODING_ERRORS)


def to_bytes(text: str) -> bytes:
    """Encode what :func:`to_text` decoded, back to the same bytes."""
    return text.encode("utf-8", ENCODING_ERRORS)


class Process:
    """What a program gets; it writes with :meth:`out` and :meth:`err` and returns its exit code."""

    def __init__(
        self,
        argv: list[str],
        shell: Shell,
        ends: tuple[ReadEnd, WriteEnd, WriteEnd],
        environment: Mapping[str, str],
    ) -> None:
        self.argv = argv
        self.phone: VirtualAndroid = shell.phone
        self.shell = shell
        self.stdin, self.stdout, self.stderr = ends
        self.environment = environment
        self._written: list[tuple[WriteEnd, bytes]] = []

    @property
    def ends(self) -> tuple[ReadEnd, WriteEnd, WriteEnd]:
        """Give input, output and error output, to hand on to another command."""
        return self.stdin, self.stdout, self.stderr

    @property
    def arguments(self) -> list[str]:
        """Give the words after the program's name."""
        return self.argv[1:]

    def out(self, data: str | bytes) -> None:
        """Write to standard output; sent at the end of the command or at :meth:`flush`."""
        self._written.append((self.stdout, to_bytes(data) if isinstance(data, str) else data))

    def err(self, data: str | bytes) -> None:
        """Write to standard error, in order with :meth:`out`."""
        self._written.append((self.stderr, to_bytes(data) if isinstance(data, str) else data))

    def line(self, text: str = "") -> None:
        """Write a line to standard output."""
        self.out(text + "\n")

    def fail(self, text: str, code: int = 1) -> int:
        """Write a line to standard error and give ``code`` back."""
        self.err(text + "\n")
        return code

    async def flush(self) -> None:
        """Send what was written so far."""
        written, self._written = self._written, []
        start = 0
        while start < len(written):
            end = written[start][0]
            stop = start
            while stop < len(written) and written[stop][0] is end:
                stop += 1
            await end.write(b"".join(data for _, data in written[start:stop]))
            start = stop


Program = Callable[[Process], Awaitable[int]]
