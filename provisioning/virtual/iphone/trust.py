"""Which hosts one phone trusts, and how it comes to: silently, by the dialog, by supervision, or not at all.

Known from: usbmuxd's preflight.c (Setup Assistant pairs without a dialog), libimobiledevice's error list and go-ios'
pair.go (the supervised challenge; a locked phone accepts it but gives no EscrowBag), and libimobiledevice's lockdown.c
for what a host sees meanwhile. That the person's answer holds for the *computer* (SystemBUID), so that usbmuxd's own
pairing and a tool's succeed after one tap, is inferred from UntrustedHostBUID, by which the phone tells computers apart
before they are trusted.
"""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Protocol

from provisioning.virtual.iphone.certificates import BadCertificate, PairingCertificates, der_of, tls_context
from provisioning.virtual.iphone.cms import NotSigned, open_signed
from provisioning.virtual.iphone.plist import Message

ESCROW_BAG_SIZE = 32
_CHALLENGE_SIZE = 8
REQUEST_PAIR = "com.apple.mobile.lockdown.request_pair"
"""Posted when the person taps Trust; usbmuxd's preflight waits for it."""


@unique
class Answer(StrEnum):
    """What the virtual finger taps."""

    TRUST = "trust"
    DENY = "deny"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Finger:
    """The person at the phone: what is tapped, how many seconds after the dialog came up, and how late that comes.

    iOS 26.3.1 shows the dialog 20 to 30 s after the cable went in, older versions 5 to 10 s (usbmuxd issues 281, 267).
    """

    answer: Answer = Answer.TRUST
    after: float = 0.3
    late: float = 0.0
    polls: int = 0
    """If not 0, the answer comes with the Nth Pair of a computer instead of after a time."""


@dataclass(frozen=True, slots=True)
class PairedHost:
    """One host that may start sessions. ``escrow_bag`` is None where the phone was locked when it paired."""

    host_id: str
    system_buid: str
    certificates: PairingCertificates
    escrow_bag: bytes | None = field(repr=False)

    def tls(self, newest: ssl.TLSVersion, refusing: bool = False) -> ssl.SSLContext:
        """Give the TLS that this host is served."""
        return tls_context(self.certificates, newest, refusing)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The host is paired."""

    host: PairedHost


@dataclass(frozen=True, slots=True)
class Denied:
    """It is not; ``error`` is lockdownd's word."""

    error: str


@dataclass(frozen=True, slots=True)
class Challenged:
    """It must sign this first."""

    challenge: bytes


PairOutcome = Accepted | Denied | Challenged


class Situation(Protocol):
    """What the phone's state says to a host that wants to pair."""

    @property
    def at_setup_assistant(self) -> bool:
        """True before the Home screen was reached."""
        ...

    @property
    def locked(self) -> bool:
        """True while a passcode must be entered."""
        ...

    @property
    def pairing_closed(self) -> bool:
        """True if only supervising hosts may pair."""
        ...

    @property
    def supervisors(self) -> list[bytes]:
        """Certificates of supervising hosts, DER."""
        ...


class Challenge:
    """The supervisor's challenge of one lockdown connection; good for one answer."""

    def __init__(self) -> None:
        self._value: bytes | None = None
        self._certificate = b""

    def set(self, certificate: bytes) -> bytes:
        """Make a challenge for the holder of that certificate."""
        self._value, self._certificate = secrets.token_bytes(_CHALLENGE_SIZE), certificate
        return self._value

    def met_by(self, response: bytes) -> bool:
        """Tell whether a response is the challenge, signed with that certificate; it is used up either way."""
        expected, self._value = self._value, None
        try:
            signed = open_signed(response)
        except NotSigned:
            return False
        return signed.content == expected and signed.certificates[0] == self._certificate == signed.signer


class Trust:
    """The pairings of one phone and the dialog that leads to them.

    ``later`` runs something after a number of seconds as long as the phone lives; ``notify`` posts a notification.
    """

    def __init__(
        self,
        situation: Situation,
        later: Callable[[float, Callable[[], None]], None],
        notify: Callable[[str], None],
    ) -> None:
        self._situation = situation
        self._later = later
        self._notify = notify
        self.finger = Finger()
        self.hosts: dict[str, PairedHost] = {}
        self._trusted: set[str] = set()
        self._denied: set[str] = set()
        self._asking: dict[str, int] = {}

    @property
    def dialog_shown(self) -> bool:
        """True while some computer waits for the person."""
        return bool(self._asking)

    def pair(self, request: Message, challenge: Challenge) -> PairOutcome:
        """Answer a Pair request; asking again while the dialog is up is harmless."""
        options = request.table("PairingOptions")
        supervisor, response = options.data("SupervisorCertificate"), options.data("ChallengeResponse")
        if supervisor is not None:
            if supervisor not in self._situation.supervisors:
                return Denied("MCProtected")
            return Challenged(challenge.set(supervisor))
        if response is not None:
            return self._accept(request) if challenge.met_by(response) else Denied("MCProtected")
        if self._situation.pairing_closed:
            return Denied("MCProtected")
        if self._situation.at_setup_assistant:
            return self._accept(request)
        if self._situation.locked:
            return Denied("PasswordProtected")
        return self._ask(request)

    def session(self, host_id: str) -> PairedHost | None:
        """Give the paired host of that name; None for a stranger, or for everybody after an erase."""
        return self.hosts.get(host_id)

    def unpair(self, host_id: str) -> bool:
        """Forget a host and the computer it is on. Gives False for a stranger."""
        host = self.hosts.pop(host_id, None)
        if host is None:
            return False
        self._trusted.discard(host.system_buid)
        return True

    def replugged(self) -> None:
        """Ask again: a no, or no answer, holds until the cable is pulled."""
        self._denied.clear()
        self._asking.clear()

    def tap(self, answer: Answer) -> None:
        """Answer the dialog that is on the screen."""
        for computer in tuple(self._asking):
            self._answer(computer, answer)

    def erase(self) -> None:
        """Forget everybody."""
        self.hosts.clear()
        self._trusted.clear()
        self.replugged()

    def _ask(self, request: Message) -> PairOutcome:
        computer = request.table("PairRecord").text("SystemBUID")
        if computer in self._trusted:
            return self._accept(request)
        if computer in self._denied:
            return Denied("UserDeniedPairing")
        finger = self.finger
        first = computer not in self._asking
        self._asking[computer] = self._asking.get(computer, 0) + 1
        if finger.polls and self._asking[computer] > finger.polls:
            self._answer(computer, finger.answer)
            return self._ask(request) if computer not in self._asking else Denied("PairingDialogResponsePending")
        if first and not finger.polls and finger.answer is not Answer.NEVER:
            self._later(finger.late + finger.after, lambda: self._answer(computer, finger.answer))
        return Denied("PairingDialogResponsePending")

    def _answer(self, computer: str, answer: Answer) -> None:
        if computer not in self._asking or answer is Answer.NEVER:
            return
        self._asking.pop(computer, None)
        (self._trusted if answer is Answer.TRUST else self._denied).add(computer)
        if answer is Answer.TRUST:
            self._notify(REQUEST_PAIR)

    def _accept(self, request: Message) -> PairOutcome:
        record = request.table("PairRecord")
        try:
            certificates = PairingCertificates(
                device=der_of(record.data("DeviceCertificate")),
                host=der_of(record.data("HostCertificate")),
                root=der_of(record.data("RootCertificate")),
            )
            tls_context(certificates)
        except BadCertificate:
            return Denied("InvalidPairRecord")
        host_id, computer = record.text("HostID"), record.text("SystemBUID")
        if not host_id:
            return Denied("MissingHostID")
        bag = None if self._situation.locked else secrets.token_bytes(ESCROW_BAG_SIZE)
        host = PairedHost(host_id, computer, certificates, bag)
        self.hosts[host_id] = host
        self._trusted.add(computer)
        return Accepted(host)
