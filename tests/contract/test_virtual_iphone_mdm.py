"""The rack's MDM server, and a virtual iPhone's check-in with it: over HTTPS, with every refusal that a phone knows."""

from __future__ import annotations

import asyncio
import plistlib
import ssl
from pathlib import Path

import pytest
from virtual_iphone_bench import Host, Link, Plist, escalated, profile, rack_of, supervision

from provisioning.virtual.mdm.server import MdmServer


async def supervised(host: Host) -> Link:
    """Supervise the phone and come back escalated."""
    link = await host.mcinstall()
    assert await link.ask(supervision()) == {"Status": "Acknowledged"}
    return await escalated(host)


def last(answer: Plist) -> tuple[str, int]:
    """Give the cause of a refusal."""
    link = answer["ErrorChain"][-1]
    return link["ErrorDomain"], link["ErrorCode"]


async def test_one_enrolment_at_a_time_and_a_failing_check_in_refuses_it(tmp_path: Path) -> None:
    async with MdmServer() as server, rack_of(tmp_path) as (host, phone):
        link = await supervised(host)
        first = {"RequestType": "InstallProfileSilent", "Payload": server.enrolment_profile()}
        assert await link.ask(first) == {"Status": "Acknowledged"}
        assert server.enrolled == (phone.serial_number,)
        mdm = {"PayloadType": "com.apple.mdm", "ServerURL": "https://a", "Topic": "com.apple.mgmt.x"}
        second = {"RequestType": "InstallProfileSilent", "Payload": profile("org.example.other", mdm)}
        assert last(await link.ask(second)) == ("MCMDMErrorDomain", 12001)
        assert set(phone.management.profiles) == {"org.issuing-desk.rack.mdm"}


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"ServerURL": "http://127.0.0.1/mdm"}, ("MCMDMErrorDomain", 12034)),
        ({"Topic": "com.example"}, ("MCMDMErrorDomain", 12022)),
        ({"Topic": "com.apple.mgmt.another"}, ("MCHTTPTransactionErrorDomain", 23001)),
        ({"AccessRights": 9999}, ("MCMDMErrorDomain", 12000)),
        ({"IdentityCertificateUUID": "none"}, ("MCMDMErrorDomain", 12005)),
        ({"CheckInURL": "https://mdm.example.org/checkin"}, ("NSURLErrorDomain", -1004)),
        ({"CheckInURL": "https://127.0.0.1:1/checkin"}, ("NSURLErrorDomain", -1004)),
    ],
)
async def test_an_enrolment_profile_that_is_wrong_is_refused_with_its_cause(
    tmp_path: Path, changes: dict[str, object], cause: tuple[str, int]
) -> None:
    async with MdmServer() as server, rack_of(tmp_path) as (host, phone):
        link = await supervised(host)
        spoilt = server.enrolment_profile(**changes)
        answer = await link.ask({"RequestType": "InstallProfileSilent", "Payload": spoilt})
        assert answer["ErrorChain"][0]["ErrorCode"] == 4001
        assert last(answer) == cause
        assert not phone.management.profiles
        assert server.enrolled == ()


async def test_a_stranger_without_an_identity_is_not_let_in() -> None:
    async with MdmServer() as server:
        host, port = server.address.removeprefix("https://").split(":")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        body = plistlib.dumps({"MessageType": "Authenticate", "UDID": "x", "Topic": "com.apple.mgmt.x"})
        for request, status in (
            (b"PUT /checkin HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body), b" 401 "),
            (b"GET / HTTP/1.1\r\n\r\n", b" 404 "),
            (b"nonsense\r\n\r\n", b" 400 "),
            (b"PUT /checkin HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", b" 413 "),
        ):
            reader, writer = await asyncio.open_connection(host, int(port), ssl=context)
            writer.write(request)
            assert status in await reader.readline()
            writer.close()
        assert not server.handsets


async def test_a_message_is_signed_where_the_profile_wants_it_and_a_false_signature_is_refused(tmp_path: Path) -> None:
    async with MdmServer() as server, rack_of(tmp_path) as (host, phone):
        link = await supervised(host)
        wanted = {"RequestType": "InstallProfileSilent", "Payload": server.enrolment_profile(SignMessage=True)}
        assert await link.ask(wanted) == {"Status": "Acknowledged"}
        assert server.enrolled == (phone.serial_number,)
        elsewhere = MdmServer()
        assert not elsewhere._authority.signed("AAAA", b"")  # pyright: ignore[reportPrivateUsage]
        body = b"PUT /checkin HTTP/1.1\r\nMdm-Signature: AAAA\r\nContent-Length: 2\r\n\r\n{}"
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        name, port = server.address.removeprefix("https://").split(":")
        reader, writer = await asyncio.open_connection(name, int(port), ssl=context)
        writer.write(body)
        assert b" 401 " in await reader.readline()
        writer.close()
