"""The tables of the ledger, the same in every database; imported when a store is opened and not before.

``canonical`` is the entry; every other column can be computed from it and from the desk's key. The columns after
``signature`` exist to be searched, and only those that something searches have an index.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
)

VERSION = 2
"""Raised with every change of the tables, together with a migration."""

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")

entries = Table(
    "entries",
    metadata,
    Column("desk", String, nullable=False),
    Column("number", _NUMBER, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("time", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("subject", String),
    Column("technician", String),
    Column("officer", String),
    Column("receipt", String),
    Column("receipt_counter", _NUMBER),
    Column("once", String),
    PrimaryKeyConstraint("desk", "number"),
)


def _index(name: str, *columns: Column[Any], unique: bool = False) -> None:
    """Index what has a value in the first of the columns; most entries have none in most of them."""
    filled = columns[0].is_not(None)
    Index(name, *columns, unique=unique, sqlite_where=filled)


_index("uq_entries_once", entries.c.once, entries.c.desk, unique=True)
_index("uq_entries_receipt_counter", entries.c.receipt_counter, entries.c.desk, unique=True)
_index("ix_entries_subject", entries.c.subject, entries.c.number)
_index("ix_entries_officer", entries.c.officer, entries.c.number)
_index("ix_entries_receipt", entries.c.receipt, entries.c.number)
_index("ix_entries_kind", entries.c.kind, entries.c.number)
# A number that was given out is given out once, whichever desk gives it; later entries about that receipt may name it.
_given = entries.c.receipt_counter.is_not(None)
Index("uq_entries_receipt_given", entries.c.receipt, unique=True, sqlite_where=_given)

heads = Table(
    "heads",
    metadata,
    Column("desk", String, nullable=False),
    Column("number", _NUMBER, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    PrimaryKeyConstraint("desk"),
)

record_keys = Table(
    "record_keys",
    metadata,
    Column("desk", String, nullable=False),
    Column("number", _NUMBER, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    PrimaryKeyConstraint("desk", "number"),
)
"""Keys of personal fields (``provisioning.privacy.record_key``), beside the chain: what is removed here is erased."""

erased = Table(
    "erased",
    metadata,
    Column("desk", String, nullable=False),
    Column("number", _NUMBER, nullable=False),
    Column("by_desk", String, nullable=False),
    Column("by_number", _NUMBER, nullable=False),
    Column("rule", String, nullable=False),
    Column("time", String, nullable=False),
    PrimaryKeyConstraint("desk", "number"),
)
"""Which entries were lawfully erased, and by which entry; the database itself fills it when that entry is added."""
