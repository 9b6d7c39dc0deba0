"""One entry of the ledger: what happened, in canonical bytes, chained to the entry before it and signed by its desk.

The bytes are the RFC 8785 form of one JSON object::

    {"body": {...}, "desk": "UUID", "format": "issuing-desk/ledger-entry/1", "key": "SHA-256 of the desk's public key",
     "kind": "verified", "number": 17, "once": null, "previous": "SHA-256 of entry 16", "receipt_counter": null,
     "subject": "F2LXK0V1Q6", "technician": "A. Khan", "time": "2026-03-01T09:30:00.125Z", "training": false}

The entry's hash is the SHA-256 of these bytes, its signature the desk's Ed25519 signature over the 32 bytes of that
hash. ``previous`` of entry 1 is 64 zeros. Two members of ``body`` are known to the ledger, because people search by
them: ``officer`` (officer number, a pseudonym outside of the force's roster) and ``receipt`` (receipt number). What is
personal besides (``provisioning.privacy.fields``) stands in ``body["sealed"]``, encrypted under a key of its own that
lies outside of the chain, so that destroying that key erases it and leaves the chain whole. Callers see the body as
it was given, for as long as it can be opened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum, unique
from typing import NamedTuple, overload

from provisioning.canonical import Json, canonical, parse_object

FORMAT = "issuing-desk/ledger-entry/1"
LARGEST = 1 << 20
"""Bytes of one entry; a verification of 1,000 apps with 100 findings needs 60 kB."""
LONGEST_SEARCHED = 200
"""Characters; serial, officer and receipt numbers have far fewer."""
BEFORE_THE_FIRST = "0" * 64


_NOT_IN_COLUMNS = dict.fromkeys((0, *range(0xD800, 0xE000)), "\ufffd")


@unique
class EntryKind(StrEnum):
    """What can happen. The words stand in signed bytes for ever: add, never change."""

    HOME_CREATED = "home_created"
    SUPERVISION_CHANGED = "supervision_changed"
    SETTINGS_CHANGED = "settings_changed"
    IDENTIFIED = "identified"
    TRUSTED = "trusted"
    PREFLIGHTED = "preflighted"
    ENROLLED = "enrolled"
    APPLIED = "applied"
    VERIFIED = "verified"
    READY = "ready"
    STOPPED = "stopped"
    WALKED = "walked"
    HANDED_OVER = "handed_over"
    ITEM_HANDED_OVER = "item_handed_over"
    HANDOVER_REFUSED = "handover_refused"
    SEALED = "sealed"
    RETURNED = "returned"
    ITEM_RETURNED = "item_returned"
    ERASED = "erased"
    RECEIPT_PRINTED = "receipt_printed"
    POLICY_CHANGED = "policy_changed"
    CATALOGUE_CHANGED = "catalogue_changed"
    PERMIT_ADDED = "permit_added"
    PERMIT_REVOKED = "permit_revoked"
    OFFICERS_IMPORTED = "officers_imported"
    AUTHENTICATOR_ENROLLED = "authenticator_enrolled"
    BATCH_IMPORTED = "batch_imported"
    BATCH_OPENED = "batch_opened"
    BATCH_CLOSED = "batch_closed"
    ORDERS_IMPORTED = "orders_imported"
    OFFICER_RECALLED = "officer_recalled"
    OFFICER_REINSTATED = "officer_reinstated"
    EVIDENCE_HELD = "evidence_held"
    EVIDENCE_RELEASED = "evidence_released"
    TECHNICIAN_REGISTERED = "technician_registered"
    TECHNICIAN_PIN_SET = "technician_pin_set"  # the word for it, not a PIN
    TECHNICIAN_DISABLED = "technician_disabled"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_FAILED = "sign_in_failed"
    INVENTORIES_REMOVED = "inventories_removed"
    EXPORTED = "exported"
    CONFLICT_SETTLED = "conflict_settled"
    RESERVED = "reserved"  # a handset, for this desk alone, until it is back or released
    RELEASED = "released"
    KEY_CHANGED = "key_changed"
    KEY_REPLACED = "key_replaced"
    NOTED = "noted"
    VIEWED = "viewed"
    """Somebody looked at, searched for or took out what the ledger holds of a person."""
    LEGAL_HOLD_SET = "legal_hold_set"
    LEGAL_HOLD_ENDED = "legal_hold_ended"
    LAWFULLY_ERASED = "lawfully_erased"
    """The personal fields of entries were erased; the body names the entries, the rule and the day."""
    ERASURE_APPLIED = "erasure_applied"
    """What another desk erased lawfully, or an erase from before a backup, took effect in this desk's own file."""


HANDS_CHANGED = (EntryKind.HANDED_OVER, EntryKind.RETURNED)
"""The last of these says who has a handset."""
ITEM_HANDS_CHANGED = (EntryKind.ITEM_HANDED_OVER, EntryKind.ITEM_RETURNED)
"""The last of these says who has a thing that is no handset and has a number of its own, a SIM card for one."""


SEALED = "sealed"
"""The member of a body that holds what is encrypted."""


@unique
class Withheld(StrEnum):
    """Why the personal fields of an entry are not in its body."""

    SEALED = "sealed"
    """Whoever reads has not unlocked the keys, or has none of that desk."""
    ERASED = "erased"
    """Their key was destroyed, lawfully: an entry says so."""
    LOST = "lost"
    """Their key is not there, or not theirs, and no entry says why."""


class Erased(NamedTuple):
    """By which entry, under which rule and when (ISO 8601) an entry's personal fields were erased."""

    desk: str
    number: int
    rule: str
    time: str


class SearchColumns(NamedTuple):
    """What a store keeps beside the bytes so that they can be found; ``verify`` compares it with them."""

    desk: str
    number: int
    time: str
    kind: str
    subject: str | None
    technician: str | None
    officer: str | None
    receipt: str | None
    receipt_counter: int | None
    once: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it was kept. ``kind`` is an EntryKind, or the word of a newer version of this program.

    ``subject`` is a serial number. ``hash``, ``previous`` and ``key`` are hex. ``receipt_counter`` counts the
    receipts that this desk has given out and is set only in the entry that gave one out.
    """

    number: int
    desk: str
    training: bool
    time: str
    kind: str
    subject: str | None
    technician: str | None
    body: Mapping[str, Json]
    previous: str
    key: str
    once: str | None
    receipt_counter: int | None
    hash: str
    signature: bytes = field(repr=False)
    kept: Mapping[str, Json] | None = field(default=None, repr=False, compare=False)
    """The body as the chain has it, where ``body`` is that with its personal fields opened."""
    withheld: Withheld | None = field(default=None, compare=False)
    """Why personal fields are missing from ``body``; None where none are."""
    erased: Erased | None = field(default=None, compare=False)

    @property
    def officer(self) -> str | None:
        """Give the officer number that it is about."""
        return _text(self.body.get("officer"))

    @property
    def receipt(self) -> str | None:
        """Give the receipt number that it is about."""
        return _text(self.body.get("receipt"))

    @property
    def moment(self) -> datetime:
        """Give ``time`` as a datetime in UTC."""
        return datetime.fromisoformat(self.time).astimezone(UTC)

    def document(self) -> dict[str, Json]:
        """Give the JSON object whose canonical bytes are hashed and signed."""
        return {
            "body": self.body if self.kept is None else self.kept,
            "desk": self.desk,
            "format": FORMAT,
            "key": self.key,
            "kind": self.kind,
            "number": self.number,
            "once": self.once,
            "previous": self.previous,
            "receipt_counter": self.receipt_counter,
            "subject": self.subject,
            "technician": self.technician,
            "time": self.time,
            "training": self.training,
        }

    def canonical(self) -> bytes:
        """Give the bytes that ``hash`` is over."""
        return canonical(self.document())


def parse_entry(data: bytes, signature: bytes) -> Entry:
    """Read an entry from its canonical bytes. Raises ValueError where they are none; checks no signature."""
    members = parse_object(data)
    if members.text("format") != FORMAT:
        raise ValueError("not an entry of this format")
    body = members.members("body").object
    return Entry(
        number=members.number("number"),
        desk=members.text("desk"),
        training=members.flag("training"),
        time=members.text("time"),
        kind=members.text("kind"),
        subject=members.text_or_none("subject"),
        technician=members.text_or_none("technician"),
        body=body,
        previous=members.text("previous"),
        key=members.text("key"),
        once=members.text_or_none("once"),
        receipt_counter=members.number_or_none("receipt_counter"),
        hash=hashlib.sha256(data).hexdigest(),
        signature=signature,
        # Older receipts have the images of their signatures there, as text and under the vault's key.
        withheld=Withheld.SEALED if isinstance(body.get(SEALED), Mapping) else None,
    )


def search_columns(entry: Entry) -> SearchColumns:
    """Give what the store must hold beside the bytes of ``entry``."""
    return SearchColumns(
        desk=entry.desk,
        number=entry.number,
        time=entry.time,
        kind=searchable(entry.kind),
        subject=searchable(entry.subject),
        technician=searchable(entry.technician),
        officer=searchable(entry.officer),
        receipt=searchable(entry.receipt),
        receipt_counter=entry.receipt_counter,
        once=searchable(entry.once),
    )


@overload
def searchable(text: str) -> str: ...
@overload
def searchable(text: str | None) -> str | None: ...
def searchable(text: str | None) -> str | None:
    """Give ``text`` as it stands in a search column: bounded for the index, without what no database text can hold."""
    if text is None or (len(text) <= LONGEST_SEARCHED and text.isascii() and "\0" not in text):
        return text
    return text[:LONGEST_SEARCHED].translate(_NOT_IN_COLUMNS)


def timestamp(moment: datetime) -> str:
    """Give ISO 8601 in UTC with milliseconds, ``2026-03-01T09:30:00.125Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
