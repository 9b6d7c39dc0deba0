"""What goes wrong with pymobiledevice3 11.45 as it comes does not go wrong here; one test for each hazard found."""

from __future__ import annotations

import logging
import os
import plistlib
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest
from apple_bench import SHORT, bench, identity, messages, organisation, policy, who
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from provisioning.apple.failures import TRAFFIC
from provisioning.apple.pairing import host_id
from provisioning.apple.usbmux import Usbmux
from provisioning.errors import HandsetGone, HandsetRefused, HandsetSilent
from provisioning.handset import Glimpse, Trust
from provisioning.virtual.scenario import parse_fault

SET_UP = """
[[handset]]
profile = "iphone-15"
state = "set-up"
faults = ["trust-dialog late=0 after=3600"]
"""
"""Somebody must tap Trust, and nobody does unless the test does."""


async def test_a_new_record_goes_to_the_usbmuxd_that_was_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hazard 1: the library hands it to whatever listens at the default address, or fails after pairing."""
    async with bench(tmp_path, monkeypatch) as desk:
        await desk.forget_record()
        await desk.trusted()
        async with await Usbmux.open(SHORT.hub) as mux:
            kept = await mux.pair_record(desk.udid())
        assert kept is not None
        assert plistlib.loads(kept)["HostID"] == host_id("desk 4")


async def test_nobody_is_asked_while_reading_and_the_dialog_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Hazard 2: with its defaults the library pairs on its own and polls the dialog for ever."""
    caplog.set_level(TRAFFIC, "provisioning.apple")
    async with bench(tmp_path, monkeypatch, SET_UP) as desk:
        handset = await desk.handset()
        assert isinstance(await handset.identify(), Glimpse)
        with pytest.raises(HandsetRefused, match="does not trust this desk"):
            await handset.inventory()
        assert "Pair" not in messages(caplog)
        began = time.monotonic()
        assert await handset.trust() is Trust.ASKING
        assert await handset.trust() is Trust.ASKING
        assert time.monotonic() - began < 3
        assert messages(caplog).count("Pair") == 2


async def test_a_stalled_handshake_is_silence_and_never_pairs_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Hazards 4 and 5: the library pairs anew after its own timeout and lets a stray CancelledError out."""
    caplog.set_level(TRAFFIC, "provisioning.apple")
    deadlines = replace(SHORT, handshake=0.3, answer=0.3)
    async with bench(tmp_path, monkeypatch, deadlines=deadlines) as desk:
        await (await desk.trusted()).close()
        async with await Usbmux.open(SHORT.hub) as mux:
            before = await mux.pair_record(desk.udid())
        desk.rack.handset(desk.serials[0]).faults.arm(parse_fault("stall at=TLS seconds=60 times=0"))
        handset = await desk.handset()
        for method in (handset.identify, handset.trust, handset.inventory, handset.enrolment):
            with pytest.raises(HandsetSilent):
                await method()
        assert "Pair" not in messages(caplog)
        async with await Usbmux.open(SHORT.hub) as mux:
            assert await mux.pair_record(desk.udid()) == before
        desk.rack.handset(desk.serials[0]).faults.disarm("stall")
        assert (await who(handset)).serial_number == desk.serials[0]


async def test_one_refused_handshake_does_not_cost_the_pairing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(TRAFFIC, "provisioning.apple")
    async with bench(tmp_path, monkeypatch) as desk:
        await (await desk.trusted()).close()
        desk.rack.handset(desk.serials[0]).faults.arm(parse_fault("refuse-tls at=TLS"))
        handset = await desk.handset()
        assert await handset.trust() is Trust.TRUSTED
        assert "Pair" not in messages(caplog)


@pytest.mark.parametrize("at", ["Browse", "getIconState", "GetProfileList"])
async def test_an_error_instead_of_an_answer_does_not_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Hazard 6: the library's browse waits for ever after an Error."""
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        desk.rack.handset(desk.serials[0]).faults.arm(parse_fault(f"error at={at}"))
        began = time.monotonic()
        if at == "Browse":
            with pytest.raises(HandsetRefused):
                await handset.inventory()
        elif at == "getIconState":
            assert (await handset.inventory()).unread
        else:
            with pytest.raises(HandsetRefused):
                await handset.lock_down(policy())
        assert time.monotonic() - began < 2


async def test_nothing_is_written_to_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Hazard 7: the library draws progress bars; a windowed program may have no terminal at all."""
    async with bench(tmp_path, monkeypatch) as desk:
        await desk.forget_record()
        handset = await desk.trusted()
        await handset.enrol()
        await handset.apply(policy())
        await handset.inventory()
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


async def test_pair_records_are_for_this_desk_s_eyes_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hazard 8: the library writes private keys world-readable."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    umask = os.umask(0)
    try:
        async with bench(tmp_path, monkeypatch) as desk:
            await desk.forget_record()
            await (await desk.trusted()).inventory()
            folder = tmp_path / "pairing"
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {
                f"{desk.udid()}.plist": 0o600
            }
            assert not [file for file in home.rglob("*") if file.is_file()]
    finally:
        os.umask(umask)


def test_desks_differ_by_their_own_seed_not_by_the_host_s_name() -> None:
    """Hazard 8: two desks with one host name push each other's pairing out."""
    assert host_id("desk 4") == host_id("desk 4")
    assert host_id("desk 4") != host_id("desk 5")
    assert host_id("desk 4") == host_id("desk 4").upper()


async def test_our_own_copy_of_a_record_serves_when_usbmuxd_has_lost_its(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        await desk.forget_record()
        await (await desk.trusted()).close()
        await desk.forget_record()
        caplog.set_level(TRAFFIC, "provisioning.apple")
        handset = await desk.handset()
        assert await handset.trust() is Trust.TRUSTED
        assert "Pair" not in messages(caplog)


async def test_what_the_session_knows_is_read_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hazard 9: the library's all_values is a snapshot of the time of connecting."""
    async with bench(tmp_path, monkeypatch, '[[handset]]\nprofile = "iphone-15"\nstate = "unactivated"\n') as desk:
        handset = await desk.trusted()
        assert (await handset.condition()).obstacles
        desk.rack.handset(desk.serials[0]).activate()
        assert not (await handset.condition()).obstacles


async def test_a_sealed_iphone_is_opened_by_the_supervision_identity_and_has_a_session_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 10, and supervised pairing with the key in memory."""
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        await handset.enrol()
        assert (await handset.apply(policy())).in_force
        await handset.close()
        stranger = desk.another_desk("stranger", organisation(lambda: identity("theirs"), "Other Force"))
        await desk.forget_record()
        for file in (tmp_path / "pairing").glob("*"):
            file.unlink()
        foreign = stranger.handset(await desk.attachment())
        assert await foreign.trust() is Trust.FORBIDDEN
        await stranger.close()
        ours = await desk.handset()
        assert isinstance(await ours.identify(), Glimpse)
        assert await ours.trust() is Trust.TRUSTED
        assert (await ours.lock_down(policy())).in_force


async def test_lockdownd_s_idle_hang_up_is_healed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hazard 11, the good part of it: real lockdownd hangs up after ten idle seconds."""
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        await handset.enrol()
        desk.rack.handset(desk.serials[0]).faults.arm(parse_fault("hang-up at=GetValue"))
        assert (await handset.condition()).battery_percent is not None
        desk.rack.handset(desk.serials[0]).faults.arm(parse_fault("hang-up at=StartService"))
        assert not (await handset.inventory()).unread


async def test_no_secret_is_in_the_log_even_at_traffic_level(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("provisioning.virtual", "asyncio"):
        caplog.set_level(logging.CRITICAL, name)
    caplog.set_level(TRAFFIC)
    async with bench(tmp_path, monkeypatch) as desk:
        await desk.forget_record()
        handset = await desk.trusted()
        await handset.enrol()
        await handset.apply(policy())
        await handset.inventory()
        record = plistlib.loads((tmp_path / "pairing" / f"{desk.udid()}.plist").read_bytes())
        log = "\n".join(f"{entry.getMessage()} {entry.exc_text}" for entry in caplog.records)
        assert "InstallProfileSilent" in log
        key = identity().private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        secrets = [record["HostPrivateKey"], record["RootPrivateKey"], record["EscrowBag"], key]
        for secret in secrets:
            middle = secret[len(secret) // 3 :][:24]
            assert middle.decode("latin-1") not in log
            assert middle.hex() not in log
            assert repr(middle)[2:-1] not in log
        assert "PRIVATE KEY" not in log
        for holder in (handset, desk.hub):
            assert "PRIVATE" not in repr(holder)


async def test_a_handset_swapped_behind_a_restarted_usbmuxd_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch, iphones=2) as desk:
        first, second = [await desk.attachment(serial) for serial in desk.serials]
        confused = desk.hub.handset(replace(first, connection=second.connection))
        with pytest.raises(HandsetGone):
            await confused.identify()
