"""What MCInstall says is taken word for word, bounded, and never for more than it says.

The wire is played by a script of answers, because no faithful handset gives these: they are what a hostile or broken
one might send.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.apple import profiles, supervision
from provisioning.apple.configuration import Configuration, ConfigurationRefused
from provisioning.apple.deadlines import Deadlines
from provisioning.apple.identity import SupervisionSource
from provisioning.apple.profiles import Order
from provisioning.apple.wire import Wire
from provisioning.errors import HandsetError, HandsetGarbled, UsageError
from provisioning.organisation import DeviceController, Organisation, SupervisionIdentity

NAMED = {"PayloadUUID": "U", "PayloadDisplayName": "Name", "PayloadRemovalDisallowed": True}
ORDER = Order("org.desk", "U", True, {"allowCamera": False}, b"")


class Script:
    """Plays a wire: gives each request the answer that the script has for it."""

    def __init__(self, answers: Mapping[str, Mapping[str, object]]) -> None:
        self.answers = answers
        self.alive = True

    async def ask(self, doing: str, message: Mapping[str, object], seconds: float | None = None) -> object:
        return self.answers.get(str(message["RequestType"]), {"Status": "Acknowledged"})

    async def cut(self) -> None:
        self.alive = False


def configuration(**answers: Mapping[str, object]) -> Configuration:
    return Configuration(cast("Wire", Script(answers)), Deadlines())


def nobody() -> SupervisionSource:
    def identity() -> SupervisionIdentity:
        raise UsageError("none")

    def controller() -> DeviceController:
        raise UsageError("none")

    return SupervisionSource(Organisation("Met", "magic", identity, controller))


def listed(ordered: list[Any], metadata: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Status": "Acknowledged", "OrderedIdentifiers": ordered, "ProfileMetadata": metadata, **more}


@pytest.mark.parametrize("status", ["Error", "CommandFormatError", "Idle", 7, None, ""])
async def test_anything_but_an_acknowledgement_is_a_refusal(status: object) -> None:
    with pytest.raises(ConfigurationRefused):
        await configuration(Flush={"Status": status}).flush("testing")


async def test_the_last_link_of_the_chain_is_the_reason() -> None:
    chain = [
        {"ErrorDomain": "MCInstallationErrorDomain", "ErrorCode": 4001, "LocalizedDescription": "Installation échouée",
         "USEnglishDescription": "Profile Installation Failed"},
        {"ErrorDomain": "MCProfileErrorDomain", "ErrorCode": 1009, "USEnglishDescription": "The profile is\nlocked."},
    ]  # fmt: skip
    with pytest.raises(ConfigurationRefused) as caught:
        await configuration(InstallProfileSilent={"Status": "Error", "ErrorChain": chain}).install_silently("x", b"")
    assert "MCProfileErrorDomain 1009" in caught.value.reason
    assert "\n" not in caught.value.reason
    assert caught.value.tells(4001)


async def test_lockdown_mode_is_named_with_what_to_do() -> None:
    chain = [{"ErrorDomain": "DMCInstallationErrorDomain", "ErrorCode": 4021, "USEnglishDescription": "No."}]
    with pytest.raises(ConfigurationRefused, match="Lockdown Mode is on"):
        await configuration(InstallProfileSilent={"Status": "Error", "ErrorChain": chain}).install_silently("x", b"")


@pytest.mark.parametrize("chain", [None, [], "text", [7], [{}], [{"ErrorCode": "x"}] * 100])
async def test_a_misshapen_chain_is_still_a_refusal(chain: object) -> None:
    with pytest.raises(ConfigurationRefused) as caught:
        await configuration(Flush={"Status": "Error", "ErrorChain": chain}).flush("testing")
    assert len(str(caught.value)) < 500


async def test_a_profile_left_out_of_the_order_is_not_missed() -> None:
    answer = listed(["org.desk"], {"org.desk": NAMED, "com.hidden": NAMED}, ProfileManifest={"com.third": {}})
    with pytest.raises(HandsetGarbled):  # com.third has no metadata
        await configuration(GetProfileList=answer).profiles("testing")
    answer = listed(["org.desk"], {"org.desk": NAMED, "com.hidden": NAMED})
    found = await configuration(GetProfileList=answer).profiles("testing")
    assert [profile.identifier for profile in found] == ["org.desk", "com.hidden"]


@pytest.mark.parametrize(
    "answer",
    [
        listed([], cast("Any", [])),
        listed(cast("Any", {}), {}),
        listed(["org.desk"], {}),
        listed([7], {}),
        listed(["x" * 5000], {"x" * 5000: NAMED}),
        {"Status": "Acknowledged"},
    ],
)
async def test_a_list_of_profiles_that_cannot_be_read_is_not_an_empty_one(answer: Mapping[str, object]) -> None:
    with pytest.raises(HandsetGarbled):
        await configuration(GetProfileList=answer).profiles("testing")


async def test_a_stranger_with_a_look_alike_identifier_is_a_stranger() -> None:
    answer = listed([], {"org.desk\u200b": NAMED})
    lock_down = await profiles.lock_down(configuration(GetProfileList=answer), nobody(), (ORDER,))
    assert len(lock_down.strangers) == 1
    assert "\u200b" not in lock_down.strangers[0]
    assert not any(requirement.holds for requirement in lock_down.requirements)


async def test_the_same_identifier_with_other_contents_is_not_ours() -> None:
    answer = listed(["org.desk"], {"org.desk": {**NAMED, "PayloadUUID": "other"}})
    lock_down = await profiles.lock_down(configuration(GetProfileList=answer), nobody(), (ORDER,))
    held = {one.name: one.holds for one in lock_down.requirements}
    assert held["org.desk"] is False
    assert held["allowCamera"] is False


async def test_a_removable_profile_does_not_pass_for_a_locked_one() -> None:
    answer = listed(["org.desk"], {"org.desk": {**NAMED, "PayloadRemovalDisallowed": False}})
    lock_down = await profiles.lock_down(configuration(GetProfileList=answer), nobody(), (ORDER,))
    held = {one.name: one.holds for one in lock_down.requirements}
    assert held["org.desk"] is True
    assert held["PayloadRemovalDisallowed of org.desk"] is False


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["Status", "CloudConfiguration", "OrderedIdentifiers", "ProfileMetadata", "ProfileManifest", "ErrorChain"]
)


@given(st.dictionaries(KEYS, VALUES | st.just("Acknowledged")), st.dictionaries(KEYS, VALUES | st.just("Acknowledged")))
def test_no_answer_makes_a_lock_down_that_is_in_force(one: dict[str, object], other: dict[str, object]) -> None:
    spoken = configuration(GetCloudConfiguration=one, GetProfileList=other)
    try:
        lock_down = asyncio.run(profiles.lock_down(spoken, nobody(), (ORDER,)))
        asyncio.run(supervision.read(spoken, nobody(), "testing"))
    except HandsetError:
        return
    assert not lock_down.in_force
