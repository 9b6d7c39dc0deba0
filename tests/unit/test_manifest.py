"""Suppliers' manifests: what is taken, what is told, and when a handset is not the one that is meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.batches.batch_folder import BatchFolder
from provisioning.batches.manifest import Disagreement, Manifest, read_manifest
from provisioning.check_digits import is_imei
from provisioning.errors import UsageError
from provisioning.tables.reading import Row, Table

HEADING = ("Order No", "Serial Number", "IMEI 1", "Description", "Asset tag")
IMEI = "490154203237518"
"""The example of 3GPP TS 23.003, annex B."""


def manifest(*rows: tuple[str, ...]) -> tuple[Manifest, tuple[tuple[int, str], ...]]:
    table = Table(HEADING, tuple(Row(line, cells) for line, cells in enumerate(rows, start=2)))
    reading = read_manifest(table, "June delivery")
    return reading.manifest, reading.bad


def test_a_line_is_taken_with_all_that_it_says() -> None:
    found, bad = manifest(("PO-1", "F2LXG30000", "49 015420 323751 8", "iPhone 15 128 GB", "MET-00017"))
    assert bad == ()
    one = found.find("f2lxg30000")
    assert one is not None
    assert (one.line, one.imei, one.order, one.asset_tag) == (2, IMEI, "PO-1", "MET-00017")
    assert found.mismatch("F2LXG30000", IMEI) is None
    assert found.mismatch("F2LXG30000", None) is None, "what the handset does not say contradicts nothing"


def test_what_is_wrong_is_told_and_a_double_line_means_no_handset() -> None:
    found, bad = manifest(
        ("", "SERIAL1", IMEI, "", ""),
        ("", "SERIAL2", "490154203237519", "", ""),
        ("", "", "", "", "TAG"),
        ("", "serial1", "", "", ""),
        ("", "=cmd()", "", "", ""),
    )
    assert [line for line, _ in bad] == [3, 4, 5, 6]
    assert "check digit" in bad[0][1]
    assert "line 2" in bad[2][1]
    twice = found.mismatch("SERIAL1", IMEI)
    assert twice is not None
    assert (twice.kind, twice.detail) == (Disagreement.LISTED_TWICE, "2, 5")
    assert found.find("SERIAL1") is None


def test_a_stranger_and_another_imei_are_told() -> None:
    found, _ = manifest(("", "SERIAL1", IMEI, "", ""))
    stranger, other = found.mismatch("SERIAL9", None), found.mismatch("SERIAL1", "356938035643809")
    assert stranger is not None
    assert other is not None
    assert (stranger.kind, other.kind) == (Disagreement.NOT_LISTED, Disagreement.OTHER_IMEI)


def test_a_table_without_serial_numbers_is_asked_about() -> None:
    with pytest.raises(UsageError, match="No column of the manifest holds serial numbers"):
        read_manifest(Table(("IMEI",), ()))


@given(st.integers(0, 10**14 - 1), st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_of_an_imei_is_always_seen(number: int, place: int, by: int) -> None:
    body = f"{number:014d}"
    imei = next(body + str(digit) for digit in range(10) if is_imei(body + str(digit)))
    wrong = imei[:place] + str((int(imei[place]) + by) % 10) + imei[place + 1 :]
    assert not is_imei(wrong)


def test_a_batch_is_kept_whole_and_found_by_serial_number(tmp_path: Path) -> None:
    found, _ = manifest(("PO-1", "SERIAL1", IMEI, "iPhone 15", "TAG-1"), ("", "SERIAL2", "", "", ""))
    folder = BatchFolder(tmp_path)
    assert (folder.names(), folder.find("SERIAL1")) == ([], None)
    folder.keep("June delivery", found)
    assert folder.names() == ["June delivery"]
    assert folder.load("June delivery") == found
    line = folder.find("serial1")
    assert line is not None
    assert line.asset_tag == "TAG-1"
    for name in ("../etc", "", "a/b", "x" * 99, "..", "\x00"):
        with pytest.raises(UsageError):
            folder.keep(name, found)
