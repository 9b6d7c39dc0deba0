"""Zero-touch's own list of devices: the JSON that ``customers.devices.list`` answers, page by page.

Fields as documented (developers.google.com/zero-touch/reference/customer/rest/v1/customers.devices, Device):
``deviceIdentifier`` {imei, meid, serialNumber, manufacturer, model} and ``configuration``, a resource name that is
absent where no configuration is put on the device. A file may hold one answer, or a list of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import cast

from provisioning.enrolment.portal import MOST_LINES, PortalLine
from provisioning.errors import UsageError
from provisioning.plain_text import one_line

_LONGEST = 200


def read_devices(text: str) -> list[PortalLine]:
    """Read the devices; ``line`` counts them from 1. Raises UsageError where it is no such answer, or not all of it."""
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError("The export is no whole JSON.") from None
    found: list[PortalLine] = []
    pages = cast("list[object]", document) if isinstance(document, list) else [document]
    for device in _devices(pages):
        if len(found) >= MOST_LINES:
            raise UsageError(f"The export has more than {MOST_LINES} devices.")
        known = device.get("deviceIdentifier")
        identifier = cast("dict[str, object]", known) if isinstance(known, dict) else {}
        configuration = _text(device.get("configuration"))
        found.append(
            PortalLine(
                line=len(found) + 1,
                imei=re.sub(r"[^0-9]", "", _text(identifier.get("imei")))[:15],
                serial_number=_text(identifier.get("serialNumber")),
                profile=configuration.rpartition("/")[2],
                status="",
            )
        )
    return found


def _devices(pages: list[object]) -> Iterator[dict[str, object]]:
    for number, page in enumerate(pages, start=1):
        if not isinstance(page, dict):
            raise UsageError("The export is no answer of customers.devices.list.")
        members = cast("dict[str, object]", page)
        if number == len(pages) and members.get("nextPageToken"):
            raise UsageError("The export is not whole: its last page says that there are more (nextPageToken).")
        devices = members.get("devices", [])
        if not isinstance(devices, list) or not ("devices" in members or not members):
            raise UsageError("The export is no answer of customers.devices.list: it has no “devices”.")
        for device in cast("list[object]", devices):
            if not isinstance(device, dict):
                raise UsageError("The export is no answer of customers.devices.list.")
            yield cast("dict[str, object]", device)


def _text(value: object) -> str:
    return one_line(value.strip(), _LONGEST) if isinstance(value, str) else ""
