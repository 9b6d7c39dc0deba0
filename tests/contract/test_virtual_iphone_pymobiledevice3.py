"""pymobiledevice3, which we did not write, does with a virtual iPhone what it does with a real one."""

from __future__ import annotations

import asyncio
import plistlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pymobiledevice3.exceptions import (
    CloudConfigurationAlreadyPresentError,
    MCProtectedError,
    PairingDialogResponsePendingError,
    UserDeniedPairingError,
)
from pymobiledevice3.lockdown import UsbmuxLockdownClient, create_using_usbmux
from pymobiledevice3.services.installation_proxy import InstallationProxyService
from pymobiledevice3.services.mobile_activation import MobileActivationService
from pymobiledevice3.services.mobile_config import MobileConfigService
from pymobiledevice3.services.springboard import SpringBoardServicesService
from virtual_iphone_bench import Host, profile, rack_of, restrictions, supervisor, until, until_shown


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Give a folder for pair records, so that the home stays untouched."""
    folder = tmp_path / "records"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def keybag(tmp_path: Path) -> Path:
    """Write the supervision identity as the library wants it."""
    certificate, key = supervisor()
    file = tmp_path / "keybag.pem"
    form = (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    file.write_bytes(key.private_bytes(*form) + certificate.public_bytes(Encoding.PEM))
    file.chmod(0o600)
    return file


async def client_of(host: Host, records: Path, monkeypatch: pytest.MonkeyPatch) -> UsbmuxLockdownClient:
    """Connect without letting the library pair by itself."""
    monkeypatch.setenv("USBMUXD_SOCKET_ADDRESS", f"{host.host}:{host.port}")
    async with asyncio.timeout(20):
        return await create_using_usbmux(autopair=False, pairing_records_cache_folder=records)


async def test_it_connects_with_the_record_of_the_preflight(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rack_of(tmp_path) as (host, phone):
        client = await client_of(host, records, monkeypatch)
        assert client.paired
        assert client.all_values["SerialNumber"] == phone.serial_number
        assert client.display_name == "iPhone 15"
        assert await MobileActivationService(client).state() == "Activated"
        await client.close()


async def test_it_waits_for_the_dialog_and_pairs(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rack_of(tmp_path, "set-up", faults=["trust-dialog answer=never"]) as (host, phone):
        client = await client_of(host, records, monkeypatch)
        assert not client.paired
        with pytest.raises(PairingDialogResponsePendingError):
            await client.pair(timeout=0)
        phone.tap_trust()
        await client.pair(timeout=5)
        assert await client.validate_pairing()
        assert len(phone.trust.hosts) == 2
        await client.close()


async def test_it_is_told_no(tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rack_of(tmp_path, "set-up", faults=["trust-dialog answer=deny after=0"]) as (host, phone):
        client = await client_of(host, records, monkeypatch)
        await until(lambda: not phone.trust.dialog_shown)
        with pytest.raises(UserDeniedPairingError):
            await client.pair(timeout=0)
        await client.close()
    async with rack_of(tmp_path, "foreign-sealed") as (host, _):
        client = await client_of(host, records, monkeypatch)
        with pytest.raises(MCProtectedError):
            await client.pair(timeout=0)
        await client.close()


async def test_it_supervises_installs_silently_browses_and_erases(
    tmp_path: Path, records: Path, keybag: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apps, clips, faults = ["com.zhiliaoapp.musically"], ["https://www.tiktok.com/"], ["erase seconds=0.05"]
    async with rack_of(tmp_path, faults=faults, apps=apps, web_clips=clips) as (host, phone):
        client = await client_of(host, records, monkeypatch)
        async with MobileConfigService(client) as mc:
            await mc.supervise("Met Police", keybag)
            assert (await mc.get_cloud_configuration() or {})["IsSupervised"] is True
            with pytest.raises(CloudConfigurationAlreadyPresentError):
                await mc.supervise("Met Police", keybag)
            lock = profile("org.example.lock", restrictions(allowAppInstallation=False), PayloadRemovalDisallowed=True)
            await mc.install_profile_silent(keybag, lock)
            assert "org.example.lock" in (await mc.get_profile_list())["ProfileMetadata"]
            await mc.remove_profile("org.example.lock")
            assert not phone.management.profiles
        async with InstallationProxyService(client) as proxy:
            apps = await proxy.get_apps()
            assert "com.zhiliaoapp.musically" in apps
            wanted = {"ReturnAttributes": ["CFBundleIdentifier", "iTunesMetadata"], "ApplicationType": "User"}
            [tiktok] = await proxy.browse(wanted)
            assert plistlib.loads(tiktok["iTunesMetadata"])["genre"] == "Entertainment"
        async with SpringBoardServicesService(client) as springboard:
            icons = [icon for page in await springboard.get_icon_state() for icon in page]
            assert "https://www.tiktok.com/" in [icon.get("webClipURL") for icon in icons]
        async with MobileConfigService(client) as mc:
            await mc.erase_device(preserve_data_plan=True, disallow_proximity_setup=False)
        await client.close()
        await until(lambda: not phone.management.supervised)
        [device] = await until_shown(host)
        assert device["DeviceID"] == 2


async def test_a_sealed_phone_takes_it_by_supervision(
    tmp_path: Path, records: Path, keybag: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rack_of(tmp_path) as (host, phone):
        client = await client_of(host, records, monkeypatch)
        async with MobileConfigService(client) as mc:
            await mc.supervise("Met Police", keybag)
            await mc.install_profile_silent(keybag, profile("a.seal", restrictions(allowHostPairing=False)))
        phone.finish_setup_assistant()
        with pytest.raises(MCProtectedError):
            await client.pair(timeout=0)
        phone.trust.erase()
        await client.pair_supervised(keybag, timeout=5)
        assert len(phone.trust.hosts) == 1
        await client.close()
