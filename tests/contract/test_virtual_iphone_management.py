"""MCInstall of a virtual iPhone: what it takes, forces, refuses and tells, and what an erase leaves."""

from __future__ import annotations

import asyncio
import plistlib
from pathlib import Path
from typing import Any

import pytest
from virtual_iphone_bench import (
    Host,
    Link,
    Plist,
    der,
    escalated,
    profile,
    rack_of,
    restrictions,
    signed,
    supervision,
    until,
    until_shown,
)

from provisioning.virtual.iphone.phone import VirtualIPhone

CHAIN = "ErrorChain"


async def trusted(host: Host, phone: VirtualIPhone) -> Link:
    """Connect to MCInstall of a phone that was set up, after somebody tapped Trust."""
    phone.tap_trust()
    await until(lambda: phone.trust.hosts)
    return await host.mcinstall()


async def supervised(host: Host) -> Link:
    """Supervise the phone and come back escalated."""
    link = await host.mcinstall()
    assert await link.ask(supervision()) == {"Status": "Acknowledged"}
    return await escalated(host)


def last(answer: Plist) -> tuple[str, int]:
    """Give the cause at the end of an ErrorChain."""
    link = answer[CHAIN][-1]
    return link["ErrorDomain"], link["ErrorCode"]


async def test_supervision_lands_with_the_fields_that_the_device_forces(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.mcinstall()
        assert await link.ask({"RequestType": "GetCloudConfiguration"}) == {"Status": "Acknowledged"}
        asked = supervision(IsMDMUnremovable=True, IsMandatory=False, ConfigurationSource=9)
        assert await link.ask(asked) == {"Status": "Acknowledged"}
        held = (await link.ask({"RequestType": "GetCloudConfiguration"}))["CloudConfiguration"]
        assert (held["IsMDMUnremovable"], held["IsMandatory"], held["ConfigurationSource"]) == (False, True, 2)
        assert (held["CloudConfigurationUIComplete"], held["ConfigurationWasApplied"]) == (True, True)
        assert held["SupervisorHostCertificates"] == [der()]
        assert phone.management.supervised


async def test_with_an_enrolment_address_the_setup_assistant_is_not_over(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        await (await host.mcinstall()).ask(supervision(ConfigurationURL="https://mdm.example/enrol"))
        assert "ConfigurationWasApplied" not in (phone.management.cloud_configuration or {})


async def test_any_configuration_is_in_the_way_of_another(tmp_path: Path) -> None:
    async with rack_of(tmp_path, "set-up") as (host, phone):
        link = await trusted(host, phone)
        held = (await link.ask({"RequestType": "GetCloudConfiguration"}))["CloudConfiguration"]
        assert (held["IsSupervised"], held["ConfigurationSource"]) == (False, 0)
        answer = await link.ask(supervision())
        assert answer["Status"] == "Error"
        assert last(answer) == ("DMCTunnelErrorDomain", 14002)
        assert answer[CHAIN][0]["USEnglishDescription"] == "A cloud configuration is already present on this device."


async def test_a_configuration_that_is_no_dictionary_is_no_command(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.mcinstall()
        answer = await link.ask({"RequestType": "SetCloudConfiguration", "CloudConfiguration": "x"})
        assert answer == {"Status": "CommandFormatError"}
        assert phone.management.cloud_configuration is None


@pytest.mark.parametrize("name", ["Bogus", "InstallProfileSilent", "Restrictions", "ProceedWithKeybagMigration"])
async def test_privileged_and_unknown_requests_are_format_errors(tmp_path: Path, name: str) -> None:
    async with rack_of(tmp_path) as (host, _):
        link = await host.mcinstall()
        assert await link.ask({"RequestType": name, "Payload": profile()}) == {"Status": "CommandFormatError"}


async def test_escalation_needs_the_very_certificate_and_its_key(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        link = await host.mcinstall()
        await link.ask(supervision())
        for offered in (b"\0", der("Stranger"), der() + b"\0"):
            answer = await link.ask({"RequestType": "Escalate", "SupervisorCertificate": offered})
            assert answer == {"Status": "CertificateRejected"}
        challenge = await _challenge(link)
        for wrong in (signed(challenge, "Stranger"), signed(b"another"), b"", b"0" * 99, challenge):
            assert await _respond(link, wrong) == "SignedRequestRejected"
            challenge = await _challenge(link)
        assert await _respond(link, signed(challenge)) == "Acknowledged"


async def test_a_challenge_is_single_use(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        link = await host.mcinstall()
        await link.ask(supervision())
        proof = signed(await _challenge(link))
        assert await _respond(link, proof) == "Acknowledged"
        assert await _respond(link, proof) == "SignedRequestRejected"


async def test_escalation_lasts_for_its_connection(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        await supervised(host)
        silent = {"RequestType": "InstallProfileSilent", "Payload": profile()}
        assert await (await host.mcinstall()).ask(silent) == {"Status": "CommandFormatError"}


async def test_a_silent_profile_restricts_at_once_and_is_read_back(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        link = await supervised(host)
        lock = profile("org.example.lock", restrictions(allowAppInstallation=False, forceAutomaticDateAndTime=True))
        assert await link.ask({"RequestType": "InstallProfileSilent", "Payload": lock}) == {"Status": "Acknowledged"}
        listed = await link.ask({"RequestType": "GetProfileList"})
        assert listed["OrderedIdentifiers"] == ["org.example.lock"]
        assert listed["ProfileManifest"] == {"org.example.lock": {"Description": "Lock", "IsActive": True}}
        assert listed["ProfileMetadata"]["org.example.lock"].keys() == {
            "PayloadUUID",
            "PayloadDisplayName",
            "PayloadVersion",
            "PayloadRemovalDisallowed",
        }
        effective = (await link.ask({"RequestType": "Restrictions", "ProfileRestrictions": True})) | {}
        bools = effective["GlobalRestrictions"]["restrictedBool"]
        assert bools["allowAppInstallation"] == {"value": False}
        assert bools["forceAutomaticDateAndTime"] == {"value": True}
        assert bools["allowCamera"] == {"value": True}
        own = effective["ProfileRestrictions"]["org.example.lock"]["restrictedBool"]
        assert own.keys() == {"allowAppInstallation", "forceAutomaticDateAndTime"}


async def test_a_version_drops_keys_that_it_does_not_know(tmp_path: Path) -> None:
    for name, known in (("iphone-se-3", False), ("iphone-13", True), ("iphone-17", True)):
        async with rack_of(tmp_path, profile=name) as (host, _):
            link = await supervised(host)
            lock = profile(
                "org.example.lock", restrictions(allowAppsToBeHidden=False, forceDelayedSoftwareUpdates=True)
            )
            await link.ask({"RequestType": "InstallProfileSilent", "Payload": lock})
            bools = (await link.ask({"RequestType": "Restrictions"}))["GlobalRestrictions"]["restrictedBool"]
            assert ("allowAppsToBeHidden" in bools) is known
            assert ("forceDelayedSoftwareUpdates" in bools) is (name != "iphone-17")


async def test_several_profiles_take_the_stricter_value_and_combine_their_lists(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        link = await supervised(host)
        for number, keys in enumerate(
            (
                {
                    "allowSafari": False,
                    "allowListedAppBundleIDs": ["a", "b"],
                    "blockedAppBundleIDs": ["x"],
                    "enforcedSoftwareUpdateDelay": 21,
                    "ratingApps": 300,
                },
                {
                    "allowSafari": True,
                    "allowListedAppBundleIDs": ["b", "c"],
                    "blockedAppBundleIDs": ["y"],
                    "enforcedSoftwareUpdateDelay": 14,
                    "ratingApps": 600,
                },
            )
        ):
            body = profile(f"org.example.{number}", restrictions(**keys))
            await link.ask({"RequestType": "InstallProfileSilent", "Payload": body})
        report = (await link.ask({"RequestType": "Restrictions"}))["GlobalRestrictions"]
        assert report["restrictedBool"]["allowSafari"] == {"value": False}
        assert report["intersection"]["allowListedAppBundleIDs"] == {"values": ["b"]}
        assert report["union"]["blockedAppBundleIDs"] == {"values": ["x", "y"]}
        assert report["restrictedValue"]["enforcedSoftwareUpdateDelay"] == {"value": 21}
        assert report["restrictedValue"]["ratingApps"] == {"value": 300}


async def test_a_supervised_only_key_has_no_effect_without_supervision(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.mcinstall()
        body = profile("org.example.lock", restrictions(allowAppInstallation=False, allowEnterpriseAppTrust=False))
        assert await link.ask({"RequestType": "InstallProfile", "Payload": body}) == {"Status": "Acknowledged"}
        assert phone.management.restrictions.allows("allowAppInstallation")
        assert not phone.management.restrictions.allows("allowEnterpriseAppTrust")


async def test_on_a_phone_that_was_set_up_the_person_confirms_a_profile(tmp_path: Path) -> None:
    async with rack_of(tmp_path, "set-up") as (host, phone):
        link = await trusted(host, phone)
        assert await link.ask({"RequestType": "InstallProfile", "Payload": profile()}) == {"Status": "Acknowledged"}
        assert (await link.ask({"RequestType": "GetProfileList"}))["OrderedIdentifiers"] == []
        assert phone.confirm_profiles() == ["org.example.lock"]
        assert (await link.ask({"RequestType": "GetProfileList"}))["OrderedIdentifiers"] == ["org.example.lock"]


async def test_lockdown_mode_and_the_restriction_refuse_profiles(tmp_path: Path) -> None:
    async with rack_of(tmp_path, "lockdown-mode") as (host, phone):
        link = await trusted(host, phone)
        install = {"RequestType": "InstallProfile", "Payload": profile()}
        assert last(await link.ask(install)) == ("DMCInstallationErrorDomain", 4021)
    async with rack_of(tmp_path) as (host, phone):
        link = await supervised(host)
        no_more = profile("org.example.no", restrictions(allowUIConfigurationProfileInstallation=False))
        await link.ask({"RequestType": "InstallProfileSilent", "Payload": no_more})
        phone.finish_setup_assistant()
        install = {"RequestType": "InstallProfile", "Payload": profile()}
        assert last(await link.ask(install)) == ("DMCInstallationErrorDomain", 4020)


@pytest.mark.parametrize(
    ("payload", "cause"),
    [
        (b"nonsense", ("MCProfileErrorDomain", 1000)),
        (plistlib.dumps({"PayloadType": "Configuration"}), ("MCProfileErrorDomain", 1000)),
        (plistlib.dumps([1]), ("MCProfileErrorDomain", 1000)),
        (b"\x30\x82\x01", ("MCProfileErrorDomain", 1000)),
        (7, ("DMCTunnelErrorDomain", 14000)),
    ],
)
async def test_what_is_no_profile_is_refused_with_the_cause_last(
    tmp_path: Path, payload: Any, cause: tuple[str, int]
) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.mcinstall()
        assert last(await link.ask({"RequestType": "InstallProfile", "Payload": payload})) == cause
        assert not phone.management.profiles


async def test_every_form_of_a_profile_is_taken(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.mcinstall()
        plain = profile("org.example.plain")
        forms = {
            "org.example.plain": b"\n  " + plain,
            "org.example.binary": plistlib.dumps(
                plistlib.loads(profile("org.example.binary")), fmt=plistlib.FMT_BINARY
            ),
            "org.example.signed": signed(profile("org.example.signed")),
        }
        for body in (*forms.values(), der("Authority")):
            assert await link.ask({"RequestType": "InstallProfile", "Payload": body}) == {"Status": "Acknowledged"}
        parsed = plistlib.loads(profile("org.example.dictionary"))
        assert await link.ask({"RequestType": "InstallProfile", "Payload": parsed}) == {"Status": "Acknowledged"}
        *named, certificate, dictionary = phone.management.profiles
        assert (named, dictionary) == (list(forms), "org.example.dictionary")
        assert len(certificate) == 40
        assert phone.management.profiles["org.example.signed"].signer == der()


async def test_a_tampered_signature_makes_no_profile(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        body = signed(profile()).replace(b"org.example.lock", b"org.example.evil")
        answer = await (await host.mcinstall()).ask({"RequestType": "InstallProfile", "Payload": body})
        assert answer["Status"] == "Error"
        assert not phone.management.profiles


async def test_the_same_identifier_replaces(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await supervised(host)
        for allowed in (False, True):
            body = profile("org.example.lock", restrictions(allowSafari=allowed))
            await link.ask({"RequestType": "InstallProfileSilent", "Payload": body})
        assert len(phone.management.profiles) == 1
        assert phone.management.restrictions.allows("allowSafari")


async def test_a_locked_profile_yields_unless_it_is_signed_by_somebody_else(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await supervised(host)
        locked = profile("org.example.lock", PayloadRemovalDisallowed=True)
        remove = {"RequestType": "RemoveProfile", "ProfileIdentifier": "org.example.lock"}
        assert await (await host.mcinstall()).ask(remove) == {"Status": "Acknowledged"}
        await link.ask({"RequestType": "InstallProfileSilent", "Payload": locked})
        assert (await (await host.mcinstall()).ask(remove))["Status"] == "Acknowledged"
        assert not phone.management.profiles

        await link.ask({"RequestType": "InstallProfileSilent", "Payload": signed(locked)})
        plain = await host.mcinstall()
        metadata = (await plain.ask({"RequestType": "GetProfileList"}))["ProfileMetadata"]["org.example.lock"]
        assert metadata["PayloadRemovalDisallowed"] is True
        assert last(await plain.ask(remove)) == ("DMCInstallationErrorDomain", 4008)
        named = {"PayloadType": "Configuration", "PayloadIdentifier": "org.example.lock", "PayloadUUID": "x"}
        as_data = plistlib.dumps({**named, "PayloadVersion": 1})
        assert last(await plain.ask({**remove, "ProfileIdentifier": as_data})) == ("DMCInstallationErrorDomain", 4008)
        assert last(await plain.ask({**remove, "ProfileIdentifier": 7})) == ("DMCInstallationErrorDomain", 4000)
        assert await plain.ask({**remove, "ProfileIdentifier": signed(as_data)}) == {"Status": "Acknowledged"}

        await link.ask({"RequestType": "InstallProfileSilent", "Payload": signed(locked)})
        assert await link.ask({"RequestType": "RemoveProfile", "Identifier": "org.example.lock"}) == {
            "Status": "Acknowledged"
        }
        assert not phone.management.profiles


async def test_the_supervisor_learns_about_passcode_apps_profiles_and_device(tmp_path: Path) -> None:
    async with rack_of(tmp_path, apps=["com.zhiliaoapp.musically"]) as (host, phone):
        link = await supervised(host)
        assert (await link.ask({"RequestType": "SecurityInfo"}))["SecurityInfo"]["PasscodePresent"] is False
        [app] = (await link.ask({"RequestType": "InstalledApplicationList"}))["InstalledApplicationList"]
        assert (app["Identifier"], app["AppStoreVendable"]) == ("com.zhiliaoapp.musically", True)
        await link.ask({"RequestType": "InstallProfileSilent", "Payload": signed(profile("a.b", restrictions()))})
        [entry] = (await link.ask({"RequestType": "ProfileList"}))["ProfileList"]
        assert entry["SignerCertificates"] == [der()]
        assert [payload["PayloadType"] for payload in entry["PayloadContent"]] == ["com.apple.applicationaccess"]
        asked = {"RequestType": "DeviceInformation", "Queries": ["SerialNumber", "IsSupervised", "Nonsense"]}
        told = (await link.ask(asked))["QueryResponses"]
        assert told == {"SerialNumber": phone.serial_number, "IsSupervised": True}


async def test_the_keybag_migration_may_take_its_time_or_fail(tmp_path: Path) -> None:
    proceed = {"RequestType": "ProceedWithKeybagMigration"}
    async with rack_of(tmp_path, faults=["keybag-migration seconds=0.2"]) as (host, _):
        link = await supervised(host)
        started = asyncio.get_running_loop().time()
        assert await link.ask(proceed) == {"Status": "Acknowledged"}
        assert asyncio.get_running_loop().time() - started >= 0.19
    async with rack_of(tmp_path, faults=["keybag-migration code=37001"]) as (host, _):
        assert last(await (await supervised(host)).ask(proceed)) == ("DMCKeybagErrorDomain", 37001)


@pytest.mark.parametrize("preserve", [True, 1, False, None])
async def test_an_erase_is_acknowledged_and_then_the_phone_comes_back_as_new(tmp_path: Path, preserve: Any) -> None:
    faults = ["erase seconds=0.05", "activation after=0.05"]
    async with rack_of(tmp_path, faults=faults, apps=["com.example.a"], web_clips=["https://a.example"]) as (
        host,
        phone,
    ):
        link = await supervised(host)
        record = await host.record()
        request = {"RequestType": "EraseDevice", "DisallowProximitySetup": True}
        if preserve is not None:
            request["PreserveDataPlan"] = preserve
        assert await link.ask(request) == {"Status": "Acknowledged"}
        assert await link.ended()
        assert await host.devices() == []
        [device] = await until_shown(host)
        assert device["DeviceID"] == 2
        with pytest.raises(PermissionError, match="InvalidHostID"):
            await host.session(record)
        fresh = await host.mcinstall()
        assert await fresh.ask({"RequestType": "GetCloudConfiguration"}) == {"Status": "Acknowledged"}
        assert phone.apps.find("com.example.a") is None
        assert not phone.clips
        assert phone.data_plan_present is bool(preserve)
        await until(lambda: phone.activation_state == "Activated")


async def test_an_erase_needs_options_of_the_right_kind(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        answer = await (await host.mcinstall()).ask({"RequestType": "EraseDevice", "PreserveDataPlan": "yes"})
        assert answer == {"Status": "CommandFormatError"}
        assert await host.devices()


async def test_find_my_becomes_activation_lock_that_shows_only_in_activation(tmp_path: Path) -> None:
    async with rack_of(tmp_path, "find-my", faults=["erase seconds=0.02"]) as (host, phone):
        link = await trusted(host, phone)
        await link.ask({"RequestType": "EraseDevice", "PreserveDataPlan": True})
        assert await link.ended()
        await until_shown(host)
        phone.activate()
        session = await host.session()
        values = (await session.ask({"Request": "GetValue"}))["Value"]
        assert (values["ActivationState"], values["BrickState"]) == ("Unactivated", True)
        associated = {"Request": "GetValue", "Domain": "com.apple.fmip", "Key": "IsAssociated"}
        assert (await session.ask(associated))["Value"] is False


async def test_the_rest_of_the_table(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.mcinstall()
        for name in ("HelloHostIdentifier", "Flush"):
            assert await link.ask({"RequestType": name}) == {"Status": "Acknowledged"}
        assert last(await link.ask({"RequestType": "SetWiFiPowerState", "PowerState": False}))[1] == 14005
        store = {"RequestType": "StoreProfile", "Purpose": "PostSetupInstallation", "ProfileData": profile()}
        assert await link.ask(store) == {"Status": "Acknowledged"}
        stored = await link.ask({"RequestType": "GetStoredProfile", "Purpose": "PostSetupInstallation"})
        assert stored["ProfileData"] == profile()
        assert await link.ask({"RequestType": "GetStoredProfile"}) == {"Status": "CommandFormatError"}
        enrol = {"RequestType": "EstablishProvisionalEnrollment"}
        assert await link.ask(enrol) == {"Status": "NonceNotReceived"}
        phone.finish_setup_assistant()
        assert await link.ask(enrol) == {"Status": "ProvisionalEnrollmentRejected"}
        assert last(await link.ask({"RequestType": "DownloadAndApplyCloudConfiguration"}))[1] == 33005


async def test_somebody_elses_phone_says_so(tmp_path: Path) -> None:
    async with rack_of(tmp_path, "foreign", profile="ipad-pro") as (host, phone):
        link = await trusted(host, phone)
        held = (await link.ask({"RequestType": "GetCloudConfiguration"}))["CloudConfiguration"]
        assert (held["IsSupervised"], held["OrganizationName"]) == (True, "Northgate Logistics Ltd")
        assert (await link.ask({"RequestType": "GetProfileList"}))["OrderedIdentifiers"] == ["com.northgate.mdm"]
        answer = await link.ask({"RequestType": "Escalate", "SupervisorCertificate": der()})
        assert answer == {"Status": "CertificateRejected"}


async def _challenge(link: Link) -> bytes:
    answer = await link.ask({"RequestType": "Escalate", "SupervisorCertificate": der()})
    assert answer["Status"] == "Acknowledged"
    return answer["Challenge"]


async def _respond(link: Link, response: bytes) -> str:
    return (await link.ask({"RequestType": "EscalateResponse", "SignedRequest": response}))["Status"]
