"""The controller's token through its command channel: told once it is owner, quoted, read back, and in no log."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from android_bench import PACKAGE, bench, organisation, training_controller, who

from provisioning.errors import HandsetRefused
from provisioning.handset import Ownership
from provisioning.organisation import DeviceController, TokenOrder

TOKEN = 'hush\'; rm -rf /sdcard; echo "$(getprop)" `id` > /x & |hush'
SETTINGS = {"server.url": "https://mdm.example/a b?c", "enrolment_token": TOKEN}


def told(settings: dict[str, str]) -> DeviceController:
    return replace(training_controller(), token=TokenOrder(settings))


@pytest.mark.parametrize("profile", ["nokia-6-1", "pixel-8", "galaxy-a54"])
async def test_the_owner_is_told_and_what_it_has_is_read_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, profile: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with bench(tmp_path, f'profile = "{profile}"', of=organisation(lambda: told(SETTINGS))) as desk:
            serial = (await who(desk.handset)).serial_number
            found = await desk.handset.enrol()
            assert (found.ownership, found.missing) == (Ownership.OURS, "")
            phone = desk.rack.handset(serial)
            assert phone.policy.app_restrictions[PACKAGE] == SETTINGS
            calls = desk.handset.cable.calls
            assert (await desk.handset.enrol()).missing == ""
            assert desk.handset.cable.calls - calls <= 5, "looked at, not told again"
    assert "hush" not in caplog.text
    assert "told 2 settings (enrolment_token, server.url)" in caplog.text
    assert "hush" not in repr(told(SETTINGS))


async def test_an_owner_that_was_not_told_yet_is_not_taken_for_enrolled(tmp_path: Path) -> None:
    """A cable pulled between owner and token: the next enrolment tells it, whoever looks before says what lacks."""
    settings = dict(SETTINGS)
    async with bench(tmp_path, 'profile = "pixel-8"', of=organisation(lambda: told(settings))) as desk:
        serial = (await who(desk.handset)).serial_number
        assert (await desk.handset.enrol()).missing == ""
        settings["enrolment_token"] = "another"
        assert (await desk.handset.enrolment()).missing == "its controller was not told enrolment_token"
        assert (await desk.handset.enrol()).missing == ""
        assert desk.rack.handset(serial).policy.app_restrictions[PACKAGE] == settings


@pytest.mark.parametrize(
    ("settings", "fault", "words"),
    [
        ({"token": "c2VjcmV0==hush"}, "", "cuts values at “=”"),
        ({"token": "hush"}, "token-refused", "did not take them: Error setting app restrictions"),
        ({"token": "hush"}, "controller-silent", "takes no orders"),
    ],
)
async def test_a_token_that_did_not_arrive_whole_is_said_without_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, settings: dict[str, str], fault: str, words: str
) -> None:
    body = 'profile = "pixel-8"' + (f'\nfaults = ["{fault}"]' if fault else "")
    with caplog.at_level(logging.DEBUG):
        async with bench(tmp_path, body, of=organisation(lambda: told(settings))) as desk:
            await who(desk.handset)
            desk.handset.cable.deadlines = replace(desk.handset.cable.deadlines, controller_awake=0.1)
            async with asyncio.timeout(20):
                with pytest.raises(HandsetRefused, match=words) as refused:
                    await desk.handset.enrol()
            assert (await desk.handset.enrolment()).missing == "its controller was not told token"
    assert "hush" not in str(refused.value)
    assert "hush" not in caplog.text
