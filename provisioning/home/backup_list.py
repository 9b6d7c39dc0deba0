"""What a backup says of itself: its list of files, signed by the desk; read as the hostile file that it may be."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from provisioning.canonical import Members, canonical, parse_object
from provisioning.errors import FileError, UsageError
from provisioning.home.identity import FILE_NAME
from provisioning.ledger.opening import LEDGER
from provisioning.signatures import AnyDeskKey, DeskKeys

FORMAT = "issuing-desk/backup/1"
SIGNED = FORMAT.encode() + b"\0"
"""What the signature begins with; no entry, head or record begins like this."""
LIST = "manifest.json"
PIECE = 1 << 20
_LARGEST = 64 << 20


@dataclass(frozen=True, slots=True)
class Packed:
    """One file of the home as the manifest has it."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself, its signature and every file in it checked. ``head`` is hex, of the last entry."""

    desk: str
    desk_name: str
    training: bool
    made: str
    entries: int
    head: str
    key: str
    files: tuple[Packed, ...]


def read_list(file: Path, archive: zipfile.ZipFile, key: AnyDeskKey | None) -> tuple[Backup, DeskKeys]:
    """Read the manifest, who signed it, and whether all that it names is there, and nothing else."""
    try:
        with member_of(file, archive, LIST) as member:
            whole = parse_object(member.read(_LARGEST))
        manifest = whole.members("manifest")
        if manifest.text("format") != FORMAT:
            raise ValueError("of another format")
        backup = _backup(manifest)
        with member_of(file, archive, "keys/desk.pub") as member:
            keys = DeskKeys.from_pem(member.read(1 << 16))
        signature = bytes.fromhex(whole.text("signature"))
    except (ValueError, UsageError) as e:
        raise FileError(file, "is no backup of a desk’s home, or of a newer version of this program.") from e
    newest = keys.newest
    if newest.id != backup.key or not newest.verifies(signature, SIGNED + canonical(manifest.object)):
        raise FileError(file, "is no whole backup: its list of files was not signed by its desk.")
    if key is not None and not any(one in keys.keys for one in key.keys):
        raise FileError(file, "is another desk’s backup: it was not signed with the key that was given.")
    names = [name for name in archive.namelist() if name != LIST]
    wanted = [one.path for one in backup.files]
    if missing := sorted(set(wanted) - set(names)):
        raise FileError(file, f"is no whole backup: “{missing[0]}” is missing ({len(missing)} of {len(wanted)} files).")
    if len(names) != len(wanted) or any(_strays(path) for path in wanted):
        raise FileError(file, "is no backup as this program makes them: there is more in it than its list names.")
    for needed in (FILE_NAME, LEDGER, "keys/vault.json", "keys/desk.key.sealed"):
        if needed not in wanted:
            raise FileError(file, f"is no whole backup: “{needed}” is missing.")
    return backup, keys


def _backup(manifest: Members) -> Backup:
    return Backup(
        desk=manifest.text("desk"),
        desk_name=manifest.text("desk_name"),
        training=manifest.flag("training"),
        made=manifest.text("made"),
        entries=manifest.number("entries"),
        head=manifest.text("head"),
        key=manifest.text("key"),
        files=tuple(Packed(one.text("path"), one.number("size"), one.text("sha256")) for one in manifest.list("files")),
    )


def _strays(path: str) -> bool:
    """Tell whether a name leads out of the folder, or to what no backup holds."""
    pure = PurePosixPath(path)
    return pure.is_absolute() or not pure.parts or ".." in pure.parts or "\\" in path or ":" in path or "\0" in path


def member_of(file: Path, archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Open one of its files. Raises FileError where it is not there."""
    try:
        return archive.open(name)
    except KeyError as e:
        raise FileError(file, f"is no backup of a desk’s home: “{name}” is missing.") from e


def digest_of(member: IO[bytes], size: int, sink: IO[bytes] | None = None) -> str:
    """Give the digest of what can be read, up to one byte more than ``size``: then it is another's."""
    digest, left = hashlib.sha256(), size + 1
    while left and (piece := member.read(min(PIECE, left))):
        digest.update(piece)
        left -= len(piece)
        if sink is not None:
            sink.write(piece)
    return digest.hexdigest() if left == 1 else ""
