"""lockdownd: the daemon behind port 62078 that tells who a handset is, knows whom it trusts and starts services.

Its conversation is short (libimobiledevice ``src/lockdown.c``; recorded sessions of three clients), and is held
here rather than by pymobiledevice3's LockdownClient because that one reconnects, repeats a request unpaired where
the pairing did not hold, asks for pairing on its own, and polls the Trust dialog for ever. A reading that may have
been made without a session, or a handset paired behind everybody's back, is what this desk must not have.
"""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pymobiledevice3.service_connection import create_ssl_context

from provisioning.apple import answers
from provisioning.apple.answers import Answer, Malformed
from provisioning.apple.deadlines import Deadlines
from provisioning.apple.pair_records import PairRecord
from provisioning.apple.wire import RecordRejected, Wire
from provisioning.errors import HandsetGarbled, HandsetGone, HandsetLocked, HandsetRefused
from provisioning.plain_text import one_line

PORT = 62078
LABEL = "issuing-desk"
MISSING = "MissingValue"
LOCKED = frozenset({"PasswordProtected", "EscrowLocked"})
"""It is locked, or has not been unlocked since it was switched on."""
WORDS: Mapping[str, str] = {
    "PasswordProtected": "it is locked; unlock it with its passcode, then try again.",
    "EscrowLocked": "it has not been unlocked since it was switched on; unlock it with its passcode, then try again.",
    "InvalidHostID": "it does not know this desk; trust this desk on its screen.",
    "MCProtected": "pairing is closed by its management, and this desk's identity does not open it.",
    "UserDeniedPairing": "somebody tapped “Don't Trust”; unplug it, plug it in and tap “Trust”.",
    "PairingDialogResponsePending": "it waits for “Trust” and its passcode on its screen.",
    "InvalidService": "it does not offer this service in the state that it is in.",
    "GetProhibited": "it does not tell this to this desk.",
    "SessionInactive": "the session with it has ended; try again.",
}
OTHERWISE = "restart it and try again; if this stays, set it aside."


class LockdownRefused(HandsetRefused):
    """Raised for an error of lockdownd; ``word`` is its own name for it."""

    def __init__(self, doing: str, word: str) -> None:
        super().__init__(doing, f"{word}: {WORDS.get(word, OTHERWISE)}")
        self.word = word


class LockedNow(LockdownRefused, HandsetLocked):
    """Raised where the passcode is what lockdownd wants."""


class Lockdown:
    """A conversation with lockdownd, in a session (``record`` is set) or before any."""

    def __init__(self, wire: Wire, deadlines: Deadlines) -> None:
        self.wire = wire
        wire.remembers = False  # what it says is about one handset, and one answer holds the escrow bag
        self.values: Answer = {}
        """What GetValue told last: a short list before a session, everything in one."""
        self.record: PairRecord | None = None
        self.tls: ssl.SSLContext | None = None
        self._deadlines = deadlines

    async def all_values(self, doing: str) -> Answer:
        """Read every value of the default domain anew."""
        answer = await self.ask(doing, "GetValue")
        try:
            self.values = answers.mapping(answer.get("Value"))
        except Malformed as error:
            await self.wire.cut()
            raise HandsetGarbled(doing, str(error)) from error
        return self.values

    async def value(self, doing: str, domain: str | None, key: str) -> object:
        """Read one value; None where the handset has none. Raises LockdownRefused where it will not tell."""
        where: dict[str, object] = {"Key": key} if domain is None else {"Domain": domain, "Key": key}
        try:
            return (await self.ask(doing, "GetValue", **where)).get("Value")
        except LockdownRefused as refusal:
            if refusal.word == MISSING:
                return None
            raise

    async def start_session(self, doing: str, record: PairRecord) -> None:
        """Begin a session with a pair record and read all values.

        Raises LockdownRefused (InvalidHostID) or RecordRejected where the handset does not know the record.
        """
        context = _tls_context(record, doing)
        answer = await self.ask(doing, "StartSession", HostID=record.host_id, SystemBUID=record.system_buid)
        try:
            if answers.flag(answer, "EnableSessionSSL"):
                await self.wire.secure(context, doing)
            await self.all_values(doing)
        except HandsetGone as error:
            # Some hang up instead of sending an alert; whether the cable was pulled shows when connecting again.
            raise RecordRejected(doing) from error
        self.record, self.tls = record, context

    async def start_service(self, doing: str, name: str) -> tuple[int, ssl.SSLContext | None]:
        """Start a service and give its port and how to speak TLS to it; a locked handset is asked with the escrow bag.

        Raises LockdownRefused: InvalidService, PasswordProtected, SessionInactive and others.
        """
        try:
            answer = await self.ask(doing, "StartService", Service=name)
        except LockdownRefused as refusal:
            bag = self.record.escrow_bag if self.record is not None else None
            if refusal.word != "PasswordProtected" or bag is None:
                raise
            answer = await self.ask(doing, "StartService", Service=name, EscrowBag=bag)
        port = answers.number(answer, "Port")
        if port is None or not 0 < port < 65536:
            raise HandsetGarbled(doing, "a service without a port")
        return port, self.tls if answers.flag(answer, "EnableServiceSSL") else None

    async def pair(self, doing: str, record: Answer, options: Answer) -> Answer:
        """Send one Pair message and give the answer, ``Error`` included: what to make of it is the caller's."""
        message: dict[str, object] = {"PairRecord": dict(record), "PairingOptions": dict(options)}
        return await self._exchange(doing, "Pair", {**message, "ProtocolVersion": "2"}, self._deadlines.pair)

    async def ask(self, doing: str, request: str, **fields: object) -> Answer:
        """Send a request and give its answer. Raises LockdownRefused for an Error."""
        answer = await self._exchange(doing, request, fields, self._deadlines.answer)
        error = answers.error(answer)
        if error is not None:
            refusal = LockedNow if error in LOCKED else LockdownRefused
            raise refusal(doing, one_line(error, 64))
        return answer

    async def _exchange(self, doing: str, request: str, fields: Answer, seconds: float) -> Answer:
        answer = await self.wire.ask(doing, {"Label": LABEL, "Request": request, **fields}, seconds)
        if answer.get("Request") != request:
            await self.wire.cut()
            raise HandsetGarbled(doing, f"an answer to something other than {request}")
        return answer


def _tls_context(record: PairRecord, doing: str) -> ssl.SSLContext:
    # The ssl module takes keys from files only; this one has mode 0600 and lives for a millisecond.
    with tempfile.NamedTemporaryFile("wb", delete=False) as file:
        file.write(record.certificate + b"\n" + record.private_key)
    try:
        return create_ssl_context(file.name)
    except (ssl.SSLError, ValueError) as error:
        raise RecordRejected(doing) from error
    finally:
        Path(file.name).unlink()
