"""Open the table of figures of a home: one file for the desk's own ledger, another for each that it shares."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from provisioning.readers.projection import Projection

if TYPE_CHECKING:
    from provisioning.home.home import Home
    from provisioning.ledger.ledger import Ledger
    from provisioning.readers.statements import Frame

FOLDER = "reading"


def table_file(home: Home) -> Path:
    """Say where the table lies; it may be deleted at any time."""
    shared = home.shared_ledger()
    name = hashlib.sha256(shared.address.encode()).hexdigest()[:12] if shared is not None else "own"
    return home.path / FOLDER / f"{name}.sqlite"


def open_table(home: Home, ledger: Ledger) -> Projection:
    """Open the table over a home's ledger; it is not followed yet."""
    return Projection(ledger, table_file(home))


@contextmanager
def reading(home: Home) -> Generator[Projection]:
    """Open ledger and table for reading and close both. Raises LedgerError, HomeError."""
    with home.read_ledger() as ledger:
        table = open_table(home, ledger)
        try:
            yield table
        finally:
            table.close()


def frame_of(home: Home) -> Frame:
    """Give what stands around a sheet that is made now at this desk."""
    from provisioning.readers.statements import Frame

    identity = home.identity
    return Frame(identity.organisation_name, identity.desk_name, home.training, datetime.now().astimezone())
