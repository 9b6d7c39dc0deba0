"""How the tables of a shared ledger came to be what they are, step by step, run by alembic."""
