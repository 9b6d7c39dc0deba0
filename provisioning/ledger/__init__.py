"""The desk's memory: signed, hash-chained entries that can only be added to."""
