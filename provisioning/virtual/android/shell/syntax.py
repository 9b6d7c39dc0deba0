"""The shape of a shell script: what the parser gives and the interpreter walks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Literal:
    """Text; ``quoted`` text is neither split nor globbed."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """``$NAME`` or ``${NAME}``; ``operator`` and ``operand`` are those of ``${NAME:-word}``, ``${NAME%pattern}`` ….

    ``operator`` is ``len`` for ``${#NAME}``.
    """

    name: str
    quoted: bool
    operator: str = ""
    operand: Word | None = None


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``$((expression))``."""

    expression: Word
    quoted: bool


@dataclass(frozen=True, slots=True)
class Substitution:
    """``$(script)`` or its backquoted form."""

    script: Script
    quoted: bool


Part = Literal | Parameter | Substitution | Arithmetic


@dataclass(frozen=True, slots=True)
class Word:
    """One word before expansion."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Redirection:
    """``2>file``, ``>>file``, ``2>&1``, ``<file``; ``operator`` is one of ``< > >> >& <& <<``.

    The target of ``<<`` is the text itself.
    """

    descriptor: int
    operator: str
    target: Word


@dataclass(frozen=True, slots=True)
class Simple:
    """A command with its words, assignments before it and redirections."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """``{ …; }`` or ``( … )``; a subshell keeps its variables to itself."""

    body: Script
    subshell: bool
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True, slots=True)
class If:
    """``if … then … elif … else … fi``."""

    branches: tuple[tuple[Script, Script], ...]
    otherwise: Script | None
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """``while`` or ``until``."""

    condition: Script
    body: Script
    until: bool
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True, slots=True)
class For:
    """``for NAME in WORDS; do …; done``."""

    name: str
    words: tuple[Word, ...]
    body: Script
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """``case WORD in PATTERN|PATTERN) …;; esac``."""

    word: Word
    branches: tuple[tuple[tuple[Word, ...], Script], ...]
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """``NAME() { …; }``."""

    name: str
    body: Command


Command = Simple | Group | If | Loop | For | Case | Function


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by ``|``; ``negated`` is a leading ``!``."""

    commands: tuple[Command, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class AndOr:
    """Pipelines joined by ``&&`` and ``||``."""

    first: Pipeline
    rest: tuple[tuple[str, Pipeline], ...]


@dataclass(frozen=True, slots=True)
class Script:
    """Commands one after the other."""

    items: tuple[AndOr, ...] = field(default=())
