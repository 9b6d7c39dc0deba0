"""The batches of a home: each the manifest that came with a delivery, one file under its name."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

from provisioning.batches.manifest import Expected, Manifest
from provisioning.canonical import canonical
from provisioning.errors import HomeError, UsageError
from provisioning.files import make_folder, read_file, write_file
from provisioning.plain_text import one_line

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")


class BatchFolder:
    """Keeps and finds manifests."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._folder = home / "batches"

    def names(self) -> list[str]:
        """Give the names of the batches, in order of the alphabet."""
        return sorted(file.stem for file in self._folder.glob("*.json")) if self._folder.is_dir() else []

    def load(self, name: str) -> Manifest:
        """Give a batch's manifest. Raises UsageError where there is none of that name, HomeError for a damaged file."""
        file = self._file(name)
        if not file.is_file():
            known = ", ".join(self.names()) or "none"
            raise UsageError(f"There is no batch “{one_line(name, 60)}”. There are: {known}.")
        lines: dict[str, list[Expected]] = {}
        try:
            for one in json.loads(read_file(file)):
                expected = Expected(**one)
                lines.setdefault(expected.serial_number.casefold(), []).append(expected)
        except (ValueError, TypeError, AttributeError) as error:
            raise HomeError(f"The batch {file} is damaged. Import it again.") from error
        return Manifest({serial: tuple(same) for serial, same in lines.items()}, name)

    def keep(self, name: str, manifest: Manifest) -> None:
        """Keep a manifest under a name, in place of an older one. Raises UsageError for a name that is none."""
        make_folder(self._folder)
        write_file(self._file(name), manifest_bytes(manifest))

    def find(self, serial_number: str) -> Expected | None:
        """Give the line of a handset in whichever batch has it once; None where none does."""
        found = (self.load(name).find(serial_number) for name in self.names())
        return next((one for one in found if one is not None), None)

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name) or ".." in name:
            raise UsageError(
                f"“{one_line(name, 60)}” names no batch. Use up to 60 letters, digits, spaces, dots, hyphens."
            )
        return self._folder / f"{name}.json"


def manifest_bytes(manifest: Manifest) -> bytes:
    """Give a manifest as it is kept; equal lines give equal bytes, so that the ledger can name them by their hash."""
    return canonical([asdict(one) for one in manifest.lines])
