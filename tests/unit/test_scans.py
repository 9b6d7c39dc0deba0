"""What a scanned code is: every dress of a number, the books before the shape, and doubt that stays doubt."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provisioning.people.officers import officer_number
from provisioning.scans import Code, Reading, Scan, is_eid, is_gtin, is_luhn, read_scan

SERIAL, SAMSUNG, IMEI, SECOND = "F2LXK0V1Q6", "R5CT30ABCDE", "356938035643809", "356938035643817"
_BODY = "890490320000010000000000000000"
EID = f"{_BODY}{98 - int(_BODY + str(0) + str(0)) % 97:02d}"
ICCID = "8944110065012345675"


@dataclass
class Books:
    """Books in memory."""

    serials: set[str] = field(default_factory=lambda: {SERIAL, SAMSUNG})
    imeis: dict[str, str] = field(default_factory=lambda: {IMEI: SERIAL, SECOND: SERIAL})
    tags: dict[str, str] = field(default_factory=lambda: {"MPS-00417": SERIAL})
    officers: set[str] = field(default_factory=lambda: {"231187", "P12345", "AB123456"})
    receipts: set[str] = field(default_factory=lambda: {"D4-000017"})

    def serial_number(self, text: str) -> str:
        return text if text in self.serials else ""

    def serial_of_imei(self, imei: str) -> str:
        return self.imeis.get(imei, "")

    def serial_of_asset_tag(self, text: str) -> str:
        return self.tags.get(text, "")

    def officer(self, text: str) -> str:
        return text if text in self.officers else ""

    def has_roster(self) -> bool:
        return bool(self.officers)

    def receipt(self, text: str) -> bool:
        return text in self.receipts


BLANK = Books(set(), {}, {}, set(), set())


def handset(scan: Scan) -> str:
    assert scan.only is not None, scan
    return scan.only.serial_number


@pytest.mark.parametrize(
    "text",
    [
        SERIAL,
        f"S{SERIAL}",
        SERIAL.lower(),
        f"]C0S{SERIAL}",
        f"(S) Serial No. {SERIAL}",
        f"SN: {SERIAL}",
        f"Serial Number {SERIAL}",
        f"(01)00195949034473(21){SERIAL}",
        "]C10100195949034473" + f"21{SERIAL}",
        f"]d221{SERIAL}\x1d8002{IMEI}",
        IMEI,
        "35-693803-564380-9",
        f"{IMEI}/01",
        "3569380356438001",
        f"IMEI: {IMEI}\r\nIMEI2: {SECOND}\r\nSN: {SERIAL}",
        f"{IMEI},{SECOND},{SERIAL}",
        f"IMEI/MEID {IMEI}\tEID {EID}",
        f"(8002){IMEI}",
        "MPS-00417",
        "(8004)MPS-00417",
        f"\x02{SERIAL}\x03",
    ],
)
def test_a_handset_is_told_by_any_dress_of_its_numbers(text: str) -> None:
    assert handset(read_scan(text, Books())) == SERIAL


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("231187", Code.OFFICER),
        ("p12345", Code.OFFICER),
        ("D4-000017", Code.RECEIPT),
        ("D9-000001", Code.RECEIPT),
        ("HV1:6BFOXN*TS0BI$ZD", Code.RECEIPT_CODE),
        ("hv1:6bfoxn*ts0bi$zd", Code.RECEIPT_CODE),
        (ICCID, Code.ICCID),
        (f"{ICCID}F", Code.ICCID),
        (EID, Code.EID),
        ("195949034473", Code.PRODUCT),
        ("1PMTP03ZD/A", Code.PRODUCT),
        ("R5CX99ZZZZZ", Code.SERIAL_NUMBER),
        ("353912101234564", Code.IMEI),
    ],
)
def test_each_code_is_told_apart(text: str, code: Code) -> None:
    scan = read_scan(text, Books())
    assert scan.only is not None, scan
    assert scan.only.code is code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("356938035643808", Code.IMEI),
        (ICCID[:-1] + "4", Code.ICCID),
        (EID[:-1] + "0", Code.EID),
        ("EID 8904", Code.EID),
    ],
)
def test_a_wrong_check_digit_is_a_misreading_and_nothing_else(text: str, code: Code) -> None:
    scan = read_scan(text, BLANK)
    assert scan.readings == ()
    assert scan.misread is code


def test_what_may_be_two_things_stays_two_things() -> None:
    books = Books(serials={"AB123456"}, officers={"AB123456"})
    scan = read_scan("AB123456", books)
    assert scan.only is None
    assert {one.code for one in scan.readings} == {Code.SERIAL_NUMBER, Code.OFFICER}
    assert scan.as_a(Code.OFFICER) == Reading(Code.OFFICER, "AB123456", known=True)


def test_a_code_with_two_handsets_in_it_is_neither() -> None:
    assert read_scan(f"{SERIAL}\n{SAMSUNG}", Books()).only is None


def test_a_serial_number_that_begins_with_s_is_not_cut() -> None:
    books = Books(serials={"SF2LXK0V1Q6", SERIAL})
    assert handset(read_scan("SF2LXK0V1Q6", books)) == "SF2LXK0V1Q6"


def test_without_a_roster_any_well_formed_number_is_an_officers() -> None:
    assert read_scan("p 12345", BLANK).only == Reading(Code.OFFICER, "P 12345")
    assert read_scan("P99999", Books()).only is None, "with a roster, strangers are nobody"


@given(st.text(max_size=1200))
def test_nothing_that_is_scanned_is_a_mistake(text: str) -> None:
    for books in (BLANK, Books()):
        scan = read_scan(text, books)
        assert len(scan.readings) <= len(text) + 1


@given(st.from_regex(r"\A[0-9]{14}\Z"), st.integers(1, 9))
def test_one_wrong_digit_never_passes_as_an_imei(body: str, by: int) -> None:
    good = next(body + check for check in "0123456789" if is_luhn(body + check))
    only = read_scan(good, BLANK).only
    assert only is not None
    assert (only.code, only.value) == (Code.IMEI, good)
    bad = good[:7] + str((int(good[7]) + by) % 10) + good[8:]
    assert read_scan(bad, BLANK).misread is Code.IMEI


@given(st.from_regex(r"\A[1-9][0-9]{29}\Z"), st.integers(0, 29), st.integers(1, 9))
def test_one_wrong_digit_never_passes_as_an_eid(body: str, at: int, by: int) -> None:
    good = f"{body}{98 - int(body + '00') % 97:02d}"
    assert is_eid(good)
    bad = good[:at] + str((int(good[at]) + by) % 10) + good[at + 1 :]
    assert read_scan(bad, BLANK).readings == ()


@example("1000000000", "]C0")
@given(st.from_regex(r"\A[A-Z0-9]{10,12}\Z"), st.sampled_from(["", "S", "]C0", "SN: ", "(21)"]))
def test_a_known_serial_number_is_found_in_upper_and_lower_case(serial: str, dress: str) -> None:
    books = Books(serials={serial}, imeis={}, tags={}, officers={"1"}, receipts=set())
    for text in (dress + serial, (dress + serial).lower() if dress != "]C0" else dress + serial.lower()):
        assert handset(read_scan(text, books)) == serial


@given(st.from_regex(r"\A[A-Z0-9]([A-Z0-9]{0,6}[A-Z0-9])?\Z"))
def test_an_officer_on_the_roster_is_always_found(number: str) -> None:
    books = Books(set(), {}, {}, {officer_number(number)}, set())
    assert read_scan(number, books).only == Reading(Code.OFFICER, number, known=True)


def test_products_have_their_check_digit() -> None:
    assert is_gtin("195949034473")
    assert not is_gtin("195949034474")
