"""Everything that the window asks for when something comes back; the console implements it over the engine's thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from provisioning.printing.job import Job
from provisioning.receipts.items import OtherItem
from provisioning.receipts.receipt import ReturnReason
from provisioning.receipts.signing import IdentityEvidence
from provisioning.return_case import Case
from provisioning.return_reasons import ReturnedHandset
from ui.actions import Refused
from ui.agreement import Agreed, Agreement, Signature, Signed

if TYPE_CHECKING:
    # its module typesets and reads the ledger, which the window does not need to start
    from provisioning.recall_list import Recalled


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """What was agreed at the counter. ``officer`` answers for it, ``proxy`` stands there in their place.

    ``agreed`` is what was shown and ticked, empty where nothing is given back. ``unissued`` says why something is
    taken in that was never handed over. ``once`` names it, so that it is done once.
    """

    officer: str
    reason: ReturnReason
    handsets: tuple[ReturnedHandset, ...]
    others: tuple[OtherItem, ...]
    signature: Signature
    countersignature: Signed | None
    agreed: tuple[Agreed, ...]
    language: str
    proxy: str = ""
    authority: str = ""
    reference: str = ""
    unissued: str = ""
    identity: IdentityEvidence | None = None
    once: str = ""


@dataclass(frozen=True, slots=True)
class CameBack:
    """It is in the ledger. ``next_state`` and ``remarks`` are sentences for the desk."""

    receipt_number: str
    entry_number: int
    pdf: bytes
    next_state: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EraseResult:
    """What an erase came to; ``sentence`` says it to a person."""

    erased: bool
    sentence: str


class ReturnActions(Protocol):
    """What the window may ask for. Every method raises only IssuingDeskError, whose text the technician reads."""

    async def is_out(self, serial_number: str) -> bool:
        """Tell whether a handset is in somebody's hands or was reported missing."""
        ...

    async def of_receipt(self, number: str) -> Case:
        """Give what of a receipt may come back; UsageError where there is no such receipt."""
        ...

    async def of_number(self, number: str) -> Case:
        """Give a handset or a thing by its number, and what else is out by the same receipt."""
        ...

    async def of_officer(self, number: str) -> Case:
        """Give all that an officer has."""
        ...

    async def terms(
        self, handsets: tuple[ReturnedHandset, ...], others: tuple[OtherItem, ...], reason: ReturnReason
    ) -> tuple[Agreement, ...]:
        """Give what is declared of these in every language that there is, the usual one first."""
        ...

    async def take_back(self, request: ReturnRequest) -> CameBack | Refused:
        """Write the entry, then make the receipt."""
        ...

    async def erase(self, key: str) -> EraseResult:
        """Erase a handset that is plugged in and wait until it is seen as new, some minutes at most."""
        ...

    async def release(self, serial_number: str, reason: str, reference: str) -> str:
        """Book that a handset is no longer kept as evidence; gives the sentence for it."""
        ...

    async def to_give_back(self) -> tuple[Recalled, ...]:
        """Give every officer who is suspended or has left, with what they hold."""
        ...

    async def suspend(self, officer: str, reason: str) -> str:
        """Call back all that an officer holds; gives the sentence for it."""
        ...

    async def reinstate(self, officer: str, reason: str) -> str:
        """End a suspension; gives the sentence for it."""
        ...

    async def recall_list(self, form: str) -> bytes:
        """Give the recall list as a file: ``csv`` or ``pdf``."""
        ...

    async def print_recall_list(self, printer: str) -> Job:
        """Queue the recall list as it stands now; it goes out by itself."""
        ...

    async def recall_pages(self, dpi: int) -> tuple[bytes, ...]:
        """Give the pages of the recall list as PNG."""
        ...
