"""Where a home keeps a catalogue that it took from a file, and the key of whom it takes catalogues from."""

from __future__ import annotations

from pathlib import Path

from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.package import open_package
from provisioning.errors import UsageError
from provisioning.files import read_file, write_file
from provisioning.signatures import LARGEST_PEM, AnyDeskKey, DeskKeys

PACKAGE, KEY = "catalogue.dsse.json", "publisher.pub"


class CatalogueShelf:
    """One home's catalogue folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def key(self) -> DeskKeys | None:
        """Give the key that this home trusts for catalogues; None before it took its first one."""
        path = self._folder / KEY
        return DeskKeys.from_pem(read_file(path, LARGEST_PEM)) if path.exists() else None

    def newest(self, shipped: Catalogue) -> Catalogue:
        """Give the newer of what was taken and what ships. Raises FileError where what was taken is damaged."""
        key, path = self.key(), self._folder / PACKAGE
        if key is None or not path.exists():
            return shipped
        taken, _ = open_package(path, key)
        return taken if _number(taken) > _number(shipped) else shipped

    def take(self, file: Path, key: AnyDeskKey, in_use: Catalogue) -> Catalogue:
        """Check a signed file, keep it and the key, and give its catalogue.

        Raises FileError where it is not signed with the key, UsageError where it is not newer or contradicts itself.
        """
        catalogue, data = open_package(file, key)
        if _number(catalogue) <= _number(in_use):
            ours, theirs = in_use.reference.version, catalogue.reference.version
            raise UsageError(f"Catalogue {theirs} is not newer than {ours}, which is in use.")
        wrong = catalogue.check()
        if wrong:
            raise UsageError(f"The catalogue contradicts itself (places: {len(wrong)}): {wrong[0]}")
        self._folder.mkdir(exist_ok=True)
        write_file(self._folder / KEY, key.pem().encode())
        write_file(self._folder / PACKAGE, data)
        return catalogue


def _number(catalogue: Catalogue) -> tuple[int, ...]:
    """Give a version as numbers, to be compared; what is no number comes first."""
    return tuple(int(part) if part.isdigit() else -1 for part in catalogue.reference.version.split("."))
