"""``$((…))``: the integers of mksh, 32 bits wide and signed, with C's operators."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping

_TOKEN = re.compile(
    r"\s*(?:(?P<number>0[xX][0-9a-fA-F]+|\d+)|(?P<name>[A-Za-z_]\w*)|"
    r"(?P<sign><<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%<>&|^!~?:=(),]))",
    re.ASCII,
)
_LONGEST = 4096
_DEEPEST = 60


class ArithmeticSyntaxError(ValueError):
    """Raised for what is no expression; ``str()`` is what the shell prints."""


def _divided(a: int, b: int) -> int:
    if b == 0:
        raise ArithmeticSyntaxError("zero divisor")
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


_LEVELS: tuple[Mapping[str, Callable[[int, int], int]], ...] = (
    {"||": lambda a, b: int(bool(a or b))},
    {"&&": lambda a, b: int(bool(a and b))},
    {"|": lambda a, b: a | b},
    {"^": lambda a, b: a ^ b},
    {"&": lambda a, b: a & b},
    {"==": lambda a, b: int(a == b), "!=": lambda a, b: int(a != b)},
    {"<": lambda a, b: int(a < b), ">": lambda a, b: int(a > b), "<=": lambda a, b: int(a <= b),
     ">=": lambda a, b: int(a >= b)},
    {"<<": lambda a, b: a << (b & 31), ">>": lambda a, b: a >> (b & 31)},
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b},
    {"*": lambda a, b: a * b, "/": _divided, "%": lambda a, b: a - _divided(a, b) * b},
)  # fmt: skip


def evaluate(text: str, variables: MutableMapping[str, str]) -> int:
    """Give the value of an expression; assignments in it change ``variables``. Raises ArithmeticSyntaxError."""
    if not text.strip():
        return 0
    return _Reader(text, variables).whole()


def _wrapped(value: int) -> int:
    return (value + 0x80000000) % 0x100000000 - 0x80000000


class _Reader:
    def __init__(self, text: str, variables: MutableMapping[str, str]) -> None:
        self._text = text
        self._variables = variables
        self._depth = 0
        self._tokens: list[str] = []
        at = 0
        if len(text) > _LONGEST:
            raise ArithmeticSyntaxError("expression too long")
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                raise ArithmeticSyntaxError(f"{text}: unexpected '{text[at:].strip()[:1]}'")
            self._tokens.append(found.group().strip())
            at = found.end()
        self._at = 0

    def whole(self) -> int:
        value = self._list()
        if self._at < len(self._tokens):
            raise self._unexpected()
        return value

    def _unexpected(self) -> ArithmeticSyntaxError:
        token = self._tokens[self._at] if self._at < len(self._tokens) else "end of expression"
        return ArithmeticSyntaxError(f"{self._text}: unexpected '{token}'")

    def _take(self, *signs: str) -> str | None:
        if self._at < len(self._tokens) and self._tokens[self._at] in signs:
            self._at += 1
            return self._tokens[self._at - 1]
        return None

    def _list(self) -> int:
        value = self._assignment()
        while self._take(","):
            value = self._assignment()
        return value

    def _assignment(self) -> int:
        here = self._tokens[self._at : self._at + 2]
        if len(here) == 2 and (here[0][0].isalpha() or here[0][0] == "_") and here[1] in {"=", "+=", "-=", "*=", "/=",
                                                                                          "%="}:  # fmt: skip
            self._at += 2
            value = self._assignment()
            if here[1] != "=":
                operator = here[1][0]
                level = next(level for level in _LEVELS if operator in level)
                value = level[operator](self._value(here[0]), value)
            value = _wrapped(value)
            self._variables[here[0]] = str(value)
            return value
        return self._choice()

    def _choice(self) -> int:
        condition = self._binary(0)
        if not self._take("?"):
            return condition
        yes = self._assignment()
        if not self._take(":"):
            raise self._unexpected()
        no = self._assignment()
        return yes if condition else no

    def _binary(self, level: int) -> int:
        if level == len(_LEVELS):
            return self._unary()
        value = self._binary(level + 1)
        while (sign := self._take(*_LEVELS[level])) is not None:
            value = _wrapped(_LEVELS[level][sign](value, self._binary(level + 1)))
        return value

    def _unary(self) -> int:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ArithmeticSyntaxError("expression recursion loop detected")
        try:
            match self._take("-", "+", "!", "~", "("):
                case "-":
                    return _wrapped(-self._unary())
                case "+":
                    return self._unary()
                case "!":
                    return int(not self._unary())
                case "~":
                    return ~self._unary()
                case "(":
                    value = self._list()
                    if not self._take(")"):
                        raise self._unexpected()
                    return value
                case _:
                    return self._operand()
        finally:
            self._depth -= 1

    def _operand(self) -> int:
        if self._at >= len(self._tokens):
            raise self._unexpected()
        token = self._tokens[self._at]
        if token[0].isdigit():
            self._at += 1
            return _wrapped(int(token, 16) if token[:2].lower() == "0x" else int(token))
        if token[0].isalpha() or token[0] == "_":
            self._at += 1
            return self._value(token)
        raise self._unexpected()

    def _value(self, name: str) -> int:
        text = self._variables.get(name, "").strip()
        found = re.fullmatch(r"[-+]?(?:0[xX][0-9a-fA-F]+|\d+)", text, re.ASCII)
        if text and found is None:
            raise ArithmeticSyntaxError(f"{text}: bad number")
        return _wrapped(int(text, 16) if "x" in text.lower() else int(text or "0"))
