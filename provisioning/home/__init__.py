"""The desk's home: one directory with its identity, keys, ledger and records; secrets in it are always encrypted."""
