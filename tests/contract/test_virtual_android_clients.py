"""Clients that we did not write work against virtual Androids: adb 36, Debian's adb 29, and adbutils."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from virtual_android_bench import racked

from provisioning.virtual.android.apk.build import Manifest, build_apk
from provisioning.virtual.android.apk.signing import Signer
from provisioning.virtual.android.fleet import AndroidFleet

PIXEL = '[[handset]]\nprofile = "pixel-8"\n'
_T = TypeVar("_T")


def _load(name: str) -> Any:
    path = Path(__file__).resolve().parents[1] / "clients" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


clients = _load("android_clients")


@pytest.mark.parametrize("adb", ["wheel", "Debian"])
async def test_foreign_adb_programs_find_real_handsets(adb: str, tmp_path: Path) -> None:
    program = clients.programs().get(adb)
    if program is None:
        pytest.skip(f"{adb}'s adb is not installed")
    names = [
        "pixel-8",
        "galaxy-a21s",
        "nokia-6-1",
        "pixel-9-work",
        "xiaomi-13t",
        "pixel-trade-in",
        "galaxy-unauthorised",
    ]
    results: dict[tuple[str, str], str] = await clients.run(program, names, tmp_path, 1 if adb == "Debian" else 8)
    assert {cell: text for cell, text in results.items() if text} == {}
    assert len(results) == 6 * 8 + 2


@pytest.mark.parametrize("adb", ["wheel", "Debian"])
async def test_several_apks_install_as_one(adb: str, tmp_path: Path) -> None:
    program = clients.programs().get(adb)
    if program is None:
        pytest.skip(f"{adb}'s adb is not installed")
    async with AndroidFleet(clients.plans(["pixel-8"], tmp_path), "none", program=program) as fleet:
        (phone,) = fleet.handsets.values()
        apk = tmp_path / "base.apk"
        apk.write_bytes(build_apk(Manifest("org.example.split"), Signer.derived("s")))
        said = await clients.Bench(program, fleet, phone, tmp_path).adb("install-multiple", "-r", str(apk))
        assert (said.code, "Success" in said.out) == (0, True), said
        assert "org.example.split" in phone.packages


async def blocking(work: Callable[[Any], _T], fleet: AndroidFleet) -> _T:
    """Run blocking adbutils calls on the only handset in a thread."""
    import adbutils

    (serial,) = fleet.handsets
    client = adbutils.AdbClient("127.0.0.1", fleet.adb_server_port, socket_timeout=10)
    return await asyncio.to_thread(lambda: work(client.device(fleet.adbd_address(serial))))


async def test_adbutils_shell2_keeps_streams_and_codes_apart(tmp_path: Path) -> None:
    async with racked(tmp_path, PIXEL) as fleet:
        v2: Any = await blocking(lambda d: d.shell2("echo out; echo err >&2; exit 9", v2=True), fleet)
        assert (v2.returncode, v2.stdout, v2.stderr) == (9, "out\n", "err\n")
        v1: Any = await blocking(lambda d: d.shell2("pm path nothing.at.all"), fleet)
        assert v1.returncode == 1
        assert await blocking(lambda d: d.getprop("ro.product.model"), fleet) == "Pixel 8"


async def test_adbutils_pushes_pulls_and_installs(tmp_path: Path) -> None:
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(os.urandom(300_000))
    async with racked(tmp_path, PIXEL) as fleet:
        (phone,) = fleet.handsets.values()
        assert await blocking(lambda d: d.sync.push(str(there), "/data/local/tmp/x", check=True), fleet) == 300_000
        assert await blocking(lambda d: d.sync.stat("/data/local/tmp/x").size, fleet) == 300_000
        await blocking(lambda d: d.sync.pull("/data/local/tmp/x", str(back)), fleet)
        assert back.read_bytes() == there.read_bytes()
        names: Any = await blocking(lambda d: [f.path for f in d.sync.list("/data/local/tmp")], fleet)
        assert names == ["x"]
        apk = tmp_path / "a.apk"
        apk.write_bytes(build_apk(Manifest("org.example.utils"), Signer.derived("u")))
        await blocking(lambda d: d.sync.push(str(apk), "/data/local/tmp/a.apk"), fleet)
        said: Any = await blocking(lambda d: d.shell2("pm install -r -t /data/local/tmp/a.apk", v2=True), fleet)
        assert (said.returncode, said.stdout) == (0, "Success\n")
        assert "org.example.utils" in phone.packages


async def test_adbutils_sees_a_cut_command_as_an_end_without_code(tmp_path: Path) -> None:
    toml = PIXEL + "faults = ['unplug at=\"pm list packages\" after=100']\n"
    async with racked(tmp_path, toml) as fleet:
        with pytest.raises(EOFError):
            await blocking(lambda d: d.shell2("pm list packages --user 0", v2=True), fleet)
