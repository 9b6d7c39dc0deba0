"""Recordings of real handsets, played back through adbd and a real adb server: not one byte is another."""

from __future__ import annotations

from pathlib import Path

import pytest
from virtual_android_bench import ask_server, racked

from provisioning.android.owner import read_owner_dump
from provisioning.android.package_dump import read_package_dump
from provisioning.android.properties import read_properties
from provisioning.virtual.android.fleet import AndroidFleet

RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "android"
recorded = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the reference recordings are not beside this checkout")
PLAYED = [
    ("getprop", "mvt/getprop.txt"),
    ("dumpsys package", "mvt/dumpsys_packages.txt"),
    ("dumpsys battery", "mvt/dumpsys_battery.txt"),
    ("dumpsys device_policy", "samples/device_policy_A12_motorola_headwind_device_owner.txt"),
    ("dumpsys user", "samples/dumpsys_user_versions.txt"),
    ("pm list users", "samples/pm_list_users_real.txt"),
]


async def shell(fleet: AndroidFleet, address: str, command: str) -> bytes:
    return await ask_server(fleet.adb_server_port, f"host:transport:{address}", f"shell:{command}")


@recorded
@pytest.mark.parametrize("profile", ["galaxy-a21s", "nokia-6-1"])
async def test_what_was_recorded_comes_out_byte_for_byte(tmp_path: Path, profile: str) -> None:
    async with racked(tmp_path, f'[[handset]]\nprofile = "{profile}"\n') as fleet:
        ((serial, phone),) = fleet.handsets.items()
        for command, name in PLAYED:
            data = (RECORDINGS / name).read_bytes()
            phone.recordings[command] = (data, b"", 0)
            assert await shell(fleet, fleet.adbd_address(serial), command) == data, name


@recorded
async def test_what_was_played_back_is_read_by_the_engines_readers(tmp_path: Path) -> None:
    async with racked(tmp_path, '[[handset]]\nprofile = "galaxy-a21s"\n') as fleet:
        ((serial, phone),) = fleet.handsets.items()
        heard: dict[str, str] = {}
        for command, name in PLAYED[:4]:
            phone.recordings[command] = ((RECORDINGS / name).read_bytes(), b"", 0)
            heard[command] = (await shell(fleet, fleet.adbd_address(serial), command)).decode()
    assert len(read_properties(heard["getprop"])) >= heard["getprop"].count("]: [") > 5
    packages = read_package_dump(heard["dumpsys package"])
    named = {line.split("[", 1)[1].split("]")[0] for line in heard["dumpsys package"].splitlines()
             if line.startswith("  Package [")}  # fmt: skip
    assert set(packages) == named
    assert any(state.installed for package in packages.values() for state in package.states.values())
    body = heard["dumpsys device_policy"]
    owner = body[body.index("Current Device Policy Manager state:") :] if "Current Device" in body else body
    assert read_owner_dump(owner).device_owner == "com.hmdm.launcher/com.hmdm.launcher.AdminReceiver"
