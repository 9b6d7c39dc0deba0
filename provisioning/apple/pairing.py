"""Becoming trusted: one Pair attempt at a time, by the dialog on the screen or by the supervision identity."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from pymobiledevice3.ca import generate_pairing_cert_chain

from provisioning.apple import answers, cms
from provisioning.apple.answers import Answer, Malformed
from provisioning.apple.cable import Cable
from provisioning.apple.identity import SupervisionSource
from provisioning.apple.lockdown import Lockdown, LockdownRefused
from provisioning.apple.pair_records import record_of
from provisioning.apple.usbmux import Usbmux
from provisioning.errors import HandsetGarbled, HandsetGone, HubError
from provisioning.handset import Trust
from provisioning.plain_text import one_line
from provisioning.turns import Turns, Work

DOING = "asking it to trust this desk"
LARGEST_KEY = 8192
"""Bytes of DevicePublicKey in PEM; a 2048-bit one has 431."""
STANDING = {
    "PasswordProtected": Trust.LOCKED,
    "PairingDialogResponsePending": Trust.ASKING,
    "UserDeniedPairing": Trust.DENIED,
}
"""What lockdownd's refusals of Pair mean (libimobiledevice ``src/lockdown.c``)."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Offer:
    """Certificates made for one handset. ``public`` goes into Pair; the private keys stay here until it says yes."""

    public: Answer = field(repr=False)
    private: Answer = field(repr=False)


class Pairing:
    """The pairing of one handset with this desk; while its dialog is up the same offer is made again."""

    def __init__(self, cable: Cable, host_seed: str, supervision: SupervisionSource, turns: Turns) -> None:
        self._cable = cable
        self._turns = turns
        self._host_id = host_id(host_seed)
        self._supervision = supervision
        self._offer: Offer | None = None

    async def attempt(self) -> Trust:
        """Use the pairing there is, else ask once. No dialog is waited for; ask again while it is up.

        A handset that merely stalls in TLS is not asked to pair (HandsetSilent comes through): only one that says
        that it does not know the record is.
        """
        lockdown = await self._cable.lockdown(DOING)
        if lockdown.record is None and await self._cable.has_record(DOING):
            # Either usbmuxd has paired meanwhile (on Linux it does so by itself at plug-in), or the handset did not
            # know a record: it is asked twice before that is replaced, since one refusal may be the cable's doing.
            await self._cable.close()
            lockdown = await self._cable.lockdown(DOING)
        if lockdown.record is not None:
            return Trust.TRUSTED
        offer = self._offer = self._offer or await self._made(lockdown)
        answer = await lockdown.pair(DOING, offer.public, {"ExtendedPairingErrors": True})
        if answers.error(answer) == "MCProtected":
            return await self._supervised(lockdown, offer)
        return await self._settled(lockdown, offer, answer)

    async def _supervised(self, lockdown: Lockdown, offer: Offer) -> Trust:
        """Pair without a dialog, as the organisation that supervises the handset (MCInstall's pairing challenge)."""
        identity = await self._supervision.if_any()
        if identity is None:
            return Trust.FORBIDDEN
        certificate = cms.certificate_der(identity)
        options: dict[str, object] = {"SupervisorCertificate": certificate, "ExtendedPairingErrors": True}
        answer = await lockdown.pair(DOING, offer.public, options)
        if answers.error(answer) == "MCChallengeRequired":
            try:
                response = answers.mapping(answer.get("ExtendedResponse"))
                signed = cms.answer_to(answers.data(response, "PairingChallenge"), identity)
            except (Malformed, cms.NotAChallenge) as error:
                await lockdown.wire.cut()
                raise HandsetGarbled(DOING, str(error)) from error
            options = {"ChallengeResponse": signed, "ExtendedPairingErrors": True}
            answer = await lockdown.pair(DOING, offer.public, options)
        if answers.error(answer) == "MCProtected":
            return Trust.FORBIDDEN
        return await self._settled(lockdown, offer, answer)

    async def _settled(self, lockdown: Lockdown, offer: Offer, answer: Answer) -> Trust:
        error = answers.error(answer)
        if error is None:
            await self._accepted(lockdown, offer, answer)
            return Trust.TRUSTED
        if error in STANDING:
            if error == "UserDeniedPairing":
                self._offer = None
            return STANDING[error]
        raise LockdownRefused(DOING, one_line(error, 64))

    async def _accepted(self, lockdown: Lockdown, offer: Offer, answer: Answer) -> None:
        content = {**offer.public, **offer.private}
        bag = answers.data(answer, "EscrowBag")
        if bag is not None:
            content["EscrowBag"] = bag
        record = record_of(content)
        assert record is not None, "an offer holds every part of a record"
        logger.info("paired; escrow bag: %s", bag is not None)
        self._offer = None
        # Kept before it is tried: the handset knows it now, whatever happens to this connection.
        await self._cable.records.keep(self._cable.udid, self._cable.device_id, record)
        await lockdown.start_session(DOING, record)

    async def _made(self, lockdown: Lockdown) -> Offer:
        key = await lockdown.value(DOING, None, "DevicePublicKey")
        if not isinstance(key, bytes) or len(key) > LARGEST_KEY:
            raise HandsetGarbled(DOING, "it does not tell its public key")
        try:
            # 30 to 150 ms for each RSA key, in a thread: OpenSSL lets go of the interpreter meanwhile
            async with self._turns.turn(Work.KEYS):
                loop = asyncio.get_running_loop()
                host, host_key, device, root, root_key = await loop.run_in_executor(_key_makers(), _chain, key)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise HandsetGarbled(DOING, "its public key is none") from error
        public: dict[str, object] = {
            "DeviceCertificate": device,
            "HostCertificate": host,
            "RootCertificate": root,
            "HostID": self._host_id,
            "SystemBUID": await _system_buid(self._cable.deadlines.hub),
        }
        address = answers.text(lockdown.values, "WiFiAddress")
        if address is not None:
            public["WiFiMACAddress"] = address
        return Offer(public, {"HostPrivateKey": host_key, "RootPrivateKey": root_key})


@cache
def _host_key() -> RSAPrivateKey:
    """Make the key of this host, once in the life of the program; each handset gets a root of its own to trust it by.

    The pair records lie side by side in one folder, so a key of its own for each would keep nothing apart.
    """
    return generate_private_key(public_exponent=65537, key_size=2048)


@cache
def _key_makers() -> ThreadPoolExecutor:
    """Give threads that step back for everything else: fifty pairings compute for three seconds, and none is urgent."""
    return ThreadPoolExecutor(os.cpu_count() or 1, "keys", initializer=_step_back)


def _step_back() -> None:
    if sys.platform == "linux":  # where a thread has a priority of its own
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def _chain(device_key: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    return generate_pairing_cert_chain(device_key, private_key=_host_key())


def host_id(seed: str) -> str:
    """Give the HostID of a desk: a name-based UUID of its own seed, in capitals as Apple writes it.

    pymobiledevice3 takes the host name, so that two desks of one name would push each other's pairing out.
    """
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"issuing-desk:host:{seed}")).upper()


async def _system_buid(patience: float) -> str:
    try:
        async with await Usbmux.open(patience) as mux:
            return await mux.buid()
    except HubError as error:
        raise HandsetGone(DOING) from error
