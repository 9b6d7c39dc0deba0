"""Which printer was used last for which kind of paper: ``printers.json`` in the home."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from provisioning.files import write_file
from provisioning.printing.destination import Destination, destination_text, parse_destination

FILE = "printers.json"
RECEIPT, SLIP, ASSET_LABEL, BAG_LABEL = "receipt", "slip", "asset-label", "bag-label"
KINDS = (RECEIPT, SLIP, ASSET_LABEL, BAG_LABEL)


class PrinterMemory:
    """Remembers a printer for each kind; a file that cannot be read remembers nothing."""

    def __init__(self, home: Path) -> None:
        self._file = home / FILE

    def of(self, kind: str) -> Destination | None:
        """Give the printer that was used last for this kind; None where none was."""
        text = self._read().get(kind)
        return parse_destination(text) if text else None

    def known(self) -> dict[str, str]:
        """Give all that is remembered, kind to printer."""
        return {kind: text for kind, text in self._read().items() if kind in KINDS}

    def keep(self, kind: str, destination: Destination) -> None:
        """Remember a printer. Raises HomeError."""
        remembered = self._read() | {kind: destination_text(destination)}
        write_file(self._file, json.dumps(remembered, ensure_ascii=False, indent=1).encode("utf-8"), may_lag=True)

    def _read(self) -> dict[str, str]:
        try:
            read: Any = json.loads(self._file.read_bytes())
        except (OSError, ValueError):
            return {}
        return {str(key): str(value) for key, value in read.items()} if isinstance(read, dict) else {}  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]  # any JSON
