"""``adb shell`` without a command: line after line, with a prompt where it is a terminal."""

from __future__ import annotations

from provisioning.virtual.android.shell.builtins import Exit
from provisioning.virtual.android.shell.interpreter import Shell
from provisioning.virtual.android.shell.parser import parse
from provisioning.virtual.android.shell.process import to_text
from provisioning.virtual.android.shell.scanner import ShellSyntaxError
from provisioning.virtual.android.shell.streams import BrokenPipe, Nothing, ReadEnd, WriteEnd

_LONGEST_LINE = 64 * 1024
_END_OF_INPUT = b"\x04"


async def converse(shell: Shell, terminal: bool, stdin: ReadEnd, stdout: WriteEnd, stderr: WriteEnd) -> int:
    """Read lines until the input ends or ``exit``."""
    prompt = f"{shell.phone.profile.device}:{shell.folder} $ ".encode() if terminal else b""
    waiting = b""
    await stdout.write(prompt)
    while piece := await stdin.read():
        if terminal:
            await stdout.write(piece.replace(b"\r", b"\r\n"))
            piece = piece.replace(b"\r", b"\n")
        ended = terminal and _END_OF_INPUT in piece
        waiting += piece.split(_END_OF_INPUT)[0] if ended else piece
        *lines, waiting = waiting.split(b"\n")
        for line in lines:
            try:
                await _line(shell, line, stdout, stderr)
            except Exit as leaving:
                return leaving.code
            await stdout.write(prompt)
        if ended or len(waiting) > _LONGEST_LINE:
            break
    if waiting.strip():
        try:
            await _line(shell, waiting, stdout, stderr)
        except Exit as leaving:
            return leaving.code
    return shell.last_code


async def _line(shell: Shell, line: bytes, stdout: WriteEnd, stderr: WriteEnd) -> None:
    try:
        await shell.script(parse(to_text(line)), (Nothing(), stdout, stderr))
    except ShellSyntaxError as error:
        shell.last_code = 1
        await stderr.write(f"/system/bin/sh: {error}\n".encode())
    except BrokenPipe:
        shell.last_code = 141
