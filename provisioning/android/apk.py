"""The signing certificate of an APK, read from its signing block; a pure reader of bytes that anybody may have made.

Layout (source.android.com, APK Signature Scheme v2 and v3; AOSP ``ApkSigningBlockUtils``): before the ZIP's central
directory lies a block of pairs, ``size (8) · id (4) · value``, closed by its size and ``APK Sig Block 42``. In the
value of a scheme are signers, in each signed data, in it digests and certificates (DER). All lengths are
little-endian, 4 bytes unless said.

Nothing is verified here: Android did that when it installed the file. But it must be the scheme that *this* Android
verified, or an app could carry a block for a later release with somebody else's certificate in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from provisioning.android import jar_signature
from provisioning.android.reading import Unreadable

EOCD_SIZE = 22
LONGEST_EOCD = EOCD_SIZE + 0xFFFF
LARGEST_BLOCK = 8 << 20
"""Bytes; Play's dependency data and frosting make some tens of kB."""
LARGEST_FILE = 1 << 30
_EOCD_MAGIC = b"PK\x05\x06"
_ENTRY_MAGIC = b"PK\x01\x02"
_BLOCK_MAGIC = b"APK Sig Block 42"
FOOTER = 8 + len(_BLOCK_MAGIC)
"""Bytes at the end of a signing block that tell its size."""
_V2, _V3, _V31 = 0x7109871A, 0xF05368C0, 0x1B93AD61
_V3_SDK, _V31_SDK = 28, 33
_MOST_PAIRS = 64
_MOST_SIGNERS = 16


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the ZIP's central directory lies: ``size`` bytes from ``offset`` in the file.

    ``before`` is what the same bytes hold of the file ahead of it, empty where they do not reach that far.
    """

    offset: int
    size: int
    before: bytes = b""


def central_directory(tail: bytes) -> Directory:
    """Find the central directory from the last bytes of the file (at least 22; 65557 where it has a comment).

    Raises Unreadable.
    """
    last = len(tail) - EOCD_SIZE
    for start in range(last, max(-1, last - 0x10000), -1):
        record = tail[start : start + EOCD_SIZE]
        if record.startswith(_EOCD_MAGIC) and _u16(record, 20) == len(tail) - start - EOCD_SIZE:
            offset = _u32(record, 16)
            if offset >= LARGEST_FILE:
                raise Unreadable("the APK is larger than any")
            size = _u32(record, 12)
            begins = start - size
            reached = begins > 0 and tail.startswith(_ENTRY_MAGIC, begins)
            return Directory(offset, size, tail[max(0, begins - offset) : begins] if reached else b"")
    raise Unreadable("the APK has no end")


def block_size(before_directory: bytes) -> int:
    """Give the size in bytes of the whole signing block from what lies just before the central directory.

    0 where there is none: signed by the JAR scheme only. Raises Unreadable.
    """
    if len(before_directory) < FOOTER or before_directory[-len(_BLOCK_MAGIC) :] != _BLOCK_MAGIC:
        return 0
    size = int.from_bytes(before_directory[-FOOTER:-16], "little") + 8
    if not FOOTER + 8 <= size <= LARGEST_BLOCK:
        raise Unreadable("the APK's signing block has no possible size")
    return size


def certificate_sha256(block: bytes, sdk: int) -> str:
    """Give the SHA-256 (lower-case hex) of the certificate that an Android of that API level goes by.

    The newest scheme that it knows and that is there: v3.1 from 33, v3 from 28, else v2; in v3 the signer whose range
    of levels holds ``sdk``, in v2 the first. Raises Unreadable.
    """
    if len(block) < FOOTER + 8 or _u64(block, 0) + 8 != len(block):
        raise Unreadable("the APK's signing block is cut off")
    schemes = dict(_pairs(block[8:-FOOTER]))
    for scheme, since in ((_V31, _V31_SDK), (_V3, _V3_SDK)):
        if sdk >= since and scheme in schemes:
            certificate = _signer_for(schemes[scheme], sdk)
            if certificate is not None:
                return hashlib.sha256(certificate).hexdigest()
    if _V2 not in schemes:
        raise Unreadable("the APK's signing block has no scheme that counts here")
    certificates = [_first_certificate(_field(signer, 0)) for signer in _sequence(_field(schemes[_V2], 0))]
    if not certificates:
        raise Unreadable("the APK has no signer")
    return hashlib.sha256(certificates[0]).hexdigest()


def certificate_of_file(path: Path, sdk: int) -> str:
    """Give the signing certificate's SHA-256 (lower-case hex) of an APK on this machine.

    Raises Unreadable where it is no APK or is not signed, OSError where it cannot be read.
    """
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(0, end - LONGEST_EOCD))
        directory = central_directory(file.read(LONGEST_EOCD))
        footer = max(0, directory.offset - FOOTER)
        file.seek(footer)
        size = block_size(file.read(directory.offset - footer))
        if size == 0:
            return _jar_certificate(file, directory)
        if size > directory.offset:
            raise Unreadable("the APK's signing block has no possible size")
        file.seek(directory.offset - size)
        return certificate_sha256(file.read(size), sdk)


def _jar_certificate(file: BinaryIO, directory: Directory) -> str:
    if directory.size > jar_signature.LARGEST_DIRECTORY:
        raise Unreadable("the APK's directory is larger than any")
    file.seek(directory.offset)
    signature = jar_signature.find_signature(file.read(directory.size))
    file.seek(signature.offset)
    return jar_signature.certificate_sha256(signature, file.read(signature.reach))


def _pairs(body: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    seen: set[int] = set()
    while position < len(body):
        size = _u64(body, position)
        start, end = position + 8, position + 8 + size
        if size < 4 or end > len(body) or len(seen) >= _MOST_PAIRS:
            raise Unreadable("the APK's signing block is not well formed")
        scheme = _u32(body, start)
        if scheme in seen and scheme in (_V2, _V3, _V31):
            raise Unreadable("the APK's signing block names a scheme twice")
        seen.add(scheme)
        yield scheme, body[start + 4 : end]
        position = end


def _signer_for(scheme: bytes, sdk: int) -> bytes | None:
    """Give the certificate of the v3 signer for that API level: signed data, then its lowest and highest level."""
    for signer in _sequence(_field(scheme, 0)):
        signed = _field(signer, 0)
        after = 4 + len(signed)
        if _u32(signer, after) <= sdk <= _u32(signer, after + 4):
            return _first_certificate(signed)
    return None


def _first_certificate(signed: bytes) -> bytes:
    digests = _field(signed, 0)
    certificates = _sequence(_field(signed, 4 + len(digests)))
    if not certificates or not certificates[0]:
        raise Unreadable("the APK has a signer without a certificate")
    return certificates[0]


def _sequence(body: bytes) -> list[bytes]:
    found: list[bytes] = []
    position = 0
    while position < len(body):
        if len(found) >= _MOST_SIGNERS:
            raise Unreadable("the APK has more signers than any")
        item = _field(body, position)
        found.append(item)
        position += 4 + len(item)
    return found


def _field(body: bytes, position: int) -> bytes:
    size = _u32(body, position)
    start = position + 4
    if start + size > len(body):
        raise Unreadable("the APK's signing block is cut off")
    return body[start : start + size]


def _u16(body: bytes, position: int) -> int:
    return _number(body, position, 2)


def _u32(body: bytes, position: int) -> int:
    return _number(body, position, 4)


def _u64(body: bytes, position: int) -> int:
    return _number(body, position, 8)


def _number(body: bytes, position: int, size: int) -> int:
    piece = body[position : position + size]
    if len(piece) != size:
        raise Unreadable("the APK's signing block is cut off")
    return int.from_bytes(piece, "little")
