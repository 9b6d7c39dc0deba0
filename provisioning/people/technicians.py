"""Technicians: who works at this desk. The ledger says who they are; what is kept of their PINs lies sealed beside it.

So nobody is registered, disabled or given another PIN without an entry, and putting an older file in place brings
back no name and no forgotten count of failed tries.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from provisioning.errors import HomeError, UsageError
from provisioning.files import read_file, write_file
from provisioning.home.vault import Vault
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.people.pins import PinHash, read_pin_hash
from provisioning.plain_text import one_line

FILE = "technicians.sealed"
_PIECE = "technicians"
_LONGEST_NAME = 60
TECHNICIAN_KINDS = (
    EntryKind.TECHNICIAN_REGISTERED,
    EntryKind.TECHNICIAN_PIN_SET,
    EntryKind.TECHNICIAN_DISABLED,
)


@dataclass(frozen=True, slots=True)
class Technician:
    """One technician. ``account`` is the operating system's account that is theirs; empty: signs in with a PIN only."""

    name: str
    account: str = ""
    has_pin: bool = False
    disabled: bool = False


def technician_name(text: str) -> str:
    """Give a technician's name as it stands on entries. Raises UsageError where it is none."""
    name = " ".join(text.split())
    if not name or len(name) > _LONGEST_NAME or one_line(name, _LONGEST_NAME) != name:
        raise UsageError(f"“{one_line(text, 40)}” is not a technician's name. Use up to {_LONGEST_NAME} letters.")
    return name


def folded(name: str) -> str:
    """Give the name as names are compared: without case and in one way of writing accents."""
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()


def technicians_on_the_books(entries: Iterable[Entry]) -> dict[str, Technician]:
    """Fold the entries of technicians, oldest first, to who they are now, by folded name."""
    found: dict[str, Technician] = {}
    for entry in entries:
        name = str(entry.body.get("technician"))
        known = found.get(folded(name))
        match entry.kind:
            case EntryKind.TECHNICIAN_REGISTERED:
                found[folded(name)] = Technician(name, account=str(entry.body.get("account") or ""))
            case EntryKind.TECHNICIAN_PIN_SET if known is not None:
                found[folded(name)] = replace(known, has_pin=True)
            case EntryKind.TECHNICIAN_DISABLED if known is not None:
                found[folded(name)] = replace(known, disabled=True)
            case _:
                pass
    return found


class PinFile:
    """What one home keeps of its technicians' PINs, by folded name; sealed with the vault's key."""

    def __init__(self, home: Path, vault: Callable[[], Vault]) -> None:
        self._path = home / FILE
        self._vault = vault

    def load(self) -> Mapping[str, PinHash]:
        """Give them all; none where nobody has one. Raises HomeError."""
        if not self._path.exists():
            return {}
        try:
            kept = cast("dict[str, str]", json.loads(self._vault().open(_PIECE, read_file(self._path))))
            return {name: read_pin_hash(text) for name, text in kept.items()}
        except (ValueError, AttributeError) as error:
            raise HomeError(f"The technicians' PINs in {self._path} are damaged. Restore it from a backup.") from error

    def keep(self, name: str, pin: PinHash) -> None:
        """Keep a technician's PIN in place of an older one. Raises HomeError."""
        kept = {one: hashed.text() for one, hashed in self.load().items()} | {folded(name): pin.text()}
        write_file(self._path, self._vault().seal(_PIECE, json.dumps(kept).encode()))
