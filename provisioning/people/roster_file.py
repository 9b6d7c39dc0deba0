"""Where the home keeps its roster: one file, sealed with the vault's key, since it is about people."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import cast

from provisioning.errors import HomeError
from provisioning.files import read_file, write_file
from provisioning.home.vault import Vault
from provisioning.people.roster import Field, Listed, Roster

FILE = "roster.sealed"
_PIECE = "roster"


class RosterFile:
    """The roster of one home, with the columns that a person named last."""

    def __init__(self, home: Path, vault: Callable[[], Vault]) -> None:
        self._path = home / FILE
        self._vault = vault
        self._loaded: tuple[tuple[int, int], Roster] | None = None

    def load(self) -> Roster:
        """Give the roster; an empty one where none was imported. Read anew only where the file changed.

        Raises HomeError.
        """
        try:
            found = self._path.stat()
        except OSError:
            return Roster()
        state = (found.st_mtime_ns, found.st_size)
        if self._loaded is None or self._loaded[0] != state:
            self._loaded = state, Roster({one["number"]: Listed(**one) for one in self._content().get("officers", [])})
        return self._loaded[1]

    def columns(self) -> Mapping[Field, str]:
        """Give the columns that were named at the last import, field to heading."""
        named = self._content().get("columns", [])
        return {Field(one["field"]): one["heading"] for one in named}

    def keep(self, roster: Roster, columns: Mapping[Field, str]) -> None:
        """Replace the roster. Raises HomeError."""
        content = {
            "officers": [asdict(one) for one in roster.officers.values()],
            "columns": [{"field": str(one), "heading": heading} for one, heading in columns.items()],
        }
        raw = zlib.compress(json.dumps(content, ensure_ascii=False).encode())
        write_file(self._path, self._vault().seal(_PIECE, raw))

    def _content(self) -> dict[str, list[dict[str, str]]]:
        if not self._path.exists():
            return {}
        try:
            raw = zlib.decompress(self._vault().open(_PIECE, read_file(self._path)))
            return cast("dict[str, list[dict[str, str]]]", json.loads(raw))
        except (zlib.error, ValueError) as error:
            raise HomeError(f"The roster {self._path} is damaged. Import it again.") from error
