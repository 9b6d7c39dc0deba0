"""Reads the words of a command line: quotes, escapes, ``$NAME``, ``${NAME:-word}``, ``$(…)``, ``$((…))``."""

from __future__ import annotations

import re
from abc import abstractmethod

from provisioning.virtual.android.shell.syntax import Arithmetic, Literal, Parameter, Part, Script, Substitution, Word

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACED = re.compile(
    r"(?P<length>#(?=[A-Za-z_0-9@*]))?(?P<name>[A-Za-z_]\w*|\d+|[?$#@*!-])"
    r"(?:(?P<operator>:?[-+=?]|##?|%%?|//?|:)(?P<operand>.*))?",
    re.DOTALL | re.ASCII,
)
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

    @abstractmethod
    def within(self, text: str) -> Scanner:
        """Give a scanner for a piece of this text, one level deeper."""

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
        parts: list[Part] = []
        start = self.at
        while not self.finished and self.text[self.at] not in _WORD_END:
            parts += self._part()
        return Word(tuple(parts)) if self.at > start else None

    def operand(self) -> Word:
        """Read all of the text as one word; blanks and signs in it mean themselves."""
        parts: list[Part] = []
        while not self.finished:
            if self.text[self.at] in _WORD_END:
                parts.append(Literal(self.text[self.at], quoted=False))
                self.at += 1
            else:
                parts += self._part()
        return Word(tuple(parts))

    def quoted_text(self) -> Word:
        """Read all of the text as between double quotes, except that quotes mean themselves (a here-document)."""
        return Word(tuple(self._quoted_until("")))

    def _part(self) -> list[Part]:
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

    def _double_quoted(self) -> list[Part]:
        self.at += 1
        return self._quoted_until('"')

    def _quoted_until(self, mark: str) -> list[Part]:
        parts: list[Part] = [Literal("", quoted=True)]
        while True:
            character = self.peek()
            if not character and mark:
                raise ShellSyntaxError("no closing quote")
            if character == mark:
                self.at += len(mark)
                return parts
            if character == "\\" and self.text[self.at + 1 : self.at + 2] in {mark or "\\", "\\", "$", "`", "\n"}:
                text = self.text[self.at + 1]
                parts.append(Literal("" if text == "\n" else text, quoted=True))
                self.at += 2
            elif character in "$`":
                parts.append(self._dollar(quoted=True))
            else:
                end = self.at + 1
                while end < len(self.text) and self.text[end] not in f"{mark}\\$`":
                    end += 1
                parts.append(Literal(self.text[self.at : end], quoted=True))
                self.at = end

    def _dollar(self, quoted: bool) -> Part:
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
                return self._arithmetic(quoted)
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

    def _arithmetic(self, quoted: bool) -> Arithmetic:
        start, depth = self.at + 2, 0
        for at in range(start, len(self.text)):
            character = self.text[at]
            if character == ")" and depth == 0:
                if not self.text.startswith("))", at):
                    raise ShellSyntaxError("syntax error: missing '))'")
                self.at = at + 2
                return Arithmetic(self.within(self.text[start:at]).quoted_text(), quoted)
            depth += (character == "(") - (character == ")")
        raise ShellSyntaxError("no closing quote")

    def _braced(self, quoted: bool) -> Parameter:
        inner = self._inside_braces()
        match = _BRACED.fullmatch(inner)
        if match is None or (match["length"] and match["operator"]):
            raise ShellSyntaxError(f"${{{inner}}}: bad substitution")
        if match["length"]:
            return Parameter(match["name"], quoted, "len")
        if match["operator"] is None:
            return Parameter(match["name"], quoted)
        return Parameter(match["name"], quoted, match["operator"], self.within(match["operand"]).operand())

    def _inside_braces(self) -> str:
        """Take ``{…}`` with what is quoted and nested in it."""
        start, at, depth = self.at + 1, self.at + 1, 0
        while at < len(self.text):
            character = self.text[at]
            if character == "\\":
                at += 1
            elif character == "'" and (end := self.text.find("'", at + 1)) > 0:
                at = end
            elif character == "{":
                depth += 1
            elif character == "}":
                if depth == 0:
                    self.at = at + 1
                    return self.text[start:at]
                depth -= 1
            at += 1
        raise ShellSyntaxError("no closing quote")
