"""What an officer declares, clause by clause: versioned texts in files, never changed once somebody signed them.

``ID/VERSION.LANGUAGE.toml`` holds ``id``, ``version``, ``language``, ``title``, ``basis`` (where the wording is from)
and ``[[clause]]`` tables with ``id`` and ``text``, each to be ticked by itself.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from provisioning.canonical import canonical
from provisioning.errors import FileError
from provisioning.files import read_file
from provisioning.receipts.receipt import Clause, Declared

DEFAULT_LANGUAGE = "en-GB"
POLICY_CLAUSE = "social-media"
"""The clause that depends on what a policy forbids; see :meth:`Declaration.under_policy`."""
LARGEST = 1 << 16
"""Bytes of a file; ours have about 2,000."""
_FILE_NAME = re.compile(r"(?P<version>[0-9A-Za-z.-]{1,40})\.(?P<language>[a-z]{2,3}-[A-Z]{2})\.toml")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


@dataclass(frozen=True, slots=True)
class DeclarationClause:
    """One sentence to be ticked; ``id`` stays the same in all languages and versions."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declaration in one language."""

    id: str
    version: str
    language: str
    title: str
    basis: str
    clauses: tuple[DeclarationClause, ...]
    policy: str = ""
    """Names the policy whose words are in it, where several of one receipt differ by that."""

    def sha256(self) -> str:
        """Give the digest (hex) of everything that the officer is shown; a receipt repeats it."""
        shown = {
            "id": self.id,
            "version": self.version,
            "language": self.language,
            "title": self.title,
            "clauses": [clause.text for clause in self.clauses],
        }
        return hashlib.sha256(canonical(shown)).hexdigest()

    @property
    def reference(self) -> str:
        """Give what an item's ``terms`` call it by; see :attr:`Declared.reference`."""
        return f"{self.id}@{self.policy}" if self.policy else self.id

    def under_policy(self, words: str) -> Declaration:
        """Give the same declaration with a policy's own ``words`` in place of the clause about social media.

        Policies forbid different things, and nobody may be made to agree to more than theirs does. The same
        declaration where a policy has no words of its own, or where this one has no such clause (a return).
        """
        text = " ".join(words.split())
        if not text:
            return self
        clauses = tuple(DeclarationClause(c.id, text) if c.id == POLICY_CLAUSE else c for c in self.clauses)
        return replace(self, clauses=clauses)

    def declared(self, ticked: Collection[str] | None = None) -> Declared:
        """Give it as it stands on a receipt; ``ticked`` holds the ids of the clauses that were ticked, None: all.

        Raises ValueError for an id that is no clause of this declaration.
        """
        known = {clause.id for clause in self.clauses}
        chosen = known if ticked is None else set(ticked)
        if not chosen <= known:
            raise ValueError(f"no clauses of declaration “{self.id}” {self.version}: {sorted(chosen - known)}")
        clauses = tuple(Clause(clause.text, clause.id in chosen) for clause in self.clauses)
        return Declared(self.id, self.version, self.language, self.title, clauses, self.sha256(), self.policy)


class _Clause(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    text: Annotated[str, Field(min_length=1, max_length=600)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: str
    version: str
    language: str
    title: Annotated[str, Field(min_length=1, max_length=80)]
    basis: Annotated[str, Field(min_length=1, max_length=600)]
    clause: Annotated[list[_Clause], Field(min_length=1, max_length=40)]


def load_declaration(
    id: str,  # noqa: A002  # the word that stands in the files and on the receipt
    language: str = DEFAULT_LANGUAGE,
    *,
    version: str | None = None,
    folders: Sequence[Path] = (),
) -> Declaration:
    """Load a declaration; ``version`` None gives the newest. The force's own ``folders`` win over what we ship.

    Raises FileError where it is not there, naming what is, or where the file is wrong.
    """
    found = _found(id, folders)
    wanted = [path for path in found if path.name.endswith(f".{language}.toml")]
    if version is not None:
        wanted = [path for path in wanted if path.name == f"{version}.{language}.toml"]
    if not wanted:
        there = ", ".join(sorted({path.name.removesuffix(".toml") for path in found})) or "nothing"
        what = f"declaration “{id}”" + (f", version {version}" if version else "")
        raise FileError(
            _shipped() / id, f"there is no {what} in {language}; there is: {there}. Add the file or choose another."
        )
    return _read(max(wanted, key=lambda path: _order(path.name)), id)


def languages_of(id: str, folders: Sequence[Path] = ()) -> tuple[str, ...]:  # noqa: A002  # as above
    """Give the languages in which a declaration can be shown, in alphabetical order."""
    names = (_FILE_NAME.fullmatch(path.name) for path in _found(id, folders))
    return tuple(sorted({name["language"] for name in names if name}))


def _found(id: str, folders: Sequence[Path]) -> list[Path]:  # noqa: A002  # as above
    """Give the files of the first folder that has any."""
    if not _WORD.fullmatch(id):
        raise FileError(_shipped(), f"“{id[:80]!r}” is no name of a declaration.")
    for folder in (*folders, _shipped()):
        try:
            found = [path for path in (folder / id).glob("*.toml") if _FILE_NAME.fullmatch(path.name)]
        except OSError as e:
            raise FileError(folder / id, f"the folder cannot be read ({e.strerror}).") from e
        if found:
            return found
    return []


def _shipped() -> Path:
    return Path(str(files("resources") / "declarations"))


def _order(name: str) -> tuple[tuple[int, str], ...]:
    """Sort 2026.10 after 2026.9."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in name.split("."))


def _read(path: Path, id: str) -> Declaration:  # noqa: A002  # as above
    try:
        read = _File.model_validate(tomllib.loads(read_file(path, LARGEST).decode("utf-8")))
    except UnicodeDecodeError as e:
        raise FileError(path, "the file is not UTF-8 text.") from e
    except tomllib.TOMLDecodeError as e:
        raise FileError(path, f"the file is not valid TOML: {e}.") from e
    except ValidationError as e:
        first = e.errors(include_url=False, include_input=False)[0]
        raise FileError(path, f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}.") from e
    if (read.id, f"{read.version}.{read.language}.toml") != (id, path.name):
        raise FileError(path, "the file's id, version and language are not those of its folder and name.")
    clauses = tuple(DeclarationClause(clause.id, clause.text) for clause in read.clause)
    if len({clause.id for clause in clauses}) != len(clauses):
        raise FileError(path, "two clauses have the same id.")
    return Declaration(read.id, read.version, read.language, read.title, read.basis, clauses)
