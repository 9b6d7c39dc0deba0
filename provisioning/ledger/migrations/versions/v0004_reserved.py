"""A handset that is reserved for one desk goes out at no other: the database sees to it."""

from __future__ import annotations

from alembic import op

from provisioning.ledger.postgres_guards import FUNCTIONS, function

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the guards anew, as they are now."""
    for name in FUNCTIONS:
        op.execute(function(name))
