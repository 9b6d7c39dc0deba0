"""A rack of virtual handsets of both platforms, on real loopback sockets, as one thing to start and stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from importlib import import_module
from types import TracebackType
from typing import Any, Literal, Protocol, Self, cast

from provisioning.errors import UsageError
from provisioning.platforms import Platform
from provisioning.virtual.iphone.fleet import IPhoneFleet
from provisioning.virtual.scenario import HandsetPlan


class _VirtualAndroid(Protocol):
    @property
    def serial_number(self) -> str: ...
    @property
    def model(self) -> str: ...


class _AndroidFleet(Protocol):
    @property
    def adb_server_port(self) -> int: ...
    def adbd_address(self, serial: str) -> str: ...
    def planned(self, plan: HandsetPlan) -> _VirtualAndroid: ...
    def handset(self, serial: str) -> Any: ...
    def unplug(self, serial: str) -> None: ...
    def replug(self, serial: str) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Rack:
    """Virtual iPhones behind one usbmuxd and virtual Androids behind one adb server.

    An async context manager that runs on the current loop; usbmuxd runs even with no iPhone on it. The Android side,
    its adb server with it, is started only where the plans name an Android.
    """

    def __init__(self, plans: Sequence[HandsetPlan], latency: Literal["none", "usb"] = "none") -> None:
        self._plans = tuple(plans)
        self._latency: Literal["none", "usb"] = latency
        self._iphones = IPhoneFleet([p for p in plans if p.platform is Platform.IOS], latency)
        self._androids: _AndroidFleet | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            plans = [plan for plan in self._plans if plan.platform is Platform.ANDROID]
            await stack.enter_async_context(self._iphones)
            if plans:
                self._androids = _android_fleet(plans, self._latency)
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
        """The private adb server's port; 0 where no Android is on the rack and so no server runs."""
        return self._androids.adb_server_port if self._androids else 0

    @property
    def bays(self) -> Mapping[str, str]:
        """What a hub tells about the port -> the label of the bay (iPhones: LocationID in decimal)."""
        return self._iphones.bays

    def handset(self, serial: str) -> Any:
        """Give the virtual handset with that serial number (for tests that play the person holding it)."""
        return self._fleet_of(serial).handset(serial)

    def unplug(self, serial: str) -> None:
        """Pull the cable of a handset."""
        self._fleet_of(serial).unplug(serial)

    def replug(self, serial: str) -> None:
        """Put the cable of a handset back in."""
        self._fleet_of(serial).replug(serial)

    def announcement(self) -> dict[str, Any]:
        """Give the first line that ``rack`` prints, in the form that the command line promises.

        ``adb_server_port`` is null where no adb server runs.
        """
        handsets = [self._introduce(plan) for plan in self._plans]
        return {"usbmuxd": self.usbmux_address, "adb_server_port": self.adb_server_port or None, "handsets": handsets}

    def _introduce(self, plan: HandsetPlan) -> dict[str, Any]:
        if plan.platform is Platform.IOS:
            phone = self._iphones.planned(plan)
            names = {"serial_number": phone.serial_number, "model": phone.model.product_type, "udid": phone.udid}
            return {**names, "platform": str(plan.platform), "adbd": None}
        if self._androids is None:
            raise UsageError("The rack's Androids are not running.")
        return self._introduce_android(self._androids, plan)

    @staticmethod
    def _introduce_android(androids: _AndroidFleet, plan: HandsetPlan) -> dict[str, Any]:
        handset = androids.planned(plan)
        return {
            "serial_number": handset.serial_number,
            "platform": str(plan.platform),
            "model": handset.model,
            "adbd": androids.adbd_address(handset.serial_number),
            "udid": None,
        }

    def _fleet_of(self, serial: str) -> IPhoneFleet | _AndroidFleet:
        if self._iphones.has(serial):
            return self._iphones
        if self._androids is None:
            raise UsageError(f"No handset with serial number {serial} is on the rack.")
        return self._androids


def _android_fleet(plans: Sequence[HandsetPlan], latency: Literal["none", "usb"]) -> _AndroidFleet:
    """Make the Android side, imported only when it is needed: it brings an adb server and its own data."""
    fleet = import_module("provisioning.virtual.android.fleet").AndroidFleet(plans, latency)
    return cast("_AndroidFleet", fleet)
