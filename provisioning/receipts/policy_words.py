"""The words that a policy puts into the declaration, in the language that the officer reads.

``policy-words.LANGUAGE.toml`` has ``[[words]]`` tables with the English ``text`` and its ``translation``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from provisioning.errors import FileError, UsageError
from provisioning.files import read_file
from provisioning.plain_text import one_line
from provisioning.receipts.declaration import DEFAULT_LANGUAGE

LARGEST = 1 << 18
"""Bytes of a file; ours has about 3,000."""


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    text: str
    translation: str


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    words: list[_Words]


def policy_words(words: str, language: str, folders: Sequence[Path] = ()) -> str:
    """Give a policy's own ``words`` in ``language``; the force's own ``folders`` win over what we ship.

    Raises UsageError where nobody has translated them: nobody is to sign for what stands in another language.
    """
    told = " ".join(words.split())
    if not told or language == DEFAULT_LANGUAGE:
        return told
    for folder in (*folders, Path(str(files("resources") / "declarations"))):
        path = folder / f"policy-words.{language}.toml"
        if path.is_file():
            for one in _read(path).words:
                if " ".join(one.text.split()) == told:
                    return " ".join(one.translation.split())
    raise UsageError(
        f"The words of this policy are not there in {one_line(language, 20)}: add them to “declarations/policy-words."
        f"{one_line(language, 20)}.toml” in the desk's home, or use the declaration in {DEFAULT_LANGUAGE}."
    )


def _read(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(read_file(path, LARGEST).decode("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise FileError(path, "the file is not valid TOML in UTF-8.") from e
    except ValidationError as e:
        first = e.errors(include_url=False, include_input=False)[0]
        raise FileError(path, f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}.") from e
