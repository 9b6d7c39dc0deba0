"""``awk`` as one-liners use it: ``PATTERN {print …}`` with fields, texts, ``NR``, ``NF``, and ``BEGIN`` and ``END``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_BLOCK = re.compile(
    r"\s*(?P<pattern>[^{}]*?)\s*(?:\{(?P<action>(?:\"(?:[^\"\\]|\\.)*\"|[^{}\"])*)\}|$)\s*;?", re.DOTALL
)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\]|\\.)*\")|\$(?P<field>\d+|NF|\(NF-\d+\))|(?P<number>\d+)|(?P<name>[A-Za-z_]\w*)|"
    r"(?P<comma>,))"
)
_COMPARED = re.compile(r"(?P<left>.+?)\s*(?P<operator>==|!=|>=|<=|>|<|!~|~)\s*(?P<right>.+)", re.DOTALL)
_LONGEST = 2000
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b, ">": lambda a, b: a > b, "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b,
}  # fmt: skip


class _NotUnderstood(ValueError):
    pass


class _Line:
    def __init__(self, text: str, number: int, separator: str, variables: Mapping[str, str]) -> None:
        self.text = text
        if separator and separator != " ":
            pattern = re.escape(separator) if len(separator) == 1 else separator
            self.fields = re.split(pattern, text) if text else []
        else:
            self.fields = text.split()
        self.variables = {**variables, "NR": str(number), "NF": str(len(self.fields))}

    def field(self, number: int) -> str:
        if number == 0:
            return self.text
        return self.fields[number - 1] if 0 < number <= len(self.fields) else ""


def run_awk(program: str, text: str, separator: str, variables: Mapping[str, str]) -> tuple[str, str]:
    """Run a program over a text; gives what it printed, and what was not understood (empty: all was)."""
    if len(program) > _LONGEST:
        return "", "program too long"
    separator = separator.replace("\\t", "\t")
    out: list[str] = []
    try:
        blocks = _blocks(program)
        lines = [_Line(line, number, separator, variables) for number, line in enumerate(text.splitlines(), start=1)]
        nothing = _Line("", 0, separator, variables)
        for pattern, action in blocks:
            if pattern == "BEGIN":
                _act(action, nothing, out)
        for line in lines:
            for pattern, action in blocks:
                if pattern not in {"BEGIN", "END"} and _meets(pattern, line):
                    _act(action, line, out)
        for pattern, action in blocks:
            if pattern == "END":
                _act(action, lines[-1] if lines else nothing, out)
    except (_NotUnderstood, re.error) as error:
        return "".join(out), f"syntax error at source line 1: {error}"
    return "".join(out), ""


def _blocks(program: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while program[at:].strip():
        match = _BLOCK.match(program, at)
        if match is None or match.end() == at:
            raise _NotUnderstood(program[at : at + 20])
        action = match["action"]
        found.append((match["pattern"].strip(), "print" if action is None else action))
        at = match.end()
    return found


def _meets(pattern: str, line: _Line) -> bool:
    if not pattern:
        return True
    negated = pattern.startswith("!/")
    if pattern.startswith("/") or negated:
        body = pattern.removeprefix("!")
        if len(body) < 2 or not body.endswith("/"):
            raise _NotUnderstood(pattern)
        return (re.search(body[1:-1], line.text) is not None) != negated
    parts = _COMPARED.fullmatch(pattern)
    if parts is None:
        value = _joined(pattern, line)
        return value not in {"", "0"}
    left, right = _joined(parts["left"], line), parts["right"].strip()
    if parts["operator"] in {"~", "!~"}:
        body = right[1:-1] if right.startswith("/") else _joined(right, line)
        return (re.search(body, left) is not None) == (parts["operator"] == "~")
    wanted = _joined(right, line)
    try:
        return _COMPARE[parts["operator"]](float(left), float(wanted))
    except ValueError:
        same = left == wanted
        if parts["operator"] not in {"==", "!="}:
            raise _NotUnderstood(pattern) from None
        return same == (parts["operator"] == "==")


def _act(action: str, line: _Line, out: list[str]) -> None:
    for statement in re.split(r"[;\n]", action):
        words = statement.strip()
        if not words:
            continue
        if words == "print":
            out.append(f"{line.text}\n")
        elif re.match(r"print\b", words):
            groups = _groups(words[5:].strip(), line)
            out.append(" ".join(groups) + "\n")
        else:
            raise _NotUnderstood(words[:20])


def _groups(text: str, line: _Line) -> list[str]:
    groups = [""]
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise _NotUnderstood(text[at : at + 20])
        if match["comma"]:
            groups.append("")
        else:
            groups[-1] += _value(match, line)
        at = match.end()
    return groups


def _joined(text: str, line: _Line) -> str:
    groups = _groups(text, line)
    if len(groups) != 1:
        raise _NotUnderstood(text[:20])
    return groups[0]


def _value(match: re.Match[str], line: _Line) -> str:
    if match["text"] is not None:
        return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), match["text"][1:-1])
    if match["number"] is not None:
        return match["number"]
    if match["name"] is not None:
        return line.variables.get(match["name"], "")
    field = match["field"]
    if field.isdigit():
        return line.field(int(field))
    back = 0 if field == "NF" else int(field[4:-1])
    return line.field(len(line.fields) - back)
