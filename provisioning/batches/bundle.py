"""A batch's state as a file for another desk: the manifest and what this desk's ledger says of it, signed by the desk.

It holds what batches are counted from and no more (:mod:`provisioning.batches.events`): no receipt, no name, no
record. Each event names its entry's number and hash, so it can be held against an export of that desk's ledger. The
desk that takes it over books the file's digest; from then on the file counts only while it is that very file.

The file is ``{"state": {...}, "signature": HEX}``; the RFC 8785 bytes of ``state`` are what the signature is over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from provisioning.batches.events import EVENT_KINDS, Event, events_of
from provisioning.batches.history import histories
from provisioning.batches.manifest import Expected, Manifest
from provisioning.canonical import Json, canonical, parse_object
from provisioning.errors import HomeError, UsageError
from provisioning.files import make_folder, read_file, write_file
from provisioning.home.identity import DeskIdentity
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.plain_text import one_line
from provisioning.signatures import DeskPublicKey, Signer

FORMAT = "issuing-desk/batch-state/1"
MOST_EVENTS = 1_000_000


@dataclass(frozen=True, slots=True)
class BatchState:
    """What another desk says of a batch. ``key`` is that of the desk that signed it."""

    manifest: Manifest
    desk: str
    desk_name: str
    training: bool
    time: str
    head: tuple[int, str]
    events: tuple[Event, ...]
    key: DeskPublicKey
    digest: str


def batch_state(ledger: Ledger, manifest: Manifest, identity: DeskIdentity, signer: Signer) -> bytes:
    """Give the state of a batch as this desk's ledger has it."""
    events = list(events_of(ledger.entries(kind=EVENT_KINDS)))
    strangers = histories(events).strangers.get(manifest.name, {})
    meant = {*manifest.expected, *strangers}
    own = [e for e in events if e.subject.casefold() in meant or e.text("batch") == manifest.name]
    head = ledger.head()
    state: dict[str, Json] = {
        "format": FORMAT, "batch": manifest.name, "desk": ledger.owner.desk, "desk_name": identity.desk_name,
        "training": ledger.owner.training, "key": signer.public.pem(), "time": ledger.now().isoformat(),
        "head": {"number": head.number if head else 0, "hash": head.hash if head else ""},
        "lines": [asdict(one) for one in manifest.lines],
        "events": [asdict(one) for one in own],
    }  # fmt: skip
    signed = canonical(state)
    return canonical({"state": state, "signature": signer.sign(hashlib.sha256(signed).digest()).hex()})


def read_state(data: bytes, what: str = "The file") -> BatchState:
    """Read a state and check its signature by the key that it names. Raises UsageError where it is none."""
    try:
        members = parse_object(data)
        state = members.members("state")
        if state.text("format") != FORMAT:
            raise ValueError("not of this format")
        key = DeskPublicKey.from_pem(state.text("key"))
        digest = hashlib.sha256(canonical(state.object)).digest()
        if not key.verifies(bytes.fromhex(members.text("signature")), digest):
            raise ValueError("its signature does not fit")
        lines = [_line(one) for one in _rows(state.object.get("lines"))]
        events = tuple(_event(one, state.text("desk")) for one in _rows(state.object.get("events")))
        head = state.members("head")
        expected: dict[str, list[Expected]] = {}
        for one in lines:
            expected.setdefault(one.serial_number.casefold(), []).append(one)
        return BatchState(
            Manifest({serial: tuple(same) for serial, same in expected.items()}, state.text("batch")),
            state.text("desk"),
            state.text("desk_name"),
            state.flag("training"),
            state.text("time"),
            (head.number("number"), head.text("hash")),
            events,
            key,
            hashlib.sha256(data).hexdigest(),
        )
    except (ValueError, TypeError, KeyError, AttributeError, UsageError) as error:
        raise UsageError(f"{what} is no state of a batch: {one_line(str(error), 120)}.") from error


class StateFolder:
    """The states that other desks gave to this home."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "batches" / "elsewhere"

    def keep(self, data: bytes) -> None:
        """Keep a state under its digest."""
        make_folder(self._folder)
        write_file(self._folder / f"{hashlib.sha256(data).hexdigest()}.json", data)

    def events(self, own: Sequence[Event]) -> list[Event]:
        """Give what other desks said of the batches that this desk's events took over, the newest state of each.

        Raises HomeError where a file is gone or is not the one that the ledger names.
        """
        taken = [one for one in own if one.kind == EntryKind.BATCH_IMPORTED and one.text("state_sha256")]
        newest = {(one.text("batch"), one.text("from_desk")): one.text("state_sha256") for one in taken}
        found: list[Event] = []
        for digest in dict.fromkeys(newest.values()):
            path = self._folder / f"{digest}.json"
            if not path.is_file():
                raise HomeError(f"What another desk said of a batch is missing: {path}. Import that state again.")
            data = read_file(path)
            if hashlib.sha256(data).hexdigest() != digest:
                raise HomeError(f"{path} is not the file that the ledger names. Import that state again.")
            found += read_state(data, str(path)).events
        return found


def _rows(value: Json) -> list[Mapping[str, Json]]:
    if not isinstance(value, list) or len(value) > MOST_EVENTS or not all(isinstance(one, Mapping) for one in value):
        raise ValueError("a list of it is none")
    return cast("list[Mapping[str, Json]]", value)


def _line(row: Mapping[str, Json]) -> Expected:
    words = {name: one_line(str(value), 400) for name, value in row.items() if name != "line"}
    return Expected(line=int(str(row["line"])), **words)


def _event(row: Mapping[str, Json], desk: str) -> Event:
    if row.get("desk") != desk or row.get("kind") not in EVENT_KINDS:
        raise ValueError("an event of it is not that desk's")
    body, number = row.get("body"), row.get("number")
    if not isinstance(body, Mapping) or not isinstance(number, int):
        raise TypeError("an event of it is none")
    text = {name: str(row[name]) for name in ("hash", "time", "kind", "subject")}
    event = Event(desk=desk, number=number, body=body, **text)
    event.moment  # noqa: B018  # raises ValueError for what is no time
    if event.kind == EntryKind.HANDED_OVER and not event.subject:
        raise ValueError("a handover of it names no handset")
    return event
