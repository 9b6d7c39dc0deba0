"""Desks with something personal on their books, and what lies of it anywhere; no test is in here."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import psycopg
import pytest
from ledger_place import PASSWORD
from postgres_server import server
from receipt_samples import item, receipt

from provisioning.home.creation import create_home
from provisioning.home.home import Home
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.ledger.opening import joint_store, owner_of
from provisioning.ledger.postgres_connection import postgres_url
from provisioning.ledger.postgres_guards import SCHEMA
from provisioning.ledger.shared_making import let_desk_in, make_shared_ledger
from provisioning.people.permits import Permit
from provisioning.privacy.retention import Retention
from provisioning.receipts.receipt import Declined, Officer, Proxy, Receipt, ReturnReason
from provisioning.return_reasons import ReturnedHandset
from provisioning.returns import ReturnOrder, take_back

PERSONAL = (
    "Gwenllian", "Pritchard", "Constable", "Ffion", "letter of the 3rd", "grandmother", "C. Requester", "D. Approver",
    "covert work", "sick since May",
)  # fmt: skip
"""Words of people that nothing on a disk may hold in clear."""
LATER = datetime.now(UTC) + timedelta(days=366 * 8)
KEEP = Retention()
ADMINISTRATOR = "keeper"


def handover(number: int = 0) -> Receipt:
    given = receipt(place=None, training=True, items=(replace(item(number), condition="chipped by his grandmother"),))
    return replace(given, proxy=Proxy(Officer("P77", "Ffion Roe", "Sergeant"), "letter of the 3rd"))


def brought_back(home: Home, number: int = 0) -> Entry:
    serial = item(number).serial_number
    order = ReturnOrder(
        Officer("1234567", "Gwenllian Pritchard"), ReturnReason.RETURNED, Declined("sick since May"),
        (ReturnedHandset(serial),),
    )  # fmt: skip
    with home.open_ledger() as ledger:
        return take_back(home, ledger, order, "A. Khan").entry


def permitted(home: Home) -> None:
    ends = datetime.now(UTC).date()
    permit = Permit("P-1", "1234567", "WhatsApp", "C. Requester", "D. Approver", "covert work", ends, ends)
    with home.open_ledger() as ledger:
        ledger.append(EntryKind.PERMIT_ADDED, None, permit.to_body(), technician="A. Khan")


@cache
def shared_template() -> str:
    """An empty shared ledger; databases of single tests are copies of it."""
    for login in ("line1", "line2", ADMINISTRATOR):
        server().execute(
            f"DO $$ BEGIN CREATE ROLE {login} LOGIN PASSWORD '{PASSWORD}'; "
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    server().execute("CREATE DATABASE privacy_template")
    make_shared_ledger(postgres_url(server().url("privacy_template")))
    return "privacy_template"


def of(address: str, login: str) -> str:
    return address.replace("//@", f"//{login}@")


def desk(folder: Path, name: str = "Desk 4", address: str = "", login: str = "") -> Home:
    """A desk alone, or one that shares the ledger at ``address``."""
    home = create_home(folder, training=True, organisation_name="Met", desk_name=name)
    if address:
        join(home, address, login)
    return home


def join(home: Home, address: str, login: str) -> None:
    """Let a desk in, and hand in what it wrote alone."""
    whole = address.replace("//@", f"//postgres:{PASSWORD}@")
    owner, name = owner_of(home.identity, home.public_key()), home.identity.desk_name
    let_desk_in(postgres_url(whole), owner, name, login, supervisor=True)
    home.settings_file.write_text(f'[desk]\nledger = "{of(address, login)}"\n')
    with joint_store(home, writing=True) as (store, _):
        store.hand_in(home.identity.desk)


def of_an_administrator(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on commands at this desk use a login that may erase, as ISSUING_DESK_LEDGER names one."""
    address = getattr(home, "database", "")
    if not address:
        return
    whole = postgres_url(address.replace("//@", f"//postgres:{PASSWORD}@"))
    owner = owner_of(home.identity, home.public_key())
    let_desk_in(whole, owner, home.identity.desk_name, ADMINISTRATOR, administrator=True, every_desk=True)
    monkeypatch.setenv("ISSUING_DESK_LEDGER", of(address, ADMINISTRATOR))


def on_disk(home: Home) -> bytes:
    """Everything that lies anywhere: the files of the home, and the tables of the shared ledger."""
    found = [path.read_bytes() for path in home.path.rglob("*") if path.is_file()]
    address = getattr(home, "database", "")
    if address:
        url = address.replace("+psycopg", "").replace("//@", f"//postgres:{PASSWORD}@")
        with psycopg.connect(url, autocommit=True, options=f"-c search_path={SCHEMA}") as database:
            tables = database.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = %s::regnamespace", (SCHEMA,)
            ).fetchall()
            for (name,) in tables:
                for row in database.execute(f"SELECT * FROM {name}".encode()):
                    found += [one if isinstance(one, bytes) else str(one).encode() for one in row]
    return b"\n".join(found)


def clear_words(home: Home) -> list[str]:
    lying = on_disk(home)
    return [word for word in PERSONAL if word.encode() in lying]


def wrapped_keys(home: Home) -> list[bytes]:
    with closing(sqlite3.connect(home.ledger_file)) as database:
        return [bytes(key) for (key,) in database.execute("SELECT wrapped FROM record_keys")]
