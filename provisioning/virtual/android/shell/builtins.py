"""What the shell does itself: variables, folders, leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provisioning.virtual.android.shell.process import Process, Program

if TYPE_CHECKING:
    from collections.abc import Mapping


class Exit(Exception):
    """Raised to leave the shell with ``code``."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


async def _colon(_process: Process) -> int:
    return 0


async def _false(_process: Process) -> int:
    return 1


async def _exit(process: Process) -> int:
    word = process.arguments[0] if process.arguments else str(process.shell.last_code)
    raise Exit(int(word) & 0xFF if word.isdigit() else 1)


async def _export(process: Process) -> int:
    for word in process.arguments:
        name, given, value = word.partition("=")
        if given:
            process.shell.variables[name] = value
        else:
            process.shell.variables.setdefault(name, "")
    return 0


async def _unset(process: Process) -> int:
    for name in process.arguments:
        process.shell.variables.pop(name, None)
    return 0


async def _cd(process: Process) -> int:
    folder = process.arguments[0] if process.arguments else "/"
    path = process.phone.files.absolute(folder, process.shell.folder)
    if not process.phone.files.is_folder(path):
        return process.fail(f"/system/bin/sh: cd: {folder}: No such file or directory", 2)
    process.shell.folder = path
    return 0


async def _pwd(process: Process) -> int:
    process.line(process.shell.folder)
    return 0


async def _exec(process: Process) -> int:
    if not process.arguments:
        return 0
    raise Exit(await process.shell.run_arguments(process.arguments, process.ends))


async def _eval(process: Process) -> int:
    return await process.shell.run(" ".join(process.arguments), *process.ends)


async def _command(process: Process) -> int:
    words = process.arguments
    if words[:1] in (["-v"], ["-V"]):
        return await _which(process, words[1:])
    return await process.shell.run_arguments(words, process.ends) if words else 0


async def _type(process: Process) -> int:
    return await _which(process, process.arguments)


async def _which(process: Process, names: list[str]) -> int:
    code = 0
    for name in names:
        if name in BUILTINS:
            process.line(name)
        elif process.shell.program(name) is not None:
            process.line(name if "/" in name else f"/system/bin/{name}")
        else:
            code = 1
    return code


BUILTINS: Mapping[str, Program] = {
    ":": _colon, "true": _colon, "set": _colon, "trap": _colon, "wait": _colon, "umask": _colon, "ulimit": _colon,
    "false": _false, "exit": _exit, "export": _export, "unset": _unset, "cd": _cd, "pwd": _pwd, "exec": _exec,
    "eval": _eval, "command": _command, "type": _type, "which": _type,
}  # fmt: skip
