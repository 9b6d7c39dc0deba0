"""The signing certificates of installed APKs, read on the handset from the few kilobytes of each file that hold them.

APKs are readable by everybody. Copying a 200 MB app to learn its signer would take seconds; its last 22 bytes say
where the ZIP directory begins, and the 64 kB before that hold nearly every signing block. So two calls do for any
number of apps, a third for the few with a larger block; for a few apps their last 256 kB, where most of them have the
directory and the block too, make it one.
"""

from __future__ import annotations

import logging
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from provisioning.android import apk
from provisioning.android.cable import Talk
from provisioning.android.reading import Unreadable
from provisioning.plain_text import one_line

Item = TypeVar("Item")

logger = logging.getLogger(__name__)

_PAGE = 4096
_USUAL_BLOCK = 64 << 10
_LARGEST_REPLY = 48 << 20
_GENEROUS_END = 256 << 10
_FEW = 4
_AT_ONCE = 120
"""Files in one script: keeps it under the adb server's 64 kB."""


@dataclass(slots=True)
class _Piece:
    """What lies ahead of a file's central directory: ``wanted`` bytes, in whole pages, as ``dd`` reads them."""

    name: str
    path: str
    directory: int
    wanted: int = _USUAL_BLOCK

    @property
    def command(self) -> str:
        count = -(-self.directory // _PAGE) - self._first
        # dd counts its records on stderr; status=none is missing from older toyboxes.
        return f"dd if={shlex.quote(self.path)} bs={_PAGE} skip={self._first} count={count} 2>/dev/null"

    def cut(self, out: bytes) -> bytes:
        """Give what lies ahead of the directory. Raises Unreadable where less came than was asked for."""
        size = self.directory - self._first * _PAGE
        if len(out) < size:
            raise Unreadable("less of the APK came than was asked for")
        return out[:size]

    @property
    def _first(self) -> int:
        return max(0, self.directory - self.wanted) // _PAGE


def read_certificates(talk: Talk, paths: Mapping[str, str], sdk: int) -> dict[str, str]:
    """Give package -> SHA-256 (lower-case hex) of the certificate for every APK that has a signing block.

    ``paths`` maps packages to their base APKs. A file that cannot be read or has the JAR signature only is left out,
    with a line in the log. Raises WireError, Unreadable where the call itself fails.
    """
    found: dict[str, str] = {}
    read = list(_ends(talk, paths))
    for again in (True, True, False):
        short = [piece for piece, before in read if _take(found, piece, before, sdk) > len(before)]
        read = list(_read(talk, short)) if again else []
    return found


def _ends(talk: Talk, paths: Mapping[str, str]) -> Iterator[tuple[_Piece, bytes]]:
    """Read the ends of all files; of a few files so much that most signing blocks are in it already."""
    end = _GENEROUS_END if len(paths) <= _FEW else apk.EOCD_SIZE
    for some in _portions(list(paths.items())):
        commands = [f"tail -c {end} {shlex.quote(path)}" for _, path in some]
        said = talk.ask_each(commands, talk.deadlines.certificates, _LARGEST_REPLY)
        for (name, path), command in zip(some, commands, strict=True):
            answer = said[command]
            try:
                if not answer.clean:
                    raise Unreadable(one_line(answer.complaint) or f"tail ended with code {answer.code}")
                directory = apk.central_directory(answer.out)
                yield _Piece(name, path, directory.offset), directory.before
            except Unreadable as error:
                logger.info("no certificate of %s: %s", name, error)


def _read(talk: Talk, pieces: Sequence[_Piece]) -> Iterator[tuple[_Piece, bytes]]:
    for some in _portions(pieces):
        commands = [piece.command for piece in some]
        said = talk.ask_each(commands, talk.deadlines.certificates, _LARGEST_REPLY)
        for piece, command in zip(some, commands, strict=True):
            try:
                yield piece, piece.cut(said[command].out)
            except Unreadable as error:
                logger.info("no certificate of %s: %s", piece.name, error)


def _take(found: dict[str, str], piece: _Piece, before: bytes, sdk: int) -> int:
    """Keep the certificate, or give the number of bytes ahead of the directory that must be read for it."""
    try:
        if len(before) < min(apk.FOOTER, piece.directory):
            return piece.wanted
        size = apk.block_size(before)
        if size == 0 or size > piece.directory:
            raise Unreadable("it has no signing block")
        if size <= len(before):
            found[piece.name] = apk.certificate_sha256(before[-size:], sdk)
        piece.wanted = size
        return size
    except Unreadable as error:
        logger.info("no certificate of %s: %s", piece.name, error)
        return 0


def _portions(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
