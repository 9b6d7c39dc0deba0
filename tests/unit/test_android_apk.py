"""Certificates out of signing blocks, built here byte by byte, and out of whatever bytes may come."""

from __future__ import annotations

import hashlib
import struct
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.android.apk import block_size, central_directory, certificate_of_file, certificate_sha256
from provisioning.android.reading import Unreadable

V2, V3, V31 = 0x7109871A, 0xF05368C0, 0x1B93AD61
ONE, TWO, THREE = b"certificate one", b"certificate two", b"certificate three"


def sized(*parts: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(part)) + part for part in parts)


def v2(*certificates: bytes) -> bytes:
    signers = [sized(sized(sized(b"digest"), sized(one), b""), sized(b"signature"), b"key") for one in certificates]
    return sized(sized(*signers))


def v3(*signers: tuple[bytes, int, int]) -> bytes:
    bodies: list[bytes] = []
    for certificate, lowest, highest in signers:
        levels = struct.pack("<II", lowest, highest)
        signed = sized(sized(b"digest"), sized(certificate)) + levels + sized(b"")
        bodies.append(sized(signed) + levels + sized(sized(b"signature"), b"key"))
    return sized(sized(*bodies))


def block(*pairs: tuple[int, bytes]) -> bytes:
    body = b"".join(struct.pack("<QI", len(value) + 4, scheme) + value for scheme, value in pairs)
    size = struct.pack("<Q", len(body) + 24)
    return size + body + size + b"APK Sig Block 42"


def apk(signing: bytes, comment: bytes = b"") -> bytes:
    before = b"PK\x03\x04" + b"x" * 5000 + signing
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, 46, len(before), len(comment)) + comment
    return before + b"PK\x01\x02" + b"y" * 42 + end


def digest(certificate: bytes) -> str:
    return hashlib.sha256(certificate).hexdigest()


@pytest.mark.parametrize(
    ("pairs", "sdk", "certificate"),
    [
        ([(V2, v2(ONE))], 29, ONE),
        ([(V2, v2(ONE, TWO))], 34, ONE),
        ([(V2, v2(ONE)), (V3, v3((TWO, 28, 2**31 - 1)))], 29, TWO),
        ([(V2, v2(ONE)), (V3, v3((TWO, 28, 32))), (V31, v3((THREE, 33, 2**31 - 1)))], 34, THREE),
        ([(V2, v2(ONE)), (V3, v3((TWO, 28, 32))), (V31, v3((THREE, 33, 2**31 - 1)))], 31, TWO),
        ([(0x42726577, b"\0" * 100), (V2, v2(ONE))], 33, ONE),
    ],
    ids=["v2", "first signer", "v3 before v2", "v3.1 where known", "v3.1 not where unknown", "padding"],
)
def test_the_certificate_is_that_of_the_scheme_that_counts(
    pairs: list[tuple[int, bytes]], sdk: int, certificate: bytes, tmp_path: Path
) -> None:
    assert certificate_sha256(block(*pairs), sdk) == digest(certificate)
    for comment in (b"", b"PK\x05\x06 a comment"):
        file = tmp_path / "a.apk"
        file.write_bytes(apk(block(*pairs), comment))
        assert certificate_of_file(file, sdk) == digest(certificate)


def test_a_file_without_a_signing_block_has_no_certificate(tmp_path: Path) -> None:
    file = tmp_path / "a.apk"
    for content in (apk(b""), b"", b"not a zip", b"PK\x05\x06" + b"\xff" * 18):
        file.write_bytes(content)
        with pytest.raises(Unreadable):
            certificate_of_file(file, 34)


@pytest.mark.parametrize(
    "broken",
    [
        block((V2, v2(ONE)))[:-1],
        block((V2, v2())),
        block((V2, sized(sized(sized(sized(b"digest"), b"", b""))))),
        block((V2, v2(ONE)), (V2, v2(TWO))),
        block((V2, v2(ONE)[:-6])),
        block((0x1234, b"")),
        b"",
    ],
    ids=["cut", "no signer", "no certificate", "twice", "short", "no scheme", "nothing"],
)
def test_a_broken_block_is_unreadable(broken: bytes) -> None:
    with pytest.raises(Unreadable):
        certificate_sha256(broken, 34)


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    for read in (central_directory, block_size, partial(certificate_sha256, sdk=34)):
        try:
            read(data)
        except Unreadable:
            pass


@given(st.data())
def test_a_block_with_any_byte_changed_gives_a_certificate_or_is_unreadable(data: st.DataObject) -> None:
    whole = bytearray(block((V2, v2(ONE)), (V3, v3((TWO, 28, 2**31 - 1)))))
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert len(certificate_sha256(bytes(whole), 34)) == 64
    except Unreadable:
        pass
