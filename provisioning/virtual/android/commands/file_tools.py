"""The file tools of toybox, as far as a desk or an adb client uses them."""

from __future__ import annotations

import hashlib
import posixpath
import re
import stat
import time
from collections.abc import Callable, Mapping

from provisioning.virtual.android.shell.expansion import fits
from provisioning.virtual.android.shell.process import Process, Program
from provisioning.virtual.android.shell.streams import read_all
from provisioning.virtual.android.state.files import NO_SUCH_FILE, FileProblem, FileStatus


def _split(process: Process) -> tuple[str, list[str]]:
    flags = "".join(w[1:] for w in process.arguments if w.startswith("-") and len(w) > 1)
    return flags, [w for w in process.arguments if not w.startswith("-") or w == "-"]


def _path(process: Process, name: str) -> str:
    return process.phone.files.absolute(name, process.shell.folder)


async def _ls(process: Process) -> int:
    flags, names = _split(process)
    files, code = process.phone.files, 0
    for name in names or ["."]:
        path = _path(process, name)
        try:
            status = files.status(path)
            if not status.is_folder or "d" in flags:
                process.line(_long(name, status) if "l" in flags else name)
                continue
            inside = [n for n in files.names(path) if "a" in flags or "A" in flags or not n.startswith(".")]
        except FileProblem as problem:
            code = process.fail(f"ls: {name}: {problem}")
            continue
        for entry in inside:
            full = f"{path.rstrip('/')}/{entry}"
            process.line(_long(entry, files.status(full)) if "l" in flags and files.exists(full) else entry)
    return code


def _long(name: str, status: FileStatus) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(status.modified))
    return f"{stat.filemode(status.mode)} 1 shell shell {status.size} {when} {name}"


async def _rm(process: Process) -> int:
    flags, names = _split(process)
    code = 0
    for name in names:
        try:
            if "r" in flags or "R" in flags:
                process.phone.files.remove_tree(_path(process, name))
            else:
                process.phone.files.remove(_path(process, name))
        except FileProblem as problem:
            if "f" not in flags or str(problem) != NO_SUCH_FILE:
                code = process.fail(f"rm: {name}: {problem}")
    return code


async def _mkdir(process: Process) -> int:
    flags, names = _split(process)
    code = 0
    for name in names:
        path = _path(process, name)
        try:
            if process.phone.files.exists(path) and "p" not in flags:
                raise FileProblem("File exists")
            if "p" not in flags and not process.phone.files.is_folder(posixpath.dirname(path)):
                raise FileProblem(NO_SUCH_FILE)
            process.phone.files.make_folder(path)
        except FileProblem as problem:
            code = process.fail(f"mkdir: '{name}': {problem}")
    return code


async def _copy(process: Process) -> int:
    return _transfer(process, "cp", remove=False)


async def _move(process: Process) -> int:
    return _transfer(process, "mv", remove=True)


def _transfer(process: Process, tool: str, remove: bool) -> int:
    _, names = _split(process)
    if len(names) < 2:
        return process.fail(f"{tool}: Needs 2 arguments")
    files = process.phone.files
    target = _path(process, names[-1])
    code = 0
    for name in names[:-1]:
        source = _path(process, name)
        try:
            data, status = files.read(source), files.status(source)
            end = f"{target}/{posixpath.basename(source)}" if files.is_folder(target) else target
            files.write(end, data, stat.S_IMODE(status.mode), status.modified)
            if remove:
                files.remove(source)
        except FileProblem as problem:
            code = process.fail(f"{tool}: bad '{name}': {problem}")
    return code


async def _chmod(process: Process) -> int:
    words = process.arguments
    if len(words) < 2:
        return process.fail("chmod: Needs 2 arguments")
    code = 0
    for name in words[1:]:
        try:
            process.phone.files.change_mode(_path(process, name), int(words[0], 8) if words[0].isdigit() else 0o755)
        except FileProblem as problem:
            code = process.fail(f"chmod: {name}: {problem}")
    return code


async def _touch(process: Process) -> int:
    code = 0
    for name in _split(process)[1]:
        try:
            process.phone.files.append(_path(process, name), b"")
        except FileProblem as problem:
            code = process.fail(f"touch: '{name}': {problem}")
    return code


async def _stat(process: Process) -> int:
    words = list(process.arguments)
    form = ""
    if words[:1] == ["-c"] and len(words) > 1:
        form, words = words[1], words[2:]
    code = 0
    for name in words:
        try:
            status = process.phone.files.status(_path(process, name))
        except FileProblem as problem:
            code = process.fail(f"stat: '{name}': {problem}")
            continue
        shown = form or "  File: %n\n  Size: %s\n"
        values = {"%s": status.size, "%Y": status.modified, "%a": f"{stat.S_IMODE(status.mode):o}", "%n": name}
        for key, value in values.items():
            shown = shown.replace(key, str(value))
        process.line(shown)
    return code


def _digest(algorithm: str) -> Program:
    async def run(process: Process) -> int:
        _, names = _split(process)
        if not names:
            digest = hashlib.new(algorithm, await read_all(process.stdin), usedforsecurity=False).hexdigest()
            process.line(f"{digest}  -")
            return 0
        code = 0
        for name in names:
            try:
                data = process.phone.files.read(_path(process, name))
                process.line(f"{hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()}  {name}")
            except FileProblem as problem:
                code = process.fail(f"{algorithm}sum: {name}: {problem}")
        return code

    return run


async def _test(process: Process) -> int:
    words = list(process.arguments)
    if process.argv[0] == "[":
        if words[-1:] != ["]"]:
            return process.fail("[: missing ]", 2)
        words.pop()
    return int(not _any_of(process, words, "-o", "-a"))


async def _double_test(process: Process) -> int:
    """``[[ … ]]``: its right side of ``==`` is a pattern, of ``=~`` an extended regular expression."""
    words = process.arguments
    if words[-1:] != ["]]"]:
        return process.fail("/system/bin/sh: [[: missing ]]", 2)
    return int(not _any_of(process, words[:-1], "||", "&&"))


def _any_of(process: Process, words: list[str], either: str, both: str) -> bool:
    """Read a condition with its ands and ors; a sign counts only where a whole condition stands on either side."""
    for sign in (either, both):
        # "= -a =" compares texts: a sign directly behind an operator of comparison is a value.
        places = [n for n, word in enumerate(words) if word == sign and 0 < n < len(words) - 1 and len(words) > 3]
        if places:
            at = places[0]
            left, right = words[:at], words[at + 1 :]
            if sign == either:
                return _any_of(process, left, either, both) or _any_of(process, right, either, both)
            return _any_of(process, left, either, both) and _any_of(process, right, either, both)
    negate = False
    while words[:1] == ["!"] and len(words) > 1:
        negate, words = not negate, words[1:]
    return _holds(process, words) != negate


def _holds(process: Process, words: list[str]) -> bool:
    if len(words) == 3:
        left, operator, right = words
        if process.argv[0] == "[[" and operator == "=~":
            try:
                return re.search(right, left) is not None
            except re.error:
                return False
        if process.argv[0] == "[[" and operator in {"=", "==", "!="}:
            return fits(right, left) == (operator != "!=")
        if operator in {"=", "==", "!="}:
            return (left == right) == (operator != "!=")
        compare = _COMPARE.get(operator)
        if compare is not None:
            try:
                return compare(int(left), int(right))
            except ValueError:
                return False
    if len(words) == 2:
        operator, value = words
        path = _path(process, value)
        files = process.phone.files
        checks: Mapping[str, Callable[[], bool]] = {
            "-e": lambda: files.exists(path),
            "-f": lambda: files.exists(path) and not files.is_folder(path),
            "-d": lambda: files.is_folder(path),
            "-r": lambda: files.exists(path),
            "-s": lambda: files.exists(path) and files.status(path).size > 0,
            "-x": lambda: process.shell.program(value) is not None,
            "-n": lambda: bool(value),
            "-z": lambda: not value,
        }
        return operator in checks and checks[operator]()
    return len(words) == 1 and bool(words[0])


_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    "-eq": lambda a, b: a == b, "-ne": lambda a, b: a != b, "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b, "-gt": lambda a, b: a > b, "-ge": lambda a, b: a >= b,
}  # fmt: skip


async def _readlink(process: Process) -> int:
    _, names = _split(process)
    if not names:
        return 1
    process.line(_path(process, names[0]))
    return 0


async def _dd(process: Process) -> int:
    options = dict(word.split("=", 1) for word in process.arguments if "=" in word)
    try:
        data = (
            process.phone.files.read(_path(process, options["if"]))
            if "if" in options
            else await read_all(process.stdin)
        )
    except FileProblem as problem:
        return process.fail(f"dd: {options['if']}: {problem}")
    size = int(options.get("bs", "512")) if options.get("bs", "512").isdigit() else 512
    skip = int(options.get("skip", "0")) * size
    count = options.get("count")
    piece = data[skip : skip + int(count) * size] if count is not None else data[skip:]
    process.out(piece)
    return 0


PROGRAMS: Mapping[str, Program] = {
    "ls": _ls, "rm": _rm, "mkdir": _mkdir, "cp": _copy, "mv": _move, "chmod": _chmod, "touch": _touch, "stat": _stat,
    "md5sum": _digest("md5"), "sha1sum": _digest("sha1"), "sha256sum": _digest("sha256"), "test": _test, "[": _test,
    "[[": _double_test,
    "readlink": _readlink, "realpath": _readlink, "dd": _dd,
}  # fmt: skip
