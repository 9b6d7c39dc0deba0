"""``sed`` as one-liners use it: ``s///``, ``p``, ``d``, ``q``, at lines by number, ``$``, ``/pattern/``, ranges."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_LONGEST = 4000


class SedError(ValueError):
    """Raised for a script that is not understood; ``str()`` is said after the program's name."""


@dataclass(slots=True)
class _Address:
    line: int | None = None
    last: bool = False
    pattern: re.Pattern[str] | None = None

    def meets(self, number: int, last: bool, text: str) -> bool:
        if self.pattern is not None:
            return self.pattern.search(text) is not None
        return last if self.last else number == self.line


@dataclass(slots=True)
class _Order:
    name: str
    start: _Address | None = None
    end: _Address | None = None
    negated: bool = False
    pattern: re.Pattern[str] | None = None
    new: str = ""
    flags: str = ""
    inside: bool = False

    def meets(self, number: int, last: bool, text: str) -> bool:
        return self._in_range(number, last, text) != self.negated

    def _in_range(self, number: int, last: bool, text: str) -> bool:
        if self.start is None:
            return True
        if self.end is None:
            return self.start.meets(number, last, text)
        if self.inside:
            self.inside = not self.end.meets(number, last, text)
            return True
        if self.start.meets(number, last, text):
            self.inside = not (self.end.line is not None and self.end.line <= number)
            return True
        return False


def run_sed(script: str, text: str, *, quiet: bool, regular: Callable[[str], str]) -> str:
    """Run a script over a text. Raises SedError."""
    orders = _Reader(script, regular).orders()
    lines = text.splitlines()
    out: list[str] = []
    for number, text_line in enumerate(lines, start=1):
        line = text_line
        kept, leave = True, False
        for order in orders:
            if not order.meets(number, number == len(lines), line):
                continue
            if order.name == "s" and order.pattern is not None:
                line, changed = _substituted(order, line)
                if changed and "p" in order.flags:
                    out.append(line)
            elif order.name == "p":
                out.append(line)
            elif order.name == "=":
                out.append(str(number))
            elif order.name == "d":
                kept = False
                break
            elif order.name == "q":
                leave = True
                break
        if kept and not quiet:
            out.append(line)
        if leave:
            break
    return "".join(f"{line}\n" for line in out)


def _substituted(order: _Order, line: str) -> tuple[str, int]:
    assert order.pattern is not None, "asked for s only"
    which = re.search(r"\d+", order.flags)
    if which is not None:
        found = list(order.pattern.finditer(line))
        number = int(which.group())
        if not 1 <= number <= len(found):
            return line, 0
        one = found[number - 1]
        return line[: one.start()] + _filled(order.new, one) + line[one.end() :], 1
    return order.pattern.subn(lambda match: _filled(order.new, match), line, count=0 if "g" in order.flags else 1)


def _filled(new: str, match: re.Match[str]) -> str:
    def part(found: re.Match[str]) -> str:
        said = found.group()
        if said == "&":
            return match.group()
        if said[1].isdigit():
            number = int(said[1])
            return (match.group(number) or "") if number <= (match.re.groups) else ""
        return {"n": "\n", "t": "\t"}.get(said[1], said[1])

    return re.sub(r"\\.|&", part, new, flags=re.DOTALL)


class _Reader:
    def __init__(self, script: str, regular: Callable[[str], str]) -> None:
        if len(script) > _LONGEST:
            raise SedError("script too long")
        self._text = script
        self._at = 0
        self._regular = regular

    def orders(self) -> list[_Order]:
        found: list[_Order] = []
        while True:
            self._skip(" \t\n;")
            if self._at >= len(self._text):
                return found
            found.append(self._order())

    def _skip(self, characters: str) -> None:
        while self._at < len(self._text) and self._text[self._at] in characters:
            self._at += 1

    def _order(self) -> _Order:
        start = self._address()
        end = None
        if start is not None and self._text[self._at : self._at + 1] == ",":
            self._at += 1
            end = self._address()
        self._skip(" ")
        negated = self._text[self._at : self._at + 1] == "!"
        self._at += negated
        name = self._text[self._at : self._at + 1]
        self._at += 1
        if name in {"p", "d", "q", "="}:
            return _Order(name, start, end, negated)
        if name == "s":
            mark = self._text[self._at : self._at + 1]
            pattern, new = self._until(mark), self._until(mark, first=False)
            flags = re.match(r"[gpIi0-9]*", self._text[self._at :])
            said = flags.group() if flags else ""
            self._at += len(said)
            return _Order("s", start, end, negated, self._compiled(pattern, said), new, said)
        raise SedError(f"bad pattern '{self._text}'@{self._at} ({name})")

    def _address(self) -> _Address | None:
        digits = re.match(r"\d+", self._text[self._at :])
        if digits:
            self._at += digits.end()
            return _Address(line=int(digits.group()))
        if self._text[self._at : self._at + 1] == "$":
            self._at += 1
            return _Address(last=True)
        if self._text[self._at : self._at + 1] == "/":
            return _Address(pattern=self._compiled(self._until("/"), ""))
        return None

    def _until(self, mark: str, *, first: bool = True) -> str:
        """Read up to ``mark``; the first of the two parts of ``s`` still has its own mark in front."""
        if not mark or mark in "\\\n":
            raise SedError(f"bad pattern '{self._text}'@{self._at}")
        self._at += first
        piece = ""
        while self._at < len(self._text):
            character = self._text[self._at]
            self._at += 1
            if character == mark:
                return piece
            if character == "\\" and self._at < len(self._text):
                following = self._text[self._at]
                self._at += 1
                piece += following if following == mark else f"\\{following}"
            else:
                piece += character
        raise SedError(f"bad pattern '{self._text}'@{self._at}")

    def _compiled(self, pattern: str, flags: str) -> re.Pattern[str]:
        try:
            return re.compile(self._regular(pattern), re.IGNORECASE if "i" in flags.lower() else 0)
        except re.error:
            raise SedError(f"bad regex '{pattern}'") from None
