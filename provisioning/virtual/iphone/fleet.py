"""The iPhones of a rack, plugged into one usbmuxd."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Literal, Self

from provisioning.errors import UsageError
from provisioning.virtual.iphone.bays import default_bay, location_of
from provisioning.virtual.iphone.certificates import device_key, host_keys
from provisioning.virtual.iphone.effects import prepare
from provisioning.virtual.iphone.latency import pace_of
from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.iphone.usbmuxd import Usbmuxd
from provisioning.virtual.scenario import HandsetPlan


class IPhoneFleet:
    """Virtual iPhones on the current asyncio loop, as an async context manager; an empty one is a usbmuxd alone.

    Each phone lies in the bay of its plan, else in ``1-1``, ``1-2`` … by its position on the rack; see
    :mod:`provisioning.virtual.iphone.bays` for the LocationID that follows. Raises UsageError for a plan that no
    iPhone can carry out.
    """

    def __init__(self, plans: Sequence[HandsetPlan], latency: Literal["none", "usb"] = "none") -> None:
        pace = pace_of(latency)
        self._phones = [VirtualIPhone(plan, pace) for plan in plans]
        self._by_serial = {phone.serial_number: phone for phone in self._phones}
        if len(self._by_serial) < len(self._phones) or len({p.udid for p in self._phones}) < len(self._phones):
            raise UsageError("Two iPhones on the rack have the same serial number or UDID.")
        self._bay_of = {phone: phone.plan.bay or default_bay(phone.plan.position) for phone in self._phones}
        locations = {phone: location_of(bay) for phone, bay in self._bay_of.items()}
        if len(set(locations.values())) < len(locations):
            raise UsageError("Two iPhones on the rack lie in the same bay.")
        self._usbmuxd = Usbmuxd(locations)

    async def __aenter__(self) -> Self:
        await asyncio.gather(asyncio.to_thread(device_key), asyncio.to_thread(host_keys))
        try:
            for phone in self._phones:
                phone.cable = self._usbmuxd
                prepare(phone)
            await self._usbmuxd.start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    @property
    def usbmux_address(self) -> str:
        """Where usbmuxd listens, ``127.0.0.1:PORT``, for USBMUXD_SOCKET_ADDRESS."""
        return self._usbmuxd.address

    @property
    def bays(self) -> Mapping[str, str]:
        """Give LocationID in decimal -> label of the bay."""
        return {str(location_of(bay)): bay for bay in self._bay_of.values()}

    @property
    def serial_numbers(self) -> tuple[str, ...]:
        """Give the serial numbers, in the order of the plans."""
        return tuple(self._by_serial)

    def has(self, serial: str) -> bool:
        """Tell whether a handset of that serial number is one of these."""
        return serial in self._by_serial

    def handset(self, serial: str) -> VirtualIPhone:
        """Give the phone with that serial number. Raises UsageError where there is none."""
        if serial not in self._by_serial:
            raise UsageError(f"No iPhone with serial number {serial} is on the rack.")
        return self._by_serial[serial]

    def planned(self, plan: HandsetPlan) -> VirtualIPhone:
        """Give the phone that was made from a plan."""
        return next(phone for phone in self._phones if phone.plan is plan)

    def unplug(self, serial: str) -> None:
        """Pull the cable of a phone."""
        self._usbmuxd.unplug(self.handset(serial))

    def replug(self, serial: str) -> None:
        """Put the cable back in; the phone gets a new DeviceID."""
        self._usbmuxd.plug(self.handset(serial))

    async def _stop(self) -> None:
        for phone in self._phones:
            phone.switch_off()
        await self._usbmuxd.stop()
