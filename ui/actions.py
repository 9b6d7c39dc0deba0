"""Everything that the window asks of the engine, and the frozen pieces that go across for it.

The console implements :class:`DeskActions` over the engine's thread. Every method is awaited on the glass's loop and
raises only :class:`~provisioning.errors.IssuingDeskError`; the text of that error is what the technician reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Protocol

from provisioning.receipts.code_reading import CodeReading
from provisioning.scans import Scan
from provisioning.status import SessionStatus
from ui.agreement import Agreement, Entitlement, HandoverRequest, Thing
from ui.batch_actions import BatchActions
from ui.bay_actions import BayActions
from ui.print_actions import PrintActions
from ui.reading_actions import ReadingActions
from ui.wall_actions import WallActions

if TYPE_CHECKING:
    from ui.return_actions import ReturnActions


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """What stays the same while the window is open; ``policy`` is name and version as people say it."""

    desk: str
    policy: str
    technician: str
    training: bool
    scanner_prefix: str = ""
    """What the scanner types before each scan; empty: it is told by its pace."""
    lock_after: float = 600.0
    """Seconds without a key or a touch after which a technician has to sign in again; 0 for never."""
    aloud: str = "off"
    """How outcomes are told beside being shown: ``off``, ``sounds`` or ``speech``."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Who may sign in at this desk, and who has. Without ``names`` the desk is the account's that runs it."""

    names: tuple[str, ...] = ()
    technician: str = ""


@dataclass(frozen=True, slots=True)
class SignInAnswer:
    """What came of signing in; ``technician`` is empty where nobody signed in, and ``sentence`` says why."""

    technician: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Held:
    """A handset that an officer has, by the ledger; ``since`` is the day of the handover, ``2026-11-26``."""

    serial_number: str
    receipt: str
    since: str


@dataclass(frozen=True, slots=True)
class OfficerFacts:
    """Who stands at the counter, as far as the desk's books know. ``permits`` are sentences, one for each in force.

    ``roster`` tells whether there is one at all: only then not to be on it needs a reason.
    """

    number: str
    name: str = ""
    rank: str = ""
    unit: str = ""
    on_roster: bool = False
    roster: bool = False
    permits: tuple[str, ...] = ()
    holds: tuple[Held, ...] = ()

    @property
    def stranger(self) -> bool:
        """True for somebody whom the roster should have and has not."""
        return self.roster and not self.on_roster


@dataclass(frozen=True, slots=True)
class HandedOver:
    """It is in the ledger, at ``entry_number``; only then there is a receipt.

    ``sealing`` are the keys of those whose policy has them sealed at once; ``DeskActions.sealed`` says how that goes.
    ``lacks`` says why its paper could not be made at once; the handover holds all the same.
    """

    receipt_number: str
    entry_number: int
    pdf: bytes
    sealing: tuple[str, ...] = ()
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """A handover that was between signature and receipt when the desk ended last; ``sentence`` says what became of it.

    ``receipt`` is its number where it holds and its paper is still to be made, empty where it never happened.
    """

    sentence: str
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was handed over; ``sentence`` says why and what to do.

    ``shut``: it is about a handset, which has to be verified again before another try.
    """

    sentence: str
    shut: bool = False


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One entry as the list shows it. ``receipt`` is the number of the receipt that it belongs to, or empty."""

    number: int
    time: datetime
    kind: str
    subject: str
    sentence: str
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """The code that a factory-fresh Android scans. ``modules`` are its rows, True for dark, without a quiet zone.

    It may hold a password or a token: shown while it is needed, kept nowhere. ``network`` is the Wi-Fi that it joins,
    empty where the handset has to be connected by hand; ``expires`` is None where nothing in it ends.
    """

    modules: tuple[tuple[bool, ...], ...] = field(repr=False)
    provider: str
    network: str
    expires: datetime | None
    notes: str = ""


@unique
class ReturnState(StrEnum):
    """How a handset stands that came back after the code was shown."""

    WAITING = "waiting"
    OURS = "ours"
    ANOTHER = "another"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Returned:
    """One handset that came back; ``serial_number`` is empty until it says it, ``sentence`` is for people."""

    key: str
    serial_number: str
    state: ReturnState
    sentence: str


@dataclass(frozen=True, slots=True)
class SealResult:
    """What a seal came to: ``sealed`` is None where the policy closes nothing; ``sentence`` says it to a person."""

    sealed: bool | None
    sentence: str


class DeskActions(Protocol):
    """What the window may ask for. ``key`` is that of a session."""

    @property
    def batch(self) -> BatchActions:
        """Give what may be asked about batches."""
        ...

    @property
    def paper(self) -> PrintActions:
        """Give what may be asked about printing."""
        ...

    @property
    def bays(self) -> BayActions:
        """Give what may be asked about bays."""
        ...

    @property
    def wall(self) -> WallActions:
        """Give what the wall asks for beside walks."""
        ...

    @property
    def reading(self) -> ReadingActions:
        """Give what may be asked of the readers of the ledger."""
        ...

    @property
    def way_back(self) -> ReturnActions:
        """Give what may be asked when something comes back."""
        ...

    async def provision(self, key: str) -> None:
        """Begin the walk of one handset; returns when it has begun. Does nothing where one is under way."""
        ...

    async def provision_all(self) -> None:
        """Begin the walk of every handset that is at rest and not ready."""
        ...

    async def stop(self, key: str) -> None:
        """Stop a walk; returns when it has stopped. The handset keeps what it has been given."""
        ...

    async def look_again(self, key: str) -> None:
        """Ask the handset again now: a person says that it is done. Starts a walk that had ended."""
        ...

    async def duty(self, *, by_account: bool = True) -> Duty:
        """Say who works here; signs in whoever the system's account belongs to, unless that is not wanted."""
        ...

    async def sign_in(self, name: str, pin: str) -> SignInAnswer:
        """Sign a technician in by name and PIN; takes about half a second."""
        ...

    async def sign_out(self) -> None:
        """End a technician's presence."""
        ...

    async def read_scan(self, text: str) -> Scan:
        """Say what a scanned or typed number is, by the books of this desk."""
        ...

    async def read_receipt_code(self, text: str) -> CodeReading:
        """Say whether the code on a receipt is genuine by this desk's key, and what it says."""
        ...

    async def officer(self, number: str) -> OfficerFacts:
        """Give what the books know of an officer number; UsageError where it is none."""
        ...

    async def find_officers(self, text: str) -> tuple[OfficerFacts, ...]:
        """Find officers on the roster by the beginning of a number or by fragments of a name, the likeliest first."""
        ...

    async def verify_for_handover(self, key: str, officer_number: str, permits: tuple[str, ...]) -> SessionStatus:
        """Verify afresh under this officer's effective policy; gives how the session stands after that."""
        ...

    async def terms(
        self, keys: tuple[str, ...], things: tuple[Thing, ...], officer_number: str
    ) -> tuple[Agreement, ...]:
        """Give the texts that go with these items in every language that there is, the usual one first."""
        ...

    async def entitlement(self, key: str, officer_number: str) -> Entitlement:
        """Say what the orders mean by this handset for this officer."""
        ...

    async def hand_over(self, request: HandoverRequest) -> HandedOver | Refused:
        """Check the gate once more, write the entry, then make the receipt."""
        ...

    async def broken_off(self) -> tuple[BrokenOff, ...]:
        """Give the handovers whose end nobody has seen: told at every start until ``PrintActions.seen_to``."""
        ...

    async def make_paper(self, number: str) -> bytes:
        """Make the paper of an interrupted handover once more, keep a copy, and give its PDF."""
        ...

    async def enrolment_code(self) -> EnrolmentCode:
        """Make the code for factory-fresh Androids and begin to watch for them; UsageError says what lacks."""
        ...

    async def returned(self) -> tuple[Returned, ...]:
        """Give every Android that has come since the code was asked for, in the order of their coming."""
        ...

    async def seal(self, key: str) -> SealResult:
        """Verify afresh, then close the handset to every computer for good; nothing reads it afterwards."""
        ...

    async def sealed(self, key: str) -> SealResult:
        """Wait for the seal that a handover began; its failure is a sentence too. LedgerError is raised."""
        ...

    async def receipt_pdf(self, number: str) -> bytes:
        """Give a receipt as PDF; UsageError where there is none of that number."""
        ...

    async def receipt_pages(self, number: str, dpi: int) -> tuple[bytes, ...]:
        """Give the pages of a receipt as PNG, for the screen and for printers that take no PDF."""
        ...

    async def recent_entries(self, limit: int) -> tuple[LedgerLine, ...]:
        """Give the latest entries of the ledger, newest first."""
        ...
