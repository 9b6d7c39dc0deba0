"""A rack of virtual handsets of both platforms, on real loopback sockets, as one thing to start and stop."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from provisioning.platforms import Platform
from provisioning.virtual.android.fleet import AndroidFleet
from provisioning.virtual.iphone.fleet import IPhoneFleet
from provisioning.virtual.scenario import HandsetPlan

if TYPE_CHECKING:
    import asyncio


class Rack:
    """Virtual iPhones behind one usbmuxd and virtual Androids behind one adb server.

    An async context manager that runs on the current loop. Both hub daemons run even where nothing hangs on one of
    them: a rack takes the place of a machine, and whoever is pointed to it finds both. ``hubs`` leaves one out, for
    whoever looks at the other only; its handsets are then switched off.
    """

    def __init__(
        self,
        plans: Sequence[HandsetPlan],
        latency: Literal["none", "usb"] = "none",
        hubs: Collection[Platform] = tuple(Platform),
    ) -> None:
        self._plans = tuple(plans)
        self._hubs = hubs
        self._iphones = IPhoneFleet([p for p in plans if p.platform is Platform.IOS], latency)
        self._androids = AndroidFleet([p for p in plans if p.platform is Platform.ANDROID], latency)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            if Platform.IOS in self._hubs:
                await stack.enter_async_context(self._iphones)
            if Platform.ANDROID in self._hubs:
                await stack.enter_async_context(self._androids)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def usbmux_address(self) -> str:
        """Where usbmuxd listens, ``127.0.0.1:PORT``, for USBMUXD_SOCKET_ADDRESS."""
        return self._iphones.usbmux_address

    @property
    def adb_server_port(self) -> int:
        """The private adb server's port, for ANDROID_ADB_SERVER_PORT."""
        return self._androids.adb_server_port

    @property
    def bays(self) -> Mapping[str, str]:
        """What a hub tells about the port -> the label of the bay.

        A hub tells the LocationID (in decimal) of an iPhone and the transport serial of an Android.
        """
        return {**self._iphones.bays, **self._androids.bays}

    def handset(self, serial: str) -> Any:
        """Give the virtual handset with that serial number, a VirtualIPhone or a VirtualAndroid.

        It is for tests that know which and play the person who holds it.
        """
        return self._fleet_of(serial).handset(serial)

    def unplug(self, serial: str) -> asyncio.Task[None] | None:
        """Pull the cable of a handset. For an Android, await the task to know that the adb server has noticed."""
        return self._fleet_of(serial).unplug(serial)

    def replug(self, serial: str) -> asyncio.Task[None] | None:
        """Put the cable of a handset back in; as with :meth:`unplug`."""
        return self._fleet_of(serial).replug(serial)

    def announcement(self) -> dict[str, Any]:
        """Give the first line that ``rack`` prints, in the form that the command line promises, and the bays."""
        return {
            "usbmuxd": self.usbmux_address,
            "adb_server_port": self.adb_server_port,
            "handsets": [self._introduce(plan) for plan in self._plans],
            "bays": dict(self.bays),
        }

    def _introduce(self, plan: HandsetPlan) -> dict[str, Any]:
        if plan.platform is Platform.IOS:
            phone = self._iphones.planned(plan)
            serial, model, udid, adbd = phone.serial_number, phone.model.product_type, phone.udid, None
        else:
            handset = self._androids.planned(plan)
            serial, model, udid = handset.serial_number, handset.model, None
            adbd = self._androids.adbd_address(serial) or None
        return {"serial_number": serial, "platform": str(plan.platform), "model": model, "adbd": adbd, "udid": udid}

    def _fleet_of(self, serial: str) -> IPhoneFleet | AndroidFleet:
        return self._iphones if self._iphones.has(serial) else self._androids
