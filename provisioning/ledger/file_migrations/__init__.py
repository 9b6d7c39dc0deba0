"""How the tables of a desk's own ledger file came to be what they are, step by step, run by alembic."""
