"""Where a command's ends go: files, each other, nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from provisioning.virtual.android.shell.process import to_bytes
from provisioning.virtual.android.shell.streams import Given, Nothing, ReadEnd, WriteEnd
from provisioning.virtual.android.shell.syntax import Redirection
from provisioning.virtual.android.state.files import FileProblem, Files

if TYPE_CHECKING:
    from provisioning.virtual.android.shell.interpreter import Shell


class RedirectionError(Exception):
    """Raised for a file that cannot be opened; ``str()`` is what the shell prints after its name."""


class _FileEnd(WriteEnd):
    def __init__(self, files: Files, path: str) -> None:
        self._files = files
        self._path = path

    async def write(self, data: bytes) -> None:
        self._files.append(self._path, data)


async def redirect(
    shell: Shell, redirections: Sequence[Redirection], ends: tuple[ReadEnd, WriteEnd, WriteEnd]
) -> tuple[ReadEnd, WriteEnd, WriteEnd]:
    """Give the ends after ``redirections``, from left to right. Raises RedirectionError."""
    stdin, stdout, stderr = ends
    for redirection in redirections:
        target = await shell.expand_one(redirection.target)
        if redirection.operator == "<<":
            stdin = Given(to_bytes(target))
        elif redirection.operator == "<":
            stdin = _source(shell, target)
        elif redirection.operator in {">", ">>"}:
            end = _sink(shell, target, append=redirection.operator == ">>")
            stdout, stderr = (stdout, end) if redirection.descriptor == 2 else (end, stderr)
        elif redirection.operator == ">&":
            if target not in {"1", "2"}:
                raise RedirectionError(f"{target}: bad file descriptor")
            if redirection.descriptor == 2 and target == "1":
                stderr = stdout
            elif redirection.descriptor == 1 and target == "2":
                stdout = stderr
        elif target not in {"0", "-"}:
            raise RedirectionError(f"{target}: bad file descriptor")
    return stdin, stdout, stderr


def _source(shell: Shell, path: str) -> ReadEnd:
    path = shell.phone.files.absolute(path, shell.folder)
    if path == "/dev/null":
        return Nothing()
    try:
        return Given(shell.phone.files.read(path))
    except FileProblem as problem:
        raise RedirectionError(f"can't open {path}: {problem}") from None


def _sink(shell: Shell, path: str, append: bool) -> WriteEnd:
    path = shell.phone.files.absolute(path, shell.folder)
    if path == "/dev/null":
        return Nothing()
    try:
        if not append or not shell.phone.files.exists(path):
            shell.phone.files.write(path, b"", 0o644)
    except FileProblem as problem:
        raise RedirectionError(f"can't create {path}: {problem}") from None
    return _FileEnd(shell.phone.files, path)
