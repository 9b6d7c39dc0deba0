"""How a handset lies on the desk, and what the technician is told: each state of the scenario, each word of refusal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from apple_bench import bench, policy, who

from provisioning.apple.configuration import ConfigurationRefused
from provisioning.apple.handset import AppleHandset
from provisioning.errors import HandsetError, HandsetGone
from provisioning.handset import Hindrance, LockDown, Ownership, Strength, Trust
from provisioning.inventory import Presence
from provisioning.virtual.scenario import parse_fault


def state(name: str, *faults: str, more: str = "") -> str:
    listed = ", ".join(f'"{fault}"' for fault in faults)
    return f'[[handset]]\nprofile = "iphone-15"\nstate = "{name}"\nfaults = [{listed}]\n{more}'


async def until_trusted(handset: AppleHandset) -> None:
    async with asyncio.timeout(10):
        while await handset.trust() is not Trust.TRUSTED:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("name", "hindrances", "ownership"),
    [
        ("setup-assistant", set[Hindrance](), Ownership.NOBODY),
        ("unactivated", {Hindrance.NOT_ACTIVATED}, Ownership.NOBODY),
        ("activation-locked", {Hindrance.NOT_ACTIVATED}, Ownership.NOBODY),
        ("set-up", {Hindrance.ALREADY_SET_UP}, Ownership.NOBODY),
        ("find-my", {Hindrance.ALREADY_SET_UP, Hindrance.FIND_MY_ON}, Ownership.NOBODY),
        ("lockdown-mode", {Hindrance.ALREADY_SET_UP}, Ownership.NOBODY),
        ("foreign", {Hindrance.OWNED_BY_ANOTHER}, Ownership.ANOTHER),
    ],
)
async def test_each_state_is_told_by_what_hinders_enrolment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, hindrances: set[Hindrance], ownership: Ownership
) -> None:
    async with bench(tmp_path, monkeypatch, state(name)) as desk:
        handset = await desk.handset()
        await until_trusted(handset)
        assert (await handset.enrolment()).ownership is ownership
        assert {one.hindrance for one in (await handset.condition()).obstacles} == hindrances


async def test_a_set_up_iphone_refuses_enrolment_with_14002_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch, state("set-up")) as desk:
        handset = await desk.handset()
        await until_trusted(handset)
        with pytest.raises(ConfigurationRefused, match=r"14002.*Erase it") as caught:
            await handset.enrol()
        assert caught.value.tells(14002)


async def test_a_locked_iphone_waits_for_its_passcode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, monkeypatch, state("locked")) as desk:
        handset = await desk.handset()
        assert await handset.trust() is Trust.LOCKED
        desk.rack.handset(desk.serials[0]).unlock()
        await until_trusted(handset)
        assert (await who(handset)).serial_number == desk.serials[0]


async def test_don_t_trust_is_denied_until_a_replug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, monkeypatch, state("set-up", "trust-dialog after=3600")) as desk:
        handset = await desk.handset()
        assert await handset.trust() is Trust.ASKING
        desk.rack.handset(desk.serials[0]).tap_dont_trust()
        assert await handset.trust() is Trust.DENIED
        desk.rack.unplug(desk.serials[0])
        with pytest.raises(HandsetGone):
            await handset.trust()
        desk.rack.replug(desk.serials[0])
        again = await desk.handset()
        assert await again.trust() is Trust.ASKING
        desk.rack.handset(desk.serials[0]).tap_trust()
        await until_trusted(again)


async def test_an_iphone_sealed_by_another_organisation_is_forbidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch, state("foreign-sealed")) as desk:
        handset = await desk.handset()
        assert await handset.trust() is Trust.FORBIDDEN
        with pytest.raises(HandsetError):
            await handset.inventory()


async def test_a_late_trust_dialog_is_waited_for_without_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch, state("set-up", "trust-dialog late=0.5")) as desk:
        handset = await desk.handset()
        await until_trusted(handset)


async def test_a_slow_keybag_migration_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, monkeypatch, state("", "keybag-migration seconds=1")) as desk:
        handset = await desk.trusted()
        assert (await handset.enrol()).ownership is Ownership.OURS


async def _applied(handset: AppleHandset) -> LockDown:
    await handset.enrol()
    return await handset.apply(policy())


async def test_an_unknown_profile_keeps_the_lock_down_from_being_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch, state("", "unknown-profile")) as desk:
        lock_down = await _applied(await desk.trusted())
        assert not lock_down.in_force
        assert len(lock_down.strangers) == 1
        assert all(requirement.holds for requirement in lock_down.requirements)


async def test_a_profile_removed_behind_our_back_is_missed_and_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        assert (await _applied(handset)).in_force
        management = desk.rack.handset(desk.serials[0]).management
        first = next(iter(management.profiles))
        management.remove(first)
        management.refresh()
        found = await handset.lock_down(policy())
        assert not found.in_force
        missing = [one for one in found.requirements if one.name == first]
        assert [one.found for one in missing] == ["not installed"]
        assert (await handset.apply(policy())).in_force


async def test_without_the_escalated_query_the_restrictions_are_only_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch, state("", "error at=Restrictions times=0")) as desk:
        lock_down = await _applied(await desk.trusted())
        named = {one.name: one for one in lock_down.requirements}
        assert str(named["allowAppInstallation"].strength) == "declared"


@pytest.mark.parametrize(
    ("fault", "presence"),
    [("offloaded", Presence.OFFLOADED), ("app-clip", Presence.APP_CLIP), ("side-loaded", Presence.INSTALLED)],
)
async def test_no_app_hides_from_the_inventory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, presence: Presence
) -> None:
    app = "com.zhiliaoapp.musically"
    async with bench(tmp_path, monkeypatch, state("", f"{fault} app={app}", more=f'apps = ["{app}"]')) as desk:
        inventory = await (await desk.trusted()).inventory()
        found = [one for one in inventory.apps if app in one.id]
        assert [one.presence for one in found] == [presence]
        assert inventory.unread == ()


async def test_two_hundred_and_fifty_apps_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    apps = ", ".join(f'"org.example.app{number}"' for number in range(250))
    async with bench(tmp_path, monkeypatch, state("", more=f"apps = [{apps}]")) as desk:
        inventory = await (await desk.trusted()).inventory()
        assert {f"org.example.app{number}" for number in range(250)} <= {app.id for app in inventory.apps}


async def test_the_error_for_a_list_of_apps_is_in_the_handset_s_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        desk.rack.handset(desk.serials[0]).faults.arm(parse_fault("error at=Browse"))
        with pytest.raises(HandsetError, match="reading the list of apps"):
            await handset.inventory()


async def test_what_only_management_is_told_is_missed_in_the_plain_readings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        await handset.enrol()
        lock_down = await handset.apply(policy())
        [told] = [one for one in lock_down.requirements if one.name == "SecurityInfo"]
        assert (told.found.startswith("PasscodePresent: False"), told.strength) == (True, Strength.EFFECTIVE)
        phone = desk.rack.handset(desk.serials[0])
        phone.install({"id": "com.example.kept.from.browse", "attributes": {"CFBundleIdentifier": "com.example.shown"}})
        inventory = await handset.inventory()
        assert [unread.area for unread in inventory.unread] == ["apps that only its management is told about"]
        assert "com.example.kept.from.browse" in inventory.unread[0].why
