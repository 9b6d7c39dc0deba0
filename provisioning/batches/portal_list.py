"""What the body's own portal says it owns: an export of Apple Business Manager, Knox, zero-touch or device management.

Any table will do that has a column of serial numbers or IMEIs; whose export it is, its other headings tell. A portal
that knows handsets of one make only says nothing of the others: they are not held against it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provisioning.check_digits import is_imei
from provisioning.errors import UsageError
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.tables.headings import cell_of, columns_of, named
from provisioning.tables.reading import Row, Table

_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "serial_number": ("serial number", "serialnumber", "device serial number", "serial no", "serial", "sn"),
    "imei": ("imei", "imei 1", "imei1", "imei number", "imei/meid", "imei or meid", "imei/meid 1", "imei meid",
             "modemid", "modem id", "hardware id", "primary imei", "device id", "deviceid"),
    "imei2": ("imei 2", "imei2", "imei/meid 2", "secondary imei", "second imei"),
    "assigned": ("mdm server", "device management service", "device management server", "assigned mdm server",
                 "assigned to", "profile", "profile name", "mdm profile", "configuration", "configuration name",
                 "profileid", "profilename"),
    "status": ("status", "enrollment status", "enrolment status", "state", "device state", "profile status",
               "enrollmentstatus", "devicestate"),
}  # fmt: skip
_NOT_ASSIGNED = frozenset({"unassigned", "not assigned", "none", "no profile", "released", "not configured"})
_MARKS: tuple[tuple[str, frozenset[str], str], ...] = (
    # The first heading that is there says whose export it is. Apple's API calls the same facts serialNumber,
    # productFamily, orderNumber (Apple Business Manager API, OrgDevice); zero-touch its columns modemtype, modemid,
    # profiletype (zero-touch customer portal); Knox has IMEI/MEID.
    ("Apple Business Manager", frozenset({"mdm server", "device management service", "product family", "productfamily",
     "device family", "assigned mdm server"}), "ios"),
    ("Android zero-touch", frozenset({"modemtype", "modemid", "profiletype", "hardware id"}), "android"),
    ("Knox Mobile Enrollment", frozenset({"imei/meid", "imei meid", "knox profile"}), "samsung"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PortalLine:
    """One handset of an export. ``assigned`` is False where the export says that no profile or server is put on it."""

    line: int
    serial_number: str
    imeis: tuple[str, ...]
    assigned: bool


@dataclass(frozen=True, slots=True)
class PortalList:
    """An export that was read. ``covers``: ``ios``, ``android``, ``samsung``, or empty for handsets of every make."""

    title: str
    covers: str
    lines: tuple[PortalLine, ...]
    bad: tuple[tuple[int, str], ...] = ()
    _by_serial: Mapping[str, Sequence[PortalLine]] = field(default_factory=dict[str, Sequence[PortalLine]])
    _by_imei: Mapping[str, Sequence[PortalLine]] = field(default_factory=dict[str, Sequence[PortalLine]])

    def by_serial(self, serial_number: str) -> Sequence[PortalLine]:
        """Give the lines of a serial number."""
        return self._by_serial.get(serial_number.casefold(), ())

    def by_imei(self, imei: str) -> Sequence[PortalLine]:
        """Give the lines of an IMEI."""
        return self._by_imei.get(imei, ())

    def concerns(self, platform: str, model: str) -> bool:
        """Tell whether it could know a handset of this platform and maker's model; True where that is not known."""
        match self.covers:
            case "":
                return True
            case "samsung":
                if not model:
                    return platform != Platform.IOS
                return platform != Platform.IOS and bool(re.match(r"SM-|samsung|galaxy", model, re.IGNORECASE))
            case _:
                return platform in {"", self.covers}


def read_portal_list(table: Table, name: str) -> PortalList:
    """Read an export; ``name`` is that of its file. Raises UsageError without a column of serial numbers or IMEIs."""
    heading = [cell.strip("'\" ") for cell in table.heading]
    columns = columns_of(heading, _HEADINGS)
    if "serial_number" not in columns and "imei" not in columns:
        raise UsageError(
            f"{one_line(name, 60)} has neither serial numbers nor IMEIs, so no handset can be found in it. "
            f"It has: {named(heading)}."
        )
    folded = {cell.casefold().replace("_", " ") for cell in heading}
    title, covers = next(((t, c) for t, marks, c in _MARKS if marks & folded), (one_line(name, 60), ""))
    lines: list[PortalLine] = []
    bad = [(one.line, one.reason) for one in table.unreadable]
    by_serial: dict[str, list[PortalLine]] = {}
    by_imei: dict[str, list[PortalLine]] = {}
    for row in table.rows:

        def cell(column: str, row: Row = row) -> str:
            return cell_of(row, columns, column).strip("'=\" ")

        numbers = tuple(filter(None, (_imei(cell("imei")), _imei(cell("imei2")))))
        said = (cell("assigned").casefold(), cell("status").casefold())
        free = ("assigned" in columns and not said[0]) or any(word in _NOT_ASSIGNED for word in said)
        one = PortalLine(row.line, cell("serial_number"), numbers, not free)
        if not one.serial_number and not numbers:
            bad.append((row.line, "neither serial number nor IMEI"))
            continue
        lines.append(one)
        if one.serial_number:
            by_serial.setdefault(one.serial_number.casefold(), []).append(one)
        for number in dict.fromkeys(numbers):
            by_imei.setdefault(number, []).append(one)
    return PortalList(title, covers, tuple(lines), tuple(sorted(bad)), by_serial, by_imei)


def _imei(text: str) -> str:
    """Give the 15 digits of an IMEI; portals also write 14 without the check digit, or 16 with the software version."""
    if re.search(r"[A-Za-z]", text):
        return ""  # a MEID, or a number that a spreadsheet has rounded
    digits = re.sub(r"\D", "", text)
    if len(digits) in {14, 16}:
        return next(digits[:14] + str(last) for last in range(10) if is_imei(digits[:14] + str(last)))
    return digits if is_imei(digits) else ""
