"""Shell protocol v2: one command on one handset, its two outputs apart and its exit code, or an error; never a part.

Version 1 merges the outputs, has no exit code and gives a truncated text as a success when the cable is pulled
(adbutils' ``shell()`` does so), so nothing here ever falls back to it. Packets as in AOSP ``shell_protocol.h``:
one byte of kind, a little-endian length of four bytes, data.
"""

from __future__ import annotations

import selectors
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from provisioning.android.wire import Deadline, Ended, Garbage, Line, Wire

_STDOUT, _STDERR, _EXIT = 1, 2, 3
_HEADER = 5


@dataclass(frozen=True, slots=True)
class Reply:
    """Everything that a command said. ``code`` is its exit code, 0 to 255."""

    stdout: bytes
    stderr: bytes
    code: int


class ReplyStream:
    """Puts a reply together from bytes in any portions, holding at most ``largest`` bytes of output."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._pending = bytearray()
        self._outputs = {_STDOUT: bytearray(), _STDERR: bytearray()}

    def feed(self, data: bytes) -> Reply | None:
        """Take the next bytes; give the reply once its exit code has come. Raises Garbage."""
        self._pending += data
        position = 0
        reply: Reply | None = None
        while reply is None and len(self._pending) - position >= _HEADER:
            kind = self._pending[position]
            length = int.from_bytes(self._pending[position + 1 : position + _HEADER], "little")
            self._check(kind, length)
            end = position + _HEADER + length
            if len(self._pending) < end:
                break
            body = self._pending[position + _HEADER : end]
            position = end
            if kind == _EXIT:
                reply = Reply(bytes(self._outputs[_STDOUT]), bytes(self._outputs[_STDERR]), body[0])
            else:
                self._outputs[kind] += body
        del self._pending[:position]
        return reply

    @property
    def so_far(self) -> bytes:
        """Give both outputs as far as they came; for a stream that is meant to break off."""
        return bytes(self._outputs[_STDOUT] + self._outputs[_STDERR])

    def _check(self, kind: int, length: int) -> None:
        if kind == _EXIT:
            if length != 1:
                raise Garbage(f"an exit code of {length} bytes")
        elif kind not in self._outputs:
            raise Garbage(f"a shell packet of kind {kind}")
        elif sum(map(len, self._outputs.values())) + length > self._largest:
            raise Garbage(f"an answer of more than {self._largest} bytes")


def run(wires: Sequence[Wire], commands: Sequence[str], largest: int, deadline: Deadline) -> list[Reply]:
    """Run commands side by side in the handset's shell, each on a wire of its own that is switched to its transport.

    ``largest`` bounds the outputs of each, in bytes. Raises Ended where a reply breaks off before its exit code,
    Refused where the handset's adbd would not open a shell, Garbage, Overdue.

    Nothing is sent after the request, not even the packet that closes stdin: a command that ends faster than the adb
    server reads it would have its socket reset, and on Windows lose its output. So no command may read its input.
    """
    for wire, command in zip(wires, commands, strict=True):
        wire.request(f"shell,v2,raw:{command}")
    streams = {wire: ReplyStream(largest) for wire in wires}
    replies: dict[Wire, Reply] = {}
    with selectors.DefaultSelector() as selector:
        for wire in wires:
            selector.register(wire, selectors.EVENT_READ, wire)
        while streams:
            early = [wire for wire in streams if wire.has_more]
            ready = early or [cast("Wire", key.data) for key, _ in selector.select(deadline.left())]
            for wire in ready:
                reply = streams[wire].feed(wire.whatever_comes())
                if reply is not None:
                    replies[wire] = reply
                    del streams[wire]
                    selector.unregister(wire)
    return [replies[wire] for wire in wires]


def heard_until_end(wire: Wire, command: str, largest: int) -> bytes:
    """Run a command and give what it wrote until its exit code, or until the stream ended without one.

    Raises Refused where no shell was opened, Garbage, Overdue.
    """
    stream = ReplyStream(largest)
    try:
        wire.request(f"shell,v2,raw:{command}")
        while True:
            reply = stream.feed(wire.whatever_comes())
            if reply is not None:
                return reply.stdout + reply.stderr
    except Ended:
        return stream.so_far


def on_transport(host: str, port: int, transport: int, deadline: Deadline, line: Line) -> Wire:
    """Open a wire and switch it to a transport, by its number.

    The number names one plugging-in of one cable (it is new after each replug and kept when a TCP connection comes
    back by itself), unlike a serial, which two handsets may share; and it saves the connection that adbutils makes
    for ``host:version`` before each call.
    """
    wire = Wire(host, port, deadline, line)
    try:
        wire.request(f"host:transport-id:{transport}")
    except BaseException:
        wire.close()
        raise
    return wire
