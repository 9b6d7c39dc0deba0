"""Alembic's way in: the connection is handed over, so that no address or password stands in a file of its own."""

from __future__ import annotations

from alembic import context

from provisioning.ledger.postgres_guards import SCHEMA

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema=SCHEMA,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
