"""How desks of one shared ledger come to read what the others wrote: each seals its keys for each desk let in.

A desk has an X25519 key of its own, derived from its vault. It puts the public half into the shared ledger, signed with
the key that an administrator registered when the desk was let in, so that nobody else's is taken for it. Whoever has
keys seals them for every desk that has none of them yet: an ephemeral X25519 key, HKDF-SHA256 and AES-256-GCM, with the
key's identifier and the desk bound to it (the shape of RFC 9180's base mode). So a desk reads what others wrote as soon
as one of them was at work after it was let in, and no key ever lies in the database in clear.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.engine import URL, Connection

from provisioning.errors import HomeError, LedgerError, UsageError
from provisioning.ledger.postgres_connection import WRITING, connecting_engine, told
from provisioning.privacy.protection import HeldKeys
from provisioning.privacy.reading_keys import ReadingKeys
from provisioning.privacy.record_key import KEY_BYTES, key_id
from provisioning.signatures import DeskPublicKey, Signer

logger = logging.getLogger(__name__)

EVERY_SECONDS = 30.0
"""Between two exchanges of one process; a key that is missing is looked for as often."""
_PUBLIC = 32
_NONCE = 12

_MINE = sa.text("SELECT 1 FROM seal_keys WHERE by_desk = :desk AND public = :public")
_PUT = sa.text(
    "INSERT INTO seal_keys (by_desk, public, signature) VALUES (:desk, :public, :signature) ON CONFLICT DO NOTHING"
)
_GIVEN = sa.text("SELECT key, sealed FROM granted_keys WHERE desk = :desk")
_OTHERS = sa.text(
    "SELECT s.by_desk, s.public, s.signature, d.public_key FROM seal_keys s "
    "JOIN desks d ON d.desk = s.by_desk WHERE s.by_desk <> :desk"
)
_GRANTS = sa.text("SELECT key, desk, by_desk FROM granted_keys")
_GIVE = sa.text(
    "INSERT INTO granted_keys (key, desk, by_desk, sealed) VALUES (:key, :desk, :by, :sealed) ON CONFLICT DO NOTHING"
)


class KeyExchange:
    """Gives and takes keys at one shared ledger. Safe for threads; what fails is logged and tried again later."""

    def __init__(
        self,
        url: URL,
        password: Callable[[], str | None],
        keys: ReadingKeys,
        signer: Callable[[], Signer],
        *,
        every: float = EVERY_SECONDS,
    ) -> None:
        self._url = url
        self._password = password
        self._keys = keys
        self._signer = signer
        self._every = every
        self._turn = threading.Lock()
        self._next = 0.0

    def now_and_then(self) -> HeldKeys | None:
        """Exchange where that was not done lately; give the keys where any were learnt."""
        with self._turn:
            if time.monotonic() < self._next:
                return None
            self._next = time.monotonic() + self._every
            try:
                return self._keys.keys() if self.exchange() else None
            except (HomeError, LedgerError, UsageError) as error:
                logger.info("reading keys were not exchanged: %s", type(error).__name__)
                return None

    def exchange(self) -> int:
        """Put the own public key there, take what was given, give to all others; tell how many keys were learnt.

        Raises LedgerUnreachable, HomeError where the ledger or the vault does not let it.
        """
        if self._keys.at_hand() is None:
            return 0
        secret = X25519PrivateKey.from_private_bytes(self._keys.seal_secret())
        engine = connecting_engine(self._url, "READ COMMITTED", WRITING, self._password)
        try:
            with told(self._url), engine.begin() as connection:
                self._register(connection, secret)
                learnt = self._learn(connection, secret)
                self._give(connection)
        finally:
            engine.dispose()
        return learnt

    def _register(self, connection: Connection, secret: X25519PrivateKey) -> None:
        public = _raw(secret.public_key())
        mine: dict[str, Any] = {"desk": self._keys.desk, "public": public}
        if connection.execute(_MINE, mine).scalar() is None:
            signature = self._signer().sign(_statement(self._keys.desk, public))
            connection.execute(_PUT, {**mine, "signature": signature})

    def _learn(self, connection: Connection, secret: X25519PrivateKey) -> int:
        known = self._keys.keys().all
        found: dict[bytes, bytes] = {}
        for name, sealed in connection.execute(_GIVEN, {"desk": self._keys.desk}):
            if name in known or name in found:
                continue
            key = _opened(bytes(sealed), secret, bytes(name), self._keys.desk)
            if key is not None and key_id(key) == name:
                found[bytes(name)] = key
        if found:
            self._keys.keep(found)
        return len(found)

    def _give(self, connection: Connection) -> None:
        keys = self._keys.keys()
        grants = {(bytes(key), str(desk), str(by)) for key, desk, by in connection.execute(_GRANTS)}
        given = {(key, desk) for key, desk, _ in grants}
        own = key_id(keys.own)
        for desk, public, signature, pem in connection.execute(_OTHERS, {"desk": self._keys.desk}).all():
            if not DeskPublicKey.from_pem(str(pem)).verifies(bytes(signature), _statement(desk, bytes(public))):
                continue
            for name, key in keys.all.items():
                there = (name, desk, self._keys.desk) in grants if name == own else (name, desk) in given
                if not there:
                    sealed = _sealed(key, bytes(public), name, desk)
                    row: dict[str, Any] = {"key": name, "desk": desk, "by": self._keys.desk, "sealed": sealed}
                    connection.execute(_GIVE, row)


def _statement(desk: str, public: bytes) -> bytes:
    """Give what a desk signs of its X25519 key; nothing else that desks sign begins like it."""
    return b"issuing-desk seal key 1\0" + desk.encode() + b"\0" + public


def _raw(key: X25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _sealed(key: bytes, public: bytes, name: bytes, desk: str) -> bytes:
    once = X25519PrivateKey.generate()
    own, nonce = _raw(once.public_key()), os.urandom(_NONCE)
    shared = once.exchange(X25519PublicKey.from_public_bytes(public))
    return own + nonce + AESGCM(_derived(shared, own, public, name, desk)).encrypt(nonce, key, name)


def _opened(sealed: bytes, secret: X25519PrivateKey, name: bytes, desk: str) -> bytes | None:
    """Give the key that was sealed for this desk; None where it was sealed for an older one, or is none."""
    own, nonce, rest = sealed[:_PUBLIC], sealed[_PUBLIC : _PUBLIC + _NONCE], sealed[_PUBLIC + _NONCE :]
    try:
        shared = secret.exchange(X25519PublicKey.from_public_bytes(own))
        key = AESGCM(_derived(shared, own, _raw(secret.public_key()), name, desk)).decrypt(nonce, rest, name)
    except (InvalidTag, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def _derived(shared: bytes, own: bytes, public: bytes, name: bytes, desk: str) -> bytes:
    info = b"issuing-desk granted key 1\0" + own + public + name + desk.encode()
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(shared)
