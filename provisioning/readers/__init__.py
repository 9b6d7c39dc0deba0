"""Whoever reads the ledger and adds nothing: figures, searches, statements, exports."""
