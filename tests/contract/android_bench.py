"""A bench for tests of the Android engine: a rack of virtual Androids, a desk of an organisation, a policy to apply.

Everything goes over the wire: the engine sees the rack only through the port of its adb server.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from provisioning.android.apk import certificate_of_file
from provisioning.android.deadlines import UNHURRIED, Deadlines
from provisioning.android.handset import AndroidHandset
from provisioning.android.hub import AndroidHub
from provisioning.errors import UsageError
from provisioning.handset import Handset, Identity, LockDown
from provisioning.inventory import Inventory
from provisioning.organisation import DeviceController, Organisation, SupervisionIdentity
from provisioning.platforms import Platform
from provisioning.policy.effective import Decision, EffectivePolicy, LockDownOrders, PolicyReference, Rule
from provisioning.virtual.rack import Rack
from provisioning.virtual.scenario import load_scenario

Given = TypeVar("Given")

COMPONENT = "org.issuingdesk.trainingdpc/.AdminReceiver"
PACKAGE = "org.issuingdesk.trainingdpc"
RESTRICTIONS = ("no_factory_reset", "no_install_apps", "no_safe_boot", "no_debugging_features")
TIKTOK, WHATSAPP, FACEBOOK = "com.zhiliaoapp.musically", "com.whatsapp", "com.facebook.katana"
BLOCKED = (TIKTOK, WHATSAPP, FACEBOOK, "com.instagram.android")
PATIENCE = 20.0
SHORT = Deadlines(
    identify=2, condition=2, enrolment=2, packages=3, more_packages=2, certificates=2, lock_down=2, orders=2,
    controller_awake=2, push=2, install=3, owner=2,
)  # fmt: skip
"""Deadlines for tests that let a handset stall; long enough for a machine that runs other things as well."""


def no_supervision() -> SupervisionIdentity:
    raise UsageError("This desk has no supervision identity.")


def no_controller() -> DeviceController:
    raise UsageError("This desk has no controller.")


@cache
def training_controller() -> DeviceController:
    """Give the rack's controller with its certificate as the engine's own reader finds it in the file."""
    apk = Path(str(files("resources").joinpath("virtual", "training-dpc.apk")))
    return DeviceController(COMPONENT, certificate_of_file(apk, 34), apk)


def organisation(controller: Callable[[], DeviceController] = training_controller) -> Organisation:
    return Organisation("Met Police", "0F0E0D0C-0000-4000-8000-000000000001", no_supervision, controller)


def policy(
    restrictions: Sequence[str] = RESTRICTIONS, blocked: Sequence[str] = BLOCKED, required: Sequence[str] = ()
) -> EffectivePolicy:
    """Make an effective policy of which only the orders matter to an engine."""
    rule = Rule("any", Decision.DENIED, "a test", "a test")
    orders = LockDownOrders(android=tuple(restrictions), blocked_ids={Platform.ANDROID: tuple(blocked)})
    return EffectivePolicy(
        reference=PolicyReference("test", "1", "0" * 64), sha256="1" * 64, title="Test", person=None, allow_list=False,
        identifiers={}, families={}, classes={}, suspected=rule, unlisted_user=rule, unlisted_system=rule, web=rule,
        orders=orders, blocking=frozenset(), required_apps={Platform.ANDROID: tuple(required)}, os_floor={},
        max_age_seconds=600, required_strength="effective", remove_denied=False, declaration="",
    )  # fmt: skip


@dataclass
class Bench:
    """A hub, the handsets on it in the order in which the adb server lists them, and the rack that they lie on."""

    hub: AndroidHub
    rack: Rack
    handsets: list[AndroidHandset] = field(default_factory=list[AndroidHandset])

    @property
    def handset(self) -> AndroidHandset:
        """Give the only handset."""
        (handset,) = self.handsets
        return handset

    async def open(self) -> None:
        """Open every handset that is attached now, in the order in which the adb server lists them."""
        for handset in self.handsets:
            await handset.close()
        self.handsets = [as_android(self.hub.handset(one)) for one in await self.hub.attached()]

    async def close(self) -> None:
        for handset in self.handsets:
            await handset.close()
        await self.hub.close()


def as_android(handset: Handset) -> AndroidHandset:
    assert isinstance(handset, AndroidHandset)
    return handset


@asynccontextmanager
async def bench(
    tmp_path: Path,
    *handsets: str,
    of: Organisation | None = None,
    deadlines: Deadlines = UNHURRIED,
    attached: int | None = None,
) -> AsyncGenerator[Bench]:
    """Put handsets on a rack, each the body of a ``[[handset]]`` table, and open them."""
    scenario = tmp_path / "scenario.toml"
    scenario.write_text("".join(f"[[handset]]\n{body}\n" for body in handsets), "utf-8")
    async with Rack(load_scenario(scenario)) as rack:
        hub = AndroidHub(of or organisation(), "127.0.0.1", rack.adb_server_port, {}, deadlines)
        desk = Bench(hub, rack)
        wanted = len(load_scenario(scenario)) if attached is None else attached
        try:
            await eventually(lambda: _all_there(desk, wanted))
            await desk.open()
            yield desk
        finally:
            await desk.close()


async def _all_there(desk: Bench, wanted: int) -> bool:
    return len(await desk.hub.attached()) >= wanted


async def eventually(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until ``holds()``, or what it awaits to, is true."""
    async with asyncio.timeout(seconds):
        while True:
            found = holds()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            await asyncio.sleep(0.02)


async def who(handset: Handset) -> Identity:
    found = await handset.identify()
    assert isinstance(found, Identity)
    return found


async def life(handset: Handset, effective: EffectivePolicy | None = None) -> tuple[LockDown, Inventory]:
    """Lead a handset from plug-in to its reading, as the stages do."""
    wanted = effective or policy()
    await who(handset)
    await handset.trust()
    await handset.enrolment()
    await handset.condition()
    await handset.enrol()
    await handset.apply(wanted)
    reading = await handset.read(wanted)
    return reading.lock_down, reading.inventory


def apps_of(inventory: Inventory, user: int = 0) -> set[str]:
    return {app.id for app in inventory.apps if app.user == user}
