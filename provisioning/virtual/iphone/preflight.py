"""What usbmuxd does to a phone at attach, before it shows it to anybody (preflight.c of usbmuxd 2efa75a).

A known phone is greeted with StartSession. For an unknown one the daemon sets UntrustedHostBUID and asks to Pair: at
Setup Assistant that succeeds without a dialog and the pair record is stored; otherwise the Trust dialog comes up, the
phone is shown all the same, and the daemon pairs when the person has tapped Trust, which it learns through the
insecure notification proxy. It talks to lockdownd directly here, so that message faults wait for a real client.
"""

from __future__ import annotations

import asyncio
import logging
import plistlib
import uuid
from collections.abc import Callable
from typing import Any, Final

from provisioning.virtual.iphone.certificates import HostKeys, host_keys, pem_of
from provisioning.virtual.iphone.lockdownd import Answer, LockdownClient
from provisioning.virtual.iphone.phone import VirtualIPhone
from provisioning.virtual.iphone.plist import Message, WireError, parse_message
from provisioning.virtual.iphone.trust import REQUEST_PAIR

logger = logging.getLogger(__name__)

REQUEST_HOST_BUID: Final = "com.apple.mobile.lockdown.request_host_buid"
_INSECURE_PROXY: Final = "com.apple.mobile.insecure_notification_proxy"
_LABEL: Final = "usbmuxd"


class Preflight:
    """One phone's preflight on one host.

    ``show`` makes the phone visible to clients, ``store`` keeps a pair record and tells listeners, ``record`` is the
    one that is kept, or None.
    """

    def __init__(
        self,
        phone: VirtualIPhone,
        system_buid: str,
        record: bytes | None,
        show: Callable[[], None],
        store: Callable[[bytes], None],
    ) -> None:
        self._phone = phone
        self._buid = system_buid
        self._record = record
        self._show = show
        self._store = store
        self._keys: HostKeys | None = None

    async def run(self) -> None:
        """Run until the phone is paired, or for as long as it takes the person to answer."""
        await self._phone.pace.wait("Attach")
        client = LockdownClient(self._phone)
        stranger = True
        if self._record is not None:
            error = self._greet(client)
            if not error:
                self._show()
                return
            stranger = error == "InvalidHostID"
        self._set_buid(client)
        if stranger:
            await self._phone.pace.wait("Pair")
            error = await self._pair(client)
            if not error:
                self._show()
                return
            if error == "PairingDialogResponsePending" and self._gives_up():
                logger.debug("%s: preflight gives up, the phone stays hidden", self._phone.serial_number)
                return
        answer = client.answer(_request("StartService", Service=_INSECURE_PROXY))
        if "Error" in answer:
            self._show()
            return
        await self._wait_for_the_person()

    async def _wait_for_the_person(self) -> None:
        heard: asyncio.Queue[str] = asyncio.Queue()
        stop = self._phone.observe(heard.put_nowait)
        self._show()
        try:
            while True:
                match await heard.get():
                    case name if name == REQUEST_PAIR:
                        await self._pair(LockdownClient(self._phone))
                        return
                    case name if name == REQUEST_HOST_BUID:
                        self._set_buid(LockdownClient(self._phone))
                    case _:
                        pass
        finally:
            stop()

    def _greet(self, client: LockdownClient) -> str:
        """Start a session with the stored record; gives lockdownd's error, empty where the phone knows the host."""
        try:
            host_id = parse_message(self._record or b"").text("HostID")
        except WireError:
            host_id = ""
        return _error_of(client.answer(_request("StartSession", HostID=host_id, SystemBUID=self._buid)))

    def _set_buid(self, client: LockdownClient) -> None:
        client.answer(_request("SetValue", Key="UntrustedHostBUID", Value=self._buid))

    async def _pair(self, client: LockdownClient) -> str:
        """Pair and store the record; gives lockdownd's error, empty where it went well."""
        keys = await asyncio.to_thread(host_keys)
        public = client.answer(_request("GetValue", Key="DevicePublicKey")).get("Value")
        certificates = keys.certificates(public if isinstance(public, bytes) else b"")
        record: dict[str, Any] = {
            "DeviceCertificate": pem_of(certificates.device),
            "HostCertificate": pem_of(certificates.host),
            "RootCertificate": pem_of(certificates.root),
            "HostID": str(uuid.uuid4()).upper(),
            "SystemBUID": self._buid,
        }
        options = {"ExtendedPairingErrors": True}
        answer = client.answer(_request("Pair", PairRecord=record, PairingOptions=options, ProtocolVersion="2"))
        if error := _error_of(answer):
            return error
        address = client.answer(_request("GetValue", Key="WiFiAddress")).get("Value")
        bag = {"EscrowBag": answer["EscrowBag"]} if "EscrowBag" in answer else {}
        self._store(plistlib.dumps({**record, **keys.private_keys(), **bag, "WiFiMACAddress": address}))
        return ""

    def _gives_up(self) -> bool:
        """Tell whether this is the race of usbmuxd issue 281 (iOS 26.3.1: the dialog comes after 20 to 30 s)."""
        fault = self._phone.faults.standing("trust-dialog")
        return fault is not None and fault.options.get("preflight") == "gives-up"


def _request(name: str, **fields: Any) -> Message:
    return Message({"Label": _LABEL, "Request": name, **fields})


def _error_of(answer: Answer) -> str:
    return str(answer.get("Error", ""))
