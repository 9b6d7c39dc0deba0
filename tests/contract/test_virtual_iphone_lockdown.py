"""lockdownd of a virtual iPhone: what it tells whom, every way that pairing can go, sessions in and out of TLS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from virtual_iphone_bench import (
    Host,
    Plist,
    Tls,
    der,
    escalated,
    pair,
    pair_request,
    profile,
    rack_of,
    restrictions,
    signed,
    supervision,
    until,
    until_shown,
)

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "ios" / "lockdown-dumps"
UNPAIRED = "getvalue_all_UNPAIRED_keys_14.7.1.json"
PAIRED = "getvalue_all_paired_iPhone13,2_18.4.1.json"
NO_SESSION = {"Error": "SessionInactive"}


@pytest.mark.skipif(not REAL.exists(), reason="the reference data is not beside the repository")
async def test_a_stranger_is_told_what_a_real_phone_tells_a_stranger(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        link = await host.connect()
        values = (await link.ask({"Request": "GetValue"}))["Value"]
        assert set(values) == set(json.loads((REAL / UNPAIRED).read_text())["keys"])


@pytest.mark.skipif(not REAL.exists(), reason="the reference data is not beside the repository")
async def test_a_paired_host_is_told_what_a_real_phone_tells_it(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.session()
        values = (await link.ask({"Request": "GetValue"}))["Value"]
        real = json.loads((REAL / PAIRED).read_text())
        missing = {key for key in real if key not in values and not key.startswith("com.apple")}
        assert missing - {"BasebandMasterKeyHash", "IsPaired"} == set()
        assert values["SerialNumber"] == phone.serial_number
        assert all(type(values[key]) is type(real[key]) for key in real if key in values)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ({"Request": "QueryType"}, {"Type": "com.apple.mobile.lockdown"}),
        ({"Request": "GetValue", "Key": "ProductVersion"}, {"Key": "ProductVersion", "Value": "26.1"}),
        ({"Request": "GetValue", "Key": "SerialNumber"}, {"Key": "SerialNumber", "Error": "GetProhibited"}),
        ({"Request": "GetValue", "Key": "Nothing"}, {"Key": "Nothing", "Error": "MissingValue"}),
        ({"Request": "SetValue", "Key": "DeviceName", "Value": "x"}, NO_SESSION),
        (
            {"Request": "StartService", "Service": "com.apple.afc"},
            {"Service": "com.apple.afc", "Error": "SessionInactive"},
        ),
        ({"Request": "StartSession", "HostID": "NOBODY"}, {"Error": "InvalidHostID"}),
        ({"Request": "StartSession"}, {"Error": "MissingHostID"}),
        ({"Request": "StopSession", "SessionID": "x"}, NO_SESSION),
        ({"Request": "ValidatePair", "PairRecord": {"HostID": "NOBODY"}}, {"Error": "InvalidHostID"}),
        ({"Request": "Pair"}, {"Error": "MissingPairRecord"}),
        ({"Request": "Pair", "PairRecord": {"HostID": "x"}}, {"Error": "InvalidPairRecord"}),
        ({"Request": "Goodbye"}, {}),
    ],
)
async def test_every_reply_repeats_the_request(tmp_path: Path, request_: Plist, answer: Plist) -> None:
    async with rack_of(tmp_path) as (host, _):
        link = await host.connect()
        assert await link.ask(request_) == {"Request": request_["Request"], **answer}


async def test_domains_say_how_it_stands(tmp_path: Path) -> None:
    async with rack_of(tmp_path, "find-my") as (host, phone):
        phone.tap_trust()
        await until(lambda: phone.trust.hosts)
        link = await host.session()

        async def value(domain: str, key: str) -> object:
            return (await link.ask({"Request": "GetValue", "Domain": domain, "Key": key})).get("Value")

        assert await value("com.apple.fmip", "IsAssociated") is True
        assert await value("com.apple.purplebuddy", "SetupDone") is True
        assert await value("com.apple.mobile.chaperone", "DeviceIsChaperoned") is False
        assert await value("com.apple.mobile.battery", "BatteryCurrentCapacity") == 84
        assert await value("com.apple.international", "Language") == "en-GB"
        whole = await link.ask({"Request": "GetValue", "Domain": "com.apple.disk_usage"})
        assert whole["Value"]["TotalDiskCapacity"] == 128_000_000_000


async def test_names_and_languages_can_be_set_in_a_session_and_read_back(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.session()
        assert "Error" not in await link.ask({"Request": "SetValue", "Key": "DeviceName", "Value": "Desk 7"})
        assert (await link.ask({"Request": "GetValue", "Key": "DeviceName"}))["Value"] == "Desk 7"
        locale = {"Request": "SetValue", "Domain": "com.apple.international", "Key": "Locale", "Value": "fr_FR"}
        assert "Error" not in await link.ask(locale)
        assert phone.settings.text("Locale", "com.apple.international") == "fr_FR"
        answer = await link.ask({"Request": "SetValue", "Key": "SerialNumber", "Value": "x"})
        assert answer["Error"] == "SetProhibited"


async def test_the_time_zone_is_taken_but_only_heeded_at_setup(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.session()
        zone = {"Request": "SetValue", "Key": "TimeZone", "Value": "Asia/Tokyo"}
        assert "Error" not in await link.ask(zone)
        phone.finish_setup_assistant()
        assert "Error" not in await link.ask({**zone, "Value": "Europe/Paris"})
        values = (await link.ask({"Request": "GetValue"}))["Value"]
        assert (values["TimeZone"], values["TimeZoneOffsetFromUTC"]) == ("Asia/Tokyo", 32400)


async def test_a_session_ends_and_the_socket_is_plain_again(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        record = await host.record()
        link = await host.connect()
        start = {"Request": "StartSession", "HostID": record["HostID"], "SystemBUID": "x"}
        session = await link.ask(start)
        assert session["EnableSessionSSL"] is True
        tls = Tls(link, record)
        await tls.begin()
        assert (await tls.ask({"Request": "GetValue", "Key": "SerialNumber"})).get("Value")
        assert (await tls.ask(start))["Error"] == "SessionActive"
        assert (await tls.ask({"Request": "StopSession", "SessionID": "other"}))["Error"] == "InvalidSessionID"
        await tls.ask({"Request": "StopSession", "SessionID": session["SessionID"]})
        await tls.end()
        assert (await link.ask({"Request": "GetValue", "Key": "SerialNumber"}))["Error"] == "GetProhibited"
        assert "SessionID" in await link.ask(start)


async def test_strangers_and_refused_hosts_get_no_tls(tmp_path: Path) -> None:
    async with rack_of(tmp_path, faults=["refuse-tls times=1"]) as (host, _):
        record = await host.record()
        with pytest.raises((OSError, EOFError)):
            await host.session(record)
        assert await (await host.session(record)).ask({"Request": "QueryType"})


async def test_the_dialog_must_be_answered_with_trust(tmp_path: Path) -> None:
    async with rack_of(tmp_path, "set-up", faults=["trust-dialog answer=never"]) as (host, phone):
        assert (await pair(host))["Error"] == "PairingDialogResponsePending"
        assert (await pair(host))["Error"] == "PairingDialogResponsePending"
        phone.tap_trust()
        assert len((await pair(host))["EscrowBag"]) == 32


async def test_the_virtual_finger_taps_by_itself(tmp_path: Path) -> None:
    async with rack_of(tmp_path, "set-up", faults=["trust-dialog after=0.05"]) as (host, phone):
        assert (await pair(host))["Error"] == "PairingDialogResponsePending"
        await until(lambda: not phone.trust.dialog_shown)
        assert "EscrowBag" in await pair(host)


async def test_a_no_holds_until_the_cable_is_pulled(tmp_path: Path) -> None:
    async with rack_of(tmp_path, "set-up", faults=["trust-dialog answer=never"]) as (host, phone):
        await pair(host)
        phone.tap_dont_trust()
        assert (await pair(host))["Error"] == "UserDeniedPairing"
        phone.unplug()
        assert phone.cable is not None
        phone.cable.plug(phone)
        await until_shown(host)
        assert (await pair(host))["Error"] == "PairingDialogResponsePending"


async def test_a_locked_phone_asks_for_nothing(tmp_path: Path) -> None:
    async with rack_of(tmp_path, "locked") as (host, phone):
        assert (await pair(host))["Error"] == "PasswordProtected"
        phone.unlock()
        assert (await pair(host))["Error"] == "PairingDialogResponsePending"


async def test_a_locked_phone_serves_a_paired_host_only_with_its_escrow_bag(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        record = await host.record()
        phone.passcode_set = True
        phone.lock()
        with pytest.raises(PermissionError, match="PasswordProtected"):
            await host.service("com.apple.mobile.MCInstall")
        with pytest.raises(PermissionError, match="EscrowLocked"):
            await host.service("com.apple.mobile.MCInstall", EscrowBag=bytes(32))
        assert await host.service("com.apple.mobile.MCInstall", EscrowBag=record["EscrowBag"])
        link = await host.session()
        assert (await link.ask({"Request": "GetValue", "Key": "PasswordProtected"}))["Value"] is True


async def test_a_phone_sealed_by_others_pairs_with_nobody(tmp_path: Path) -> None:
    async with rack_of(tmp_path, "foreign-sealed") as (host, _):
        assert (await pair(host))["Error"] == "MCProtected"


async def test_a_sealed_phone_pairs_with_its_supervisor_alone(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        link = await host.mcinstall()
        await link.ask(supervision())
        seal = profile("org.example.seal", restrictions(allowHostPairing=False))
        silent = {"RequestType": "InstallProfileSilent", "Payload": seal}
        assert (await (await escalated(host)).ask(silent))["Status"] == "Acknowledged"
        assert phone.pairing_closed
        assert (await pair(host))["Error"] == "MCProtected"
        assert await _pair_supervised(host, "Stranger") == "MCProtected"
        assert await _pair_supervised(host, "Desk", signs_as="Stranger") == "MCProtected"
        assert await _pair_supervised(host, "Desk") == ""


async def test_a_challenge_is_good_for_one_answer(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        await (await host.mcinstall()).ask(supervision())
        link = await host.connect()
        public = (await link.ask({"Request": "GetValue", "Key": "DevicePublicKey"}))["Value"]
        asked = await link.ask(pair_request(public, SupervisorCertificate=der())[0])
        assert asked["Error"] == "MCChallengeRequired"
        proof = signed(asked["ExtendedResponse"]["PairingChallenge"])
        assert "EscrowBag" in await link.ask(pair_request(public, ChallengeResponse=proof)[0])
        assert (await link.ask(pair_request(public, ChallengeResponse=proof)[0]))["Error"] == "MCProtected"


async def test_a_locked_phone_takes_its_supervisor_without_an_escrow_bag(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, phone):
        await (await host.mcinstall()).ask(supervision())
        phone.finish_setup_assistant()
        phone.passcode_set = True
        phone.lock()
        link = await host.connect()
        public = (await link.ask({"Request": "GetValue", "Key": "DevicePublicKey"}))["Value"]
        asked = await link.ask(pair_request(public, SupervisorCertificate=der())[0])
        proof = signed(asked["ExtendedResponse"]["PairingChallenge"])
        assert await link.ask(pair_request(public, ChallengeResponse=proof)[0]) == {"Request": "Pair"}


async def test_unpairing_forgets_the_host(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        record = await host.record()
        link = await host.session()
        assert "Error" not in await link.ask({"Request": "Unpair", "PairRecord": {"HostID": record["HostID"]}})
        with pytest.raises(PermissionError, match="InvalidHostID"):
            await host.session(record)


async def test_an_idle_connection_is_dropped_when_told_to(tmp_path: Path) -> None:
    async with rack_of(tmp_path, faults=["hang-up seconds=0.05"]) as (host, _):
        assert await (await host.connect()).ended()


async def test_a_port_serves_one_connection(tmp_path: Path) -> None:
    async with rack_of(tmp_path) as (host, _):
        link = await host.session()
        port = (await link.ask({"Request": "StartService", "Service": "com.apple.afc"}))["Port"]
        await host.connect(port)
        with pytest.raises(ConnectionRefusedError):
            await host.connect(port)
        answer = await link.ask({"Request": "StartService", "Service": "com.apple.instruments.remoteserver"})
        assert answer["Error"] == "InvalidService"


async def _pair_supervised(host: Host, offers: str, signs_as: str = "") -> str:
    """Pair by supervision; gives lockdownd's error, empty where it went well."""
    link = await host.connect()
    public = (await link.ask({"Request": "GetValue", "Key": "DevicePublicKey"}))["Value"]
    asked = await link.ask(pair_request(public, SupervisorCertificate=der(offers), ExtendedPairingErrors=True)[0])
    if asked["Error"] != "MCChallengeRequired":
        return str(asked["Error"])
    proof = signed(asked["ExtendedResponse"]["PairingChallenge"], signs_as or offers)
    return str((await link.ask(pair_request(public, ChallengeResponse=proof)[0])).get("Error", ""))
