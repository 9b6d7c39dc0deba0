"""Pair records: the keys by which a handset knows this desk. usbmuxd keeps them, and our own folder keeps a copy.

pymobiledevice3 writes them world-readable (0644) and hands them to whatever usbmuxd listens at the default address;
here they go to the one that was asked, and into files of mode 0600 in a folder of mode 0700.
"""

from __future__ import annotations

import asyncio
import logging
import os
import plistlib
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from provisioning.apple import answers
from provisioning.apple.answers import Answer, Malformed
from provisioning.apple.usbmux import Usbmux
from provisioning.errors import HubError

LARGEST_RECORD = 256 * 1024
"""Bytes; real ones have about ten thousand."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PairRecord:
    """One pairing. ``content`` is the property list as it is kept; it and the keys never show in a repr."""

    host_id: str
    system_buid: str
    certificate: bytes = field(repr=False)
    """PEM of HostCertificate, which this desk presents in TLS."""
    private_key: bytes = field(repr=False)
    escrow_bag: bytes | None = field(repr=False)
    """Lets a paired desk start services while the handset is locked; handsets locked at pairing give none."""
    content: Mapping[str, object] = field(repr=False)


class PairRecords:
    """The pair records of this desk; ``folder`` is made when the first is kept, usbmuxd gets ``patience`` seconds."""

    def __init__(self, folder: Path, patience: float) -> None:
        self._folder = folder
        self._patience = patience

    async def find(self, udid: str, mux: Usbmux) -> list[PairRecord]:
        """Give the records for a handset, usbmuxd's first; empty where there are none that can be used."""
        found: list[PairRecord] = []
        for payload in (await mux.pair_record(udid), await asyncio.to_thread(self._read, udid)):
            record = None if payload is None else _parsed(payload)
            if record is not None and all(record.content != other.content for other in found):
                found.append(record)
        return found

    async def keep(self, udid: str, device_id: int, record: PairRecord) -> None:
        """Give the record to usbmuxd and to our folder; one that fails is logged, the other suffices."""
        payload = plistlib.dumps(dict(record.content))
        try:
            async with await Usbmux.open(self._patience) as mux:
                await mux.save_pair_record(udid, device_id, payload)
        except HubError as error:
            logger.warning("usbmuxd did not keep a pair record: %s", error)
        try:
            await asyncio.to_thread(self._write, udid, payload)
        except OSError as error:
            logger.warning("the pair record could not be kept in %s: %s", self._folder, error.strerror)

    def _read(self, udid: str) -> bytes | None:
        try:
            with self._file(udid).open("rb") as file:
                return file.read(LARGEST_RECORD)
        except FileNotFoundError:
            return None
        except OSError as error:
            logger.warning("a pair record in %s cannot be read: %s", self._folder, error.strerror)
            return None

    def _write(self, udid: str, payload: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        # mkstemp opens with mode 0600, so that the record is not even briefly readable by others
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".record-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(payload)
            Path(name).replace(self._file(udid))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _file(self, udid: str) -> Path:
        if not re.fullmatch(r"[0-9A-Za-z-]{1,64}", udid):
            raise OSError(0, "the handset's UDID is no file name")
        return self._folder / f"{udid}.plist"


def record_of(content: Answer) -> PairRecord | None:
    """Read a pair record; None where a part that this desk needs is missing."""
    host_id, system_buid = answers.text(content, "HostID"), answers.text(content, "SystemBUID")
    certificate, key = answers.data(content, "HostCertificate"), answers.data(content, "HostPrivateKey")
    if not (host_id and system_buid and certificate and key):
        return None
    return PairRecord(host_id, system_buid, certificate, key, answers.data(content, "EscrowBag"), content)


def _parsed(payload: bytes) -> PairRecord | None:
    try:
        record = record_of(answers.mapping(answers.decode(payload)))
    except Malformed:
        record = None
    if record is None:
        logger.warning("a pair record cannot be used: it is damaged or lacks its keys")
    return record
