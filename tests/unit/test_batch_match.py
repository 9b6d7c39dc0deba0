"""The three-way match: manifest, handset, portal; one outcome for each handset, and none better than what was seen."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.batches.manifest import Manifest, read_manifest
from provisioning.batches.matching import Match, MatchOutcome, Said, match
from provisioning.batches.portal_list import PortalList, read_portal_list
from provisioning.check_digits import is_imei
from provisioning.errors import UsageError
from provisioning.tables.reading import Row, Table


def imei(number: int) -> str:
    body = f"35{number:012d}"
    return next(body + str(last) for last in range(10) if is_imei(body + str(last)))


def table(heading: tuple[str, ...], *rows: tuple[str, ...]) -> Table:
    return Table(heading, tuple(Row(line, cells) for line, cells in enumerate(rows, start=2)))


def manifest(*rows: tuple[str, ...]) -> Manifest:
    return read_manifest(table(("Serial number", "IMEI", "Model"), *rows), "June").manifest


def portal(*rows: tuple[str, ...], heading: tuple[str, ...] = ("Serial number", "IMEI")) -> PortalList:
    return read_portal_list(table(heading, *rows), "export.csv")


def seen(*handsets: Said) -> dict[str, Said]:
    return {one.serial_number.casefold(): one for one in handsets}


def only(found: list[Match]) -> Match:
    assert len(found) == 1, found
    return found[0]


def test_each_way_to_differ_has_its_outcome_and_a_sentence() -> None:
    listed = manifest(
        ("SER0", imei(0), ""), ("SER1", imei(1), ""), ("SER2", imei(2), ""), ("SER3", imei(3), ""),
        ("SER4", imei(4), ""), ("SER4", imei(4), ""),
    )  # fmt: skip
    handsets = seen(
        Said("SER0", imei(0)), Said("SER1", imei(1)), Said("SER2", imei(9)), Said("SER4", imei(4)), Said("SERX", "")
    )
    owned = portal(("SER0", imei(0)), ("SER2", imei(2)), ("SER3", ""), ("SERX", ""))
    found = {one.serial_number: one for one in match(listed, handsets, [owned])}
    assert {serial: one.outcome for serial, one in found.items()} == {
        "SER0": MatchOutcome.ON_ALL,
        "SER1": MatchOutcome.NOT_IN_PORTAL,
        "SER2": MatchOutcome.OTHER_IMEI,
        "SER3": MatchOutcome.MISSING,
        "SER4": MatchOutcome.TWICE,
        "SERX": MatchOutcome.NOT_ON_MANIFEST,
    }
    assert all(one.sentence.endswith(".") and serial in one.sentence for serial, one in found.items())
    assert "export.csv has it" in found["SER3"].sentence
    assert "lines 6 and 7" in found["SER4"].sentence


def test_what_a_handset_does_not_tell_is_named_and_no_contradiction() -> None:
    one = only(match(manifest(("SER0", imei(0), "")), seen(Said("SER0")), [portal(("SER0", imei(0)))]))
    assert one.outcome is MatchOutcome.ON_ALL
    assert one.not_compared
    assert "could not be compared" in one.sentence


def test_the_second_imei_of_two_is_as_good_as_the_first() -> None:
    heading = ("Serial number", "IMEI 1", "IMEI 2")
    listed = read_manifest(table(heading, ("SER0", imei(1), imei(2)))).manifest
    one = only(match(listed, seen(Said("SER0", imei(2))), [portal(("SER0", imei(2)[:14]))]))
    assert one.outcome is MatchOutcome.ON_ALL, "and a portal may leave the check digit out"


def test_a_portal_is_not_held_against_handsets_that_it_cannot_know() -> None:
    apple = portal(("SER0", ""), heading=("Serial Number", "MDM Server"))
    knox = portal(("SER1", imei(1)), heading=("Serial number", "IMEI/MEID"))
    assert (apple.title, knox.title) == ("Apple Business Manager", "Knox Mobile Enrollment")
    listed = manifest(("SER0", "", ""), ("SER1", imei(1), ""), ("SER2", imei(2), ""))
    handsets = seen(
        Said("SER0", "", "ios", "iPhone15,4"),
        Said("SER1", imei(1), "android", "SM-A546B"),
        Said("SER2", imei(2), "android", "Pixel 8"),
    )
    found = match(listed, handsets, [apple, knox])
    assert [one.outcome for one in found] == [MatchOutcome.ON_ALL, MatchOutcome.ON_ALL, MatchOutcome.AS_LISTED]
    assert "No profile or server" in found[0].sentence


def test_a_portal_that_has_the_imei_under_another_serial_number_does_not_have_the_handset() -> None:
    one = only(match(manifest(("SER0", imei(0), "")), seen(Said("SER0", imei(0))), [portal(("OTHER", imei(0)))]))
    assert one.outcome is MatchOutcome.NOT_IN_PORTAL
    assert "OTHER" in one.sentence


def test_a_typing_error_in_a_serial_number_is_pointed_at() -> None:
    found = match(manifest(("SER0", imei(0), "")), seen(Said("SERO", imei(0))), [])
    assert [one.outcome for one in found] == [MatchOutcome.MISSING, MatchOutcome.NOT_ON_MANIFEST]
    assert "with serial number SER0" in found[1].sentence


def test_an_export_without_serial_numbers_and_imeis_is_asked_about() -> None:
    with pytest.raises(UsageError, match="neither serial numbers nor IMEIs"):
        portal(("a", "b"), heading=("Name", "Owner"))


SERIALS = st.integers(0, 7)
ROWS = st.lists(st.tuples(SERIALS, st.none() | SERIALS), max_size=8)


@given(listed=ROWS, handsets=st.dictionaries(SERIALS, st.none() | SERIALS, max_size=8), owned=st.none() | ROWS)
def test_everybody_has_one_outcome_and_agreement_is_never_invented(
    listed: list[tuple[int, int | None]],
    handsets: dict[int, int | None],
    owned: list[tuple[int, int | None]] | None,
) -> None:
    def text(rows: list[tuple[int, int | None]]) -> list[tuple[str, str]]:
        return [(f"SER{serial}", "" if number is None else imei(number)) for serial, number in rows]

    said = seen(*(Said(*pair) for pair in text(list(handsets.items()))))
    portals = [portal(*text(owned))] if owned is not None else []
    found = match(manifest(*((*row, "") for row in text(listed))), said, portals)
    lines = Counter(serial for serial, _ in text(listed))
    assert sorted(one.serial_number for one in found) == sorted({*lines, *(one.serial_number for one in said.values())})
    for one in found:
        serial = one.serial_number
        assert (one.outcome is MatchOutcome.NOT_ON_MANIFEST) == (serial not in lines)
        if lines[serial] > 1:
            assert one.outcome is MatchOutcome.TWICE
        if serial in lines and serial.casefold() not in said:
            assert one.outcome in {MatchOutcome.MISSING, MatchOutcome.TWICE}
        if one.outcome.agrees:
            (wanted,) = [number for name, number in text(listed) if name == serial]
            told = said[serial.casefold()].imei
            assert not (wanted and told) or wanted == told
            assert one.not_compared or not wanted or told
            assert (one.outcome is MatchOutcome.ON_ALL) == (owned is not None)
        if one.outcome is MatchOutcome.ON_ALL:
            claims = [pair for pair in text(owned or []) if pair[0] == serial]
            assert len(claims) == 1
