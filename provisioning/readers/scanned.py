"""What a scanner typed, taken apart by its own shape: which numbers may be in it, whatever they stand for."""

from __future__ import annotations

from provisioning.scans import read_scan


def scanned(text: str) -> list[str]:
    """Give the numbers that a scanner's text may hold, whatever it stands for."""
    values = [one.value for one in read_scan(text, _NOTHING).readings]
    # Boxes put the data identifier S before a serial number (ANSI MH10.8.2); without books it may be a letter of it.
    return values + [one[1:] for one in values if one.startswith("S")]


class _Nothing:
    """Books that know nothing, for reading a code by its own shape."""

    def serial_number(self, text: str) -> str:
        return ""

    def serial_of_imei(self, imei: str) -> str:
        return ""

    def serial_of_asset_tag(self, text: str) -> str:
        return ""

    def officer(self, text: str) -> str:
        return ""

    def has_roster(self) -> bool:
        return True

    def receipt(self, text: str) -> bool:
        return False


_NOTHING = _Nothing()
