"""The filters that clients pipe long output through: grep, sort, uniq, cut, tr, sed, awk (toybox, one-true-awk).

``sed`` and ``awk`` know what one-liners use: substitutions, deleting and printing of lines; fields, patterns and print.
What they do not know ends with an error, never with a wrong answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from provisioning.virtual.android.commands.awk import run_awk
from provisioning.virtual.android.commands.sed import SedError, run_sed
from provisioning.virtual.android.commands.text_tools import input_of
from provisioning.virtual.android.shell.process import Process, Program, to_text
from provisioning.virtual.android.shell.streams import read_all

_MOST_PATTERN = 1000
_CLASSES = {"[:upper:]": "A-Z", "[:lower:]": "a-z", "[:digit:]": "0-9", "[:alpha:]": "A-Za-z", "[:alnum:]": "A-Za-z0-9",
            "[:space:]": " \t\n\r\v\f", "[:blank:]": " \t"}  # fmt: skip


async def _grep(process: Process) -> int:
    flags, patterns, names, most = _grep_words(process)
    if not patterns:
        return process.fail("grep: no REGEX", 2)
    if process.argv[0] == "egrep":
        flags += "E"
    elif process.argv[0] == "fgrep":
        flags += "F"
    try:
        pieces = [re.escape(one) if "F" in flags else regular(one, extended="E" in flags) for one in patterns]
        text = "|".join(f"(?:{piece})" for piece in pieces)[:_MOST_PATTERN]
        text = rf"\b(?:{text})\b" if "w" in flags else f"^(?:{text})$" if "x" in flags else text
        wanted = re.compile(text, re.IGNORECASE if "i" in flags else 0)
    except re.error:
        return process.fail(f"grep: bad REGEX '{patterns[0]}'", 2)
    if "r" in flags and not names:
        names = ["."]
    data, code = await input_of(process, names, "grep")
    if code and "s" not in flags:
        return 2
    lines = enumerate(to_text(data).splitlines(), start=1)
    found = [(number, line) for number, line in lines if (wanted.search(line) is None) == ("v" in flags)]
    found = found[:most] if most is not None else found
    if "q" in flags:
        return 0 if found else 1
    if "c" in flags:
        process.line(str(len(found)))
    elif "l" in flags:
        process.out("".join(f"{name}\n" for name in names[:1] if found))
    else:
        for number, line in found:
            head = f"{number}:" if "n" in flags else ""
            shown = [match.group() for match in wanted.finditer(line)] if "o" in flags else [line]
            process.out("".join(f"{head}{one}\n" for one in shown if one or "o" not in flags))
    return 0 if found else 1


def _grep_words(process: Process) -> tuple[str, list[str], list[str], int | None]:
    flags, patterns, most, words = "", list[str](), None, list(process.arguments)
    while words and words[0].startswith("-") and len(words[0]) > 1:
        word = words.pop(0)
        if word == "--":
            break
        if word.startswith("--"):
            flags += {"--only-matching": "o", "--count": "c", "--quiet": "q", "--ignore-case": "i"}.get(word, "")
            continue
        for index, flag in enumerate(word[1:], start=1):
            if flag in "emABC":
                value = word[index + 1 :] or (words.pop(0) if words else "")
                if flag == "e":
                    patterns += value.split("\n")
                elif flag == "m" and value.isdigit():
                    most = int(value)
                break
            flags += flag
    if not patterns and words:
        patterns = words.pop(0).split("\n")
    return flags, patterns, words, most


def regular(pattern: str, extended: bool) -> str:
    """Turn a basic or extended expression into Python's."""
    for name, members in _CLASSES.items():
        pattern = pattern.replace(name, members)
    if extended:
        return pattern
    # Basic expressions: the escaped forms are special, the bare ones are not.
    return re.sub(r"\\([|+?(){}])|([|+?(){}])", lambda m: m.group(1) or "\\" + m.group(2), pattern)


async def _sort(process: Process) -> int:
    flags, names, key, separator = "", list[str](), 0, None
    words = list(process.arguments)
    while words:
        word = words.pop(0)
        if word[:2] in {"-k", "-t"}:
            value = word[2:] or (words.pop(0) if words else "")
            if word[1] == "t":
                separator = value
            else:
                digits = re.match(r"\d+", value)
                key = int(digits.group()) if digits else 0
                flags += re.sub(r"[^nr]", "", value)
        elif word.startswith("-") and len(word) > 1:
            flags += word[1:]
        else:
            names.append(word)
    data, code = await input_of(process, names, "sort")

    def rank(line: str) -> tuple[float, str]:
        text = line
        if key:
            parts = line.split(separator)
            text = parts[key - 1] if key <= len(parts) else ""
        number = re.match(r"\s*(-?\d+(?:\.\d+)?)", text) if "n" in flags else None
        return (float(number[1]) if number else 0.0), text.casefold() if "f" in flags else text

    lines = sorted(to_text(data).splitlines(), key=rank, reverse="r" in flags)
    lines = list(dict.fromkeys(lines)) if "u" in flags else lines
    process.out("".join(f"{line}\n" for line in lines))
    return code


async def _uniq(process: Process) -> int:
    flags = "".join(word[1:] for word in process.arguments if word.startswith("-"))
    data, code = await input_of(process, [w for w in process.arguments if not w.startswith("-")], "uniq")
    runs: list[tuple[str, int]] = []
    for line in to_text(data).splitlines():
        if runs and runs[-1][0] == line:
            runs[-1] = (line, runs[-1][1] + 1)
        else:
            runs.append((line, 1))
    for line, count in runs:
        if ("d" in flags and count == 1) or ("u" in flags and count > 1):
            continue
        process.line(f"{count:7d} {line}" if "c" in flags else line)
    return code


async def _cut(process: Process) -> int:
    delimiter, kind, chosen, strict, names = "\t", "", "", False, list[str]()
    words = list(process.arguments)
    while words:
        word = words.pop(0)
        if word[:2] in {"-d", "-f", "-c", "-b"}:
            value = word[2:] or (words.pop(0) if words else "")
            delimiter = value if word[1] == "d" else delimiter
            kind, chosen = (word[1], value) if word[1] != "d" else (kind, chosen)
        elif word == "-s":
            strict = True
        else:
            names.append(word)
    if not kind:
        return process.fail("cut: Needs -bcfCF")
    data, code = await input_of(process, names, "cut")
    for line in to_text(data).splitlines():
        if kind != "f":
            process.line("".join(_chosen(list(line), chosen)))
        elif delimiter in line:
            process.line(delimiter.join(_chosen(line.split(delimiter), chosen)))
        elif not strict:
            process.line(line)
    return code


def _chosen(items: list[str], ranges: str) -> list[str]:
    wanted: set[int] = set()
    for one in ranges.split(","):
        start, dash, stop = one.partition("-")
        first = int(start) if start.isdigit() else 1
        last = (int(stop) if stop.isdigit() else len(items)) if dash else first
        wanted |= set(range(first, min(last, len(items)) + 1))
    return [item for number, item in enumerate(items, start=1) if number in wanted]


async def _tr(process: Process) -> int:
    words, flags = list(process.arguments), ""
    while words and re.fullmatch(r"-[cCds]+", words[0]):
        flags += words.pop(0)[1:]
    if not words:
        return process.fail("tr: Needs 1 argument")
    data = to_text(await read_all(process.stdin))
    sets = [_members(word) for word in words[:2]]
    outside = "c" in flags.lower().replace("d", "").replace("s", "")
    first = set(sets[0])
    if "d" in flags:
        data = "".join(c for c in data if (c in first) == outside)
    elif len(sets) == 2 and sets[1]:
        new = sets[1]
        table = {c: new[min(i, len(new) - 1)] for i, c in enumerate(sets[0])}
        data = "".join(new[-1] if outside and c not in first else c if outside else table.get(c, c) for c in data)
    if "s" in flags:
        squeezed = set(sets[-1])
        data = "".join(c for i, c in enumerate(data) if not (i and c == data[i - 1] and c in squeezed))
    process.out(data)
    return 0


def _members(text: str) -> str:
    for name, members in _CLASSES.items():
        text = text.replace(name, members)
    text = re.sub(r"\\([nrt0\\])", lambda m: {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}.get(m[1], m[1]), text)
    spread = re.sub(
        r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))) or m[0], text, flags=re.DOTALL
    )
    return spread[:70_000]


async def _sed(process: Process) -> int:
    words, quiet, extended, scripts = list(process.arguments), False, False, list[str]()
    while words and words[0].startswith("-") and len(words[0]) > 1:
        flag = words.pop(0)
        if flag == "-e" and words:
            scripts.append(words.pop(0))
        elif set(flag[1:]) <= set("nEr"):
            quiet = quiet or "n" in flag
            extended = extended or "E" in flag or "r" in flag
        else:
            return process.fail(f"sed: Unknown option '{flag.lstrip('-')}' (see \"sed --help\")")
    if not scripts:
        if not words:
            return process.fail("sed: no pattern")
        scripts = [words.pop(0)]
    data, code = await input_of(process, words, "sed")
    try:
        process.out(run_sed("\n".join(scripts), to_text(data), quiet=quiet, regular=lambda p: regular(p, extended)))
    except SedError as error:
        return process.fail(f"sed: {error}")
    return code


async def _awk(process: Process) -> int:
    words, separator, variables = list(process.arguments), "", dict[str, str]()
    while words and words[0].startswith("-") and len(words[0]) > 1:
        flag = words.pop(0)
        value = flag[2:] or (words.pop(0) if words else "")
        if flag[1] == "F":
            separator = value
        elif flag[1] == "v" and "=" in value:
            name, _, text = value.partition("=")
            variables[name] = text
        else:
            return process.fail(f"awk: unknown option {flag}", 2)
    if not words:
        return process.fail("usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]", 2)
    data, code = await input_of(process, words[1:], "awk")
    out, error = run_awk(words[0], to_text(data), separator, variables)
    process.out(out)
    return process.fail(f"awk: {error}", 2) if error else code


PROGRAMS: Mapping[str, Program] = {
    "grep": _grep, "egrep": _grep, "fgrep": _grep, "sort": _sort, "uniq": _uniq, "cut": _cut, "tr": _tr, "sed": _sed,
    "awk": _awk,
}  # fmt: skip
