"""Reads a command line as mksh, the shell of Android, does: quotes, lists, pipes, redirections, if, case,
for, while, functions, here-documents.

Left out: job control (``&`` ends a command as ``;`` does), arrays, ``select``. What cannot be read raises
ShellSyntaxError with mksh's wording.
"""

from __future__ import annotations

import re

from provisioning.virtual.android.shell.scanner import DEEPEST, NAME, Scanner, ShellSyntaxError
from provisioning.virtual.android.shell.syntax import (
    AndOr,
    Case,
    Command,
    For,
    Function,
    Group,
    If,
    Literal,
    Loop,
    Pipeline,
    Redirection,
    Script,
    Simple,
    Word,
)

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_REDIRECTION = re.compile(r"(\d*)(<<<|<<-?|>>|>&|<&|>\||>|<)")
_FUNCTION = re.compile(r"(?:function[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*\([ \t]*\)[ \t\n]*")
_RESERVED = frozenset({"then", "else", "elif", "fi", "do", "done", "}", "in", "esac"})
_LONGEST = 1024 * 1024
_DOUBLE = Word((Literal("[[", quoted=False),))


def parse(text: str) -> Script:
    """Read a whole command line. Raises ShellSyntaxError."""
    if len(text) > _LONGEST:
        raise ShellSyntaxError("line too long")
    return _whole(text, 0)


def _whole(text: str, depth: int) -> Script:
    parser = _Parser(text, depth)
    script = parser.script(frozenset())
    parser.blanks(newlines=True)
    if not parser.finished:
        raise parser.unexpected()
    return script


class _Parser(Scanner):
    def inner(self, text: str) -> Script:
        return _whole(text, self.depth + 1)

    def within(self, text: str) -> Scanner:
        return _Parser(text, self.depth + 1)

    def script(self, until: frozenset[str]) -> Script:
        """Read commands up to a word of ``until``, a closing parenthesis or the end."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise ShellSyntaxError("nested too deeply")
        items: list[AndOr] = []
        while True:
            self.blanks(newlines=True)
            if self.finished or self.peek() == ")" or self.text.startswith(";;", self.at) or self.bare_word() in until:
                break
            items.append(self._and_or())
            self.blanks()
            if self.peek() in {";", "&", "\n"} and not self.text.startswith(";;", self.at):
                self.at += 1
            else:
                break
        self.depth -= 1
        return Script(tuple(items))

    def _and_or(self) -> AndOr:
        first = self._pipeline()
        rest: list[tuple[str, Pipeline]] = []
        while True:
            self.blanks()
            operator = self.text[self.at : self.at + 2]
            if operator not in {"&&", "||"}:
                return AndOr(first, tuple(rest))
            self.at += 2
            self.blanks(newlines=True)
            rest.append((operator, self._pipeline()))

    def _pipeline(self) -> Pipeline:
        self.blanks()
        negated = False
        if self.peek() == "!" and self.text[self.at + 1 : self.at + 2] in {" ", "\t"}:
            negated = True
            self.at += 1
        commands = [self._command()]
        while True:
            self.blanks()
            if self.peek() != "|" or self.text.startswith("||", self.at):
                return Pipeline(tuple(commands), negated)
            self.at += 1
            self.blanks(newlines=True)
            commands.append(self._command())

    def _command(self) -> Command:
        self.blanks()
        word = self.bare_word()
        if self.peek() == "(":
            self.at += 1
            body = self.script(frozenset())
            self.expect(")")
            return Group(body, subshell=True, redirections=self._redirections())
        if word == "{":
            self.at += 1
            body = self.script(frozenset({"}"}))
            self._keyword("}")
            return Group(body, subshell=False, redirections=self._redirections())
        if word == "if":
            return self._if()
        if word in {"while", "until"}:
            self._keyword(word)
            condition = self._filled(frozenset({"do"}))
            self._keyword("do")
            body = self._filled(frozenset({"done"}))
            self._keyword("done")
            return Loop(condition, body, word == "until", self._redirections())
        if word == "for":
            return self._for()
        if word == "case":
            return self._case()
        function = _FUNCTION.match(self.text, self.at)
        if function is not None:
            self.at = function.end()
            return Function(function[1], self._command())
        return self._simple()

    def _if(self) -> If:
        branches: list[tuple[Script, Script]] = []
        otherwise: Script | None = None
        keyword = "if"
        while keyword in {"if", "elif"}:
            self._keyword(keyword)
            condition = self._filled(frozenset({"then"}))
            self._keyword("then")
            body = self._filled(frozenset({"elif", "else", "fi"}))
            branches.append((condition, body))
            self.blanks(newlines=True)
            keyword = self.bare_word()
        if keyword == "else":
            self._keyword("else")
            otherwise = self._filled(frozenset({"fi"}))
        self._keyword("fi")
        return If(tuple(branches), otherwise, self._redirections())

    def _case(self) -> Case:
        self._keyword("case")
        self.blanks()
        word = self.word()
        if word is None:
            raise self.unexpected()
        self._keyword("in")
        branches: list[tuple[tuple[Word, ...], Script]] = []
        while True:
            self.blanks(newlines=True)
            if self.bare_word() == "esac":
                break
            if self.peek() == "(":
                self.at += 1
            patterns = [self._pattern()]
            while self.peek() == "|":
                self.at += 1
                patterns.append(self._pattern())
            self.expect(")")
            branches.append((tuple(patterns), self.script(frozenset({"esac"}))))
            self.blanks(newlines=True)
            if self.text.startswith(";;", self.at):
                self.at += 2
        self._keyword("esac")
        return Case(word, tuple(branches), self._redirections())

    def _pattern(self) -> Word:
        self.blanks()
        word = self.word()
        if word is None:
            raise self.unexpected()
        self.blanks()
        return word

    def _for(self) -> For:
        self._keyword("for")
        self.blanks()
        match = NAME.match(self.text, self.at)
        if match is None:
            raise self.unexpected()
        self.at = match.end()
        words: list[Word] = []
        self.blanks(newlines=True)
        if self.bare_word() == "in":
            self._keyword("in")
            self.blanks()
            while (word := self.word()) is not None:
                words.append(word)
                self.blanks()
        if self.peek() in {";", "\n"}:
            self.at += 1
        self._keyword("do")
        body = self._filled(frozenset({"done"}))
        self._keyword("done")
        return For(match.group(), tuple(words), body, self._redirections())

    def _simple(self) -> Simple:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        while True:
            self.blanks()
            redirection = self._redirection()
            if redirection is not None:
                redirections.append(redirection)
                continue
            match = _ASSIGNMENT.match(self.text, self.at) if not words else None
            if match is not None:
                self.at = match.end()
                assignments.append((match.group(1), self.word() or Word(())))
                continue
            if not words and self.bare_word() in _RESERVED:
                raise self.unexpected()
            word = self._test_sign(words) or self.word()
            if word is None:
                break
            words.append(word)
        if not (assignments or words or redirections):
            raise self.unexpected()
        return Simple(tuple(assignments), tuple(words), tuple(redirections))

    def _test_sign(self, words: list[Word]) -> Word | None:
        """Between ``[[`` and ``]]`` the signs of lists are words."""
        if words[:1] != [_DOUBLE] or words[-1] == Word((Literal("]]", quoted=False),)):
            return None
        sign = self.text[self.at : self.at + 2]
        if sign not in {"&&", "||"}:
            return None
        self.at += 2
        return Word((Literal(sign, quoted=False),))

    def _redirections(self) -> tuple[Redirection, ...]:
        found: list[Redirection] = []
        while True:
            self.blanks()
            redirection = self._redirection()
            if redirection is None:
                return tuple(found)
            found.append(redirection)

    def _redirection(self) -> Redirection | None:
        match = _REDIRECTION.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        operator = match.group(2).replace(">|", ">")
        if operator in {"<<", "<<-"}:
            return Redirection(0, "<<", self._here_document(strip=operator == "<<-"))
        descriptor = int(match.group(1)[:4]) if match.group(1) else (0 if operator.startswith("<") else 1)
        self.blanks()
        target = self.word()
        if target is None:
            raise self.unexpected()
        if operator == "<<<":
            return Redirection(0, "<<", Word((*target.parts, Literal("\n", quoted=True))))
        return Redirection(descriptor, operator, target)

    def _here_document(self, *, strip: bool) -> Word:
        """Take the lines after this one up to the mark out of the text, and give them as one word."""
        self.blanks()
        mark = self.word()
        if mark is None:
            raise self.unexpected()
        plain = "".join(part.text for part in mark.parts if isinstance(part, Literal))
        literal = any(isinstance(part, Literal) and part.quoted for part in mark.parts)
        line_end = self.text.find("\n", self.at)
        rows = self.text[line_end + 1 :].split("\n") if line_end >= 0 else []
        rows = [row.lstrip("\t") for row in rows] if strip else rows
        if plain not in rows:
            raise ShellSyntaxError(f"here document '{plain}' unclosed")
        count = rows.index(plain)
        body = "".join(f"{row}\n" for row in rows[:count])
        self.text = "\n".join([self.text[:line_end], *rows[count + 1 :]])
        return Word((Literal(body, quoted=True),)) if literal else self.within(body).quoted_text()

    def _filled(self, until: frozenset[str]) -> Script:
        script = self.script(until)
        if not script.items:
            raise self.unexpected()
        return script

    def _keyword(self, word: str) -> None:
        self.blanks(newlines=True)
        if self.bare_word() != word:
            raise self.unexpected()
        self.at += len(word)
