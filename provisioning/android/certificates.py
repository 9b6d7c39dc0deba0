"""The signing certificates of installed APKs, read on the handset from the few kilobytes of each file that hold them.

APKs are readable by everybody. Copying a 200 MB app to learn its signer would take seconds; its last 22 bytes say
where the ZIP directory begins, and the 64 kB before that hold nearly every signing block. So two calls do for any
number of apps, a third for the few with a larger block; for a few apps their last 256 kB, where most of them have the
directory and the block too, make it one. Those with the JAR signature alone need two more.
"""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from provisioning.android import apk, jar_signature
from provisioning.android.cable import Talk
from provisioning.android.reading import Unreadable
from provisioning.plain_text import one_line

Item = TypeVar("Item")

logger = logging.getLogger(__name__)

_PAGE = 4096
_USUAL_BLOCK = 64 << 10
_LARGEST_REPLY = 48 << 20
_MOST_ASKED = 32 << 20
"""Bytes asked for in one call; an app with a huge block or directory must not make the answers of others too large."""
_GENEROUS_END = 256 << 10
_FEW = 4
_AT_ONCE = 120
"""Files in one script: keeps it under the adb server's 64 kB."""


@dataclass(slots=True)
class _Apk:
    """What is known of one file: its ZIP directory, and how many bytes ahead of that are ``wanted``.

    ``jar`` is True once it is known to have no signing block: then its signature is one of its own entries.
    """

    name: str
    path: str
    directory: apk.Directory
    wanted: int = _USUAL_BLOCK
    jar: bool = False

    @property
    def ahead(self) -> _Span:
        """Give what lies just ahead of the directory."""
        end = self.directory.offset
        return _Span(self, max(0, end - self.wanted) // _PAGE * _PAGE, end)


@dataclass(frozen=True, slots=True)
class _Span:
    """The bytes from ``start`` to ``end`` of a file, as ``dd`` reads them, in whole pages."""

    of: _Apk
    start: int
    end: int

    @property
    def command(self) -> str:
        count = -(-self.end // _PAGE) - self._first
        # dd counts its records on stderr; status=none is missing from older toyboxes.
        return f"dd if={shlex.quote(self.of.path)} bs={_PAGE} skip={self._first} count={count} 2>/dev/null"

    @property
    def bytes(self) -> int:
        """Give how many bytes are asked for."""
        return self.end - self.start + 2 * _PAGE

    def cut(self, out: bytes, *, may_be_short: bool = False) -> bytes:
        """Give the span out of what dd wrote. Raises Unreadable where less came than was asked for."""
        begin = self.start - self._first * _PAGE
        data = out[begin : begin + self.end - self.start]
        if len(data) < self.end - self.start and not may_be_short:
            raise Unreadable("less of the APK came than was asked for")
        return data

    @property
    def _first(self) -> int:
        return self.start // _PAGE


def read_certificates(talk: Talk, paths: Mapping[str, str], sdk: int) -> dict[str, str]:
    """Give package -> SHA-256 (lower-case hex) of the signing certificate of every APK that can be read.

    ``paths`` maps packages to their base APKs. A file that cannot be read is left out, with a line in the log. Raises
    WireError, Unreadable where the call itself fails.
    """
    found: dict[str, str] = {}
    jars: list[_Apk] = []
    read = list(_ends(talk, paths))
    for again in (True, True, False):
        short = [file for file, before in read if _take(found, file, before, sdk) > len(before)]
        jars += [file for file, _ in read if file.jar]
        read = [(span.of, data) for span, data in _read(talk, [file.ahead for file in short])] if again else []
    _read_jars(talk, jars, found)
    return found


def _ends(talk: Talk, paths: Mapping[str, str]) -> Iterator[tuple[_Apk, bytes]]:
    """Read the ends of all files; of a few files so much that most signing blocks are in it already."""
    end = _GENEROUS_END if len(paths) <= _FEW else apk.EOCD_SIZE
    for some in _portions(list(paths.items()), lambda _: end):
        commands = [f"tail -c {end} {shlex.quote(path)}" for _, path in some]
        said = talk.ask_each(commands, talk.deadlines.certificates, _LARGEST_REPLY)
        for (name, path), command in zip(some, commands, strict=True):
            answer = said[command]
            try:
                if not answer.clean:
                    raise Unreadable(one_line(answer.complaint) or f"tail ended with code {answer.code}")
                directory = apk.central_directory(answer.out)
                yield _Apk(name, path, directory), directory.before
            except Unreadable as error:
                logger.info("no certificate of %s: %s", name, error)


def _read(talk: Talk, spans: Sequence[_Span], *, may_be_short: bool = False) -> Iterator[tuple[_Span, bytes]]:
    for some in _portions(spans, lambda span: span.bytes):
        commands = [span.command for span in some]
        said = talk.ask_each(commands, talk.deadlines.certificates, _LARGEST_REPLY)
        for span, command in zip(some, commands, strict=True):
            try:
                yield span, span.cut(said[command].out, may_be_short=may_be_short)
            except Unreadable as error:
                logger.info("no certificate of %s: %s", span.of.name, error)


def _take(found: dict[str, str], file: _Apk, before: bytes, sdk: int) -> int:
    """Keep the certificate, or give the number of bytes ahead of the directory that must be read for it."""
    try:
        if len(before) < min(apk.FOOTER, file.directory.offset):
            return file.wanted
        size = apk.block_size(before)
        if size == 0:
            file.jar = True
            return 0
        if size > file.directory.offset:
            raise Unreadable("its signing block is larger than what lies ahead of it")
        if size <= len(before):
            found[file.name] = apk.certificate_sha256(before[-size:], sdk)
        file.wanted = size
        return size
    except Unreadable as error:
        logger.info("no certificate of %s: %s", file.name, error)
        return 0


def _read_jars(talk: Talk, files: Sequence[_Apk], found: dict[str, str]) -> None:
    """Read what has the JAR signature only: the ZIP's directory, which says where it lies, and then that."""
    directories = [
        _Span(file, file.directory.offset, file.directory.offset + file.directory.size)
        for file in files
        if file.directory.size <= jar_signature.LARGEST_DIRECTORY
    ]
    spans: list[_Span] = []
    signatures: dict[str, jar_signature.SignatureFile] = {}
    for span, data in _read(talk, directories):
        try:
            where = jar_signature.find_signature(data)
            signatures[span.of.name] = where
            spans.append(_Span(span.of, where.offset, where.offset + where.reach))
        except Unreadable as error:
            logger.info("no certificate of %s: %s", span.of.name, error)
    for span, data in _read(talk, spans, may_be_short=True):  # what reaches beyond it may reach beyond the file
        try:
            found[span.of.name] = jar_signature.certificate_sha256(signatures[span.of.name], data)
        except Unreadable as error:
            logger.info("no certificate of %s: %s", span.of.name, error)


def _portions(items: Sequence[Item], weight: Callable[[Item], int]) -> Iterator[Sequence[Item]]:
    """Share items out over calls: not too many in one, nor too many bytes to come back."""
    some: list[Item] = []
    total = 0
    for item in items:
        if some and (len(some) >= _AT_ONCE or total + weight(item) > _MOST_ASKED):
            yield some
            some, total = [], 0
        some.append(item)
        total += weight(item)
    if some:
        yield some
