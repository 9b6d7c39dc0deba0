"""The fleet behind its real adb server: cables, restarts, seals, and nothing left behind."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from virtual_android_bench import ask_server, listed, plans_of, racked, until

from provisioning.errors import UsageError
from provisioning.virtual.android.adb_server import AdbServer, bundled_adb
from provisioning.virtual.android.apk.build import build_training_dpc
from provisioning.virtual.android.fleet import AndroidFleet
from provisioning.virtual.android.handset import VirtualAndroid
from provisioning.virtual.android.latency import seconds_of
from provisioning.virtual.scenario import plain_rack

PIXEL = '[[handset]]\nprofile = "pixel-8"\n'
DPC = "org.issuingdesk.trainingdpc"


async def shell(fleet: AndroidFleet, address: str, command: str) -> bytes:
    """Run a command through the server (shell v1: what came until the stream ended)."""
    return await ask_server(fleet.adb_server_port, f"host:transport:{address}", f"shell:{command}")


async def test_every_state_is_seen_on_the_server_as_it_is_with_real_handsets(tmp_path: Path) -> None:
    toml = PIXEL + "".join(
        f'{PIXEL}state = "{state}"\n' for state in ("unauthorized", "offline", "factory-fresh", "set-up-with-account")
    )
    async with racked(tmp_path, toml) as fleet:
        good, unauthorised, offline, fresh, account = fleet.handsets
        states = await listed(fleet.adb_server_port)
        assert states[fleet.adbd_address(good)] == "device"
        assert states[fleet.adbd_address(account)] == "device"
        assert states[fleet.adbd_address(unauthorised)] == "unauthorized"
        assert states[fleet.adbd_address(offline)] == "offline"
        assert fleet.adbd_address(fresh) == ""
        assert len(states) == 4


async def test_a_pulled_cable_takes_the_line_away_and_a_replug_brings_it_back(tmp_path: Path) -> None:
    async with racked(tmp_path, PIXEL) as fleet:
        (serial,) = fleet.handsets
        address = fleet.adbd_address(serial)
        await fleet.unplug(serial)
        # The server may still show it as offline for a moment, as it does while it tears a connection down.
        await until({}, lambda: listed(fleet.adb_server_port))
        await fleet.replug(serial)
        assert fleet.adbd_address(serial) == address
        await until({address: "device"}, lambda: listed(fleet.adb_server_port))
        assert await shell(fleet, address, "getprop ro.serialno") == f"{serial}\n".encode()


async def test_unplug_and_replug_work_without_being_awaited(tmp_path: Path) -> None:
    async with racked(tmp_path, PIXEL) as fleet:
        (serial,) = fleet.handsets
        fleet.unplug(serial)
        await until({}, lambda: listed(fleet.adb_server_port))
        fleet.replug(serial)
        await until({fleet.adbd_address(serial): "device"}, lambda: listed(fleet.adb_server_port))
        with pytest.raises(UsageError):
            fleet.unplug("nobody")


async def test_a_restart_goes_away_and_comes_back(tmp_path: Path) -> None:
    async with racked(tmp_path, PIXEL) as fleet:
        ((serial, phone),) = fleet.handsets.items()
        address, before = fleet.adbd_address(serial), phone.boot_id
        with suppress(ConnectionRefusedError):
            await shell(fleet, address, "reboot")

        async def look() -> tuple[bool, dict[str, str]]:
            return phone.boot_id != before, await listed(fleet.adb_server_port)

        await until((True, {address: "device"}), look)
        assert phone.reboots == 1


async def test_a_seal_takes_adb_away_for_good_and_no_exit_code_comes(tmp_path: Path) -> None:
    async with racked(tmp_path, PIXEL) as fleet:
        ((serial, phone),) = fleet.handsets.items()
        address = fleet.adbd_address(serial)
        phone.files.write("/data/local/tmp/d.apk", build_training_dpc(), 0o644)
        await shell(fleet, address, "pm install /data/local/tmp/d.apk")
        await shell(fleet, address, f"dpm set-device-owner {DPC}/.AdminReceiver")
        channel = f"dumpsys activity --user 0 service {DPC}"
        said = await ask_server(
            fleet.adb_server_port,
            f"host:transport:{address}",
            f"shell,v2,raw:{channel} set-user-restriction no_debugging_features true",
        )
        assert b"set to true" in said
        assert b"\x03\x01\x00\x00\x00" not in said
        await until({}, lambda: listed(fleet.adb_server_port))
        assert phone.settings.get("global", "adb_enabled") == "0"
        assert not phone.reachable
        await fleet.unplug(serial)
        await fleet.replug(serial)
        assert await listed(fleet.adb_server_port) == {}


async def test_a_refused_seal_leaves_adb_open(tmp_path: Path) -> None:
    async with racked(tmp_path, PIXEL + 'faults = ["seal-refused"]\n') as fleet:
        ((serial, phone),) = fleet.handsets.items()
        address = fleet.adbd_address(serial)
        phone.files.write("/data/local/tmp/d.apk", build_training_dpc(), 0o644)
        await shell(fleet, address, "pm install /data/local/tmp/d.apk")
        await shell(fleet, address, f"dpm set-device-owner {DPC}/.AdminReceiver")
        channel = f"dumpsys activity --user 0 service {DPC}"
        said = await shell(fleet, address, f"{channel} set-user-restriction no_debugging_features true; echo $?")
        assert said.endswith(b"set to true\n0\n")
        assert b"no_debugging_features" not in await shell(fleet, address, "dumpsys user")


async def test_a_killed_server_comes_back_on_its_port_with_its_handsets(tmp_path: Path) -> None:
    faults = 'faults = ["server-dies at=getprop restart=0.1"]\n'
    async with racked(tmp_path, PIXEL + faults + PIXEL) as fleet:
        one, two = fleet.handsets
        port = fleet.adb_server_port
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            assert await shell(fleet, fleet.adbd_address(one), "getprop") == b""
        wanted = {fleet.adbd_address(one): "device", fleet.adbd_address(two): "device"}

        async def look() -> dict[str, str]:
            try:
                return await listed(port)
            except (OSError, ConnectionRefusedError, asyncio.IncompleteReadError):
                return {}

        await until(wanted, look)
        assert fleet.adb_server_port == port


async def test_an_erased_handset_lies_there_as_from_the_factory(tmp_path: Path) -> None:
    toml = (
        f'{PIXEL}apps = ["org.example.gossip"]\naccounts = [{{name = "someone@gmail.com", type = "com.google"}}]\n'
        'users = [{id = 11, kind = "private-space", apps = ["org.example.other"]}]\n'
    )
    async with racked(tmp_path, toml.replace("pixel-8", "pixel-9-work")) as fleet:
        ((serial, phone),) = fleet.handsets.items()
        address, before = fleet.adbd_address(serial), phone.boot_id
        assert set(phone.users) == {0, 11}
        phone.start(phone.erase())
        await until((False, {}), lambda: _reached(fleet, phone.boot_id == before))
        assert set(phone.users) == {0}
        assert phone.users[0].accounts == []
        assert "org.example.gossip" not in phone.packages
        assert phone.adbd.trusted == []
        assert "com.android.settings" in phone.packages
        assert fleet.adbd_address(serial) == ""
        await fleet.replug(serial)
        assert await listed(fleet.adb_server_port) == {}
        await phone.erase("unauthorized")
        await until({address: "unauthorized"}, lambda: listed(fleet.adb_server_port))
        phone.tap_allow()
        await until({address: "device"}, lambda: listed(fleet.adb_server_port))


async def _reached(fleet: AndroidFleet, same_life: bool) -> tuple[bool, dict[str, str]]:
    return same_life, await listed(fleet.adb_server_port)


async def test_the_controller_wipes(tmp_path: Path) -> None:
    async with racked(tmp_path, PIXEL) as fleet:
        ((serial, phone),) = fleet.handsets.items()
        address = fleet.adbd_address(serial)
        phone.files.write("/data/local/tmp/d.apk", build_training_dpc(), 0o644)
        await shell(fleet, address, "pm install /data/local/tmp/d.apk")
        await shell(fleet, address, f"dpm set-device-owner {DPC}/.AdminReceiver")
        assert phone.owner is not None
        await shell(fleet, address, f"dumpsys activity --user 0 service {DPC} wipe-data")
        await until({}, lambda: listed(fleet.adb_server_port))
        await until((None, "factory-fresh"), lambda: _left(phone))


async def _left(phone: VirtualAndroid) -> tuple[str | None, str]:
    return phone.owner, phone.state


async def test_each_transport_has_its_bay(tmp_path: Path) -> None:
    toml = f'{PIXEL}bay = "window 3"\n' + PIXEL * 16 + f'{PIXEL}state = "factory-fresh"\n'
    async with racked(tmp_path, toml) as fleet:
        addresses = [fleet.adbd_address(serial) for serial in fleet.handsets]
        labels = [fleet.bays.get(address, "") for address in addresses]
    assert labels == ["window 3", *(f"1-{n}" for n in range(2, 16)), "2-1", "2-2", ""]


async def test_real_slowness_is_there_when_asked_for(tmp_path: Path) -> None:
    async with AndroidFleet(plans_of(tmp_path, PIXEL), "usb") as fleet:
        (serial,) = fleet.handsets
        started = time.monotonic()
        assert await shell(fleet, fleet.adbd_address(serial), "getprop ro.serialno") == f"{serial}\n".encode()
        assert time.monotonic() - started >= seconds_of(["getprop"])
    assert seconds_of(["dumpsys", "package"]) > seconds_of(["dumpsys", "package", "a.b"]) > seconds_of(["ls"])


async def test_serial_numbers_must_differ(tmp_path: Path) -> None:
    twice = '[[handset]]\nprofile = "pixel-8"\nserial_number = "SAME"\n' * 2
    with pytest.raises(UsageError, match="twice"):
        AndroidFleet(plans_of(tmp_path, twice))


async def test_fifty_handsets_answer_side_by_side() -> None:
    async with AndroidFleet(plain_rack(0, 50), "none") as fleet:
        assert sorted((await listed(fleet.adb_server_port)).values()) == ["device"] * 50
        started = time.monotonic()
        answers = await asyncio.gather(
            *(
                shell(fleet, fleet.adbd_address(serial), "pm list packages --user 0 -f -i -U")
                for serial in fleet.handsets
            )
        )
        assert all(answer.count(b"package:") > 150 for answer in answers)
        assert time.monotonic() - started < 10
        pauses: list[float] = []
        watch = asyncio.ensure_future(watch_pauses(pauses))
        await asyncio.gather(
            *(shell(fleet, fleet.adbd_address(serial), "dumpsys package") for serial in fleet.handsets)
        )
        watch.cancel()
        # Measured: 0.05 s. The rest is for a busy machine; a handset that computes in the loop costs seconds here.
        assert max(pauses) < 0.7


async def watch_pauses(pauses: list[float]) -> None:
    """Note how long the loop leaves others waiting, until cancelled."""
    while True:
        before = time.monotonic()
        await asyncio.sleep(0.001)
        pauses.append(time.monotonic() - before)


def alive(process: int) -> bool:
    """Tell whether a process runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


async def test_no_process_and_no_file_is_left(tmp_path: Path) -> None:
    async with racked(tmp_path, PIXEL) as fleet:
        process = fleet.server.process_id
        assert process is not None
        home = fleet.server.home
        assert home is not None
        assert (home / ".android" / "adbkey").exists()
    assert not alive(process)
    assert not home.exists()


def _environment(entry: Path) -> str:
    try:
        return (entry / "environ").read_text(errors="replace")
    except OSError:
        return ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's parent-death signal is Linux")
async def test_the_server_dies_with_a_parent_that_was_killed_and_the_next_one_removes_its_keys() -> None:
    program = (
        "import asyncio\n"
        "from provisioning.virtual.android.adb_server import AdbServer\n"
        "async def main():\n"
        "    server = AdbServer()\n"
        "    await server.start()\n"
        "    print(server.process_id, server.home, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    number, folder = parent.stdout.readline().split()
    child, home = int(number), Path(folder)
    parent.stdout.close()
    assert alive(child)
    await _start_and_stop()
    assert home.exists()
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 5
    while alive(child) and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    assert not alive(child)
    await _start_and_stop()
    assert not home.exists()


async def _start_and_stop() -> None:
    server = AdbServer()
    try:
        await server.start()
    finally:
        await server.close()


async def test_the_server_keeps_away_from_the_users_own_port_and_keys() -> None:
    server = AdbServer()
    await server.start()
    try:
        assert server.port not in {0, 5037}
        assert (await server.ask("host:version")) in {"0029"}
        assert server.process_id is not None
        environment = _environment(Path(f"/proc/{server.process_id}"))
        assert "ADB_USB=0" in environment
        assert f"HOME={Path.home()}\0" not in environment
    finally:
        await server.close()


def test_the_bundled_program_is_found_without_importing_its_package() -> None:
    script = (
        "import sys; from provisioning.virtual.android.adb_server import bundled_adb; print(bundled_adb());"
        "sys.exit('adbutils' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(bundled_adb())
