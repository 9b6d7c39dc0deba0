"""One Android on one connection, as everything above sees it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from provisioning.android import app_inventory, imei, install
from provisioning.android.cable import CLOSED, NOT_ALLOWED, Cable, Talk
from provisioning.android.condition import read_condition
from provisioning.android.deadlines import Deadlines
from provisioning.android.enrolment import controller_of, copy_over, read_enrolment, take_over, tell_token
from provisioning.android.lock_down import judged, look
from provisioning.android.lock_down_orders import at_the_end, put_in_force, wanted
from provisioning.android.properties import build, identity, read_properties
from provisioning.android.reading import whole
from provisioning.android.seal import SEALING, seal
from provisioning.android.server import AdbServer
from provisioning.android.trade_in import STATE as TRADE_IN
from provisioning.android.trade_in import read_trade_in_identity
from provisioning.android.transports import ASKING, Transport, remedy
from provisioning.android.usb_ports import UsbPorts
from provisioning.android.whole_reading import read_whole
from provisioning.android.wire import Refused
from provisioning.errors import HandsetGarbled, HandsetGone, HandsetRefused
from provisioning.handset import (
    Attachment,
    Condition,
    Enrolment,
    Glimpse,
    Hindrance,
    Identity,
    LockDown,
    Obstacle,
    Ownership,
    Reading,
    Seal,
    Trust,
)
from provisioning.inventory import Inventory
from provisioning.organisation import Organisation
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy
from provisioning.turns import Turns, Work, hub_of

ENROLLING = "enrolling it"
IDENTIFYING = "reading who it is"
APPLYING = "applying the lock-down"
READING = "reading its apps"
TRANSFER_LENT = 60.0
"""Seconds in which a controller is copied; one that takes longer is not filling the cable."""
_CONNECTED = "device"


class AndroidHandset:
    """An Android behind an adb server, on the transport that ``attachment`` stood for when it was opened."""

    def __init__(
        self,
        attachment: Attachment,
        transport: Transport,
        server: AdbServer,
        organisation: Organisation,
        deadlines: Deadlines,
        *,
        turns: Turns,
    ) -> None:
        self._attachment = attachment
        self._turns = turns
        self._transport = transport
        self._organisation = organisation
        self._trade_in = False
        self.cable = Cable(server, transport.number, attachment.connection, deadlines)
        """The way to it; public for benchmarks, which count its calls."""

    @property
    def attachment(self) -> Attachment:
        """Where it is connected, with the state that the adb server gave when last asked."""
        return self._attachment

    async def identify(self) -> Identity | Glimpse:
        """Say who it is; a handset that has not allowed this computer gives nothing, not even its model."""
        found = await self.cable.run(IDENTIFYING, self._read_identity)
        self._trade_in = isinstance(found, Identity) and self.cable.serial is None
        return found

    async def trust(self) -> Trust:
        """Say how it stands; adb has it show its prompt at each plug, so nothing need be asked.

        ``attachment.state`` holds adb's own word afterwards.
        """
        transport = await self.cable.run("asking how it is connected", Talk.listed)
        if transport is None:
            raise HandsetGone("asking how it is connected")
        self._transport = transport
        self._attachment = replace(self._attachment, state=transport.state, remedy=remedy(transport))
        if transport.state in ASKING:
            return Trust.ASKING
        return Trust.TRUSTED if transport.state == _CONNECTED else Trust.UNREACHABLE

    async def condition(self) -> Condition:
        """Read what stands in the way of enrolment. Accounts are counted; their names are neither kept nor logged."""
        if self._trade_in:
            return Condition((Obstacle(Hindrance.TRADE_IN_MODE),))
        return await self.cable.run("reading its condition", read_condition)

    async def enrolment(self) -> Enrolment:
        """Read who owns it, from the device policy, the list of owners and the controller's own certificate."""
        if self._trade_in:
            return Enrolment(Ownership.UNREADABLE, detail=f"it is in {TRADE_IN}")
        return await self.cable.run(
            "reading who manages it", partial(read_enrolment, controller=controller_of(self._organisation))
        )

    async def enrol(self) -> Enrolment:
        """Install the controller, make it device owner and tell it whose it is, unless that is so; read it back.

        Raises HandsetRefused with the reason, UsageError where the desk's controller or its file cannot be used.
        """
        self._must_answer(install.OWNING)
        before = await self.enrolment()
        if before.ownership is Ownership.OURS and not before.missing:
            return before
        if before.ownership is Ownership.UNREADABLE:
            raise HandsetGarbled("reading who manages it", before.detail)
        if before.ownership is Ownership.ANOTHER:
            raise HandsetRefused(install.OWNING, before.detail or f"it is managed by {before.organisation}")
        controller = self._organisation.controller()
        if before.ownership is Ownership.NOBODY:
            async with self._turns.turn(Work.TRANSFER, hub_of(self._attachment), TRANSFER_LENT):
                was_there = await self.cable.run(ENROLLING, partial(copy_over, controller=controller))
            await self.cable.run(ENROLLING, partial(take_over, controller=controller, was_there=was_there))
        await self.cable.run(install.HANDING_OVER, partial(tell_token, controller=controller))
        return await self.enrolment()

    async def apply(self, effective: EffectivePolicy) -> LockDown:
        """Have the controller put in force what is not in force yet, and read it all back; never seals."""
        self._must_answer(APPLYING)
        controller = self._organisation.controller()
        compiled = partial(wanted, effective)
        found = await self.cable.run(APPLYING, partial(put_in_force, controller=controller, wanted_for=compiled))
        return judged(found, self._organisation.name)

    async def lock_down(self, effective: EffectivePolicy) -> LockDown:
        """Read the lock-down: every fact in it is computed by the handset, none is what was ordered."""
        self._must_answer("reading its lock-down")
        controller = controller_of(self._organisation)
        compiled = partial(wanted, effective)
        found = await self.cable.run("reading its lock-down", partial(look, controller=controller, wanted_for=compiled))
        return judged(found, self._organisation.name)

    async def inventory(self) -> Inventory:
        """Read every app of every user and profile; what is refused or contradicts itself is in ``unread``."""
        self._must_answer(READING)
        return await self.cable.run(READING, app_inventory.take_inventory)

    async def read(self, effective: EffectivePolicy) -> Reading:
        """Read apps and lock-down out of the same answers; else as :meth:`inventory` and :meth:`lock_down`."""
        self._must_answer(READING)
        work = partial(read_whole, controller=controller_of(self._organisation), wanted_for=partial(wanted, effective))
        inventory, found = await self.cable.run(READING, work)
        return Reading(inventory, judged(found, self._organisation.name))

    async def seal(self, effective: EffectivePolicy) -> Seal:
        """Have the controller forbid debugging, and watch whether the handset leaves adb for good."""
        self._must_answer(SEALING)
        controller = self._organisation.controller()
        work = partial(
            seal,
            controller=controller,
            orders_for=partial(at_the_end, effective),
            ports=UsbPorts(),
            devpath=self._transport.devpath,
        )
        return await self.cable.run(SEALING, work)

    async def close(self) -> None:
        """Let go of the thread and of what it is waiting for."""
        await self.cable.close()

    def _must_answer(self, doing: str) -> None:
        if self._trade_in:
            raise HandsetRefused(doing, f"it is in {TRADE_IN}, where it answers nothing else; set it up first")

    def _read_identity(self, talk: Talk) -> Identity | Glimpse:
        try:
            properties, parcel = talk.ask(("getprop", imei.COMMAND), talk.deadlines.identify)
        except Refused as refusal:
            if any(word in refusal.reason for word in NOT_ALLOWED):
                return Glimpse(Platform.ANDROID)
            listed = talk.listed()
            if listed is not None and listed.state != _CONNECTED:
                return Glimpse(Platform.ANDROID)  # in recovery, offline: its state says more than this refusal
            found = read_trade_in_identity(talk, self._transport.model) if refusal.reason == CLOSED else None
            if found is None:
                raise
            return found
        facts = read_properties(whole(properties))
        self.cable.api_level = build(facts).sdk
        return identity(facts, imei.read_imei(parcel.text) if parcel.clean else None)
