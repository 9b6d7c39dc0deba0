"""Who may put another key in the place of a desk's lost one: a supervisor, as the database sees to."""

from __future__ import annotations

from alembic import op

from provisioning.ledger.postgres_guards import FUNCTIONS, function

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the guards anew, as they are now."""
    for name in FUNCTIONS:
        op.execute(function(name))
