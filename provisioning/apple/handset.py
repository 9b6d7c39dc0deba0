"""An iPhone or iPad on a cable, as the rest of the program sees it."""

from __future__ import annotations

import asyncio
import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from provisioning.apple import answers, apps, condition, erasure, icons, own_word, profiles, supervision
from provisioning.apple.answers import Answer, Malformed
from provisioning.apple.configuration import SERVICE as MCINSTALL
from provisioning.apple.configuration import Configuration
from provisioning.apple.deadlines import Deadlines
from provisioning.apple.failures import side_by_side
from provisioning.apple.identity import SupervisionSource
from provisioning.apple.model_names import model_name
from provisioning.apple.pair_records import PairRecords
from provisioning.errors import HandsetError, HandsetGarbled, HandsetGone, HandsetLocked, HandsetRefused
from provisioning.handset import (
    Attachment,
    Condition,
    Enrolment,
    Glimpse,
    Identity,
    LockDown,
    Reading,
    Seal,
    SealState,
    Trust,
)
from provisioning.inventory import Inventory, Unread, WebClip
from provisioning.organisation import Organisation
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy
from provisioning.turns import Turns

if TYPE_CHECKING:
    from provisioning.apple.cable import Cable
    from provisioning.apple.pairing import Pairing

IDENTIFYING = "reading who it is"


class AppleHandset:
    """One connection to one handset. Calls are made one at a time; the lockdown session and MCInstall are kept between.

    Every method has deadlines, raises HandsetError only, and leaves nothing half-believed: after any error the
    connection it happened on is cut and the next call begins anew.
    """

    def __init__(
        self,
        attachment: Attachment,
        *,
        organisation: Organisation,
        pairing_folder: Path,
        host_seed: str,
        deadlines: Deadlines,
        turns: Turns,
    ) -> None:
        self._attachment = attachment
        self._organisation = organisation
        self._host_seed = host_seed
        self._deadlines = deadlines
        self._turns = turns
        self._supervision = SupervisionSource(organisation)
        self._records = PairRecords(pairing_folder, deadlines.hub)
        self._cable: Cable | None = None
        self._pairing: Pairing | None = None
        self._configuration: Configuration | None = None

    @property
    def attachment(self) -> Attachment:
        """Where it is connected; costs nothing."""
        return self._attachment

    async def identify(self) -> Identity | Glimpse:
        """Give its Identity where it trusts this desk already, else a Glimpse; nobody is asked anything."""
        values, trusted = await (await self._on_cable()).introduction(IDENTIFYING)
        try:
            return _identity(values) if trusted else _glimpse(values)
        except Malformed as error:
            raise HandsetGarbled(IDENTIFYING, str(error)) from error

    async def trust(self) -> Trust:
        """Use the pairing there is, else ask once; a supervised handset closed to pairing is opened by our identity."""
        await self._on_cable()
        assert self._pairing is not None, "made together with the cable"
        return await self._pairing.attempt()

    async def condition(self) -> Condition:
        """Read activation, Setup Assistant, Find My, ownership and battery."""
        enrolment = await self._read_enrolment(condition.DOING)
        return await condition.read(await self._on_cable(), enrolment)

    async def enrolment(self) -> Enrolment:
        """Read who manages it."""
        return await self._read_enrolment("reading who manages it")

    async def enrol(self) -> Enrolment:
        """Supervise it as ours, read that back and prove it by Escalate. Does nothing where it already is.

        One that is another's is given back as found. Raises HandsetRefused with the handset's own reason, such as
        14002 for one that has been set up, and IdentityMissing where this desk has no supervision identity.
        """
        profile = await self._supervision.enrolment_profile()
        configuration = await self._mcinstall(supervision.ENROLLING)
        return await supervision.enrol(configuration, self._organisation, self._supervision, profile)

    async def apply(self, effective: EffectivePolicy) -> LockDown:
        """Install the policy's profiles, signed and silently, skipping those that lie there, and read back."""
        orders = await self._orders(effective, profiles.APPLYING)
        management = await self._supervision.enrolment_profile()
        return await profiles.apply(await self._mcinstall(profiles.APPLYING), self._supervision, orders, management)

    async def is_as_new(self) -> bool:
        """Tell whether it lies there as out of its box; what was known of it before is asked anew."""
        return await erasure.is_as_new(await self._on_cable(), await self._mcinstall(erasure.LOOKING))

    async def erase(self) -> None:
        """Order the erase, keeping its data plan; it vanishes and comes back trusting nobody."""
        await erasure.erase(await self._mcinstall(erasure.DOING))
        await self.close()

    async def lock_down(self, effective: EffectivePolicy) -> LockDown:
        """Read supervision, profiles and restrictions in effect, changing nothing."""
        orders = await self._orders(effective, profiles.READING)
        management = await self._supervision.enrolment_profile()
        return await profiles.lock_down(await self._mcinstall(profiles.READING), self._supervision, orders, management)

    async def read(self, effective: EffectivePolicy) -> Reading:
        """Read apps, then lock-down, which come from different services; then hang up, as nothing follows for minutes.

        Every TLS connection that stays open costs half a megabyte, and lockdownd ends it after some seconds anyway.
        """
        reading = Reading(await self.inventory(), await self.lock_down(effective))
        await self.close()
        return reading

    async def inventory(self) -> Inventory:
        """Read every app and web clip. An incomplete list of apps is an error, never an inventory."""
        cable = await self._on_cable()
        async with side_by_side() as group:
            listing = group.create_task(apps.read(lambda: cable.service(apps.DOING, apps.SERVICE), self._deadlines))
            on_screen = group.create_task(self._web_clips(cable))
            telling = group.create_task(self._managements_apps())
        listed, (clips, unread) = listing.result(), on_screen.result()
        unread += own_word.left_out(telling.result(), (app.id for app in listed.apps))
        return Inventory(Platform.IOS, apps=listed.apps, web_clips=clips, unread=listed.unread + unread)

    async def seal(self, effective: EffectivePolicy) -> Seal:
        """Close nothing: what a policy closes on an iPhone (``allowHostPairing``) is in its verified profile."""
        return Seal(SealState.NOTHING_TO_SEAL, detail="its profile says which computers may pair with it")

    async def close(self) -> None:
        """Hang up everywhere; safe at any time, twice too."""
        configuration, self._configuration = self._configuration, None
        if configuration is not None:
            await configuration.close()
        if self._cable is not None:
            await self._cable.close()

    async def _on_cable(self) -> Cable:
        if self._cable is None:
            # pymobiledevice3 takes 0.4 to 1 s to import, once: not on the loop
            await asyncio.to_thread(importlib.import_module, "provisioning.apple.pairing")
            from provisioning.apple.cable import Cable
            from provisioning.apple.pairing import Pairing

            connection = self._attachment.connection
            if not (connection.isascii() and connection.isdigit()):
                raise HandsetGone(IDENTIFYING)
            udid = self._attachment.udid or ""
            self._cable = Cable(int(connection), udid, self._records, self._deadlines)
            self._pairing = Pairing(self._cable, self._host_seed, self._supervision, self._turns)
        return self._cable

    async def _mcinstall(self, doing: str) -> Configuration:
        if self._configuration is None or not self._configuration.alive:
            if self._configuration is not None:
                await self._configuration.close()
                self._configuration = None
            wire = await (await self._on_cable()).service(doing, MCINSTALL)
            self._configuration = Configuration(wire, self._deadlines)
        return self._configuration

    async def _read_enrolment(self, doing: str) -> Enrolment:
        profile = await self._supervision.enrolment_profile()
        return await supervision.read(await self._mcinstall(doing), self._supervision, doing, profile)

    async def _orders(self, effective: EffectivePolicy, doing: str) -> tuple[profiles.Order, ...]:
        # the version cannot change while a connection lasts, so what was read when it began will do
        lockdown = await (await self._on_cable()).lockdown(doing)
        version = answers.text(lockdown.values, "ProductVersion")
        if version is None or not re.fullmatch(r"\d{1,3}(\.\d{1,3}){0,3}", version):
            raise HandsetGarbled(doing, "it does not tell its version")
        return await profiles.orders_for(effective, self._organisation.name, version)

    async def _managements_apps(self) -> tuple[str, ...]:
        identity = await self._supervision.if_any()
        if identity is None:
            return ()
        return await own_word.apps(await self._mcinstall(apps.DOING), identity, apps.DOING)

    async def _web_clips(self, cable: Cable) -> tuple[tuple[WebClip, ...], tuple[Unread, ...]]:
        try:
            wire = await cable.service(icons.DOING, icons.SERVICE)
            try:
                return await icons.read(wire, self._deadlines)
            finally:
                await wire.close()
        except HandsetLocked:
            raise
        except (HandsetRefused, HandsetGarbled) as error:
            return (), (Unread(icons.AREA, _why(error)),)


def _identity(values: Answer) -> Identity:
    serial = answers.text(values, "SerialNumber")
    if serial is None or not re.fullmatch(r"[0-9A-Za-z]{4,32}", serial):
        raise Malformed("no serial number")
    model = _word(values, "ProductType")
    version, build = _word(values, "ProductVersion"), _word(values, "BuildVersion")
    if model is None or version is None or build is None:
        raise Malformed("no model or version")
    return Identity(
        platform=Platform.IOS,
        serial_number=serial,
        model=model,
        model_name=model_name(model),
        os_version=version,
        build=build,
        udid=_word(values, "UniqueDeviceID"),
        imei=_word(values, "InternationalMobileEquipmentIdentity"),
    )


def _glimpse(values: Answer) -> Glimpse:
    model = _word(values, "ProductType")
    return Glimpse(
        platform=Platform.IOS,
        udid=_word(values, "UniqueDeviceID"),
        model=model,
        model_name=None if model is None else model_name(model),
        os_version=_word(values, "ProductVersion"),
    )


def _word(values: Answer, key: str) -> str | None:
    told = answers.text(values, key)
    return None if told is None else one_line(told, 64)


def _why(error: HandsetError) -> str:
    return error.reason if isinstance(error, HandsetRefused) else str(error)
