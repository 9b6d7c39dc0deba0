"""Which members of an entry's body are about a person, and are therefore sealed; the rest stays in clear, signed.

In clear stays what the chain and searches need: the officer number, which is a pseudonym outside of the force's own
roster (people search by it, and one handset must not go out to two), serial and receipt numbers, times, kinds,
policies, verdicts, the unit that a handset went to (all counts are by unit), and the technician who answers for the
entry: who did what to an officer's handset is what the record is for, as for any public servant acting in that role.
Names, ranks, documents that were looked at, signatures, proxies and whatever somebody typed in their own words are
sealed.

:data:`PERSONAL` names every kind of entry there is, so that a new kind is decided upon and not forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

from provisioning.canonical import Json
from provisioning.ledger.entry import EntryKind

EACH: Final = "*"
"""Stands in a path for every element of a list."""
Path = tuple[str, ...]
Piece = tuple[tuple[str | int, ...], Json]
"""Where in the body something stood, and what."""

_REASON: tuple[Path, ...] = (("reason",),)
_RECEIPT: tuple[Path, ...] = (
    ("document", "officer", "name"),
    ("document", "officer", "rank"),
    ("document", "officer", "roster_reason"),
    ("document", "proxy"),
    ("document", "identity"),
    ("document", "signature", "name"),
    ("document", "signature", "enrolled"),
    ("document", "signature", "reason"),
    ("document", "remarks"),
    ("document", "reference"),
    ("document", "salt"),
    ("document", "items", EACH, "condition"),
    ("document", "items", EACH, "order", "override"),
    ("document", "items", EACH, "back", "lacks"),
    ("pictures",),
)
_NONE: tuple[Path, ...] = ()

PERSONAL: Mapping[EntryKind, tuple[Path, ...]] = {
    EntryKind.HOME_CREATED: _NONE,
    EntryKind.SUPERVISION_CHANGED: _NONE,
    EntryKind.SETTINGS_CHANGED: _NONE,
    EntryKind.IDENTIFIED: _NONE,
    EntryKind.TRUSTED: _NONE,
    EntryKind.PREFLIGHTED: _NONE,
    EntryKind.ENROLLED: _NONE,
    EntryKind.APPLIED: _NONE,
    EntryKind.VERIFIED: _NONE,
    EntryKind.READY: _NONE,
    # Obstacles may name an account that lies on the handset; a notice repeats why it is held as evidence.
    EntryKind.STOPPED: (("obstacles", EACH, "detail"), ("notice", "reason"), ("notice", "reference")),
    EntryKind.WALKED: _NONE,
    EntryKind.HANDED_OVER: _RECEIPT,
    EntryKind.ITEM_HANDED_OVER: _NONE,
    EntryKind.HANDOVER_REFUSED: _REASON,
    EntryKind.SEALED: _NONE,
    EntryKind.RETURNED: _RECEIPT,
    EntryKind.ITEM_RETURNED: _NONE,
    EntryKind.ERASED: _NONE,
    EntryKind.RECEIPT_PRINTED: _REASON,
    EntryKind.POLICY_CHANGED: _NONE,
    EntryKind.CATALOGUE_CHANGED: _NONE,
    EntryKind.PERMIT_ADDED: (("requester",), ("approver",), ("reason",), ("conditions",)),
    EntryKind.PERMIT_REVOKED: _REASON,
    EntryKind.OFFICERS_IMPORTED: _NONE,
    EntryKind.AUTHENTICATOR_ENROLLED: _NONE,
    EntryKind.BATCH_IMPORTED: _NONE,
    EntryKind.BATCH_OPENED: _REASON,
    EntryKind.BATCH_CLOSED: _REASON,
    EntryKind.ORDERS_IMPORTED: _NONE,
    EntryKind.OFFICER_RECALLED: _REASON,
    EntryKind.OFFICER_REINSTATED: _REASON,
    EntryKind.EVIDENCE_HELD: (("reason",), ("reference",)),
    EntryKind.EVIDENCE_RELEASED: (("reason",), ("reference",)),
    EntryKind.TECHNICIAN_REGISTERED: _NONE,
    EntryKind.TECHNICIAN_PIN_SET: _NONE,
    EntryKind.TECHNICIAN_DISABLED: _REASON,
    EntryKind.SIGNED_IN: _NONE,
    EntryKind.SIGNED_OUT: _NONE,
    EntryKind.SIGN_IN_FAILED: _NONE,
    EntryKind.INVENTORIES_REMOVED: _NONE,
    EntryKind.EXPORTED: _NONE,
    # Why a desk has another key is for the auditor, who has no keys to read with.
    EntryKind.KEY_CHANGED: _NONE,
    EntryKind.KEY_REPLACED: _NONE,
    EntryKind.CONFLICT_SETTLED: (("decision",),),
    EntryKind.NOTED: _NONE,
    # Whom somebody was interested in says something of that person too.
    EntryKind.VIEWED: (("of_officer",), ("of_receipt",), ("of_serial",), ("why",)),
    EntryKind.LEGAL_HOLD_SET: (("reason",), ("reference",)),
    EntryKind.LEGAL_HOLD_ENDED: (("reason",), ("reference",)),
    EntryKind.RESERVED: _NONE,
    EntryKind.RELEASED: _NONE,
    EntryKind.LAWFULLY_ERASED: _NONE,
    EntryKind.ERASURE_APPLIED: _NONE,
}


def parted(kind: str, body: Mapping[str, Json]) -> tuple[dict[str, Json], list[Piece]]:
    """Part a body into what stays in clear and the pieces to be sealed; kinds that are not known have none.

    A piece that says nothing (empty, null) stays where it is.
    """
    pieces: list[Piece] = []
    clear = dict(body)
    for path in PERSONAL.get(cast("EntryKind", kind), _NONE):
        clear = cast("dict[str, Json]", _without(clear, path, (), pieces))
    return clear, pieces


def rejoined(clear: Mapping[str, Json], pieces: Sequence[Piece]) -> dict[str, Json]:
    """Put the pieces back. Raises ValueError where one does not belong to this body."""
    whole: Json = dict(clear)
    for path, value in pieces:
        whole = _with(whole, path, value)
    return cast("dict[str, Json]", whole)


def _without(value: Json, path: Path, here: tuple[str | int, ...], pieces: list[Piece]) -> Json:
    """Give ``value`` without what stands at ``path``, and note that as pieces; copies only what changes."""
    name, rest = path[0], path[1:]
    if name == EACH:
        if not isinstance(value, Sequence) or isinstance(value, str):
            return value
        return [_without(one, rest, (*here, number), pieces) for number, one in enumerate(value)]
    if not isinstance(value, Mapping) or name not in value:
        return value
    inner = value[name]
    if rest:
        changed = _without(inner, rest, (*here, name), pieces)
        return value if changed is inner else {**value, name: changed}
    if inner is None or (isinstance(inner, Sequence) and not inner):
        return value
    pieces.append(((*here, name), inner))
    return {member: one for member, one in value.items() if member != name}


def _with(value: Json, path: Sequence[str | int], piece: Json) -> Json:
    name, rest = path[0], path[1:]
    if isinstance(name, int):
        if not isinstance(value, Sequence) or isinstance(value, str) or not 0 <= name < len(value) or not rest:
            raise ValueError("a sealed piece does not belong to this entry")
        return [_with(one, rest, piece) if number == name else one for number, one in enumerate(value)]
    if not isinstance(value, Mapping) or (not rest and name in value) or (rest and name not in value):
        raise ValueError("a sealed piece does not belong to this entry")
    return {**value, name: _with(value[name], rest, piece) if rest else piece}
