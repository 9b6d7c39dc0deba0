"""The home's verification records: signed envelopes in clear, raw inventories sealed beside them.

``records/ID.dsse.json`` can be handed to anybody with the desk's public key. ``records/ID.inventory.sealed`` is what
was read, compressed and encrypted with the vault's key; removing it after the retention period leaves the record whole.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from provisioning.errors import FileError, HomeError, LedgerError, UsageError
from provisioning.files import read_file, write_file
from provisioning.home.vault import Vault
from provisioning.inventory import Inventory
from provisioning.signatures import AnyDeskKey
from provisioning.verification.envelope import LARGEST
from provisioning.verification.record import SignedRecord, verify_record

LARGEST_INVENTORY = 64 << 20
"""Bytes of a raw inventory; one of 1,000 apps has about 400 kB."""


class RecordStore:
    """Records of one home. Reading records needs the public key only, inventories need the vault."""

    def __init__(self, folder: Path, key: AnyDeskKey, vault: Callable[[], Vault]) -> None:
        self._folder = folder
        self._key = key
        self._vault = vault

    def keep(self, record: SignedRecord, inventory: Inventory) -> str:
        """Keep a record and what it was judged from; give its identifier. Keeping it twice changes nothing.

        Raises LedgerError where the inventory is not the one that was judged, HomeError where the disk refuses.
        """
        raw = inventory.canonical()
        if hashlib.sha256(raw).hexdigest() != record.record.inventory_sha256:
            raise LedgerError("The inventory is not the one that was judged. Verify the handset again.")
        # The inventory first: a crash in between leaves a record that nothing names, never one without its evidence.
        # Its name is put on disk together with the record's, in the same folder and before anything names either.
        sealed = self._vault().seal(_piece(record.id), zlib.compress(raw))
        write_file(self._inventory(record.id), sealed, may_lag=True)
        write_file(self.path(record.id), record.envelope.text())
        return record.id

    def load(self, record_id: str) -> SignedRecord:
        """Give a record, its signature checked. Raises UsageError where there is none, LedgerError where it is bad."""
        try:
            data = read_file(self.path(record_id), LARGEST)
        except FileError as e:
            raise UsageError(f"There is no verification record {record_id} in this home.") from e
        record = verify_record(data, self._key)
        if record.id != record_id:
            raise LedgerError(f"The verification record {record_id} was replaced by another.")
        return record

    def inventory(self, record_id: str) -> bytes:
        """Give the raw inventory (neutral JSON) that a record was judged from, compared with its digest.

        Raises UsageError where it is no longer kept, LedgerError or HomeError where it was changed.
        """
        wanted = self.load(record_id).record.inventory_sha256
        try:
            sealed = read_file(self._inventory(record_id), LARGEST_INVENTORY)
        except FileError as e:
            raise UsageError(f"The inventory of record {record_id} is no longer kept.") from e
        try:
            unpack = zlib.decompressobj()
            raw = unpack.decompress(self._vault().open(_piece(record_id), sealed), LARGEST_INVENTORY)
        except zlib.error as e:
            raise HomeError(f"The inventory of record {record_id} is damaged. Restore it from a backup.") from e
        if hashlib.sha256(raw).hexdigest() != wanted:
            raise LedgerError(f"The inventory of record {record_id} is not the one that was judged.")
        return raw

    def has_inventory(self, record_id: str) -> bool:
        """Tell whether the raw inventory of a record is still kept."""
        return self._inventory(record_id).exists()

    def inventory_before(self, moment: datetime) -> bool:
        """Tell quickly, by the files alone, whether an inventory may have been kept since before ``moment``."""
        try:
            files = self._folder.glob("*.inventory.sealed")
            return any(file.stat().st_mtime < moment.timestamp() for file in files)
        except OSError as e:
            raise HomeError(f"The folder {self._folder} cannot be read ({e.strerror}).") from e

    def forget_inventory(self, record_id: str) -> None:
        """Remove the raw inventory of a record; the record stays whole. Raises HomeError where the disk refuses."""
        try:
            self._inventory(record_id).unlink(missing_ok=True)
        except OSError as e:
            raise HomeError(f"An inventory in {self._folder} cannot be removed ({e.strerror}).") from e

    def ids(self) -> tuple[str, ...]:
        """Give the identifiers of all records that are kept, in no particular order. Raises HomeError."""
        try:
            return tuple(path.name.split(".")[0] for path in self._folder.glob("*.dsse.json"))
        except OSError as e:
            raise HomeError(f"The folder {self._folder} cannot be read ({e.strerror}).") from e

    def path(self, record_id: str) -> Path:
        """Give where a record is kept. Raises UsageError for what is no identifier."""
        return self._folder / f"{_checked(record_id)}.dsse.json"

    def _inventory(self, record_id: str) -> Path:
        return self._folder / f"{_checked(record_id)}.inventory.sealed"


def _checked(record_id: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", record_id):
        raise UsageError("The identifier of a verification record has 64 characters, 0-9 and a-f.")
    return record_id


def _piece(record_id: str) -> str:
    return f"inventory {record_id}"
