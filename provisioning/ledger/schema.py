"""The tables of the ledger, the same in every database; imported when a store is opened and not before.

``canonical`` is the entry; every other column can be computed from it and from the desk's key. The columns after
``signature`` exist to be searched, and only those that something searches have an index.
"""

from __future__ import annotations

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
    UniqueConstraint,
)

VERSION = 1
"""Raised with every change of the tables, together with a migration."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

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
    UniqueConstraint("desk", "once"),
    UniqueConstraint("desk", "receipt_counter"),
)

Index(None, entries.c.subject, entries.c.number, sqlite_where=entries.c.subject.is_not(None))
Index(None, entries.c.officer, entries.c.number, sqlite_where=entries.c.officer.is_not(None))
# A number that was given out is given out once, whatever desk gives it; later entries about that receipt may name it.
Index(
    "uq_entries_receipt_given",
    entries.c.receipt,
    unique=True,
    sqlite_where=entries.c.receipt_counter.is_not(None),
    postgresql_where=entries.c.receipt_counter.is_not(None),
)
Index(None, entries.c.receipt, sqlite_where=entries.c.receipt.is_not(None))
Index(None, entries.c.kind, entries.c.number)

heads = Table(
    "heads",
    metadata,
    Column("desk", String, nullable=False),
    Column("number", _NUMBER, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    PrimaryKeyConstraint("desk"),
)
