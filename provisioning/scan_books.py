"""The books that a scan is looked up in: handsets that are attached, deliveries, the ledger, the roster."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from provisioning.batches.batch_folder import BatchFolder
from provisioning.batches.manifest import Expected
from provisioning.handset import Identity
from provisioning.ledger.entry import HANDS_CHANGED, EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.people.roster import Roster


class ScanBooks:
    """Implements :class:`~provisioning.scans.Known`. Made for one scan, off the event loop: it reads files."""

    def __init__(self, attached: Iterable[Identity], ledger: Ledger, batches: BatchFolder, roster: Roster) -> None:
        self._attached = tuple(attached)
        self._ledger = ledger
        self._roster = roster
        self._listed = [
            line
            for name in batches.names()
            for lines in batches.load(name).expected.values()
            for line in lines
        ]  # fmt: skip

    def serial_number(self, text: str) -> str:
        """Give a serial number as it is on the books, empty where no handset has it."""
        names = (*(one.serial_number for one in self._attached), *(one.serial_number for one in self._listed))
        found = next((name for name in names if name.upper() == text), "")
        return found or (text if any(self._ledger.entries(serial=text, limit=1)) else "")

    def serial_of_imei(self, imei: str) -> str:
        """Give the serial number of the handset with this IMEI, empty where none has it or more than one."""
        here = {one.serial_number for one in self._attached if one.imei == imei}
        return _one(here or self._told(lambda line: line.imei == imei) or self._seen(imei))

    def serial_of_asset_tag(self, text: str) -> str:
        """Give the serial number of the handset with this asset tag, empty where none has it or more than one."""
        return _one(self._told(lambda line: bool(line.asset_tag) and line.asset_tag.upper() == text))

    def officer(self, text: str) -> str:
        """Give the officer number as the roster has it, empty where it has none."""
        number = " ".join(text.split())
        return number if number in self._roster.officers else ""

    def has_roster(self) -> bool:
        """Tell whether there is a roster at all."""
        return len(self._roster) > 0

    def receipt(self, text: str) -> bool:
        """Tell whether the ledger has a receipt of this number."""
        return any(self._ledger.entries(receipt=text, kind=HANDS_CHANGED, limit=1))

    def _seen(self, imei: str) -> set[str]:
        """Find who said of itself, whenever it was plugged in, that it has this IMEI: it may be out by now."""
        seen = self._ledger.entries(kind=EntryKind.IDENTIFIED)
        return {entry.subject for entry in seen if entry.subject and entry.body.get("imei") == imei}

    def _told(self, fits: Callable[[Expected], bool]) -> set[str]:
        return {line.serial_number for line in self._listed if fits(line)}


def _one(serials: set[str]) -> str:
    return next(iter(serials)) if len(serials) == 1 else ""
