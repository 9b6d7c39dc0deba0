"""What the shell does itself: variables, folders, leaving."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from provisioning.virtual.android.shell.arithmetic import ArithmeticSyntaxError, evaluate
from provisioning.virtual.android.shell.process import Process, Program, to_text
from provisioning.virtual.android.shell.streams import read_line

if TYPE_CHECKING:
    from collections.abc import Mapping


class Leave(Exception):
    """Raised to leave what runs, with ``code``."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Exit(Leave):
    """Raised to leave the shell."""


class Return(Leave):
    """Raised to leave a function; outside of one it leaves the shell."""


class LoopControl(Leave):
    """Raised to leave ``levels`` loops, or to go on with the next round of the outermost of them."""

    def __init__(self, levels: int, *, breaks: bool) -> None:
        super().__init__(0)
        self.levels = levels
        self.breaks = breaks

    def passes_on(self) -> bool:
        """Count one loop off; tells whether the next one outwards is meant too."""
        self.levels -= 1
        return self.levels > 0


async def _colon(_process: Process) -> int:
    return 0


async def _false(_process: Process) -> int:
    return 1


async def _exit(process: Process) -> int:
    word = process.arguments[0] if process.arguments else str(process.shell.last_code)
    raise Exit(int(word) & 0xFF if word.isdigit() else 1)


async def _return(process: Process) -> int:
    word = process.arguments[0] if process.arguments else str(process.shell.last_code)
    raise Return(int(word) & 0xFF if word.isdigit() else 1)


async def _break(process: Process) -> int:
    word = process.arguments[0] if process.arguments else "1"
    raise LoopControl(int(word) if word.isdigit() else 1, breaks=process.argv[0] == "break")


async def _set(process: Process) -> int:
    words = process.arguments
    while words and words[0].startswith(("-", "+")) and words[0] != "--":
        words = words[2:] if words[0] in {"-o", "+o"} else words[1:]
    if words[:1] == ["--"] or words:
        process.shell.positional = words[1:] if words[:1] == ["--"] else words
    return 0


async def _shift(process: Process) -> int:
    count = int(process.arguments[0]) if process.arguments and process.arguments[0].isdigit() else 1
    if count > len(process.shell.positional):
        return process.fail("/system/bin/sh: shift: nothing to shift", 1)
    del process.shell.positional[:count]
    return 0


async def _read(process: Process) -> int:
    names = [word for word in process.arguments if not word.startswith("-")] or ["REPLY"]
    line = to_text(await read_line(process.stdin))
    ended = line.endswith("\n")
    line = line.removesuffix("\n")
    separators = process.environment.get("IFS")
    if separators == "":
        values = [line]
    elif separators is None or not separators.strip():
        values = line.strip().split(None, len(names) - 1) if len(names) > 1 else [line.strip()]
    else:
        values = re.split(f"[{re.escape(separators)}]", line, maxsplit=len(names) - 1)
    for number, name in enumerate(names):
        process.shell.variables[name] = values[number] if number < len(values) else ""
    return 0 if ended or line else 1


async def _let(process: Process) -> int:
    value = 0
    try:
        for word in process.arguments:
            value = evaluate(word, process.shell.variables)
    except ArithmeticSyntaxError as error:
        return process.fail(f"/system/bin/sh: {error}", 1)
    return int(value == 0)


async def _trap(process: Process) -> int:
    words = [word for word in process.arguments if word != "--"]
    if len(words) > 1 and ("EXIT" in words[1:] or "0" in words[1:]):
        process.shell.at_exit = "" if words[0] == "-" else words[0]
    return 0


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
    ":": _colon, "true": _colon, "set": _set, "shift": _shift, "trap": _trap, "read": _read, "let": _let,
    "return": _return, "break": _break, "continue": _break, "local": _export, "typeset": _export, "readonly": _export,
    "wait": _colon, "umask": _colon, "ulimit": _colon,
    "false": _false, "exit": _exit, "export": _export, "unset": _unset, "cd": _cd, "pwd": _pwd, "exec": _exec,
    "eval": _eval, "command": _command, "type": _type, "which": _type,
}  # fmt: skip
