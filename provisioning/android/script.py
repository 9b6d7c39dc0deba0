"""Many commands in one shell call, each answer with its own two outputs and its own exit code.

After each command the script writes a mark to both outputs: a random word that is new for each call, the number of
the command and (on stdout) its exit code. Within one output the order of bytes is the order of writing, since the
commands run one after the other and share no pipe, so what lies between two marks is exactly what one command wrote.
Nothing that lies on a handset can know the word, so no name, label or file can forge a mark. A reply in which any
mark is missing, doubled or out of order is no reply.

One call with separators costs one connection and one process start of ``sh``; forty calls cost forty of each, on a
USB cable some 20 ms more every time.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from provisioning.android.shell import Reply
from provisioning.android.wire import Garbage

_MARK = re.compile(rb"(\d{1,4}):(\d{1,3})?\r?\n")
"""What follows the word: the command's number and, on stdout, its exit code."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command of a script said; ``out`` and ``err`` are raw bytes, ``code`` its exit code."""

    command: str
    out: bytes
    err: bytes
    code: int

    @property
    def text(self) -> str:
        """Give stdout as text; bytes that are no UTF-8 become U+FFFD."""
        return self.out.decode("utf-8", "replace")

    @property
    def complaint(self) -> str:
        """Give stderr as text, without surrounding blanks."""
        return self.err.decode("utf-8", "replace").strip()

    @property
    def clean(self) -> bool:
        """True if it ended well and complained about nothing; anything else means that it may be incomplete."""
        return self.code == 0 and not self.err.strip()


class Script:
    """Commands to be run in one call. Each must be one shell command line without a trailing ``;`` or comment."""

    def __init__(self, commands: Sequence[str], word: str | None = None) -> None:
        self._commands = tuple(commands)
        self._word = word if word is not None else secrets.token_hex(12)

    @property
    def text(self) -> str:
        """Give the script as the shell gets it."""
        word = self._word
        return "; ".join(
            f"{command}; echo {word}:{number}:$?; echo {word}:{number}: >&2"
            for number, command in enumerate(self._commands)
        )

    def read(self, reply: Reply) -> list[Answer]:
        """Take the reply apart, one answer for each command in their order. Raises Garbage where a mark is amiss."""
        outs, codes = self._split(reply.stdout, with_code=True)
        errs, _ = self._split(reply.stderr, with_code=False)
        if reply.code != 0:
            raise Garbage(f"the shell ended with code {reply.code}")
        return [
            Answer(command, out, err, code)
            for command, out, err, code in zip(self._commands, outs, errs, codes, strict=True)
        ]

    def _split(self, output: bytes, *, with_code: bool) -> tuple[list[bytes], list[int]]:
        word = self._word.encode() + b":"
        pieces: list[bytes] = []
        codes: list[int] = []
        start = 0
        while (found := output.find(word, start)) >= 0:
            mark = _MARK.match(output, found + len(word))
            if mark is None or int(mark[1]) != len(pieces) or bool(mark[2]) is not with_code:
                raise Garbage("the parts of an answer came in disorder")
            pieces.append(output[start:found])
            codes.append(int(mark[2] or b"0"))
            start = mark.end()
        if len(pieces) != len(self._commands):
            raise Garbage(f"an answer ended after {len(pieces)} of {len(self._commands)} parts")
        if output[start:]:
            raise Garbage("an answer went on after its end")
        return pieces, codes
