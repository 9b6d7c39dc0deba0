"""Write a made-up year of a force into a ledger: ``python tests/tools/made_up_year.py FOLDER [--handsets 30000]``.

Twelve desks, each with its own key and chain, in one ledger: a SQLite file in FOLDER, or with ``--postgres`` a
PostgreSQL that is started for it. Every entry goes through the ledger's own way of adding (canonical bytes, chain,
signature, signed head, the guards of the database), a desk's day in one transaction. Equal seeds give equal years.
It is what benchmarks and pictures of the readers are made on.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from year_of_a_force import DESK_BODIES, FINDINGS, TECHNICIANS, Force, Happening, MadeHandset

from provisioning.canonical import Json
from provisioning.ledger.draft import Asked, LedgerOwner, Wish, no_parts
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.ledger.sql_store import SqlStore
from provisioning.ledger.sqlite import create_sqlite
from provisioning.people.permits import Permit
from provisioning.policy.effective import PermitGrant, PolicyReference
from provisioning.receipts.coming_back import ComingBack
from provisioning.receipts.items import ItemKind
from provisioning.receipts.parts import further_parts
from provisioning.receipts.receipt import (
    UNNUMBERED,
    Check,
    Declined,
    HandsetItem,
    Officer,
    OtherItem,
    Receipt,
    ReceiptKind,
    ReturnReason,
    Technician,
    Typed,
)
from provisioning.return_reasons import usual_next
from provisioning.signatures import DeskSigner
from provisioning.verification.judgement import CatalogueReference, Verdict

DESKS = 12
Tell = Callable[[int, date], None]
"""Told how many entries there are, and the day that is written."""


def silent(count: int, day: date) -> None:
    """Tell nobody."""
    del count, day


POLICIES = {
    "Metropolitan Police Service": PolicyReference("met-police", "2026.1", "9f2c" * 16),
    "British Transport Police": PolicyReference("btp", "2026.1", "4b1d" * 16),
    "City of London Police": PolicyReference("city-police", "2026.1", "c07a" * 16),
}
CATALOGUE = CatalogueReference("2026.10", "51ab" * 16)


def signer_of(desk: int) -> DeskSigner:
    """Give a desk's key: the same each time, for it guards nothing."""
    return DeskSigner(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"made-up desk {desk}".encode()).digest()))


def owner_of(desk: int) -> LedgerOwner:
    """Give whose chain a desk's is."""
    name = hashlib.sha256(f"desk {desk}".encode()).hexdigest()
    uuid = f"{name[:8]}-{name[8:12]}-4{name[13:16]}-8{name[17:20]}-{name[20:32]}"
    return LedgerOwner(uuid, signer_of(desk).public, training=False, receipt_prefix=f"R{desk + 1}")


@dataclass
class DeskBook:
    """One desk: its ledger and its clock, which says what the story says."""

    desk: int
    store: SqlStore
    moments: list[datetime] = field(default_factory=list[datetime])
    wishes: list[Asked] = field(default_factory=list[Asked])
    receipts: int = 0
    ledger: Ledger = field(init=False)
    _now: datetime = field(default_factory=datetime.now)

    def __post_init__(self) -> None:
        signer = signer_of(self.desk)
        self.ledger = Ledger(
            self.store, owner_of(self.desk), signer=lambda: signer, clock=self.tell, shared=True
        )  # fmt: skip

    @property
    def last_receipt(self) -> str:
        """Give the number of the receipt that was asked for last."""
        return f"{self.ledger.owner.receipt_prefix}-{self.receipts:06d}"

    def wish(
        self, when: datetime, kind: str, subject: str | None, body: Any, technician: str, *, gives: bool = False,
        parts: Callable[..., Any] = no_parts,
    ) -> None:  # fmt: skip
        """Ask for an entry at that moment."""
        self.wishes.append(Asked(Wish(str(kind), subject, body, technician, None, gives_receipt=gives, parts=parts)))
        self.moments.append(when)

    def write(self) -> int:
        """Add what was asked for, in one transaction."""
        if not self.wishes:
            return 0
        asked, self.wishes = self.wishes, []
        count = len(asked)
        # What a day of a desk brings goes in together; at a desk each entry has a transaction of its own.
        self.ledger._add(asked)  # pyright: ignore[reportPrivateUsage]
        self.moments.clear()
        for one in asked:
            if one.error is not None:
                raise one.error
        return count

    def tell(self) -> datetime:
        """Give the moment of the wish that is being written; parts of a receipt have that of their first."""
        if self.moments:
            self._now = max(self._now, self.moments.pop(0)) if self._now.tzinfo else self.moments.pop(0)
        return self._now


class Year:
    """Turns what happens into entries."""

    def __init__(self, force: Force, books: Sequence[DeskBook]) -> None:
        self.force = force
        self.books = books
        self.permits = 0

    def write(self, tell: Tell = silent) -> int:
        """Write all of it; give how many wishes that were."""
        count = self._found()
        for plan in self.force.year():
            book = self.books[plan[0].desk]
            for one in plan:
                getattr(self, "_" + one.what.replace(" ", "_"))(book, one)
            count += book.write()
            tell(count, plan[0].when.date())
        return count

    def _found(self) -> int:
        begins = datetime.combine(self.force.until - timedelta(days=self.force.days), datetime.min.time()).astimezone()
        for book in self.books:
            body: dict[str, Json] = {
                "desk_name": f"Desk {book.desk + 1}", "organisation": DESK_BODIES[book.desk],
                "public_key": signer_of(book.desk).public.pem(), "receipt_prefix": f"R{book.desk + 1}",
            }  # fmt: skip
            book.wish(begins, EntryKind.HOME_CREATED, None, body, "install")
        return sum(book.write() for book in self.books)

    def _opens(self, book: DeskBook, one: Happening) -> None:
        who = self._who(one)
        book.wish(one.when, EntryKind.SIGNED_IN, None, {"technician": who}, who)

    def _closes(self, book: DeskBook, one: Happening) -> None:
        who = self._who(one)
        book.wish(one.when, EntryKind.SIGNED_OUT, None, {"technician": who}, who)

    def _arrives(self, book: DeskBook, one: Happening) -> None:
        handset = _the(one)
        who, body = self._who(one), self._identity(handset, one)
        book.wish(one.when, EntryKind.IDENTIFIED, handset.serial, body, who)
        if one.detail == "again":
            book.wish(one.when, EntryKind.ERASED, handset.serial, {"data_plan": "preserved", "was_as_new": False}, who)
        managed: dict[str, Json] = {"organisation": DESK_BODIES[one.desk], "detail": "supervised, enrolled"}
        book.wish(one.when + timedelta(seconds=70), EntryKind.ENROLLED, handset.serial, managed, who)
        policy = self._policy(one)
        applied: dict[str, Json] = {"policy": policy, "requirements": [
            {"name": name, "wanted": "false", "found": "false", "strength": "effective"}
            for name in ("allowAppInstallation", "allowUIConfigurationProfileInstallation", "allowAppClips")
        ]}  # fmt: skip
        book.wish(one.when + timedelta(seconds=95), EntryKind.APPLIED, handset.serial, applied, who)

    def _is_clear(self, book: DeskBook, one: Happening) -> None:
        self._verified(book, one, Verdict.CLEAR)
        self._walked(book, one, "ready")

    def _is_read_again(self, book: DeskBook, one: Happening) -> None:
        self._verified(book, one, Verdict.CLEAR)

    def _is_not_clear(self, book: DeskBook, one: Happening) -> None:
        self._verified(book, one, Verdict.NOT_CLEAR)
        self._walked(book, one, "not clear")

    def _is_unknown(self, book: DeskBook, one: Happening) -> None:
        self._verified(book, one, Verdict.UNKNOWN)
        self._walked(book, one, "unknown")

    def _goes_out(self, book: DeskBook, one: Happening) -> None:
        handset, officer = _the(one), one.officer
        assert officer is not None
        assert handset.holder is None, "nobody is given what another has"
        handset.holder = officer
        receipt = self._receipt(one, ReceiptKind.HANDOVER, (self._item(handset, one), *_sim(handset)))
        self._book_receipt(book, one, EntryKind.HANDED_OVER, receipt)
        printed: dict[str, Json] = {"receipt": book.last_receipt, "copies": 1, "printer": "Office"}
        book.wish(one.when + timedelta(seconds=40), EntryKind.RECEIPT_PRINTED, None, printed, self._who(one))

    def _comes_back(self, book: DeskBook, one: Happening) -> None:
        handset = _the(one)
        if handset.holder is None:
            return
        reason = ReturnReason(one.detail)
        item = self._item(handset, one, back=ComingBack(usual_next(reason)))
        receipt = self._receipt(one, ReceiptKind.RETURN, (item, *_sim(handset)), reason)
        self._book_receipt(book, one, EntryKind.RETURNED, receipt)
        handset.holder = None
        handset.lives += 1

    def _permit(self, book: DeskBook, one: Happening) -> None:
        handset, officer = _the(one), one.officer
        if officer is None or handset.holder is not officer:
            return
        self.permits += 1
        begins = one.when.date()
        lasts = self.force.chance.choice((30, 60, 90, 180, 365))
        permit = Permit(f"PER-{self.permits:05d}", officer.number, one.detail, "Supt. A. Bright", "Cmdr. R. Holt",
                        "community engagement", begins, begins + timedelta(days=lasts))  # fmt: skip
        book.wish(one.when, EntryKind.PERMIT_ADDED, None, permit.to_body(), "supervisor")
        if self.force.chance.random() < 0.06:
            gone: dict[str, Json] = {"permit": permit.reference, "officer": officer.number, "reason": "moved"}
            book.wish(one.when + timedelta(minutes=20), EntryKind.PERMIT_REVOKED, None, gone, "supervisor")

    def _verified(self, book: DeskBook, one: Happening, verdict: Verdict) -> None:
        handset = _the(one)
        rule, subject = self.force.chance.choices(FINDINGS, (35, 25, 30, 10))[0]
        findings: list[Json] = [
            {"rule": rule, "severity": "denied", "subject": subject, "where": "user 0"}
        ] if verdict is Verdict.NOT_CLEAR else []  # fmt: skip
        unread: list[Json] = [{"area": "apps of user 150 (Secure Folder)", "why": "the profile is locked"}]
        body: dict[str, Json] = {
            "verdict": str(verdict), "record": _digest(one), "policy": self._policy(one),
            "catalogue": {"version": CATALOGUE.version, "sha256": CATALOGUE.sha256},
            "inventory_sha256": _digest(one, "i"), "apps_seen": 120 + handset.number % 40, "findings": findings,
            "not_checked": unread if verdict is Verdict.UNKNOWN else [],
        }  # fmt: skip
        if findings:
            body["worst"] = f"{subject} is installed for user 0; the policy denies it."
        if handset.holder is not None:
            body["officer"] = handset.holder.number
        book.wish(one.when, EntryKind.VERIFIED, handset.serial, body, self._who(one))

    def _walked(self, book: DeskBook, one: Happening, end: str) -> None:
        seconds = round(40 + self.force.chance.random() * 60, 3)
        steps: list[Json] = [
            {"step": step, "outcome": outcome, "done": True, "seconds": round(seconds * share, 3), "waited": 0.0,
             "queued": 0.0}
            for step, outcome, share in (("identify", "Identified", 0.02), ("enrol", "Enrolled", 0.5),
                                         ("apply", "Applied", 0.3), ("verify", "Verified", 0.18))
        ]  # fmt: skip
        body: dict[str, Json] = {
            "end": end, "seconds": seconds, "steps": steps, "bay": f"{one.desk % 4 + 1}-{_the(one).number % 16 + 1}",
            "policy": POLICIES[DESK_BODIES[one.desk]].name,
        }  # fmt: skip
        book.wish(one.when, EntryKind.WALKED, _the(one).serial, body, self._who(one))

    def _book_receipt(self, book: DeskBook, one: Happening, kind: str, receipt: Receipt) -> None:
        def body(draft: Any) -> Mapping[str, Json]:
            return receipt.numbered(draft.receipt, one.when).to_body()

        subject = receipt.handsets[0].serial_number
        book.receipts += 1
        parts = further_parts if len(receipt.items) > 1 else no_parts
        book.wish(one.when, kind, subject, body, self._who(one), gives=True, parts=parts)
        book.moments += [one.when] * (len(receipt.items) - 1)

    def _receipt(
        self, one: Happening, kind: ReceiptKind, items: tuple[Any, ...], reason: ReturnReason | None = None
    ) -> Receipt:
        who = one.officer
        assert who is not None
        stranger = one.detail == "stranger"
        officer = Officer(who.number, who.name, who.rank, who.unit, on_roster=not stranger,
                          roster_reason="transferred today, the roster follows" if stranger else "")  # fmt: skip
        signature = Declined("wants to read the terms at home") if one.detail == "declines" else Typed(
            who.name, (one.when - timedelta(days=30)).date().isoformat()
        )  # fmt: skip
        grants: tuple[PermitGrant, ...] = ()
        return Receipt(
            kind, False, UNNUMBERED, one.when, DESK_BODIES[one.desk], f"Desk {one.desk + 1}",
            Technician(self._who(one)), officer, items, signature, permits=grants, reason=reason,
        )  # fmt: skip

    def _item(self, handset: MadeHandset, one: Happening, back: ComingBack | None = None) -> HandsetItem:
        policy = POLICIES[DESK_BODIES[one.desk]]
        check = Check(Verdict.CLEAR, one.when - timedelta(minutes=3), 120 + handset.number % 40, (0,), policy,
                      "a1" * 32, CATALOGUE, record_id=_digest(one))  # fmt: skip
        return HandsetItem(
            handset.serial, handset.platform, handset.model, handset.model_name, handset.os_version, handset.imei,
            handset.udid if handset.platform == "ios" else None, handset.asset_tag,
            bay=None if back else f"{one.desk % 4 + 1}-{handset.number % 16 + 1}", check=None if back else check,
            condition="" if back else "new", accessories=() if back else ("USB-C cable",), back=back,
        )  # fmt: skip

    def _identity(self, handset: MadeHandset, one: Happening) -> dict[str, Json]:
        return {
            "platform": str(handset.platform), "serial_number": handset.serial, "model": handset.model,
            "model_name": handset.model_name, "os_version": handset.os_version, "build": None,
            "udid": handset.udid if handset.platform == "ios" else None, "imei": handset.imei,
            "security_patch": None, "bay": f"{one.desk % 4 + 1}-{handset.number % 16 + 1}",
        }  # fmt: skip

    def _policy(self, one: Happening) -> dict[str, Json]:
        policy = POLICIES[DESK_BODIES[one.desk]]
        return {"name": policy.name, "version": policy.version, "sha256": policy.sha256, "effective_sha256": "a1" * 32}

    def _who(self, one: Happening) -> str:
        return TECHNICIANS[(one.desk + one.when.toordinal()) % len(TECHNICIANS)]


def _the(one: Happening) -> MadeHandset:
    assert one.handset is not None
    return one.handset


def _digest(one: Happening, more: str = "") -> str:
    return hashlib.sha256(f"{one.when}{one.desk}{one.what}{more}{_the(one).number}".encode()).hexdigest()


def _sim(handset: MadeHandset) -> tuple[OtherItem, ...]:
    """Give the SIM card that goes with every third handset, and comes back with it."""
    return (OtherItem(ItemKind.SIM, "data SIM", _iccid(handset)),) if handset.number % 3 == 0 else ()


def _iccid(handset: MadeHandset) -> str:
    digits = f"894411{handset.number:012d}"
    total = sum(sum(divmod(2 * int(d), 10)) if at % 2 == 0 else int(d) for at, d in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def write_year(store: SqlStore, force: Force, tell: Tell = silent) -> int:
    """Write a year into an open store; give how many entries were asked for, parts of receipts not counted."""
    return Year(force, [DeskBook(desk, store) for desk in range(DESKS)]).write(tell)


def sqlite_year(folder: Path, force: Force, tell: Tell = silent) -> Ledger:
    """Make a ledger file with the year in it, unsynced since only reading it matters; give it for reading."""
    from sqlalchemy import event

    store = create_sqlite(folder / "ledger.sqlite")
    engine = store._writer  # pyright: ignore[reportPrivateUsage]
    assert engine is not None

    def no_sync(connection: Any, record: object) -> None:
        del record
        connection.execute("PRAGMA synchronous=OFF")

    event.listen(engine, "connect", no_sync)
    engine.dispose()
    write_year(store, force, tell)
    return Ledger(store, owner_of(0), shared=True)


def postgres_year(force: Force, tell: Tell = silent) -> Ledger:
    """Write the year into a PostgreSQL of this process; give it for reading."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))
    from ledger_place import PASSWORD, a_shared_ledger  # pyright: ignore
    from postgres_server import server  # pyright: ignore

    from provisioning.ledger.postgres import open_postgres
    from provisioning.ledger.postgres_connection import postgres_url
    from provisioning.ledger.shared_making import let_desk_in

    url = postgres_url(a_shared_ledger())  # pyright: ignore
    administrator = url.set(username="postgres")
    server().execute(f"CREATE ROLE year LOGIN PASSWORD '{PASSWORD}'")  # pyright: ignore
    for desk in range(DESKS):
        let_desk_in(administrator, owner_of(desk), f"Desk {desk + 1}", "year", supervisor=True)
    store = open_postgres(url.set(username="year"), writing=True)
    write_year(store, force, tell)
    return Ledger(store, owner_of(0), shared=True)


def main() -> None:
    """Write a year and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--handsets", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--until", type=date.fromisoformat, default=date(2026, 11, 20))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    last = [0]

    def tell(count: int, day: date) -> None:
        if count - last[0] > 20_000:
            last[0] = count
            print(f"{count:,} entries, {day}", flush=True)

    with sqlite_year(options.folder, Force(options.seed, options.handsets, options.until), tell) as ledger:
        newest = ledger.entries(newest_first=True, limit=1)[0]
        print(f"done in {time.perf_counter() - began:,.0f} s; the last entry is of {newest.time}")


if __name__ == "__main__":
    main()
