"""A portal's export (Knox Mobile Enrollment, zero-touch): which handsets will enrol themselves when switched on.

The export is a table (``provisioning.tables``), whose columns are found by the names in the provider's file, or JSON of
an API (``provisioning.enrolment.zero_touch``). A handset is matched by IMEI or serial number; a line that says one
thing of the IMEI and another of the serial is a contradiction, not a match. Where the columns' names are from no
source, a line cannot be read, or a state is none that the vendor documents, a match is *uncertain*: a person looks it
up in the portal.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path

from provisioning.enrolment.provider import Provider
from provisioning.errors import UsageError
from provisioning.plain_text import one_line
from provisioning.tables.headings import cell_of, columns_of, named
from provisioning.tables.reading import Row, table_of

MOST_LINES = 200_000
_LONGEST = 200


@unique
class PortalState(StrEnum):
    """What a portal says of a handset."""

    READY = "ready"
    """It is there with a profile; switched on with a network it enrols itself."""
    NO_PROFILE = "no profile"
    NOT_THERE = "not there"
    UNCERTAIN = "uncertain"
    """It may be ready; the export does not prove it."""
    CONTRADICTED = "contradicted"
    """IMEI and serial number belong to different lines, or one of them stands there twice."""


@dataclass(frozen=True, slots=True)
class PortalLine:
    """One handset of an export; all texts are hostile, bounded. ``line`` counts from 1, the heading included."""

    line: int
    imei: str
    serial_number: str
    profile: str
    status: str


@dataclass(frozen=True, slots=True)
class PortalMatch:
    """What a portal says of one handset, in one sentence."""

    state: PortalState
    sentence: str
    profile: str = ""


class PortalExport:
    """An export that was read."""

    def __init__(self, provider: Provider, lines: Sequence[PortalLine], *, doubt: str = "") -> None:
        self._provider = provider
        self._doubt = doubt
        """Why nothing in this export proves that a handset is ready; empty where it does."""
        self.lines = tuple(lines)

    def match(self, serial_number: str | None, imei: str | None) -> PortalMatch:
        """Find a handset by what is known of it."""
        title = self._provider.title
        by_imei = [one for one in self.lines if imei and one.imei == _digits(imei)]
        by_serial = [
            one for one in self.lines if serial_number and one.serial_number.casefold() == serial_number.casefold()
        ]
        found = {one.line: one for one in (*by_imei, *by_serial)}
        if not found:
            return PortalMatch(
                PortalState.NOT_THERE, f"It is not in {title}: have the reseller register it, or enrol it another way."
            )
        if len(found) > 1:
            numbers = " and ".join(str(line) for line in sorted(found)[:3])
            return PortalMatch(
                PortalState.CONTRADICTED,
                f"Lines {numbers} of the export of {title} both claim it. Have that corrected.",
            )
        (one,) = found.values()
        for known, said, what in ((imei, one.imei, "IMEI"), (serial_number, one.serial_number, "serial number")):
            if known and said and _plain(known) != _plain(said):
                return PortalMatch(
                    PortalState.CONTRADICTED, f"Line {one.line} of the export of {title} has another {what}."
                )
        state = one.status.casefold()
        if not one.profile or state in self._provider.pending:
            why = f"its state is “{one.status}”" if one.profile else "no profile is put on it"
            return PortalMatch(PortalState.NO_PROFILE, f"It is in {title}, but {why}. Assign one there.", one.profile)
        doubt = self._doubt or self._strange(state)
        if doubt:
            return PortalMatch(
                PortalState.UNCERTAIN,
                f"It is in {title} with the profile {one.profile}, but {doubt}. Look it up in the portal.",
                one.profile,
            )
        return PortalMatch(
            PortalState.READY,
            f"It is in {title} with the profile {one.profile}: switch it on with a network.",
            one.profile,
        )

    def _strange(self, state: str) -> str:
        """Say what is strange about a state; nothing where the vendor's words for a ready handset are in it."""
        ready = self._provider.ready
        if not ready or state in ready:
            return ""
        return f"“{one_line(state, 60)}” is no state that its vendor documents" if state else "no state is given"


def read_portal_export(provider: Provider, path: Path, data: bytes) -> PortalExport:
    """Read an export from its bytes; ``path`` is named in errors.

    Raises FileError where it is no table, UsageError where its columns cannot be found or it is too long.
    """
    if "portal" not in provider.methods or not (provider.columns or provider.api):
        raise UsageError(f"{provider.title} has no portal whose export could be read.")
    if provider.api and data.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in {b"{", b"["}:
        from provisioning.enrolment.zero_touch import read_devices

        return PortalExport(provider, read_devices(data.decode("utf-8-sig", "replace")))
    table = table_of(path, data)
    places = columns_of(table.heading, provider.columns)
    if not places.keys() & {"imei", "serial_number"}:
        raise UsageError(f"The export has neither an IMEI nor a serial number column ({named(table.heading)}).")
    if len(table.rows) > MOST_LINES:
        raise UsageError(f"The export has more than {MOST_LINES} lines.")

    def cell(row: Row, column: str) -> str:
        return one_line(cell_of(row, places, column), _LONGEST)

    lines = [
        PortalLine(
            row.line, _digits(cell(row, "imei")), cell(row, "serial_number"), cell(row, "profile"), cell(row, "status")
        )
        for row in table.rows
    ]
    doubt = "what its columns mean is documented nowhere" if "columns" in provider.unsourced else ""
    if table.unreadable:
        # What stands there may contradict any other line.
        doubt = doubt or f"line {table.unreadable[0].line} of the export cannot be read"
    return PortalExport(provider, lines, doubt=doubt)


def _digits(text: str) -> str:
    """Give an IMEI as its 15 digits; spreadsheets put quotes and points around it (``'35 123456 …``)."""
    kept = re.sub(r"[^0-9]", "", text)
    return kept[:15]


def _plain(text: str) -> str:
    return re.sub(r"[\s'-]", "", text).casefold()
