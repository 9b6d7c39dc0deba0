"""A plain life on the rack: an Android becomes ours, is locked down and read completely; others' are left alone."""

from __future__ import annotations

import asyncio
import os
import subprocess
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest
from android_bench import (
    COMPONENT,
    FACEBOOK,
    PACKAGE,
    RESTRICTIONS,
    TIKTOK,
    WHATSAPP,
    Bench,
    apps_of,
    bench,
    eventually,
    life,
    no_controller,
    organisation,
    policy,
    training_controller,
    who,
)

from provisioning.android.hub import AndroidHub
from provisioning.android.server import bundled_adb
from provisioning.errors import HandsetGone, HandsetRefused, UsageError
from provisioning.handset import Arrived, Changed, Departed, Glimpse, Hindrance, Ownership, Strength, Trust
from provisioning.inventory import Presence
from provisioning.platforms import Platform
from provisioning.virtual.android.apk.signing import Signer


async def adb(desk: Bench, *words: str) -> str:
    """Ask the handset with a client that is not ours."""
    command = [str(bundled_adb()), "-H", "127.0.0.1", "-P", str(desk.rack.adb_server_port), *words]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=True, env={**os.environ, "HOME": "/nonexistent"}
    )
    return done.stdout


async def test_a_new_android_is_led_from_plug_in_to_a_complete_reading(tmp_path: Path) -> None:
    async with bench(tmp_path, f'profile = "pixel-8"\napps = ["{TIKTOK}"]') as desk:
        handset = desk.handset
        identity = await who(handset)
        assert (identity.platform, identity.model, identity.os_version) == (Platform.ANDROID, "Pixel 8", "14")
        assert identity.serial_number
        assert identity.imei is not None
        assert identity.security_patch is not None
        assert await handset.trust() is Trust.TRUSTED
        assert (await handset.enrolment()).ownership is Ownership.NOBODY
        assert (await handset.condition()).obstacles == ()
        enrolment = await handset.enrol()
        assert (enrolment.ownership, enrolment.organisation) == (Ownership.OURS, PACKAGE)
        assert not (await handset.lock_down(policy())).in_force
        after = await handset.apply(policy())
        assert after.in_force
        assert after == await handset.lock_down(policy())
        assert all(one.strength is Strength.EFFECTIVE for one in after.requirements)
        inventory = await handset.inventory()
        assert inventory.unread == ()
        assert [user.kind for user in inventory.users] == ["owner"]
        tiktok = next(app for app in inventory.apps if app.id == TIKTOK)
        assert (tiktok.presence, tiktok.system) == (Presence.HIDDEN, False)


async def test_nothing_is_missing_from_the_inventory_that_adb_itself_lists(tmp_path: Path) -> None:
    async with bench(tmp_path, f'profile = "galaxy-a21s"\napps = ["{TIKTOK}"]') as desk:
        listed = await adb(desk, "shell", "pm", "list", "packages", "-u", "--user", "0")
        inventory = await desk.handset.inventory()
        assert inventory.unread == ()
        assert apps_of(inventory) == {line.removeprefix("package:") for line in listed.split()}


async def test_enrolling_and_applying_again_changes_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path, f'profile = "pixel-8"\napps = ["{TIKTOK}"]') as desk:
        first, inventory = await life(desk.handset)
        installed = await adb(desk, "shell", "dumpsys", "package", PACKAGE)
        second, again = await life(desk.handset)
        assert (first, inventory.digest()) == (second, again.digest())
        assert await adb(desk, "shell", "dumpsys", "package", PACKAGE) == installed


async def test_the_seal_is_not_part_of_the_lock_down(tmp_path: Path) -> None:
    async with bench(tmp_path, 'profile = "pixel-8"') as desk:
        lock_down, _ = await life(desk.handset)
        assert "no_debugging_features" in RESTRICTIONS
        assert "no_debugging_features" not in {one.name for one in lock_down.requirements}
        assert await desk.handset.trust() is Trust.TRUSTED


async def test_a_required_app_cannot_be_uninstalled(tmp_path: Path) -> None:
    required = policy(required=(WHATSAPP, "com.not.there"), blocked=(TIKTOK,))
    async with bench(tmp_path, f'profile = "pixel-8"\napps = ["{TIKTOK}", "{WHATSAPP}"]') as desk:
        await desk.handset.enrol()
        before = await desk.handset.lock_down(required)
        kept = next(one for one in before.requirements if one.name == f"uninstall-blocked {WHATSAPP}")
        assert (kept.holds, kept.strength) == (False, Strength.DECLARED)
        assert (await desk.handset.apply(required)).in_force
        await desk.handset.apply(required)
        refusal = await adb(desk, "shell", "pm uninstall --user 0 com.whatsapp || true")
        assert "DELETE_FAILED_OWNER_BLOCKED" in refusal


async def test_a_restriction_that_android_does_not_have_is_our_mistake_not_the_handsets(tmp_path: Path) -> None:
    async with bench(tmp_path, 'profile = "pixel-8"') as desk:
        with pytest.raises(UsageError, match="no user restriction"):
            await desk.handset.lock_down(policy(restrictions=("no_such_thing",)))


async def test_a_permit_brings_an_app_back_and_its_end_hides_it_again(tmp_path: Path) -> None:
    async with bench(tmp_path, f'profile = "pixel-8"\napps = ["{TIKTOK}", "{WHATSAPP}"]') as desk:
        await life(desk.handset)
        permitted = policy(blocked=(TIKTOK,))
        assert (await desk.handset.apply(permitted)).in_force
        shown = {app.id: app.presence for app in (await desk.handset.inventory()).apps}
        assert (shown[TIKTOK], shown[WHATSAPP]) == (Presence.HIDDEN, Presence.INSTALLED)
        assert not (await desk.handset.lock_down(policy())).in_force
        assert (await desk.handset.apply(policy())).in_force


async def test_a_preloaded_stub_is_hidden_by_the_controller_even_if_it_was_removed_before(tmp_path: Path) -> None:
    async with bench(tmp_path, 'profile = "galaxy-a21s"') as desk:
        await adb(desk, "shell", "pm", "uninstall", "--user", "0", FACEBOOK)
        before = {app.id: app.presence for app in (await desk.handset.inventory()).apps}
        assert before[FACEBOOK] is Presence.REMOVED_FOR_USER
        removed = await desk.handset.lock_down(policy())
        stub = next(one for one in removed.requirements if one.name == f"hidden {FACEBOOK}")
        assert (stub.holds, stub.found) == (False, "removed for user")
        lock_down, inventory = await life(desk.handset)
        assert lock_down.in_force
        assert {app.id: app.presence for app in inventory.apps}[FACEBOOK] is Presence.HIDDEN


async def test_disabled_and_suspended_is_not_hidden(tmp_path: Path) -> None:
    async with bench(tmp_path, f'profile = "pixel-8"\napps = ["{TIKTOK}", "{WHATSAPP}"]') as desk:
        await adb(desk, "shell", "pm", "disable-user", "--user", "0", TIKTOK)
        await adb(desk, "shell", "pm", "suspend", "--user", "0", WHATSAPP)
        found = {app.id: app.presence for app in (await desk.handset.inventory()).apps}
        assert (found[TIKTOK], found[WHATSAPP]) == (Presence.DISABLED, Presence.SUSPENDED)
        held = {one.name: one.holds for one in (await desk.handset.lock_down(policy())).requirements}
        assert (held[f"hidden {TIKTOK}"], held[f"hidden {WHATSAPP}"]) == (False, False)


@pytest.mark.parametrize(
    "profile", ["nokia-6-1", "galaxy-a21s", "galaxy-a54", "pixel-8"], ids=["A10", "A12", "Samsung A14", "A14"]
)
async def test_every_release_is_led_to_the_end(tmp_path: Path, profile: str) -> None:
    async with bench(tmp_path, f'profile = "{profile}"\napps = ["{TIKTOK}"]') as desk:
        lock_down, inventory = await life(desk.handset)
        assert lock_down.in_force
        assert inventory.unread == ()
        assert TIKTOK in apps_of(inventory)


async def test_anothers_handset_is_never_taken(tmp_path: Path) -> None:
    async with bench(tmp_path, 'profile = "moto-owned"') as desk:
        enrolment = await desk.handset.enrolment()
        assert (enrolment.ownership, enrolment.organisation) == (Ownership.ANOTHER, "com.hmdm.launcher")
        with pytest.raises(HandsetRefused, match=r"managed by com\.hmdm\.launcher"):
            await desk.handset.enrol()
        with pytest.raises(HandsetRefused, match="does not own it"):
            await desk.handset.apply(policy())
        lock_down = await desk.handset.lock_down(policy())
        assert lock_down.strangers == ("device owner com.hmdm.launcher/com.hmdm.launcher.AdminReceiver",)
        assert not lock_down.in_force
        assert PACKAGE not in apps_of(await desk.handset.inventory())


async def test_a_controller_with_another_certificate_is_not_ours(tmp_path: Path) -> None:
    theirs = replace(training_controller(), certificate_sha256="ab" * 32)
    async with bench(tmp_path, 'profile = "pixel-8"') as desk:
        await life(desk.handset)
        hub = AndroidHub(organisation(lambda: theirs), "127.0.0.1", desk.rack.adb_server_port, {})
        handset = hub.handset((await hub.attached())[0])
        enrolment = await handset.enrolment()
        assert enrolment.ownership is Ownership.ANOTHER
        assert "certificate" in enrolment.detail
        held = {one.name: one.holds for one in (await handset.lock_down(policy())).requirements}
        assert held["controller certificate"] is False
        await handset.close()
        await hub.close()


async def test_a_file_that_is_not_the_configured_controller_is_never_installed(tmp_path: Path) -> None:
    for wrong, words in (
        (replace(training_controller(), certificate_sha256="ab" * 32), "is signed with"),
        (replace(training_controller(), apk=tmp_path / "missing.apk"), "cannot be used"),
    ):
        async with bench(tmp_path, 'profile = "pixel-8"', of=organisation(lambda wrong=wrong: wrong)) as desk:
            with pytest.raises(UsageError, match=words):
                await desk.handset.enrol()
            assert PACKAGE not in apps_of(await desk.handset.inventory())


async def test_a_desk_without_a_controller_reads_handsets(tmp_path: Path) -> None:
    async with bench(tmp_path, 'profile = "pixel-8"', of=organisation(no_controller)) as desk:
        assert (await desk.handset.enrolment()).ownership is Ownership.NOBODY
        assert (await desk.handset.inventory()).unread == ()
        lock_down = await desk.handset.lock_down(policy())
        assert not lock_down.in_force
        assert lock_down.unread == ()
        with pytest.raises(UsageError, match="no controller"):
            await desk.handset.enrol()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('profile = "galaxy-a54-used"', "Secure Folder"),
        ('profile = "galaxy-s23-rooted"', "Knox Guard"),
        ('profile = "xiaomi-13t"', "Install via USB"),
        ('profile = "pixel-8"\naccounts = ["com.google"]', "accounts are present"),
        ('profile = "nokia-6-1"\naccounts = ["com.google"]', "accounts are present"),
        ('profile = "pixel-8"\nfaults = ["storage-full"]', "storage"),
    ],
)
async def test_every_refusal_to_be_enrolled_says_what_to_do(tmp_path: Path, body: str, words: str) -> None:
    async with bench(tmp_path, body) as desk:
        with pytest.raises(HandsetRefused, match=words):
            await desk.handset.enrol()
        assert (await desk.handset.enrolment()).ownership is Ownership.NOBODY
        assert PACKAGE not in apps_of(await desk.handset.inventory())


async def test_what_hinders_is_named_before_anything_is_changed(tmp_path: Path) -> None:
    async with bench(tmp_path, 'profile = "galaxy-a54-used"') as desk:
        condition = await desk.handset.condition()
        found = {one.hindrance: one.detail for one in condition.obstacles}
        assert found[Hindrance.EXTRA_USERS] == "user 95 (Dual Messenger), user 150 (Secure Folder)"
        assert found[Hindrance.ACCOUNTS_PRESENT].endswith("accounts")
        assert "@" not in str(condition)
        assert condition.battery_percent is not None


async def test_a_starting_handset_is_waited_for(tmp_path: Path) -> None:
    async with bench(tmp_path, 'profile = "pixel-8"\nstate = "booting"') as desk:
        assert Hindrance.STILL_BOOTING in {one.hindrance for one in (await desk.handset.condition()).obstacles}


async def test_trade_in_mode_is_recognised_and_left_alone(tmp_path: Path) -> None:
    async with bench(tmp_path, 'profile = "pixel-trade-in"') as desk:
        identity = await who(desk.handset)
        assert identity.serial_number
        assert [one.hindrance for one in (await desk.handset.condition()).obstacles] == [Hindrance.TRADE_IN_MODE]
        assert (await desk.handset.enrolment()).ownership is Ownership.UNREADABLE
        for attempt in (desk.handset.enrol(), desk.handset.inventory(), desk.handset.lock_down(policy())):
            with pytest.raises(HandsetRefused, match="trade-in mode"):
                await attempt


async def test_secure_folder_and_dual_messenger_are_read_or_named(tmp_path: Path) -> None:
    body = (
        'profile = "galaxy-a54"\nusers = [{kind = "secure-folder", apps = ["com.whatsapp"]}, '
        '{kind = "dual-messenger", apps = ["com.zhiliaoapp.musically"]}]'
    )
    async with bench(tmp_path, body) as desk:
        inventory = await desk.handset.inventory()
        assert [user.kind for user in inventory.users] == ["owner", "Dual Messenger", "Secure Folder"]
        assert WHATSAPP in apps_of(inventory, 150)
        assert TIKTOK in apps_of(inventory, 95)
        assert [unread.area for unread in inventory.unread] == ["apps of user 150 (Secure Folder)"]


@pytest.mark.parametrize("profile", ["pixel-8", "pixel-9-work"], ids=["A14 forbids", "A16 skips in silence"])
async def test_a_profile_that_may_not_be_listed_is_named(tmp_path: Path, profile: str) -> None:
    users = "" if profile == "pixel-9-work" else '\nusers = [{kind = "work-profile", apps = ["com.whatsapp"]}]'
    async with bench(tmp_path, f'profile = "{profile}"{users}') as desk:
        inventory = await desk.handset.inventory()
        assert [unread.area for unread in inventory.unread] == ["apps of user 10 (work profile)"]
        assert any(app.user == 10 and app.system is False for app in inventory.apps)


async def test_certificates_of_installed_apps_come_from_their_files(tmp_path: Path) -> None:
    async with bench(tmp_path, 'profile = "pixel-8"') as desk:
        _, inventory = await life(desk.handset)
        controller = next(app for app in inventory.apps if app.id == PACKAGE)
        assert controller.certificate_sha256 == training_controller().certificate_sha256
        assert COMPONENT.startswith(controller.id)


async def test_a_web_app_is_read_to_the_address_that_it_starts_at(tmp_path: Path) -> None:
    name, start = "org.chromium.webapk.a0123456789abcdef_v2", "https://m.facebook.com/home?source=pwa"
    body = f'profile = "pixel-8"\nusers = [{{id = 0, apps = [{{id = "{name}", web_start_url = "{start}"}}]}}]'
    async with bench(tmp_path, body) as desk:
        inventory = await desk.handset.inventory()
        assert [app.web_start_url for app in inventory.apps if app.id == name] == [start]
        assert inventory.unread == ()


async def test_an_app_with_the_jar_signature_alone_has_its_signers_certificate(tmp_path: Path) -> None:
    apps = ", ".join(f'{{id = "org.example.v{n % 2 + 1}.n{n}", signature_scheme = {n % 2 + 1}}}' for n in range(8))
    async with bench(tmp_path, f'profile = "nokia-6-1"\nusers = [{{id = 0, apps = [{apps}]}}]') as desk:
        inventory = await desk.handset.inventory()
        found = {app.id: app.certificate_sha256 for app in inventory.apps if app.id.startswith("org.example.v")}
        assert found == {name: Signer.derived(name).certificate_sha256 for name in found}
        assert len(found) == 8


async def test_an_unauthorised_handset_says_nothing_until_somebody_taps(tmp_path: Path) -> None:
    body = 'profile = "pixel-8"\nfaults = ["trust-dialog late=1"]'
    async with bench(tmp_path, body) as desk, aclosing(desk.hub.movements()) as movements:
        handset = desk.handset
        assert isinstance(await handset.identify(), Glimpse)
        assert await handset.trust() is Trust.ASKING
        async with asyncio.timeout(20):
            async for movement in movements:
                if isinstance(movement, Arrived | Changed) and movement.attachment.state == "device":
                    break
        assert await handset.trust() is Trust.TRUSTED
        assert (await who(handset)).serial_number


async def test_a_replugged_handset_is_the_same_on_a_new_connection(tmp_path: Path) -> None:
    async with bench(tmp_path, 'profile = "pixel-8"') as desk, aclosing(desk.hub.movements()) as movements:
        assert isinstance(await anext(movements), Arrived)
        serial = (await who(desk.handset)).serial_number
        desk.rack.unplug(serial)
        async with asyncio.timeout(20):
            # Over TCP adb calls it offline first; a USB port is just empty.
            while not isinstance(await anext(movements), Departed):
                pass
        with pytest.raises(HandsetGone):
            await desk.handset.inventory()
        desk.rack.replug(serial)
        async with asyncio.timeout(20):
            async for movement in movements:
                if isinstance(movement, Arrived | Changed) and movement.attachment.state == "device":
                    break
        await desk.open()
        assert (await who(desk.handset)).serial_number == serial


async def test_handsets_work_side_by_side(tmp_path: Path) -> None:
    async with bench(tmp_path, *['profile = "pixel-8"'] * 4, 'profile = "moto-owned"') as desk:
        identities = await asyncio.gather(*(who(one) for one in desk.handsets))
        assert len({one.serial_number for one in identities}) == 5
        inventories = await asyncio.gather(*(one.inventory() for one in desk.handsets))
        assert all(one.unread == () for one in inventories)


async def test_closing_ends_the_call_in_hand_and_every_later_one(tmp_path: Path) -> None:
    async with bench(tmp_path, 'profile = "pixel-8"\nfaults = ["stall at=getprop seconds=60"]') as desk:
        call = asyncio.create_task(desk.handset.identify())
        await eventually(lambda: desk.handset.cable.calls == 1)
        await desk.handset.close()
        with pytest.raises(HandsetGone):
            await asyncio.wait_for(call, 5)
        await desk.handset.close()
        with pytest.raises(HandsetGone):
            await desk.handset.identify()
