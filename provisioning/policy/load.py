"""Read policy files: by name, with what they inherit, all mistakes at once and at their lines."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from provisioning.errors import FileError, UsageError
from provisioning.files import read_file
from provisioning.plain_text import one_line
from provisioning.policy.effective import PolicyReference
from provisioning.policy.merging import merge
from provisioning.policy.policy import Policy
from provisioning.policy.schema import PolicyDocument
from provisioning.policy.toml_lines import line_of

LARGEST = 1 << 20
"""Bytes; the presets have less than ten thousand."""
DEEPEST = 8
"""Policies in a line of inheritance."""
MOST_MISTAKES = 12


@unique
class Origin(StrEnum):
    """Whose policy it is."""

    SHIPPED = "shipped"
    OWN = "own"
    INSTEAD = "own, instead of the one that ships"


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One file, read and in shape. ``data`` are its very bytes."""

    path: Path
    data: bytes
    document: PolicyDocument


def load_policy(name_or_path: str | Path, folders: Sequence[Path] = ()) -> Policy:
    """Load a policy by name from ``folders`` in order and then from those that ship, or by the path of its file.

    Raises UsageError where there is none of that name, FileError with line and reason where a file is wrong.
    """
    places = [*folders, shipped_folder()]
    lineage = [_read(_find(name_or_path, places), name_or_path)]
    while (parent := lineage[-1].document.policy.inherits) is not None:
        path = _find(parent, places, wanted_by=lineage[-1])
        if len(lineage) == DEEPEST or any(path == one.path for one in lineage):
            raise FileError(lineage[-1].path, f"inherits “{parent}” in a circle or too deeply.", _inherits(lineage[-1]))
        lineage.append(_read(path, parent))
    return merge([(one.path, one.data.decode("utf-8"), one.document) for one in lineage], _references(lineage))


def policy_names(folders: Sequence[Path] = ()) -> list[str]:
    """Give the names of all policies that can be loaded, sorted."""
    places = [folder for folder in (*folders, shipped_folder()) if folder.is_dir()]
    return sorted({path.stem for folder in places for path in folder.glob("*.toml")})


def policy_origin(name: str, folders: Sequence[Path] = ()) -> Origin:
    """Say whose policy is meant by a name; a desk's own goes before the one that ships under the same name."""
    own = any((folder / f"{name}.toml").is_file() for folder in folders)
    ships = (shipped_folder() / f"{name}.toml").is_file()
    return Origin.INSTEAD if own and ships else Origin.OWN if own else Origin.SHIPPED


def shipped_folder() -> Path:
    """Give the folder of the policies that ship."""
    return Path(str(files("resources").joinpath("policies")))


def _find(name_or_path: str | Path, folders: Iterable[Path], wanted_by: PolicyFile | None = None) -> Path:
    if isinstance(name_or_path, Path) or name_or_path.endswith(".toml"):
        return Path(name_or_path)
    for folder in folders:
        path = folder / f"{name_or_path}.toml"
        if "/" not in name_or_path and "\\" not in name_or_path and path.is_file():
            return path
    shown = one_line(name_or_path, 60)
    if wanted_by is not None:
        raise FileError(wanted_by.path, f"inherits “{shown}”, and there is no such policy.", _inherits(wanted_by))
    raise UsageError(f"There is no policy “{shown}”. There are: {', '.join(policy_names(list(folders)))}.")


def _read(path: Path, asked_for: str | Path) -> PolicyFile:
    file = _in_shape(path)
    name = file.document.policy.name
    if isinstance(asked_for, str) and not asked_for.endswith(".toml") and name != asked_for:
        line = line_of(file.data.decode("utf-8"), ("policy", "name"))
        raise FileError(path, f"calls its policy “{one_line(name, 60)}”. The file must have the policy's name.", line)
    return file


def _in_shape(path: Path) -> PolicyFile:
    data = read_file(path, LARGEST)
    try:
        return PolicyFile(path, data, PolicyDocument.model_validate(tomllib.loads(data.decode("utf-8"))))
    except UnicodeDecodeError as e:
        raise FileError(path, "is not UTF-8 text.", data.count(b"\n", 0, e.start) + 1) from e
    except (tomllib.TOMLDecodeError, RecursionError) as e:
        raise FileError(path, f"is not valid TOML: {one_line(str(e))}.") from e
    except ValidationError as e:
        raise _wrong(path, data.decode("utf-8"), e) from e


def _wrong(path: Path, text: str, error: ValidationError) -> FileError:
    mistakes: dict[tuple[str, ...], str] = {}
    for mistake in error.errors(include_url=False, include_context=False):
        place = tuple(str(part) for part in mistake["loc"])
        mistakes.setdefault(_written(place), mistake["msg"])
    lines = {place: line_of(text, place) for place in mistakes}
    said = [
        f"{f'line {lines[place]}: ' if lines[place] else ''}{one_line('.'.join(place), 80)}: {one_line(message, 120)}"
        for place, message in sorted(mistakes.items(), key=lambda m: lines[m[0]] or 0)
    ]
    more = f"; and {len(said) - MOST_MISTAKES} more" if len(said) > MOST_MISTAKES else ""
    first = min((line for line in lines.values() if line), default=None)
    return FileError(path, "; ".join(said[:MOST_MISTAKES]) + more + ".", first)


def _written(place: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out the names of union members that pydantic puts into a place."""
    return tuple(
        part for part in place if part not in {"RuleTable", "bool", "int", "str", "list[str]"} and "[" not in part
    )


def _inherits(file: PolicyFile) -> int | None:
    return line_of(file.data.decode("utf-8"), ("policy", "inherits"))


def _references(lineage: Sequence[PolicyFile]) -> tuple[PolicyReference, ...]:
    """Name each policy of the line; the hash of each is over its own bytes and those of all that it inherits."""
    references: list[PolicyReference] = []
    for index, file in enumerate(lineage):
        digest = hashlib.sha256()
        for one in lineage[index:]:
            digest.update(len(one.data).to_bytes(8, "big"))
            digest.update(one.data)
        head = file.document.policy
        references.append(PolicyReference(head.name, head.version, digest.hexdigest()))
    return tuple(references)
