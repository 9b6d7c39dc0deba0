"""What a virtual handset remembers: packages, users, owner, settings, files."""
