"""Signatures that come as files."""

from __future__ import annotations

from pathlib import Path

from provisioning.receipts.receipt import Picture


def signature_picture(file: Path) -> Picture:
    """Read the image of a signature. Raises FileError where it is none."""
    from provisioning.receipts.pictures import read_signature_image  # 0.1 s that only these commands spend

    return read_signature_image(file)
