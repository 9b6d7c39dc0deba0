"""Beside other tools: what they leave on an iPhone is seen, and what we leave there they see as well."""

from __future__ import annotations

import plistlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from apple_bench import Bench, bench, identity, policy
from pymobiledevice3.lockdown import create_using_usbmux
from pymobiledevice3.services.mobile_config import MobileConfigService

from provisioning.apple import cms

USB_RESTRICTED_MODE = "com.apple.configurator.usbrestrictedmode"


def profile(identifier: str, **keys: object) -> bytes:
    """Make a profile as other tools do: unsigned and removable."""
    payload = {"PayloadType": "com.apple.applicationaccess", "PayloadVersion": 1, "PayloadIdentifier": "x.y",
               "PayloadUUID": "889918E1-B5AA-4AD6-B819-240081988CAB", **keys}  # fmt: skip
    return plistlib.dumps(
        {"PayloadType": "Configuration", "PayloadVersion": 1, "PayloadIdentifier": identifier,
         "PayloadUUID": "0B2A9A34-8F4D-4F1C-9A4F-2F0E0F3C9B11", "PayloadDisplayName": "Left behind",
         "PayloadContent": [payload]}
    )  # fmt: skip


@asynccontextmanager
async def other_tool(desk: Bench, folder: Path) -> AsyncGenerator[MobileConfigService]:
    """Open MCInstall with pymobiledevice3's own client, on the pairing that usbmuxd keeps."""
    lockdown = await create_using_usbmux(
        serial=desk.udid(), autopair=False, pairing_records_cache_folder=folder / "other tool"
    )
    async with lockdown, MobileConfigService(lockdown) as service:
        yield service


async def test_a_profile_that_weakens_the_iphone_is_a_stranger_and_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        async with other_tool(desk, tmp_path) as tool:
            await tool.install_profile(profile(USB_RESTRICTED_MODE, allowUSBRestrictedMode=False))
        await handset.enrol()
        assert any(USB_RESTRICTED_MODE in one for one in (await handset.lock_down(policy())).strangers)
        assert (await handset.apply(policy())).in_force


async def test_a_stranger_s_profile_is_named_and_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        async with other_tool(desk, tmp_path) as tool:
            await tool.install_profile(profile("com.example.vpn"))
        await handset.enrol()
        applied = await handset.apply(policy())
        assert not applied.in_force
        assert any("com.example.vpn" in one for one in applied.strangers)


async def test_another_client_sees_what_was_made_of_the_iphone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        await handset.enrol()
        applied = await handset.apply(policy())
        async with other_tool(desk, tmp_path) as tool:
            configuration = await tool.get_cloud_configuration()
            listed = (await tool.get_profile_list())["ProfileMetadata"]
        assert configuration is not None
        assert configuration["IsSupervised"] is True
        assert configuration["SupervisorHostCertificates"] == [cms.certificate_der(identity())]
        uuids = {metadata["PayloadUUID"] for metadata in listed.values()}
        assert uuids <= {requirement.found for requirement in applied.requirements}
        assert all(metadata["PayloadRemovalDisallowed"] for metadata in listed.values())


async def test_an_inspection_takes_five_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own clients open twenty for the same: eight to connect and four for each service."""
    from provisioning.apple.usbmux import Usbmux

    async with bench(tmp_path, monkeypatch) as desk:
        handset = await desk.trusted()
        await handset.enrol()
        await handset.apply(policy())
        await handset.close()
        again = await desk.handset()
        opened = 0
        real = Usbmux.open.__func__

        async def counted(cls: type[Usbmux], patience: float) -> Usbmux:
            nonlocal opened
            opened += 1
            return await real(cls, patience)

        monkeypatch.setattr(Usbmux, "open", classmethod(counted))
        await again.identify()
        await again.lock_down(policy())
        await again.inventory()
        assert opened == 5
