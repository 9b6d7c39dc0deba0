"""The small text tools that clients use: echo, printf, cat, head, tail, wc, seq, basename and few more (toybox)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from provisioning.virtual.android.shell.arithmetic import ArithmeticSyntaxError, evaluate
from provisioning.virtual.android.shell.process import Process, Program, to_text
from provisioning.virtual.android.shell.streams import read_all
from provisioning.virtual.android.state.files import FileProblem

_MOST_NUMBERS = 100_000


async def _echo(process: Process) -> int:
    words = list(process.arguments)
    newline, escapes = True, False
    while words and re.fullmatch(r"-[neE]+", words[0]):
        flags = words.pop(0)
        newline = newline and "n" not in flags
        escapes = escapes or "e" in flags
    text = " ".join(words)
    if escapes:
        text = _unescaped(text)
    process.out(text + ("\n" if newline else ""))
    return 0


async def _printf(process: Process) -> int:
    words = process.arguments
    if not words:
        return process.fail("printf: Needs 1 argument")
    values = list(words[1:])
    text = _unescaped(words[0])
    while True:
        before = len(values)
        process.out(_FORMAT.sub(lambda found: _formatted(found, values), text))
        if not values or len(values) == before:
            return 0


_FORMAT = re.compile(r"%(?:%|([-0+ #]*)(\d*)(?:\.(\d+))?([sdiuxXocb]))")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\", "a": "\a", "b": "\b", "e": "\x1b"}


def _unescaped(text: str) -> str:
    return re.sub(r"\\(x[0-9a-fA-F]{1,2}|.)", lambda m: _escape(m[1]), text, flags=re.DOTALL)


def _escape(said: str) -> str:
    if said[0] == "x" and len(said) > 1:
        return chr(int(said[1:], 16))
    return _ESCAPES.get(said, f"\\{said}")


def _formatted(found: re.Match[str], values: list[str]) -> str:
    kind = found[4]
    if kind is None:
        return "%"
    value = values.pop(0) if values else ""
    width = min(int(found[2] or 0), 1000)
    flags = found[1]
    if kind in "sbc":
        shown = _unescaped(value) if kind == "b" else value[:1] if kind == "c" else value
        shown = shown[: int(found[3])] if found[3] else shown
        return shown.ljust(width) if "-" in flags else shown.rjust(width)
    try:
        number = int(value or "0", 0)
    except ValueError:
        number = 0
    digits = format(abs(number), {"i": "d", "u": "d"}.get(kind, kind))
    sign = "-" if number < 0 else "+" if "+" in flags else ""
    if "0" in flags and "-" not in flags:
        return sign + digits.zfill(width - len(sign))
    return f"{sign}{digits}".ljust(width) if "-" in flags else f"{sign}{digits}".rjust(width)


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
    words = process.arguments
    if words[:1] == ["-c"] and len(words) > 1 and words[1].isdigit():
        data, code = await input_of(process, words[2:], "head")
        process.out(data[: int(words[1])])
        return code
    count, names = _count(process, 10)
    data, code = await input_of(process, names, "head")
    process.out(b"".join(data.splitlines(keepends=True)[:count]))
    return code


async def _tail(process: Process) -> int:
    words = process.arguments
    if words[:1] == ["-c"] and len(words) > 1:
        data, code = await input_of(process, words[2:], "tail")
        size = int(words[1].lstrip("+-") or 0) if words[1].lstrip("+-").isdigit() else 0
        process.out(data[size - 1 :] if words[1].startswith("+") else data[-size:] if size else b"")
        return code
    if words[:2] and words[0] == "-n" and len(words) > 1 and re.fullmatch(r"\+\d+", words[1]):
        data, code = await input_of(process, words[2:], "tail")
        process.out(b"".join(data.splitlines(keepends=True)[max(0, int(words[1]) - 1) :]))
        return code
    count, names = _count(process, 10)
    data, code = await input_of(process, names, "tail")
    process.out(b"".join(data.splitlines(keepends=True)[-count:]) if count else b"")
    return code


async def _wc(process: Process) -> int:
    flags = "".join(word[1:] for word in process.arguments if word.startswith("-"))
    names = [word for word in process.arguments if not word.startswith("-")]
    data, code = await input_of(process, names, "wc")
    numbers = {"l": data.count(b"\n"), "w": len(data.split()), "c": len(data)}
    shown = [str(numbers[flag]) for flag in "lwc" if flag in (flags or "lwc")]
    process.line(" ".join(shown + names[:1]))
    return code


def _count(process: Process, default: int) -> tuple[int, list[str]]:
    words = list(process.arguments)
    count = default
    if words and words[0] == "-n" and len(words) > 1:
        count, words = int(words[1]) if words[1].isdigit() else default, words[2:]
    elif words and re.fullmatch(r"-n?\d+", words[0]):
        count, words = int(words[0].lstrip("-n")), words[1:]
    return count, words


async def input_of(process: Process, names: list[str], tool: str) -> tuple[bytes, int]:
    """Give the content of the named files, or of standard input; 1 where one cannot be read, which is then said."""
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
    flags = [word for word in process.arguments if word.startswith("-")]
    data, code = await input_of(process, [w for w in process.arguments if not w.startswith("-")], "base64")
    if any("d" in flag for flag in flags):
        try:
            process.out(base64.b64decode(data))
        except ValueError:
            return process.fail("base64: bad input")
        return code
    unbroken = "-w0" in flags or "-w 0" in " ".join(process.arguments)
    process.out((base64.b64encode(data) if unbroken else base64.encodebytes(data)) if data else b"")
    return code


async def _seq(process: Process) -> int:
    words = process.arguments
    if not 1 <= len(words) <= 3 or not all(re.fullmatch(r"-?\d{1,9}", word) for word in words):
        return process.fail("seq: Needs 1 argument" if not words else "seq: not a whole number")
    numbers = [int(word) for word in words]
    first, step, last = (
        (1, 1, numbers[0])
        if len(numbers) == 1
        else (numbers[0], 1, numbers[1])
        if len(numbers) == 2
        else (numbers[0], numbers[1], numbers[2])
    )
    if step:
        process.out("".join(f"{n}\n" for n in range(first, last + (1 if step > 0 else -1), step)[:_MOST_NUMBERS]))
    return 0


async def _basename(process: Process) -> int:
    if not process.arguments:
        return process.fail("basename: Needs 1 argument")
    name = process.arguments[0].rstrip("/").rsplit("/", 1)[-1] or "/"
    suffix = process.arguments[1] if len(process.arguments) > 1 else ""
    process.line(name.removesuffix(suffix) if suffix and name != suffix else name)
    return 0


async def _dirname(process: Process) -> int:
    for name in process.arguments:
        folder, slash, _ = name.rstrip("/").rpartition("/")
        process.line(folder or ("/" if slash else "."))
    return 0 if process.arguments else process.fail("dirname: Needs 1 argument")


async def _rev(process: Process) -> int:
    data, code = await input_of(process, process.arguments, "rev")
    process.out("".join(f"{line[::-1]}\n" for line in to_text(data).splitlines()))
    return code


async def _tac(process: Process) -> int:
    data, code = await input_of(process, process.arguments, "tac")
    process.out(b"".join(line + b"\n" for line in reversed(data.splitlines())))
    return code


async def _expr(process: Process) -> int:
    words = process.arguments
    if len(words) == 3 and words[1] in {"=", "!="}:
        process.line(str(int((words[0] == words[2]) == (words[1] == "="))))
        return int((words[0] == words[2]) != (words[1] == "="))
    try:
        value = evaluate(" ".join("==" if word == "=" else word for word in words), {})
    except ArithmeticSyntaxError as error:
        return process.fail(f"expr: {error}", 2)
    process.line(str(value))
    return int(value == 0)


async def _tee(process: Process) -> int:
    data = await read_all(process.stdin)
    process.out(data)
    append = process.arguments[:1] == ["-a"]
    for name in process.arguments[1:] if append else process.arguments:
        path = process.phone.files.absolute(name, process.shell.folder)
        try:
            if not append or not process.phone.files.exists(path):
                process.phone.files.write(path, b"", 0o644)
            process.phone.files.append(path, data)
        except FileProblem as problem:
            return process.fail(f"tee: {name}: {problem}")
    return 0


async def _yes(process: Process) -> int:
    line = f"{' '.join(process.arguments) or 'y'}\n"
    for _ in range(_MOST_NUMBERS):
        process.out(line)
        await process.flush()
    return 0


PROGRAMS: Mapping[str, Program] = {
    "echo": _echo, "printf": _printf, "cat": _cat, "head": _head, "tail": _tail, "wc": _wc, "base64": _base64,
    "seq": _seq, "basename": _basename, "dirname": _dirname, "rev": _rev, "tac": _tac, "expr": _expr, "tee": _tee,
    "yes": _yes,
}  # fmt: skip
