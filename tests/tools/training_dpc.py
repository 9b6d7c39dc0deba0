"""Make ``resources/virtual/training-dpc.apk``, the device policy controller of the training rack.

    python tests/tools/training_dpc.py

The same bytes come out each time. It holds no code and its key is derived from a text that everybody can read: a real
handset would install it, nothing in it would run, and nobody must ever make it an owner outside training.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from provisioning.virtual.android.apk.build import build_training_dpc

TARGET = Path(__file__).resolve().parents[2] / "resources" / "virtual" / "training-dpc.apk"


def main() -> None:
    """Write the file."""
    data = build_training_dpc()
    TARGET.write_bytes(data)
    print(f"{TARGET.name}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
