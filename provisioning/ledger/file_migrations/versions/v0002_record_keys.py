"""Keys of personal fields beside the entries; and the first files' search indexes become those of later ones."""

from __future__ import annotations

from alembic import op

from provisioning.ledger.sqlite_guards import KEY_TRIGGERS

revision = "0002"
down_revision = "0001"

_BEFORE = ("ix_entries_kind_number", "ix_entries_subject_number", "ix_entries_officer_number")
_INDEXES = (
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_entries_once ON entries (once, desk) WHERE once IS NOT NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS uq_entries_receipt_counter ON entries (receipt_counter, desk) "
    "WHERE receipt_counter IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS ix_entries_subject ON entries (subject, number) WHERE subject IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS ix_entries_officer ON entries (officer, number) WHERE officer IS NOT NULL",
    "DROP INDEX ix_entries_receipt",
    "CREATE INDEX ix_entries_receipt ON entries (receipt, number) WHERE receipt IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS ix_entries_kind ON entries (kind, number) WHERE kind IS NOT NULL",
)
_TABLES = (
    "CREATE TABLE record_keys (desk VARCHAR NOT NULL, number INTEGER NOT NULL, wrapped BLOB NOT NULL, "
    "CONSTRAINT pk_record_keys PRIMARY KEY (desk, number))",
    "CREATE TABLE erased (desk VARCHAR NOT NULL, number INTEGER NOT NULL, by_desk VARCHAR NOT NULL, "
    "by_number INTEGER NOT NULL, rule VARCHAR NOT NULL, time VARCHAR NOT NULL, "
    "CONSTRAINT pk_erased PRIMARY KEY (desk, number))",
)


def upgrade() -> None:
    """Add what is new; entries that are there stay as they are."""
    for name in _BEFORE:
        op.execute(f"DROP INDEX IF EXISTS {name}")
    for statement in (*_INDEXES, *_TABLES, *KEY_TRIGGERS.values()):
        op.execute(statement)
