"""Orders: which handset is meant for which officer, as far as the manifests of this desk's batches say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from provisioning.batches.batch_folder import BatchFolder
from provisioning.batches.manifest import Expected
from provisioning.receipts.items import Ordered


@dataclass(frozen=True, slots=True)
class OtherOrder:
    """The order means something else than what is about to happen.

    ``officer`` is whom the handset on the counter is ordered for, where that is somebody else. Otherwise the officer
    at the counter has an order that is still open, for the handset ``serial_number`` of that ``model``.
    """

    reference: str
    officer: str = ""
    serial_number: str = ""
    model: str = ""


class Orders:
    """All lines of all batches, read once."""

    def __init__(self, lines: Iterable[Expected]) -> None:
        self._by_serial: dict[str, Expected] = {}
        self._by_officer: dict[str, list[Expected]] = {}
        for line in lines:
            self._by_serial.setdefault(line.serial_number.casefold(), line)
            if line.officer:
                self._by_officer.setdefault(line.officer, []).append(line)

    def line(self, serial_number: str) -> Expected | None:
        """Give what the manifests say of a handset; None where they do not name it."""
        return self._by_serial.get(serial_number.casefold())

    def ordered(self, serial_number: str, override: str = "") -> Ordered | None:
        """Give the order of a handset as it stands on a receipt; None where there is neither order nor override."""
        line = self.line(serial_number)
        if line is None or not (line.order or line.officer):
            return Ordered(override=override) if override else None
        return Ordered(line.order, line.officer, line.model, override)

    def other_order(self, serial_number: str, officer: str, was_issued: Callable[[str], bool]) -> OtherOrder | None:
        """Tell whether the order means another officer, or another handset for this one; None where it does not.

        ``was_issued`` tells of a serial number whether that handset was ever handed over: its order is done then.
        """
        line = self.line(serial_number)
        if line is not None and line.officer:
            return None if line.officer == officer else OtherOrder(line.order, officer=line.officer)
        still_open = (one for one in self._by_officer.get(officer, ()) if not was_issued(one.serial_number))
        wanted = next(still_open, None)
        if wanted is None:
            return None
        return OtherOrder(wanted.order, serial_number=wanted.serial_number, model=wanted.model)


def read_orders(folder: BatchFolder) -> Orders:
    """Read every batch of the home. Raises HomeError for a damaged one."""
    manifests: Sequence[Mapping[str, Sequence[Expected]]] = [folder.load(name).expected for name in folder.names()]
    # A handset that stands twice on one manifest is meant by neither line.
    return Orders(lines[0] for expected in manifests for lines in expected.values() if len(lines) == 1)
