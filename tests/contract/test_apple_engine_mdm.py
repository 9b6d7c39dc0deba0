"""Enrolment with a device management server: it succeeds, and fails, as it does in life."""

from __future__ import annotations

import plistlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from apple_bench import Bench, bench, identity, organisation, policy
from cryptography.hazmat.primitives.serialization import Encoding

from provisioning.enrolment_profile import read_enrolment_profile
from provisioning.errors import HandsetRefused, ManagementRefused
from provisioning.handset import Ownership
from provisioning.stages import enrol
from provisioning.virtual.mdm.server import IDENTIFIER, MdmServer

PHONE = '[[handset]]\nprofile = "iphone-15"\n'


@asynccontextmanager
async def managed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scenario: str = PHONE
) -> AsyncGenerator[tuple[Bench, MdmServer]]:
    """Start a server, and a bench whose organisation enrols with it."""
    async with MdmServer() as server:
        profile = read_enrolment_profile(server.enrolment_profile())
        owner = organisation(enrolment_profile=lambda: profile)
        async with bench(tmp_path, monkeypatch, scenario, owner=owner) as desk:
            yield desk, server


async def test_a_handset_is_supervised_and_then_enrolled_and_both_are_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with managed(tmp_path, monkeypatch) as (desk, server):
        handset = await desk.trusted()
        outcome = await enrol.enrol(handset)
        assert isinstance(outcome, enrol.Enrolled)
        assert not outcome.already
        assert server.enrolled == desk.serials
        again = await enrol.enrol(handset)
        assert isinstance(again, enrol.Enrolled)
        assert again.already
        lock_down = await handset.apply(policy())
        assert lock_down.in_force
        [managed_by] = [one for one in lock_down.requirements if one.name == "com.apple.mdm"]
        assert managed_by.holds


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("no-network", "Connect it to the desk's Wi-Fi"),
        ("mdm-tls", "Check its date"),
        ("mdm-refuses", "Have its serial number admitted"),
        ("mdm-refuses number=500", "status 500"),
        ("mdm-slow seconds=0.3", ""),
        ("unplug at=Authenticate back=0.2", ""),
        ("garbage at=TokenUpdate", "Its network broke off"),
    ],
)
async def test_a_check_in_that_fails_says_why_and_is_made_up_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, words: str
) -> None:
    once = fault if " at=" in fault else f"{fault} times=1"
    async with managed(tmp_path, monkeypatch, f'{PHONE}faults = ["{once}"]') as (desk, server):
        handset = await desk.trusted()
        if words:
            outcome = await enrol.enrol(handset)
            assert isinstance(outcome, enrol.NotManaged)
            assert words in outcome.reason
            assert "127.0.0.1" in outcome.reason
            assert server.enrolled == ()
            found = await handset.enrolment()
            assert (found.ownership, bool(found.missing)) == (Ownership.OURS, True)
            assert not (await handset.lock_down(policy())).in_force
        elif "unplug" in fault:
            with pytest.raises(Exception, match="went away"):
                await handset.enrol()
            handset = await desk.trusted()
        assert isinstance(await enrol.enrol(handset), enrol.Enrolled)
        assert server.enrolled == desk.serials


async def test_an_enrolment_of_somebody_else_is_a_stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with managed(tmp_path, monkeypatch, f'{PHONE}faults = ["foreign-mdm"]') as (desk, server):
        handset = await desk.trusted()
        with pytest.raises(ManagementRefused, match="Another device management holds it"):
            await handset.enrol()
        assert server.enrolled == ()
        lock_down = await handset.lock_down(policy())
        assert any("com.northgate.mdm" in one for one in lock_down.strangers)


async def test_our_own_management_is_a_stranger_where_none_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with managed(tmp_path, monkeypatch) as (desk, _):
        await (await desk.trusted()).enrol()
        other = desk.another_desk("desk 4").handset(await desk.attachment())
        assert any(IDENTIFIER in one for one in (await other.lock_down(policy())).strangers)
        await other.close()


async def test_an_assigned_handset_fetches_its_configuration_from_apple(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ours.crt").write_bytes(identity().certificate.public_bytes(Encoding.PEM))
    scenario = f"""
{PHONE}faults = ['ade certificate=ours.crt organisation="Met Police" provisional=30']
{PHONE}faults = ['ade organisation="Met Police"']
{PHONE}faults = ['ade organisation="Northgate Logistics"']
{PHONE}
{PHONE}faults = ["ade certificate=ours.crt", "no-network"]
"""
    async with bench(tmp_path, monkeypatch, scenario, owner=organisation(automated=True)) as desk:
        ours, without, foreign, unknown, offline = [await desk.trusted(serial) for serial in desk.serials]
        enrolment = await ours.enrol()
        assert enrolment.ownership is Ownership.OURS
        assert len(enrolment.provisional_until) == len("2026-12-26")
        assert (await ours.enrolment()).provisional_until == enrolment.provisional_until
        assert (await ours.apply(policy())).in_force
        for handset, words in (
            (without, "does not hold this desk's supervision certificate"),
            (foreign, "assigns it to Northgate Logistics"),
            (unknown, "not assigned"),
            (offline, "Connect it to the desk's Wi-Fi"),
        ):
            with pytest.raises(HandsetRefused, match=words):
                await handset.enrol()


async def test_the_profile_that_is_installed_is_the_one_that_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with managed(tmp_path, monkeypatch) as (desk, server):
        await (await desk.trusted()).enrol()
        lying = desk.rack.handset(desk.serials[0]).management.profiles[IDENTIFIER]
        given = plistlib.loads(server.enrolment_profile())
        assert [one["PayloadType"] for one in lying.payloads] == [one["PayloadType"] for one in given["PayloadContent"]]
