"""The controller's token: on the handset before the controller becomes owner, whole, and in no log."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from android_bench import bench, organisation, training_controller, who

from provisioning.errors import HandsetRefused
from provisioning.handset import Ownership
from provisioning.organisation import DeviceController, TokenFile

PATH = "/sdcard/Android/data/org.issuingdesk.trainingdpc/files/init.json"
CONTENT = json.dumps({"com.hmdm.BASE_URL": "https://mdm.example", "com.hmdm.DEVICE_ID": "hush-hush"}).encode()


def with_token(path: str = PATH) -> DeviceController:
    return replace(training_controller(), token=TokenFile(path, CONTENT))


@pytest.mark.parametrize("profile", ["nokia-6-1", "pixel-8"])
async def test_it_lies_there_before_the_controller_owns_the_handset(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, profile: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with bench(tmp_path, f'profile = "{profile}"', of=organisation(with_token)) as desk:
            serial = (await who(desk.handset)).serial_number
            assert (await desk.handset.enrol()).ownership is Ownership.OURS
            assert desk.rack.handset(serial).files.read(PATH) == CONTENT
    assert "hush-hush" not in caplog.text
    assert "hush-hush" not in repr(with_token())


async def test_a_place_that_is_closed_to_this_computer_is_said_and_nobody_is_made_owner(tmp_path: Path) -> None:
    closed = organisation(lambda: with_token("/data/data/org.issuingdesk.trainingdpc/init.json"))
    async with bench(tmp_path, 'profile = "pixel-8"', of=closed) as desk:
        await who(desk.handset)
        with pytest.raises(HandsetRefused, match="does not let this computer write") as told:
            await desk.handset.enrol()
        assert "hush-hush" not in str(told.value)
        assert (await desk.handset.enrolment()).ownership is Ownership.NOBODY
