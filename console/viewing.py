"""Looks at what is held of people, by commands and in the window: recorded first, then shown."""

from __future__ import annotations

from collections.abc import Sequence

from console.assembly import Engine
from console.call import Call
from console.duty import account_name, sign_in_at
from provisioning.errors import HomeError
from provisioning.home.home import Home
from provisioning.ledger.entry import HANDS_CHANGED, Entry
from provisioning.ledger.ledger import Ledger
from provisioning.plain_text import one_line
from provisioning.privacy.viewing import TOGETHER, Look, closed, note_look, opens
from provisioning.receipts.parts import receipt_in_ledger
from provisioning.receipts.receipt import Receipt

_LOOKED_FOR = 20
"""Newest entries in which it is seen whether personal details are open to whoever reads."""
NOT_RECORDED = "Personal details stay sealed, because it cannot be recorded who looks at them"


def looked_at(
    call: Call, home: Home, look: Look, entries: Sequence[Entry], *, officer: str = "", receipt: str = "",
    serial: str = "", why: str = "",
) -> list[Entry]:  # fmt: skip
    """Record that a command shows these entries; give them, sealed again where that cannot be recorded."""
    if not opens(entries):
        return list(entries)
    try:
        with home.open_ledger() as ledger:
            technician = looker(call, home, ledger)
            note_look(ledger, look, technician, officer=officer, receipt=receipt, serial=serial, why=why)
    except HomeError as error:
        call.tell(f"{NOT_RECORDED}: {error}")
        return closed(entries)
    return list(entries)


def person_looked_at(call: Call, home: Home, look: Look, officer: str, why: str = "") -> None:
    """Record that a command says who somebody is or what they have, where that can be read at all. Raises HomeError."""
    if home.reading_keys().at_hand() is None:
        return
    try:
        with home.open_ledger() as ledger:
            note_look(ledger, look, looker(call, home, ledger), officer=officer, why=why)
    except HomeError as error:
        raise HomeError(f"It cannot be recorded who looks, so nothing is shown. {error}") from error


def sheet_looked_at(call: Call, home: Home, reading: Ledger, look: Look, *, serial: str = "") -> None:
    """Record that a sheet is made by a command; where that cannot be, what is personal in it stays sealed.

    ``reading`` is the ledger that it is read from.
    """
    some = reading.entries(serial=serial or None, kind=HANDS_CHANGED, newest_first=True, limit=_LOOKED_FOR)
    if not opens(some):
        return
    try:
        with home.open_ledger() as ledger:
            note_look(ledger, look, looker(call, home, ledger), serial=serial)
    except HomeError as error:
        call.tell(f"{NOT_RECORDED}: {error}")
        reading.keep_sealed()


def receipt_opened(call: Call, home: Home, ledger: Ledger, number: str, why: str = "") -> Receipt:
    """Give a receipt whose paper or part is to be made, its details only where it is recorded who asked for it."""
    entry = next(iter(ledger.entries(receipt=number, kind=HANDS_CHANGED, limit=1)), None)
    officer = entry.officer or "" if entry is not None else ""
    receipt = receipt_in_ledger(ledger, number)
    if entry is not None and opens([entry]):
        with home.open_ledger() as books:
            note_look(books, Look.RECEIPT, looker(call, home, books), officer=officer, receipt=receipt.number, why=why)
    return receipt


def looker(call: Call, home: Home, ledger: Ledger) -> str:
    """Name who looks: who is named to work, else the account. Nobody is asked for a PIN to read."""
    present = sign_in_at(home, ledger).technician
    return f"{one_line(call.technician, 60)} (account {account_name()}, no PIN)" if call.technician else present


def receipt_looked_at(engine: Engine, number: str) -> None:
    """Record that the window opens a receipt, unless whoever works there has booked it just now. Raises HomeError."""
    technician = engine.sign_in.technician
    since = engine.ledger.now() - TOGETHER
    for entry in engine.ledger.entries(receipt=number, kind=HANDS_CHANGED, limit=1):
        just_booked = entry.technician == technician and entry.moment >= since
        if entry.kept is not None and not just_booked:
            note_look(engine.ledger, Look.RECEIPT, technician, officer=entry.officer or "", receipt=number)


def sheet_opened(engine: Engine, look: Look, *, officer: str = "", serial: str = "") -> None:
    """Record that the window makes a sheet with what is held of people. Raises HomeError, LedgerError."""
    note_look(engine.ledger, look, engine.sign_in.technician, officer=officer, serial=serial)
