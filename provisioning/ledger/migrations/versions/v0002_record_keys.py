"""Keys of personal fields beside the entries, and the guards over them."""

from __future__ import annotations

from alembic import op

from provisioning.ledger.postgres_guards import FIRST_TRIGGERS, FUNCTIONS, KEY_RIGHTS, KEY_TABLES, TRIGGERS, trigger
from provisioning.ledger.postgres_guards import function as made

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make what is new; entries that are there stay as they are."""
    op.execute(KEY_TABLES)
    for name in FUNCTIONS:
        op.execute(made(name))
    for name in TRIGGERS.keys() - FIRST_TRIGGERS.keys():
        op.execute(trigger(name))
    op.execute(KEY_RIGHTS)
