"""The shared ledger: entries, heads, desks, logins, who has what in hand, and the guards over them."""

from __future__ import annotations

from alembic import op

from provisioning.ledger.postgres_guards import FIRST_TRIGGERS, FUNCTIONS, RIGHTS, ROLES, TABLES, function, trigger

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make everything; whoever runs this owns it and must be allowed to make roles."""
    for role in ROLES:
        op.execute(f"DO $do$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $do$")
    op.execute(TABLES)
    for name in FUNCTIONS:
        op.execute(function(name))
    for name in FIRST_TRIGGERS:
        op.execute(trigger(name))
    op.execute(RIGHTS)
