"""How a desk comes by another key, on the record: each change of keys is an entry, so the keys can be walked along.

``key_changed`` is signed with the key that is given up and names the one that follows, which signs that it is there
(``proof``): whoever has the oldest key alone comes to the newest. ``key_replaced`` is for a key that was lost, or that
others may have: it is signed with the new key only, so it is believed where that key was given to the checker by
somebody else, an administrator, and nowhere else. The head after such an entry, and all that follows, is signed with
the new key. Body of both::

    {"key": "SHA-256 of the new key", "proof": "hex", "public_key": "PEM", "reason": "…", "replaces": "SHA-256"}

``proof`` is the new key's signature over ``issuing-desk/key-change/1``, a zero byte, and the RFC 8785 form of
``{"desk", "key", "replaces"}``; no entry, head or record begins like this.
"""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.canonical import Json, canonical
from provisioning.errors import UsageError
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.signatures import DeskPublicKey, Signer

KEY_KINDS = (EntryKind.KEY_CHANGED, EntryKind.KEY_REPLACED)
_PROOF = b"issuing-desk/key-change/1\0"


def change_body(desk: str, before: DeskPublicKey, new: Signer, reason: str) -> Mapping[str, Json]:
    """Give the body of an entry that puts ``new`` in the place of ``before``."""
    return {
        "key": new.public.id,
        "proof": new.sign(_statement(desk, new.public.id, before.id)).hex(),
        "public_key": new.public.pem(),
        "reason": reason,
        "replaces": before.id,
    }


def successor(entry: Entry, before: DeskPublicKey) -> DeskPublicKey:
    """Give the key that ``entry`` puts in the place of ``before``, its own signature checked.

    Raises ValueError with what is wrong, to stand after the entry's number.
    """
    pem, proof, named, replaced = (entry.body.get(name) for name in ("public_key", "proof", "key", "replaces"))
    try:
        new = DeskPublicKey.from_pem(pem if isinstance(pem, str) else "")
        proven = new.verifies(bytes.fromhex(proof if isinstance(proof, str) else ""), _of(entry, new, before))
    except (UsageError, ValueError) as e:
        raise ValueError("names no key that could follow") from e
    if not proven or (named, replaced) != (new.id, before.id) or new == before:
        raise ValueError("changes the key in a way that does not hold")
    signer = before if entry.kind == EntryKind.KEY_CHANGED else new
    if entry.key != signer.id or not signer.verifies(entry.signature, bytes.fromhex(entry.hash)):
        raise ValueError("changes the key, but not the key that may do so signed it")
    return new


def _of(entry: Entry, new: DeskPublicKey, before: DeskPublicKey) -> bytes:
    return _statement(entry.desk, new.id, before.id)


def _statement(desk: str, key: str, replaces: str) -> bytes:
    return _PROOF + canonical({"desk": desk, "key": key, "replaces": replaces})
