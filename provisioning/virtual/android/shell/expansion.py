"""Expands words as mksh does: parameters with their operators, substitutions, splitting at IFS, file names."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from provisioning.virtual.android.shell.arithmetic import ArithmeticSyntaxError, evaluate
from provisioning.virtual.android.shell.syntax import Arithmetic, Literal, Parameter, Part, Substitution, Word

if TYPE_CHECKING:
    from provisioning.virtual.android.shell.interpreter import Shell

_GLOB = re.compile(r"[*?\[]")
_SPECIAL = re.compile(r"([*?\[\]])")


class ExpansionError(Exception):
    """Raised for what cannot be expanded; ``str()`` is what the shell prints after its name."""


async def expand_all(shell: Shell, words: Sequence[Word]) -> list[str]:
    """Expand words to arguments."""
    arguments: list[str] = []
    for word in words:
        arguments += await _fields(shell, word)
    return arguments


async def expand_one(shell: Shell, word: Word) -> str:
    """Expand a word that is never split, such as a file name after ``>``."""
    return "".join([await _part(shell, part) for part in word.parts])


async def pattern_of(shell: Shell, word: Word) -> str:
    """Expand a word to a pattern in which what was quoted stands for itself."""
    pieces: list[str] = []
    for part in word.parts:
        text = await _part(shell, part)
        pieces.append(_SPECIAL.sub(r"[\1]", text) if part.quoted else text)
    return "".join(pieces)


def fits(pattern: str, text: str) -> bool:
    """Tell whether a pattern of the shell takes the whole text."""
    return fnmatch.fnmatchcase(text, pattern)


async def _fields(shell: Shell, word: Word) -> list[str]:
    fields: list[str] = []
    current: str | None = None
    globbing = False
    for part in word.parts:
        if isinstance(part, Parameter) and part.name == "@" and part.quoted and not part.operator:
            for index, value in enumerate(shell.positional):
                if index:
                    fields.append(current or "")
                    current = None
                current = (current or "") + value
            continue
        text = await _part(shell, part)
        if part.quoted or isinstance(part, Literal):
            if isinstance(part, Literal) and part.quoted and not text and len(word.parts) > 1 and "@" in _names(word):
                continue  # the empty text with which double quotes begin
            current = (current or "") + text
            globbing = globbing or (not part.quoted and _GLOB.search(text) is not None)
            continue
        pieces, opens, closes = _split(text, shell.variables.get("IFS"))
        if opens and current is not None:
            fields.append(current)
            current = None
        for index, piece in enumerate(pieces):
            if index and current is not None:
                fields.append(current)
                current = None
            current = (current or "") + piece
        if pieces and closes and current is not None:
            fields.append(current)
            current = None
    if current is not None:
        fields.append(current)
    if globbing and len(fields) == 1:
        return shell.phone.files.matching(fields[0], shell.folder) or fields
    return fields


def _names(word: Word) -> set[str]:
    return {part.name for part in word.parts if isinstance(part, Parameter) and part.quoted}


def _split(text: str, separators: str | None) -> tuple[list[str], bool, bool]:
    """Cut a text at IFS; tells also whether a separator stands before its first and after its last piece."""
    if separators == "":
        return [text] if text else [], False, False
    if separators is None or not separators.strip():
        return text.split(), text[:1].isspace(), text[-1:].isspace()
    if not text:
        return [], False, False
    pieces = re.split(f"[{re.escape(separators)}]", text)
    if pieces[-1] == "":
        return pieces[:-1], False, True
    return pieces, False, False


async def _part(shell: Shell, part: Part) -> str:
    match part:
        case Literal():
            return part.text
        case Substitution():
            return await shell.substituted(part.script)
        case Arithmetic():
            try:
                return str(evaluate(await expand_one(shell, part.expression), shell.variables))
            except ArithmeticSyntaxError as error:
                raise ExpansionError(str(error)) from None
        case Parameter():
            return await _parameter(shell, part)


async def _parameter(shell: Shell, part: Parameter) -> str:
    known = shell.known(part.name)
    value = known or ""
    operator, operand = part.operator, part.operand
    if operator == "len":
        return str(len(shell.positional) if part.name in {"@", "*"} else len(value))
    if operand is None:
        return value
    lacking = known is None or (operator.startswith(":") and not value)
    match operator.removeprefix(":"):
        case "-":
            return await expand_one(shell, operand) if lacking else value
        case "+":
            return "" if lacking else await expand_one(shell, operand)
        case "=":
            if lacking:
                value = await expand_one(shell, operand)
                shell.variables[part.name] = value
            return value
        case "?":
            if lacking:
                said = await expand_one(shell, operand) or "parameter null or not set"
                raise ExpansionError(f"{part.name}: {said}")
            return value
        case "":
            return _slice(shell, value, await expand_one(shell, operand))
        case "#" | "##":
            return _without_start(value, await pattern_of(shell, operand), longest=operator == "##")
        case "%" | "%%":
            return _without_end(value, await pattern_of(shell, operand), longest=operator == "%%")
        case _:
            return await _replaced(shell, value, operand, every=operator == "//")


def _slice(shell: Shell, value: str, text: str) -> str:
    start_text, colon, length_text = text.partition(":")
    try:
        start = evaluate(start_text, shell.variables)
        length = evaluate(length_text, shell.variables) if colon else len(value)
    except ArithmeticSyntaxError as error:
        raise ExpansionError(str(error)) from None
    start = max(0, len(value) + start) if start < 0 else start
    end = len(value) + length if length < 0 else start + length
    return value[start:end]


def _without_start(value: str, pattern: str, *, longest: bool) -> str:
    lengths = range(len(value), -1, -1) if longest else range(len(value) + 1)
    return next((value[n:] for n in lengths if fits(pattern, value[:n])), value)


def _without_end(value: str, pattern: str, *, longest: bool) -> str:
    starts = range(len(value) + 1) if longest else range(len(value), -1, -1)
    return next((value[:n] for n in starts if fits(pattern, value[n:])), value)


async def _replaced(shell: Shell, value: str, operand: Word, *, every: bool) -> str:
    pattern, _, new = (await pattern_of(shell, operand)).partition("/")
    if not pattern:
        return value
    searched = re.compile(fnmatch.translate(pattern).removesuffix(r"\Z"), re.DOTALL)
    return searched.sub(lambda _: new, value, count=0 if every else 1)
