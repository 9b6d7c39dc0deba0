"""The text tools that clients pipe to: echo, cat, head, tail, wc, grep, sort, cut, tr and few more (toybox)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from provisioning.virtual.android.shell.process import Process, Program, to_text
from provisioning.virtual.android.shell.streams import read_all
from provisioning.virtual.android.state.files import FileProblem

_MOST_PATTERN = 1000


async def _echo(process: Process) -> int:
    words = list(process.arguments)
    newline, escapes = True, False
    while words and re.fullmatch(r"-[neE]+", words[0]):
        flags = words.pop(0)
        newline = newline and "n" not in flags
        escapes = escapes or "e" in flags
    text = " ".join(words)
    if escapes:
        text = text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
    process.out(text + ("\n" if newline else ""))
    return 0


async def _printf(process: Process) -> int:
    words = process.arguments
    if not words:
        return process.fail("printf: Needs 1 argument")
    values = iter(words[1:])
    text = words[0].replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "\0")
    process.out(re.sub(r"%[sd]", lambda _: next(values, ""), text).replace("%%", "%"))
    return 0


async def _cat(process: Process) -> int:
    code = 0
    for name in process.arguments or ["-"]:
        if name == "-":
            while piece := await process.stdin.read():
                process.out(piece)
                await process.flush()
            continue
        try:
            process.out(process.phone.files.read(process.phone.files.absolute(name, process.shell.folder)))
        except FileProblem as problem:
            code = process.fail(f"cat: {name}: {problem}")
    return code


async def _head(process: Process) -> int:
    count, names = _count(process, 10)
    data, code = await _input(process, names, "head")
    process.out(b"".join(data.splitlines(keepends=True)[:count]))
    return code


async def _tail(process: Process) -> int:
    words = process.arguments
    if words[:1] == ["-c"] and len(words) > 1:
        data, code = await _input(process, words[2:], "tail")
        size = int(words[1].lstrip("+-") or 0) if words[1].lstrip("+-").isdigit() else 0
        process.out(data[size - 1 :] if words[1].startswith("+") else data[-size:] if size else b"")
        return code
    count, names = _count(process, 10)
    data, code = await _input(process, names, "tail")
    process.out(b"".join(data.splitlines(keepends=True)[-count:]) if count else b"")
    return code


async def _wc(process: Process) -> int:
    flags = "".join(word[1:] for word in process.arguments if word.startswith("-"))
    names = [word for word in process.arguments if not word.startswith("-")]
    data, code = await _input(process, names, "wc")
    numbers = {"l": data.count(b"\n"), "w": len(data.split()), "c": len(data)}
    shown = [str(numbers[flag]) for flag in "lwc" if flag in (flags or "lwc")]
    process.line(" ".join(shown + names[:1]))
    return code


async def _grep(process: Process) -> int:
    flags, words = "", list(process.arguments)
    pattern: str | None = None
    while words and words[0].startswith("-") and len(words[0]) > 1:
        word = words.pop(0)
        if word == "-e" and words:
            pattern = words.pop(0)
        else:
            flags += word[1:]
    if pattern is None:
        if not words:
            return process.fail("grep: no REGEX", 2)
        pattern = words.pop(0)
    try:
        text = re.escape(pattern) if "F" in flags else _regular(pattern, extended="E" in flags)
        wanted = re.compile(text[:_MOST_PATTERN], re.IGNORECASE if "i" in flags else 0)
    except re.error:
        return process.fail(f"grep: bad REGEX '{pattern}'", 2)
    data, code = await _input(process, words, "grep")
    if code:
        return 2
    lines = [line for line in to_text(data).splitlines() if (wanted.search(line) is None) == ("v" in flags)]
    if "c" in flags:
        process.line(str(len(lines)))
    elif "q" not in flags:
        process.out("".join(f"{line}\n" for line in lines))
    return 0 if lines else 1


def _regular(pattern: str, extended: bool) -> str:
    if extended:
        return pattern
    # Basic expressions: the escaped forms are special, the bare ones are not.
    return re.sub(r"\\([|+?(){}])|([|+?(){}])", lambda m: m.group(1) or "\\" + m.group(2), pattern)


async def _sort(process: Process) -> int:
    flags = "".join(word[1:] for word in process.arguments if word.startswith("-"))
    data, code = await _input(process, [w for w in process.arguments if not w.startswith("-")], "sort")
    lines = sorted(data.splitlines(), reverse="r" in flags)
    if "u" in flags:
        lines = list(dict.fromkeys(lines))
    process.out(b"".join(line + b"\n" for line in lines))
    return code


async def _uniq(process: Process) -> int:
    data, code = await _input(process, [], "uniq")
    before: bytes | None = None
    for line in data.splitlines():
        if line != before:
            process.out(line + b"\n")
        before = line
    return code


async def _cut(process: Process) -> int:
    delimiter, fields, names = "\t", "1", list[str]()
    words = list(process.arguments)
    while words:
        word = words.pop(0)
        if word.startswith("-d"):
            delimiter = word[2:] or (words.pop(0) if words else "\t")
        elif word.startswith("-f"):
            fields = word[2:] or (words.pop(0) if words else "1")
        else:
            names.append(word)
    data, code = await _input(process, names, "cut")
    start, dash, stop = fields.partition("-")
    first = int(start) - 1 if start.isdigit() else 0
    last = (int(stop) if stop.isdigit() else None) if dash else first + 1
    for line in to_text(data).splitlines():
        process.line(delimiter.join(line.split(delimiter)[first:last]) if delimiter in line else line)
    return code


async def _tr(process: Process) -> int:
    words = process.arguments
    data = to_text(await read_all(process.stdin))
    if words[:1] == ["-d"] and len(words) > 1:
        removed = words[1].replace("\\r", "\r").replace("\\n", "\n")
        process.out(data.translate({ord(c): None for c in removed}))
    elif len(words) == 2 and words[1]:
        old, new = (w.replace("\\n", "\n").replace("\\0", "\0") for w in words)
        process.out(data.translate({ord(c): new[min(i, len(new) - 1)] for i, c in enumerate(old)}))
    else:
        process.out(data)
    return 0


def _count(process: Process, default: int) -> tuple[int, list[str]]:
    words = list(process.arguments)
    count = default
    if words and words[0] == "-n" and len(words) > 1:
        count, words = int(words[1]) if words[1].isdigit() else default, words[2:]
    elif words and re.fullmatch(r"-n?\d+", words[0]):
        count, words = int(words[0].lstrip("-n")), words[1:]
    return count, words


async def _input(process: Process, names: list[str], tool: str) -> tuple[bytes, int]:
    if not names:
        return await read_all(process.stdin), 0
    data, code = b"", 0
    for name in names:
        try:
            data += process.phone.files.read(process.phone.files.absolute(name, process.shell.folder))
        except FileProblem as problem:
            code = process.fail(f"{tool}: {name}: {problem}")
    return data, code


async def _base64(process: Process) -> int:

    data, code = await _input(process, [w for w in process.arguments if not w.startswith("-")], "base64")
    process.out(base64.encodebytes(data) if data else b"")
    return code


PROGRAMS: Mapping[str, Program] = {
    "echo": _echo, "printf": _printf, "cat": _cat, "head": _head, "tail": _tail, "wc": _wc, "grep": _grep,
    "egrep": _grep,
    "sort": _sort, "uniq": _uniq, "cut": _cut, "tr": _tr, "base64": _base64,
}  # fmt: skip
