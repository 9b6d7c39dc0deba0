"""What a receipt's code says, and what became of reading it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provisioning.canonical import Json
from provisioning.receipts.receipt import ReceiptKind
from provisioning.verification.judgement import Verdict


@dataclass(frozen=True, slots=True)
class CodeItem:
    """One item as the code names it; ``verdict`` None: it was not verified.

    What is no ``handset`` has nothing to verify, and for serial number its own number (a SIM's ICCID) or nothing.
    """

    serial_number: str
    imei: str | None
    verdict: Verdict | None
    handset: bool = True


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What the desk signed. ``items`` may be fewer than ``item_count``; ``digest`` (hex) fixes the whole receipt.

    ``entry_hash`` is the beginning (32 hex digits) of the ledger entry's hash; empty for a preview.
    """

    receipt: str
    issued: datetime
    kind: ReceiptKind
    desk: str
    officer: str
    items: tuple[CodeItem, ...]
    item_count: int
    training: bool
    entry: int | None
    entry_hash: str
    digest: str
    extract: tuple[int, int] | None = None
    """For an extract: which item, counted from 1, of how many on the whole receipt."""

    def document(self) -> dict[str, Json]:
        """Give the facts as JSON."""
        return {
            "receipt": self.receipt,
            "issued": self.issued.isoformat().replace("+00:00", "Z"),
            "kind": str(self.kind),
            "desk": self.desk,
            "officer": self.officer,
            "items": [
                {
                    "serial_number": i.serial_number,
                    "imei": i.imei,
                    "verdict": str(i.verdict) if i.verdict else None,
                    "handset": i.handset,
                }
                for i in self.items
            ],
            "item_count": self.item_count,
            "extract": list(self.extract) if self.extract else None,
            "training": self.training,
            "ledger_entry": self.entry,
            "ledger_entry_hash_begins": self.entry_hash,
            "receipt_sha256": self.digest,
        }


@dataclass(frozen=True, slots=True)
class CodeReading:
    """What became of a code: genuine with its facts, or not genuine with the reason in ``sentence`` and no facts."""

    genuine: bool
    sentence: str
    facts: CodeFacts | None = None
    proves: tuple[str, ...] = ()
    does_not_prove: tuple[str, ...] = ()

    def document(self) -> dict[str, Json]:
        """Give the reading as JSON; ``facts`` is null where it is not genuine."""
        return {
            "genuine": self.genuine,
            "sentence": self.sentence,
            "facts": self.facts.document() if self.facts else None,
            "proves": list(self.proves),
            "does_not_prove": list(self.does_not_prove),
        }
