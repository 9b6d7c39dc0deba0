"""Reads the words of a command line: quotes, escapes, ``$NAME``, ``${NAME:-word}``, ``$(…)``."""

from __future__ import annotations

import re
from abc import abstractmethod

from provisioning.virtual.android.shell.syntax import Literal, Parameter, Script, Substitution, Word

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACED = re.compile(r"([A-Za-z_]\w*|[?$#@*!0-9])(?::?-(.*))?", re.DOTALL | re.ASCII)
_WORD_END = frozenset(" \t\n;|&<>()")
_LITERAL_END = _WORD_END | frozenset("'\"\\$`")
DEEPEST = 40


class ShellSyntaxError(ValueError):
    """Raised for text that is no command line; ``str()`` is what the shell prints after its name."""


class Scanner:
    """A place in the text of a script."""

    def __init__(self, text: str, depth: int) -> None:
        if depth > DEEPEST:
            raise ShellSyntaxError("nested too deeply")
        self.text = text
        self.at = 0
        self.depth: int = depth

    @abstractmethod
    def script(self, until: frozenset[str]) -> Script:
        """Read commands up to a word of ``until``, a closing parenthesis or the end."""

    @abstractmethod
    def inner(self, text: str) -> Script:
        """Read the script inside backquotes."""

    @property
    def finished(self) -> bool:
        """Tell whether nothing is left."""
        return self.at >= len(self.text)

    def unexpected(self) -> ShellSyntaxError:
        """Give the error for what stands here."""
        token = self.text[self.at : self.at + 1] or "EOF"
        return ShellSyntaxError(f"syntax error: unexpected '{'newline' if token == chr(10) else token}'")

    def blanks(self, newlines: bool = False) -> None:
        """Skip blanks, line continuations and a comment; newlines too where they mean nothing."""
        skipped = " \t\n" if newlines else " \t"
        while not self.finished:
            character = self.text[self.at]
            if character in skipped:
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            elif character == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def peek(self) -> str:
        """Give the next character, empty at the end."""
        return self.text[self.at : self.at + 1]

    def bare_word(self) -> str:
        """Give the bare word that stands here, as far as a keyword could be one."""
        end = self.at
        while end < len(self.text) and end - self.at < 8 and self.text[end] not in _WORD_END:
            end += 1
        return self.text[self.at : end]

    def expect(self, character: str) -> None:
        """Take ``character``. Raises ShellSyntaxError where something else stands."""
        self.blanks(newlines=True)
        if self.peek() != character:
            raise self.unexpected()
        self.at += 1

    def word(self) -> Word | None:
        """Read one word; None where none begins."""
        parts: list[Literal | Parameter | Substitution] = []
        start = self.at
        while not self.finished and self.text[self.at] not in _WORD_END:
            parts += self._part()
        return Word(tuple(parts)) if self.at > start else None

    def _part(self) -> list[Literal | Parameter | Substitution]:
        character = self.text[self.at]
        if character == "'":
            end = self.text.find("'", self.at + 1)
            if end < 0:
                raise ShellSyntaxError("no closing quote")
            text, self.at = self.text[self.at + 1 : end], end + 1
            return [Literal(text, quoted=True)]
        if character == '"':
            return self._double_quoted()
        if character == "\\":
            text = self.text[self.at + 1 : self.at + 2]
            self.at += 2
            return [] if text == "\n" else [Literal(text, quoted=True)]
        if character in "$`":
            return [self._dollar(quoted=False)]
        end = self.at + 1
        while end < len(self.text) and self.text[end] not in _LITERAL_END:
            end += 1
        text, self.at = self.text[self.at : end], end
        return [Literal(text, quoted=False)]

    def _double_quoted(self) -> list[Literal | Parameter | Substitution]:
        self.at += 1
        parts: list[Literal | Parameter | Substitution] = [Literal("", quoted=True)]
        while True:
            character = self.peek()
            if not character:
                raise ShellSyntaxError("no closing quote")
            if character == '"':
                self.at += 1
                return parts
            if character == "\\" and self.text[self.at + 1 : self.at + 2] in {'"', "\\", "$", "`", "\n"}:
                text = self.text[self.at + 1]
                parts.append(Literal("" if text == "\n" else text, quoted=True))
                self.at += 2
            elif character in "$`":
                parts.append(self._dollar(quoted=True))
            else:
                end = self.at + 1
                while end < len(self.text) and self.text[end] not in '"\\$`':
                    end += 1
                parts.append(Literal(self.text[self.at : end], quoted=True))
                self.at = end

    def _dollar(self, quoted: bool) -> Literal | Parameter | Substitution:
        if self.peek() == "`":
            end = self.text.find("`", self.at + 1)
            if end < 0:
                raise ShellSyntaxError("no closing quote")
            inner, self.at = self.text[self.at + 1 : end].replace("\\`", "`"), end + 1
            return Substitution(self.inner(inner), quoted)
        self.at += 1
        character = self.peek()
        if character == "(":
            if self.text.startswith("((", self.at):
                raise ShellSyntaxError("syntax error: arithmetic is not known here")
            self.at += 1
            script = self.script(frozenset())
            self.expect(")")
            return Substitution(script, quoted)
        if character == "{":
            return self._braced(quoted)
        match = NAME.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
            return Parameter(match.group(), quoted)
        if character and character in "?$#@*!0123456789":
            self.at += 1
            return Parameter(character, quoted)
        return Literal("$", quoted)

    def _braced(self, quoted: bool) -> Parameter:
        end = self.text.find("}", self.at)
        inner = self.text[self.at + 1 : end] if end > 0 else ""
        match = _BRACED.fullmatch(inner)
        if match is None:
            raise ShellSyntaxError("bad substitution")
        self.at = end + 1
        fallback = match.group(2)
        return Parameter(match.group(1), quoted, None if fallback is None else Word((Literal(fallback, quoted=True),)))
