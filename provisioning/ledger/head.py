"""The signed head: one small statement that fixes the whole ledger of a desk, its last entry and every signature in it.

The bytes are the RFC 8785 form of one JSON object::

    {"desk": "UUID", "format": "issuing-desk/ledger-head/1", "hash": "SHA-256 of the last entry", "key": "...",
     "number": 17, "receipts": 3, "signatures": "hex", "time": "2026-03-01T09:30:00.125Z", "training": false}

signed by the desk (Ed25519 over these bytes) with its newest key. ``signatures`` runs along the chain: 32 zero bytes at
first, then SHA-256(what it was || signature of the entry). So whoever has checked one head needs only hashing to know
that all entries *and their signatures* are the ones that the desk wrote, a hundred times faster than checking each one.
Only the newest head is kept: from older ones a shorter ledger could be made to look whole.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

from provisioning.canonical import Json, Members, canonical, parse_object
from provisioning.ledger.entry import BEFORE_THE_FIRST, Entry
from provisioning.signatures import AnyDeskKey, Signer

FORMAT = "issuing-desk/ledger-head/1"
NO_SIGNATURES = "0" * 64
LARGEST = 4096
"""Bytes; a head has about 450."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a desk's ledger, as the desk signed it. ``receipts`` counts the receipts given out."""

    desk: str
    training: bool
    number: int
    hash: str
    signatures: str
    receipts: int
    time: str
    key: str
    signature: bytes = field(repr=False, default=b"")

    def canonical(self) -> bytes:
        """Give the bytes that ``signature`` is over."""
        return canonical(self._document())

    def signed(self, signer: Signer) -> Head:
        """Give the same head with the desk's signature."""
        return replace(self, signature=signer.sign(self.canonical()))

    def holds(self, key: AnyDeskKey) -> bool:
        """Tell whether this desk's key, or one of its keys, signed it."""
        return any(self.key == one.id and one.verifies(self.signature, self.canonical()) for one in key.keys)

    def text(self) -> bytes:
        """Give the JSON that ``ledger.head`` holds."""
        return canonical({"head": self._document(), "signature": self.signature.hex()}) + b"\n"

    def _document(self) -> dict[str, Json]:
        return {
            "desk": self.desk,
            "format": FORMAT,
            "hash": self.hash,
            "key": self.key,
            "number": self.number,
            "receipts": self.receipts,
            "signatures": self.signatures,
            "time": self.time,
            "training": self.training,
        }


def parse_head_text(data: bytes) -> Head:
    """Read what :meth:`Head.text` wrote. Raises ValueError for anything else; checks no signature."""
    if len(data) > LARGEST:
        raise ValueError("far too long for a head")
    outer = parse_object(data)
    return _head(outer.members("head"), bytes.fromhex(outer.text("signature")))


def parse_head(data: bytes, signature: bytes) -> Head:
    """Read a head from its canonical bytes. Raises ValueError where they are none; checks no signature."""
    return _head(parse_object(data), signature)


def head_of(entry: Entry, before: Head | None) -> Head:
    """Give the unsigned head of a ledger to which ``entry`` was just added."""
    receipts = before.receipts if before else 0
    return Head(
        desk=entry.desk,
        training=entry.training,
        number=entry.number,
        hash=entry.hash,
        signatures=with_signature(before.signatures if before else NO_SIGNATURES, entry.signature),
        receipts=receipts if entry.receipt_counter is None else entry.receipt_counter,
        time=entry.time,
        key=entry.key,
    )


def with_signature(so_far: str, signature: bytes) -> str:
    """Give the running digest of signatures after one more."""
    return hashlib.sha256(bytes.fromhex(so_far) + signature).hexdigest()


def previous_hash(head: Head | None) -> str:
    """Give what the next entry's ``previous`` must be."""
    return head.hash if head else BEFORE_THE_FIRST


def _head(members: Members, signature: bytes) -> Head:
    if members.text("format") != FORMAT:
        raise ValueError("not a head of this format")
    head = Head(
        desk=members.text("desk"),
        training=members.flag("training"),
        number=members.number("number"),
        hash=members.text("hash"),
        signatures=members.text("signatures"),
        receipts=members.number("receipts"),
        time=members.text("time"),
        key=members.text("key"),
        signature=signature,
    )
    if len(bytes.fromhex(head.signatures)) != len(bytes.fromhex(NO_SIGNATURES)):
        raise ValueError("the digest of signatures has the wrong length")
    return head
