"""The certificate of an APK that has the JAR signature alone (scheme v1), as apps for Android 10 and older may.

Its signature lies in a ZIP entry, ``META-INF/NAME.RSA`` (or ``.DSA``, ``.EC``), beside ``NAME.SF``, as PKCS #7 (JAR
File Specification, “Signature Validation”; AOSP ``StrictJarVerifier``). A reader of bytes that anybody may have made:
nothing is verified, Android did that when it installed the file, but it must be the certificate that it went by. So it
is the one that the signer names by issuer and serial number, and not any other that lies beside it.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from provisioning.android.reading import Unreadable

LARGEST_DIRECTORY = 16 << 20
"""Bytes; an app with a hundred thousand files has some 10 MB."""
LARGEST_SIGNATURE = 1 << 20
_MOST_ENTRIES = 0x10000
_ENTRY, _LOCAL = b"PK\x01\x02", b"PK\x03\x04"
_ENTRY_SIZE, _LOCAL_SIZE = 46, 30
_LONGEST_EXTRA = 8192
"""Bytes that may lie between a local header's name and its data: alignment, at most a page or two."""
_SIGNATURE = re.compile(rb"META-INF/([^/]{1,200})\.(RSA|DSA|EC)", re.IGNORECASE)
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class SignatureFile:
    """Where the signature lies: ``offset`` of its local header in the file, ``reach`` bytes from there hold all of it.

    ``packed`` is its size in the file and ``size`` its own, both in bytes.
    """

    offset: int
    reach: int
    packed: int
    size: int
    deflated: bool


def find_signature(directory: bytes) -> SignatureFile:
    """Find the signature in a ZIP's central directory. Raises Unreadable where there is none, or more than one.

    Several signers are several files; Android then goes by all of them, so none of them is the app's certificate.
    """
    found: list[tuple[bytes, SignatureFile]] = []
    stems: set[bytes] = set()
    for name, entry in _entries(directory):
        match = _SIGNATURE.fullmatch(name)
        if match is not None:
            found.append((match[1].upper(), entry))
        elif name.upper().startswith(b"META-INF/") and name.upper().endswith(b".SF"):
            stems.add(name.upper()[len(b"META-INF/") : -len(b".SF")])
    signers = [entry for stem, entry in found if stem in stems]
    if len(signers) != 1:
        raise Unreadable(f"it has {len(signers)} signatures" if signers else "it has no signature")
    return signers[0]


def certificate_sha256(file: SignatureFile, data: bytes) -> str:
    """Give the SHA-256 (lower-case hex) of the signer's certificate from the bytes at ``file.offset``.

    Raises Unreadable.
    """
    if len(data) < _LOCAL_SIZE or not data.startswith(_LOCAL):
        raise Unreadable("the APK's signature is not where its directory says")
    name, extra = struct.unpack_from("<HH", data, 26)
    start = _LOCAL_SIZE + name + extra
    packed = data[start : start + file.packed]
    if len(packed) != file.packed:
        raise Unreadable("the APK's signature is cut off")
    return _signers_certificate(_unpacked(packed, file.size) if file.deflated else packed)


def _entries(directory: bytes) -> Iterator[tuple[bytes, SignatureFile]]:
    position = 0
    for _ in range(_MOST_ENTRIES):
        if not directory.startswith(_ENTRY, position):
            return
        if position + _ENTRY_SIZE > len(directory):
            break
        method = struct.unpack_from("<H", directory, position + 10)[0]
        packed, size, name_length, extra, comment = struct.unpack_from("<IIHHH", directory, position + 20)
        (offset,) = struct.unpack_from("<I", directory, position + 42)
        start = position + _ENTRY_SIZE
        name = directory[start : start + name_length]
        position = start + name_length + extra + comment
        if position > len(directory):
            break
        if max(packed, size) > LARGEST_SIGNATURE or method not in {_STORED, _DEFLATED}:
            if _SIGNATURE.fullmatch(name):
                raise Unreadable("the APK's signature is larger than any")
            continue
        reach = _LOCAL_SIZE + name_length + _LONGEST_EXTRA + packed
        yield name, SignatureFile(offset, reach, packed, size, method == _DEFLATED)
    raise Unreadable("the APK's directory is not well formed")


def _unpacked(packed: bytes, size: int) -> bytes:
    try:
        data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, LARGEST_SIGNATURE)
    except zlib.error as error:
        raise Unreadable("the APK's signature cannot be unpacked") from error
    if len(data) != size:
        raise Unreadable("the APK's signature has another size than its directory says")
    return data


def _signers_certificate(pkcs7: bytes) -> str:
    cms: Any = import_module("asn1crypto.cms")  # it has no types, and few handsets need it
    try:
        content = cms.ContentInfo.load(pkcs7, strict=True)
        if content["content_type"].native != "signed_data":
            raise Unreadable("the APK's signature is no signed data")
        signed = content["content"]
        (signer,) = signed["signer_infos"]
        named = signer["sid"].chosen
        found = [
            one.chosen.dump()
            for one in signed["certificates"]
            if one.name == "certificate"
            and one.chosen.serial_number == named["serial_number"].native
            and one.chosen.issuer.dump() == named["issuer"].dump()
        ]
    except Unreadable:
        raise
    # asn1crypto reads lazily and meets hostile structures with whatever Python raises there.
    except Exception as error:
        raise Unreadable("the APK's signature is not readable") from error
    if len(set(found)) != 1:
        raise Unreadable("the APK's signature does not hold its signer's certificate")
    return hashlib.sha256(found[0]).hexdigest()
