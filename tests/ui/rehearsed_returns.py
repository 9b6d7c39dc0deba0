"""ReturnActions from memory, for the tests of the glass and its photographs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from rehearsed_paper import jobs

from provisioning.errors import UsageError
from provisioning.holdings import Holding
from provisioning.people.recalls import Cause, Recall
from provisioning.platforms import Platform
from provisioning.printing.job import Job
from provisioning.recall_list import Recalled
from provisioning.receipts.coming_back import Erasure, NextState
from provisioning.receipts.receipt import ItemKind, Officer, OtherItem, ReturnReason
from provisioning.return_case import Case, ItemOut, Whereabouts
from provisioning.return_reasons import ReturnedHandset
from ui.actions import Refused
from ui.agreement import Agreement, Clause, DeclarationText
from ui.return_actions import CameBack, EraseResult, ReturnRequest

OFFICER = Officer("231187", "Siân O’Neill-Fitzgerald", "Detective Sergeant", "Specialist Crime, Lambeth", True)
RECEIPT, LARGE = "D4-000017", "D4-000018"
GIVEN_BACK = DeclarationText(
    "handset-return",
    "2026.1",
    "Officer’s declaration",
    (
        Clause("given-back", "I have given back every item on this receipt, or said here what became of it."),
        Clause("accounts", "I have signed out of any account of mine on it, or told the desk that I could not."),
        Clause("erase", "I know that the handset will be erased and that nothing on it is kept for me."),
    ),
    "1f" * 32,
)
DYCHWELWYD = replace(
    GIVEN_BACK,
    title="Datganiad y swyddog",
    clauses=(
        Clause("given-back", "Rwyf wedi dychwelyd pob eitem ar y dderbynneb hon, neu wedi dweud beth a ddigwyddodd."),
        Clause("accounts", "Rwyf wedi allgofnodi o bob cyfrif sydd gennyf arni."),
        Clause("erase", "Gwn y bydd y set law yn cael ei dileu ac na chedwir dim sydd arni ar fy nghyfer."),
    ),
    sha256="2f" * 32,
)
KEPT = DeclarationText(
    "handset-return-kept",
    "2026.1",
    "Officer’s declaration: kept as evidence",
    (Clause("kept", "I know that the handset is kept as it is, that it is not erased, and that it may be examined."),),
    "3f" * 32,
)


def handset(serial: str, name: str = "iPhone 15", where: Whereabouts = Whereabouts.OUT, **more: Any) -> ItemOut:
    """Give a handset that the rehearsed officer has."""
    item = ItemOut(serial, name, where, receipt=RECEIPT, since="2025-03-02", holder="231187", platform=Platform.IOS)
    return replace(item, **more)


CHARGER = ItemOut("", "charger", Whereabouts.UNCOUNTED, ItemKind.CHARGER, "", 2, RECEIPT, "2025-03-02", "231187")
SIM = ItemOut(
    "8944110065012345675", "sim", Whereabouts.OUT, ItemKind.SIM, "", 1, RECEIPT, "2025-03-02", "231187"
)  # fmt: skip


@dataclass
class RehearsedReturns:
    """``cases`` are found by receipt, by number and by officer; ``requests`` keeps what was booked."""

    cases: dict[str, Case] = field(default_factory=dict[str, Case])
    refusal: str = ""
    error: Exception | None = None
    erased: bool = True
    held: asyncio.Event | None = None
    requests: list[ReturnRequest] = field(default_factory=list[ReturnRequest])
    asked: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    recalled: tuple[Recalled, ...] = ()

    def put(self, case: Case) -> None:
        """Let this be what the books know."""
        self.cases[case.receipt] = case
        for item in case.items:
            if item.identifier:
                self.cases[item.identifier] = replace(case, asked=item.identifier)
        if case.officer is not None:
            self.cases[case.officer.number] = replace(case, receipt="")

    async def is_out(self, serial_number: str) -> bool:
        case = self.cases.get(serial_number)
        return case is not None and any(one.identifier == serial_number for one in case.out)

    async def of_receipt(self, number: str) -> Case:
        return self._found(number, f"There is no receipt “{number}” in this ledger.")

    async def of_number(self, number: str) -> Case:
        return self._found(number, f"{number} is not in this ledger. Look at the number again.")

    async def of_officer(self, number: str) -> Case:
        return self.cases.get(number, Case(Officer(number)))

    async def terms(
        self, handsets: tuple[ReturnedHandset, ...], others: tuple[OtherItem, ...], reason: ReturnReason
    ) -> tuple[Agreement, ...]:
        if any(one.after is NextState.EVIDENCE_HOLD for one in handsets):
            return (Agreement("en-GB", (KEPT,)),)
        return (Agreement("en-GB", (GIVEN_BACK,)), Agreement("cy-GB", (DYCHWELWYD,)))

    async def take_back(self, request: ReturnRequest) -> CameBack | Refused:
        self.requests.append(request)
        if self.held is not None:
            await self.held.wait()
        if self.error is not None:
            raise self.error
        if self.refusal:
            return Refused(self.refusal)
        return CameBack("D4-000099", 1201, b"%PDF-1.7 rehearsed", "erase, then issue again")

    async def erase(self, key: str) -> EraseResult:
        self.asked.append(("erase", key))
        if self.held is not None:
            await self.held.wait()
        if not self.erased:
            return EraseResult(False, "Find My is on, so it was left as it is. Ask the officer to turn it off.")
        case = self.cases[key]
        proof = Erasure(datetime(2026, 11, 26, 10, 15, tzinfo=UTC), "A. Khan", 1188, "9f" * 32)
        items = tuple(replace(one, erased=proof) if one.identifier == key else one for one in case.items)
        self.put(replace(case, items=items))
        return EraseResult(True, f"iPhone 15 {key} is erased and back as new.")

    async def release(self, serial_number: str, reason: str, reference: str) -> str:
        self.asked.append(("release", serial_number, reason, reference))
        case = self.cases[serial_number]
        self.put(replace(case, items=tuple(replace(one, held="") for one in case.items)))
        return f"{serial_number} is released from evidence (ledger entry 1202)."

    async def to_give_back(self) -> tuple[Recalled, ...]:
        return self.recalled

    async def suspend(self, officer: str, reason: str) -> str:
        self.asked.append(("suspend", officer, reason))
        recall = Recall(officer, Cause.SUSPENDED, reason, "2026-11-26T09:00:00Z")
        self.recalled = (*self.recalled, Recalled(recall, "", ()))
        return f"Officer {officer} is suspended and is to give back 0 items (ledger entry 1203)."

    async def reinstate(self, officer: str, reason: str) -> str:
        self.asked.append(("reinstate", officer, reason))
        self.recalled = tuple(one for one in self.recalled if one.recall.officer != officer)
        return f"Officer {officer} is reinstated (ledger entry 1204)."

    async def recall_list(self, form: str) -> bytes:
        self.asked.append(("recall_list", form))
        return b"%PDF-1.7 rehearsed" if form == "pdf" else b"Officer\r\n"

    async def recall_pages(self, dpi: int) -> tuple[bytes, ...]:
        return ()

    async def print_recall_list(self, printer: str) -> Job:
        self.asked.append(("print_recall_list", printer))
        return replace(jobs()[0], number=7, title="Recall list", sentence="Waiting for its turn.")

    def _found(self, number: str, otherwise: str) -> Case:
        if number not in self.cases:
            raise UsageError(otherwise)
        return self.cases[number]


def one_handset(serial: str, **more: Any) -> Case:
    """Give the usual case: one handset with two chargers and a SIM card."""
    return Case(OFFICER, (handset(serial, **more), CHARGER, SIM), RECEIPT, "2025-03-02")


def many(count: int) -> Case:
    """Give a case of many handsets, of which one is back and one was reported stolen."""
    items = [handset(f"F2LX{number:06d}", receipt=LARGE) for number in range(count)]
    items[1] = replace(items[1], where=Whereabouts.BACK, receipt="D4-000040", since="2025-09-01")
    items[2] = replace(items[2], where=Whereabouts.MISSING, missing=ReturnReason.STOLEN, since="2025-10-11")
    return Case(OFFICER, tuple(items), LARGE, "2025-03-02")


def called_back() -> tuple[Recalled, ...]:
    """Give a suspended officer who holds two things, and one who has left and gave all back."""
    held = (
        Holding("231187", "F2LX0QK77T", "iPhone 15", RECEIPT, "2025-03-02", "356938035643809", "MPS-0017"),
        Holding("231187", "8944110065012345675", "sim", RECEIPT, "2025-03-02"),
    )
    suspended = Recall("231187", Cause.SUSPENDED, "By order of Supt. Hale, PSD/118", "2026-11-20T08:00:00Z")
    left = Recall("225104", Cause.LEFT, "not on the newest roster", "2026-11-01T08:00:00Z")
    return (Recalled(suspended, OFFICER.name or "", held), Recalled(left, "", ()))
