"""The JAR signature of an APK: whose certificate counts, and whatever bytes may come instead of one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.android.apk import central_directory, certificate_of_file
from provisioning.android.jar_signature import SignatureFile, certificate_sha256, find_signature
from provisioning.android.reading import Unreadable
from provisioning.virtual.android.apk.jar import jar_signature
from provisioning.virtual.android.apk.signing import Signer

ONE, TWO = Signer.derived("one"), Signer.derived("two")
FILES = {"AndroidManifest.xml": b"manifest", "classes.dex": b"x" * 5000}


def archive(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return packed.getvalue()


def read(apk: bytes) -> str:
    directory = central_directory(apk[-200:] if len(apk) > 70000 else apk)
    where = find_signature(apk[directory.offset : directory.offset + directory.size])
    return certificate_sha256(where, apk[where.offset : where.offset + where.reach])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_it_is_the_signers(method: int, tmp_path: Path) -> None:
    apk = archive({**FILES, **jar_signature(FILES, ONE)}, method)
    assert read(apk) == ONE.certificate_sha256
    (tmp_path / "a.apk").write_bytes(apk)
    assert certificate_of_file(tmp_path / "a.apk", 29) == ONE.certificate_sha256


def test_a_certificate_that_only_lies_beside_it_counts_for_nothing() -> None:
    """Or a repacked app would pass for its maker's by carrying the maker's certificate."""
    apk = archive({**FILES, **jar_signature(FILES, TWO, beside=(ONE.certificate,))})
    assert read(apk) == TWO.certificate_sha256


def renamed(files: Mapping[str, bytes], old: str, new: str) -> dict[str, bytes]:
    return {name.replace(old, new): data for name, data in files.items()}


SIGNED = {**FILES, **jar_signature(FILES, ONE)}


@pytest.mark.parametrize(
    "files",
    [
        FILES,
        {**SIGNED, **renamed(jar_signature(FILES, TWO), "CERT", "OTHER")},
        renamed(SIGNED, "META-INF/CERT.SF", "META-INF/LOST.SF"),
        renamed(SIGNED, "META-INF/CERT.EC", "META-INF/sub/CERT.EC"),
        {**SIGNED, "META-INF/CERT.EC": b""},
        {**SIGNED, "META-INF/CERT.EC": b"\x30\x03\x02\x01\x01"},
        {**SIGNED, "META-INF/CERT.EC": bytes(2 << 20)},
    ],
    ids=["unsigned", "two signers", "no .SF", "in a folder", "empty", "not PKCS #7", "huge"],
)
def test_what_is_not_signed_by_one_has_no_certificate(files: Mapping[str, bytes]) -> None:
    with pytest.raises(Unreadable):
        read(archive(files))


def test_a_bomb_is_not_unpacked_whole() -> None:
    import zlib

    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = packer.compress(bytes(32 << 20)) + packer.flush()
    local = b"PK\x03\x04" + bytes(26) + bomb
    with pytest.raises(Unreadable, match="another size"):
        certificate_sha256(SignatureFile(0, len(local), len(bomb), 2000, deflated=True), local)


WHOLE = archive(SIGNED)


@given(st.data())
def test_any_byte_changed_gives_a_certificate_or_is_unreadable(data: st.DataObject) -> None:
    broken = bytearray(WHOLE)
    broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert len(read(bytes(broken))) == 64
    except Unreadable:
        pass


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_no_bytes_crash_the_reader(directory: bytes, local: bytes) -> None:
    for entry in (b"", b"PK\x01\x02"):
        try:
            find_signature(entry + directory)
        except Unreadable:
            pass
    for deflated in (False, True):
        try:
            certificate_sha256(SignatureFile(0, 400, len(local), 100, deflated), b"PK\x03\x04" + bytes(26) + local)
        except Unreadable:
            pass
