"""lockdownd: who the phone is, who may talk to it, and the ports of its services.

Framing, requests and errors are those of libimobiledevice's lockdown.c, go-ios and pymobiledevice3; every reply repeats
``Request``, errors are ``{Request, Error}``.
"""

from __future__ import annotations

import logging
import ssl
import uuid
from collections.abc import Mapping
from typing import Final

from provisioning.virtual.iphone.conversation import Conversation, meet
from provisioning.virtual.iphone.phone import StartedService, VirtualIPhone
from provisioning.virtual.iphone.plist import Message, Plist
from provisioning.virtual.iphone.services import SERVICES
from provisioning.virtual.iphone.stream import DeviceStream, HungUp
from provisioning.virtual.iphone.trust import Accepted, Challenge, Challenged, Denied, PairedHost
from provisioning.virtual.iphone.values import by_name, domain_values, private_keys

logger = logging.getLogger(__name__)

LOCKDOWN_PORT: Final = 62078
_LARGEST_REQUEST: Final = 1 << 20
_TYPE: Final = "com.apple.mobile.lockdown"
Answer = dict[str, Plist]


class LockdownClient:
    """What lockdownd knows of one connection. It answers requests and touches no socket.

    The host daemon's own preflight asks it directly, so that faults that wait for a message wait for a real client.
    """

    def __init__(self, phone: VirtualIPhone) -> None:
        self._phone = phone
        self._challenge = Challenge()
        self._session_id = ""
        self.host: PairedHost | None = None
        """The host of the running session; None without one."""

    def answer(self, request: Message) -> Answer:
        """Answer one request; what it means for TLS the caller sees from ``host``."""
        name = request.text("Request")
        handler = _HANDLERS.get(name)
        answer = handler(self, request) if handler else _error("InvalidRequest")
        return {"Request": name, **answer}

    def query_type(self, request: Message) -> Answer:
        """Say which daemon this is."""
        del request
        return {"Type": _TYPE}

    def get_value(self, request: Message) -> Answer:
        """Read one value, or a whole domain where no key is given."""
        domain, key = request.text("Domain"), request.text("Key")
        named: Answer = {"Domain": domain} if domain else {}
        values = domain_values(self._phone, domain, self.host is not None)
        if not key:
            return {**named, "Value": values}
        named["Key"] = key
        value = values.get(key)
        if value is None and not domain:
            value = by_name(self._phone, key)
        if value is not None:
            return {**named, "Value": value}
        hidden = self.host is None and key in private_keys(self._phone, domain)
        return {**named, **_error("GetProhibited" if hidden else "MissingValue")}

    def set_value(self, request: Message) -> Answer:
        """Set a value; without a session only UntrustedHostBUID (usbmuxd's preflight sets it before it pairs)."""
        domain, key, value = request.text("Domain"), request.text("Key"), request.value("Value")
        if not key:
            return _error("MissingKey")
        if value is None:
            return _error("MissingValue")
        if self.host is None and key != "UntrustedHostBUID":
            return _error("SessionInactive")
        if not self._phone.settings.set(domain, key, value, self._phone.at_setup_assistant):
            return {"Key": key, **_error("SetProhibited")}
        named: Answer = {"Domain": domain} if domain else {}
        return {**named, "Key": key, "Value": value}

    def remove_value(self, request: Message) -> Answer:
        """Remove a value."""
        domain, key = request.text("Domain"), request.text("Key")
        if self.host is None:
            return _error("SessionInactive")
        if not self._phone.settings.remove(domain, key):
            return {"Key": key, **_error("RemoveProhibited")}
        return {"Key": key}

    def pair(self, request: Message) -> Answer:
        """Pair, or say what is in the way."""
        if not request.table("PairRecord"):
            return _error("MissingPairRecord")
        outcome = self._phone.trust.pair(request, self._challenge)
        match outcome:
            case Accepted(host):
                return {"EscrowBag": host.escrow_bag} if host.escrow_bag else {}
            case Challenged(challenge):
                return {**_error("MCChallengeRequired"), "ExtendedResponse": {"PairingChallenge": challenge}}
            case Denied(error):
                return _error(error)

    def unpair(self, request: Message) -> Answer:
        """Forget a pairing; the record comes whole, but its HostID is what counts."""
        found = self._phone.trust.unpair(request.table("PairRecord").text("HostID"))
        return {} if found else _error("InvalidHostID")

    def validate_pair(self, request: Message) -> Answer:
        """Say whether a pairing holds."""
        host = self._phone.trust.session(request.table("PairRecord").text("HostID"))
        return {} if host else _error("InvalidHostID")

    def start_session(self, request: Message) -> Answer:
        """Start a session; the reply goes out in plain text and TLS follows on the same socket."""
        if self.host is not None:
            return _error("SessionActive")
        host_id = request.text("HostID")
        if not host_id:
            return _error("MissingHostID")
        self.host = self._phone.trust.session(host_id)
        if self.host is None:
            return _error("InvalidHostID")
        self._session_id = str(uuid.uuid4()).upper()
        return {"SessionID": self._session_id, "EnableSessionSSL": True}

    def stop_session(self, request: Message) -> Answer:
        """End the session; the reply goes out in TLS, which then ends."""
        if self.host is None:
            return _error("SessionInactive")
        if request.text("SessionID") not in ("", self._session_id):
            return _error("InvalidSessionID")
        self.host = None
        return {}

    def start_service(self, request: Message) -> Answer:
        """Open a port for a service. A locked phone opens it only for a host that shows its EscrowBag."""
        name = request.text("Service")
        if not name:
            return _error("MissingService")
        service = SERVICES.get(name)
        if service is None:
            return {"Service": name, **_error("InvalidService" if self.host else "SessionInactive")}
        if service.unpaired:
            port = self._phone.open_port(StartedService(name, None))
            return {"Service": name, "Port": port}
        if self.host is None:
            return {"Service": name, **_error("SessionInactive")}
        bag = request.data("EscrowBag")
        if bag is not None and bag != self.host.escrow_bag:
            return {"Service": name, **_error("EscrowLocked")}
        if self._phone.locked and service.needs_unlocked and bag is None:
            return {"Service": name, **_error("PasswordProtected")}
        port = self._phone.open_port(StartedService(name, self.host))
        return {"Service": name, "Port": port, "EnableServiceSSL": True}

    def farewell(self, request: Message) -> Answer:
        """Acknowledge Goodbye and EnterRecovery."""
        del request
        return {}


_HANDLERS: Final = {
    "QueryType": LockdownClient.query_type,
    "GetValue": LockdownClient.get_value,
    "SetValue": LockdownClient.set_value,
    "RemoveValue": LockdownClient.remove_value,
    "Pair": LockdownClient.pair,
    "Unpair": LockdownClient.unpair,
    "ValidatePair": LockdownClient.validate_pair,
    "StartSession": LockdownClient.start_session,
    "StopSession": LockdownClient.stop_session,
    "StartService": LockdownClient.start_service,
    "EnterRecovery": LockdownClient.farewell,
    "Goodbye": LockdownClient.farewell,
}


async def serve_lockdown(phone: VirtualIPhone, stream: DeviceStream) -> None:
    """Serve one lockdown connection until either end has had enough. Raises HungUp and WireError."""
    client = LockdownClient(phone)
    talk = Conversation(phone, stream, _LARGEST_REQUEST, _name, _refusal)
    fault = phone.faults.standing("hang-up")
    idle = fault.seconds("seconds", 10.0) if fault else None
    while (request := await talk.hear(idle)) is not None:
        answer = client.answer(request)
        await talk.say(answer)
        if client.host is not None and not stream.encrypted:
            await start_tls(phone, stream, client.host)
        elif client.host is None and stream.encrypted:
            await stream.stop_tls()
        if answer["Request"] == "EnterRecovery" and "Error" not in answer:
            phone.unplug()
        if answer["Request"] == "Goodbye":
            return


async def start_tls(phone: VirtualIPhone, stream: DeviceStream, host: PairedHost) -> None:
    """Serve TLS to a paired host, unless a fault has it otherwise. Raises HungUp."""
    await phone.pace.wait("TLS")
    fault = await meet(phone, stream, "TLS")
    if fault is not None and fault.name in ("garbage", "truncate", "unplug"):
        await stream.send(b"\x16\x03\x03\x40\x00" + bytes(range(256)))
        if fault.name == "unplug":
            phone.unplug(fault.seconds("back", 0.0) if "back" in fault.options else None)
        await stream.close()
        raise HungUp("fault at TLS")
    version = phone.faults.standing("tls")
    newest = ssl.TLSVersion.TLSv1_3 if version and version.options.get("version") == "1.3" else ssl.TLSVersion.TLSv1_2
    await stream.start_tls(host.tls(newest, refusing=fault is not None))


def _error(word: str) -> Answer:
    return {"Error": word}


def _name(request: Message) -> str:
    """Name a request; one for a service with that service, so that a fault can wait for it alone."""
    service = request.text("Service") if request.text("Request") == "StartService" else ""
    return f"StartService {service}" if service else request.text("Request")


def _refusal(request: Message, word: str) -> Mapping[str, Plist]:
    return {"Request": request.text("Request"), "Error": word}
