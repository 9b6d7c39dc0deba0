"""The signing certificates of installed APKs, read on the handset from the few kilobytes of each file that hold them.

APKs are readable by everybody. Copying a 200 MB app to learn its signer would take seconds; its last 22 bytes say
where the ZIP directory begins, and the 64 kB before that hold nearly every signing block. So two calls do for any
number of apps, a third for the few with a larger block.
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
_AT_ONCE = 120
"""Files in one script: keeps it under the adb server's 64 kB."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """``before`` bytes ahead of a file's central directory, in whole pages, as ``dd`` reads them."""

    name: str
    path: str
    directory: int
    before: int

    @property
    def command(self) -> str:
        first = max(0, self.directory - self.before) // _PAGE
        count = -(-self.directory // _PAGE) - first
        # dd counts its records on stderr; status=none is missing from older toyboxes.
        return f"dd if={shlex.quote(self.path)} bs={_PAGE} skip={first} count={count} 2>/dev/null"

    def cut(self, out: bytes) -> bytes:
        """Give what lies ahead of the directory. Raises Unreadable where less came than was asked for."""
        first = max(0, self.directory - self.before) // _PAGE
        wanted = self.directory - first * _PAGE
        if len(out) < wanted:
            raise Unreadable("less of the APK came than was asked for")
        return out[:wanted]


def read_certificates(talk: Talk, paths: Mapping[str, str], sdk: int) -> dict[str, str]:
    """Give package -> SHA-256 (lower-case hex) of the certificate for every APK that has a signing block.

    ``paths`` maps packages to their base APKs. A file that cannot be read or has the JAR signature only is left out,
    with a line in the log. Raises WireError, Unreadable where the call itself fails.
    """
    found: dict[str, str] = {}
    larger: list[_Piece] = []
    for piece, before in _read(talk, list(_ends(talk, paths))):
        size = _take(found, piece, before, sdk)
        if size > len(before):
            larger.append(_Piece(piece.name, piece.path, piece.directory, size))
    for piece, before in _read(talk, larger):
        _take(found, piece, before, sdk)
    return found


def _ends(talk: Talk, paths: Mapping[str, str]) -> Iterator[_Piece]:
    for some in _portions(list(paths.items())):
        commands = [f"tail -c {apk.EOCD_SIZE} {shlex.quote(path)}" for _, path in some]
        for (name, path), answer in zip(some, talk.ask(commands, talk.deadlines.certificates), strict=True):
            try:
                if not answer.clean:
                    raise Unreadable(one_line(answer.complaint) or f"tail ended with code {answer.code}")
                yield _Piece(name, path, apk.central_directory(answer.out).offset, _USUAL_BLOCK)
            except Unreadable as error:
                logger.info("no certificate of %s: %s", name, error)


def _read(talk: Talk, pieces: Sequence[_Piece]) -> Iterator[tuple[_Piece, bytes]]:
    for some in _portions(pieces):
        answers = talk.ask([piece.command for piece in some], talk.deadlines.certificates, _LARGEST_REPLY)
        for piece, answer in zip(some, answers, strict=True):
            try:
                yield piece, piece.cut(answer.out)
            except Unreadable as error:
                logger.info("no certificate of %s: %s", piece.name, error)


def _take(found: dict[str, str], piece: _Piece, before: bytes, sdk: int) -> int:
    """Keep the certificate; give the size of the signing block, which may be more than was read."""
    try:
        size = apk.block_size(before)
        if size == 0 or size > piece.directory:
            raise Unreadable("it has no signing block")
        if size <= len(before):
            found[piece.name] = apk.certificate_sha256(before[-size:], sdk)
        return size
    except Unreadable as error:
        logger.info("no certificate of %s: %s", piece.name, error)
        return 0


def _portions(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
