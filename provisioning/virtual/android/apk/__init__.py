"""Android packages: building small signed ones and reading any."""
