"""Entries, heads and their guards: where every file of the first version stands, which made them without alembic."""

from __future__ import annotations

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Do nothing: they are there."""
