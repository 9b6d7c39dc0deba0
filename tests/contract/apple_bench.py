"""A bench for tests of the iOS engine: a rack of virtual iPhones, a desk of an organisation, and a policy to apply.

Everything goes over the wire: the engine sees the rack only through USBMUXD_SOCKET_ADDRESS.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from provisioning.apple.deadlines import Deadlines
from provisioning.apple.handset import AppleHandset
from provisioning.apple.hub import AppleHub
from provisioning.apple.usbmux import Usbmux
from provisioning.enrolment_profile import EnrolmentProfile
from provisioning.errors import HubError, UsageError
from provisioning.handset import Attachment, Identity, Trust
from provisioning.organisation import DeviceController, Organisation, SupervisionIdentity, no_enrolment_profile
from provisioning.platforms import Platform
from provisioning.policy.effective import (
    Decision,
    EffectivePolicy,
    LockDownOrders,
    LockedValue,
    PolicyReference,
    Rule,
    Severity,
)
from provisioning.virtual.rack import Rack
from provisioning.virtual.scenario import HandsetPlan, load_scenario, plain_rack

MAGIC = "0F0E0D0C-0000-4000-8000-000000000001"
SHORT = Deadlines(
    hub=2, connect=2, answer=2, handshake=2, pair=3, configuration=3, keybag=3, installation=3, apps=2, all_apps=10,
    icons=2, farewell=0.5,
)  # fmt: skip
"""Deadlines for tests that let a handset stall; long enough for a machine that runs other things as well."""

RESTRICTIONS: Mapping[str, LockedValue] = {
    "allowAppInstallation": False,
    "allowUIConfigurationProfileInstallation": False,
    "allowEraseContentAndSettings": False,
    "allowHostPairing": False,
}


@cache
def identity(name: str = "Met Police supervision") -> SupervisionIdentity:
    """Make a supervision identity, the same one for the same name."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=3650))
    return SupervisionIdentity(builder.sign(key, hashes.SHA256()), key)


def no_identity() -> SupervisionIdentity:
    """Stand for a desk that has none."""
    raise UsageError("This desk has no supervision identity; import it with init.")


def _no_controller() -> DeviceController:
    raise UsageError("This desk has no device controller.")


def organisation(
    supervision: Callable[[], SupervisionIdentity] = identity,
    name: str = "Met Police",
    enrolment_profile: Callable[[], EnrolmentProfile | None] = no_enrolment_profile,
    *,
    automated: bool = False,
) -> Organisation:
    """Make an organisation."""
    return Organisation(name, MAGIC, supervision, _no_controller, enrolment_profile, automated)


def policy(
    restrictions: Mapping[str, LockedValue] = RESTRICTIONS,
    blocked: tuple[str, ...] = ("com.zhiliaoapp.musically",),
    web_deny: tuple[str, ...] = (),
) -> EffectivePolicy:
    """Make an effective policy that orders these restrictions."""
    rule = Rule("all", Decision.ALLOWED, "test", "test")
    orders = LockDownOrders(ios=dict(restrictions), blocked_ids={Platform.IOS: blocked}, web_deny_urls=web_deny)
    return EffectivePolicy(
        reference=PolicyReference("bench", "1", "00" * 32), sha256="11" * 32, title="Bench", person=None,
        allow_list=False, identifiers={}, families={}, classes={}, suspected=rule, unlisted_user=rule,
        unlisted_system=rule, web=rule, orders=orders, blocking=frozenset({Severity.DENIED}), required_apps={},
        os_floor={}, max_age_seconds=600, required_strength="declared", remove_denied=False, declaration="",
    )  # fmt: skip


@dataclass(slots=True)
class Bench:
    """A rack and a hub that watches it."""

    rack: Rack
    hub: AppleHub
    folder: Path
    serials: tuple[str, ...]

    async def attachment(self, serial: str | None = None) -> Attachment:
        """Find where a handset hangs; the first one by default."""
        wanted = self.udid(serial)
        async with asyncio.timeout(10):
            while True:
                with suppress(HubError):
                    for attachment in await self.hub.attached():
                        if attachment.udid == wanted:
                            return attachment
                await asyncio.sleep(0.01)

    async def handset(self, serial: str | None = None) -> AppleHandset:
        """Open a handset where it hangs now."""
        return self.hub.handset(await self.attachment(serial))

    async def trusted(self, serial: str | None = None) -> AppleHandset:
        """Open a handset and become trusted by it."""
        handset = await self.handset(serial)
        assert await handset.trust() is Trust.TRUSTED
        return handset

    async def forget_record(self) -> None:
        """Make usbmuxd forget the pair record of the first handset, which Linux's makes by itself at plug-in."""
        async with await Usbmux.open(SHORT.hub) as mux:
            await mux.request("DeletePairRecord", PairRecordID=self.udid())
            assert await mux.pair_record(self.udid()) is None

    def udid(self, serial: str | None = None) -> str:
        """Give a handset's UDID as the rack announces it."""
        handsets: list[dict[str, Any]] = self.rack.announcement()["handsets"]
        wanted = serial or self.serials[0]
        return next(one["udid"] for one in handsets if one["serial_number"] == wanted)

    def another_desk(self, seed: str, owner: Organisation | None = None) -> AppleHub:
        """Give the hub of a second desk on the same rack."""
        return AppleHub(owner or organisation(), self.folder / f"pairing {seed}", seed, self.rack.bays, deadlines=SHORT)


@asynccontextmanager
async def bench(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scenario: str = "",
    *,
    iphones: int = 1,
    owner: Organisation | None = None,
    deadlines: Deadlines = SHORT,
) -> AsyncGenerator[Bench]:
    """Start a rack (``scenario`` is TOML; else ``iphones`` new ones) and a hub on it."""
    async with Rack(_plans(tmp_path, scenario, iphones), hubs=(Platform.IOS,)) as rack:
        monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", rack.usbmux_address)
        hub = AppleHub(owner or organisation(), tmp_path / "pairing", "desk 4", rack.bays, deadlines=deadlines)
        handsets: list[dict[str, Any]] = rack.announcement()["handsets"]
        try:
            yield Bench(rack, hub, tmp_path, tuple(one["serial_number"] for one in handsets))
        finally:
            await hub.close()


def _plans(folder: Path, scenario: str, iphones: int) -> list[HandsetPlan]:
    if not scenario:
        return plain_rack(iphones, 0)
    file = folder / "scenario.toml"
    file.write_text(scenario, "utf-8")
    return load_scenario(file)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Give the names of all messages that the engine has sent, in order, from its log at level TRAFFIC."""
    sent = [record for record in caplog.records if record.name.startswith("provisioning.apple") and "<" in record.msg]
    return [cast("tuple[str, ...]", record.args)[-2] for record in sent]


async def who(handset: AppleHandset) -> Identity:
    """Read who a trusting handset is."""
    found = await handset.identify()
    assert isinstance(found, Identity)
    return found
