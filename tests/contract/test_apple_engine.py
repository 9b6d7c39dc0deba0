"""A plain life on the rack: a new iPhone becomes trusted, ours, locked down, read completely."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from apple_bench import RESTRICTIONS, bench, identity, no_identity, organisation, policy, who

from provisioning.errors import HandsetError, HandsetGone, HandsetRefused
from provisioning.handset import Arrived, Departed, Glimpse, Hindrance, Ownership, Strength, Trust
from provisioning.inventory import Presence
from provisioning.platforms import Platform
from provisioning.policy.effective import LockDownOrders

TIKTOK = "com.zhiliaoapp.musically"


async def test_a_new_iphone_is_led_from_plug_in_to_a_complete_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        await desk.forget_record()
        handset = await desk.handset()
        glimpse = await handset.identify()
        assert isinstance(glimpse, Glimpse)
        assert glimpse.udid == desk.udid()
        assert (glimpse.model, glimpse.model_name) == ("iPhone15,4", "iPhone 15")
        assert await handset.trust() is Trust.TRUSTED
        identified = await who(handset)
        assert identified.serial_number == desk.serials[0]
        assert identified.imei
        assert identified.build
        assert (await handset.enrolment()).ownership is Ownership.NOBODY
        assert Hindrance.ALREADY_SET_UP not in {one.hindrance for one in (await handset.condition()).obstacles}
        enrolment = await handset.enrol()
        assert enrolment.ownership is Ownership.OURS
        assert enrolment.organisation == "Met Police"
        before = await handset.lock_down(policy())
        assert not before.in_force
        after = await handset.apply(policy())
        assert after.in_force, [one for one in after.requirements if not one.holds]
        named = {one.name: one for one in after.requirements}
        assert all(named[key].strength is Strength.EFFECTIVE and named[key].holds for key in RESTRICTIONS)
        assert all(one.strength is Strength.EFFECTIVE for one in after.requirements)
        assert (await handset.lock_down(policy())).in_force
        inventory = await handset.inventory()
        assert inventory.platform is Platform.IOS
        assert inventory.unread == ()
        assert len(inventory.apps) > 20
        assert "com.apple.mobilephone" in {app.id for app in inventory.apps}


async def test_everything_is_idempotent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        first = await handset.enrol()
        assert await handset.enrol() == first
        applied = await handset.apply(policy())
        assert await handset.apply(policy()) == applied
        assert await handset.trust() is Trust.TRUSTED
        assert await handset.inventory() == await handset.inventory()


async def test_a_console_that_starts_again_finds_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        await handset.enrol()
        await handset.apply(policy())
        await handset.close()
        again = await desk.handset()
        assert (await who(again)).serial_number == desk.serials[0]
        assert (await again.enrolment()).ownership is Ownership.OURS
        assert (await again.lock_down(policy())).in_force


async def test_another_policy_is_not_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        await handset.enrol()
        await handset.apply(policy())
        stricter = policy({**RESTRICTIONS, "allowCamera": False})
        assert not (await handset.lock_down(stricter)).in_force
        assert (await handset.apply(stricter)).in_force


async def test_a_profile_that_the_policy_no_longer_orders_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        await handset.enrol()
        filtered = policy(web_deny=("https://www.tiktok.com",))
        applied = await handset.apply(filtered)
        assert applied.in_force
        assert [one.name for one in applied.requirements if one.strength is Strength.DECLARED] == [
            "uk.issuing-desk.lockdown.web"
        ]
        assert (await handset.lock_down(policy())).strangers
        assert (await handset.apply(policy())).in_force


async def test_an_allow_list_hides_everything_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = f'[[handset]]\nprofile = "iphone-15"\napps = ["{TIKTOK}"]\n'
    async with bench(tmp_path, monkeypatch, scenario) as desk:
        handset = await desk.trusted()
        await handset.enrol()
        orders = LockDownOrders(ios={}, allowed_ids={Platform.IOS: ("com.apple.MobileSMS",)})
        applied = await handset.apply(replace(policy(), allow_list=True, orders=orders))
        assert applied.in_force, [one for one in applied.requirements if not one.holds]
        found = {app.id: app for app in (await handset.inventory()).apps}
        assert found[TIKTOK].presence is Presence.HIDDEN
        assert found["com.apple.MobileSMS"].presence is Presence.INSTALLED


async def test_a_policy_that_fits_no_iphone_is_said_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        with pytest.raises(HandsetError, match="allowTeleportation"):
            await handset.lock_down(policy({"allowTeleportation": False}))


async def test_reading_needs_no_supervision_identity_but_says_how_well_it_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        await handset.enrol()
        await handset.apply(policy())
        await handset.close()
        reader = desk.another_desk("desk 4", organisation(no_identity))
        bare = reader.handset(await desk.attachment())
        assert (await bare.enrolment()).ownership is Ownership.UNREADABLE
        lock_down = await bare.lock_down(policy())
        named = {one.name: one for one in lock_down.requirements}
        assert not lock_down.in_force
        assert all(named[key].strength is Strength.DECLARED and named[key].holds for key in RESTRICTIONS)
        with pytest.raises(HandsetError, match="no supervision identity"):
            await bare.apply(policy())
        assert (await bare.inventory()).unread == ()
        await reader.close()


async def test_what_is_not_enrolled_by_us_is_not_locked_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        with pytest.raises(HandsetRefused, match="not enrolled"):
            await handset.apply(policy())


async def test_another_organisation_s_iphone_is_never_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        theirs = desk.another_desk("other desk", organisation(lambda: identity("theirs"), "Other Force"))
        handset = theirs.handset(await desk.attachment())
        assert await handset.trust() is Trust.TRUSTED
        await handset.enrol()
        await theirs.close()
        ours = await desk.trusted()
        enrolment = await ours.enrol()
        assert (enrolment.ownership, enrolment.organisation) == (Ownership.ANOTHER, "Other Force")
        obstacles = (await ours.condition()).obstacles
        assert Hindrance.OWNED_BY_ANOTHER in {one.hindrance for one in obstacles}
        with pytest.raises(HandsetRefused):
            await ours.apply(policy())
        assert not (await ours.lock_down(policy())).in_force


async def test_apps_web_clips_and_what_is_blocked_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = f"""
[[handset]]
profile = "iphone-15"
apps = ["{TIKTOK}", "com.burbn.instagram"]
web_clips = ["https://www.tiktok.com/"]
"""
    async with bench(tmp_path, monkeypatch, scenario) as desk:
        handset = await desk.trusted()
        found = {app.id: app for app in (await handset.inventory()).apps}
        assert found[TIKTOK].presence is Presence.INSTALLED
        await handset.enrol()
        assert (await handset.apply(policy())).in_force
        inventory = await handset.inventory()
        found = {app.id: app for app in inventory.apps}
        assert found[TIKTOK].presence is Presence.HIDDEN
        assert found["com.burbn.instagram"].presence is Presence.INSTALLED
        assert "https://www.tiktok.com/" in {clip.url for clip in inventory.web_clips}


async def test_the_session_goes_on_after_a_replug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        await handset.enrol()
        desk.rack.unplug(desk.serials[0])
        with pytest.raises(HandsetGone):
            await handset.inventory()
        desk.rack.replug(desk.serials[0])
        again = await desk.handset()
        assert again.attachment.connection != handset.attachment.connection
        assert (await again.enrolment()).ownership is Ownership.OURS


async def test_movements_of_the_rack_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        movements = desk.hub.movements()
        arrived = await anext(movements)
        assert isinstance(arrived, Arrived)
        assert arrived.attachment.bay in desk.rack.bays.values()
        desk.rack.unplug(desk.serials[0])
        assert await anext(movements) == Departed(arrived.attachment)
        desk.rack.replug(desk.serials[0])
        back = await anext(movements)
        assert isinstance(back, Arrived)
        assert back.attachment.udid == arrived.attachment.udid
        assert back.attachment.bay == arrived.attachment.bay
        await movements.aclose()


async def test_closing_twice_and_using_it_again_is_harmless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        await handset.close()
        await handset.close()
        assert (await who(handset)).serial_number == desk.serials[0]
