"""All that a desk holds about one officer, with what it says of others taken out: the content of a subject-access pack.

Whose data it is: the person has a right to their own (UK GDPR Art. 15(1)), not to those of others (Art. 15(4); DPA 2018
Sch. 2 para. 16). Technicians, and those who asked for or approved a permit, acted for the force; who exactly they are
says nothing of the person (C-579/21, Pankki S), so they appear as “technician 1”, the same one under the same name
throughout, unless the force decides otherwise for this pack. Receipts are given whole: the person got that very paper
when it was made; of receipts of others it says only as what they are named there. What somebody typed in their own
words stays as it is and may name others: whoever hands the pack out reads it first, and is told how much there is.

Left out, and said to be: legal holds, and why somebody looked, which may prejudice what they are for (DPA 2018 Sch. 2
para. 2), unless ``everything`` is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from provisioning.canonical import Json
from provisioning.ledger.entry import HANDS_CHANGED, Entry, EntryKind, Withheld
from provisioning.ledger.look_up import Entries
from provisioning.privacy.fields import parted
from provisioning.privacy.reading import withheld_sentence
from provisioning.privacy.viewing import looks_at

_STAFF = frozenset({"technician", "requester", "approver", "by"})
"""Members of a body that name somebody who acted for the force."""
_TYPED = frozenset({"reason", "reference", "remarks", "condition", "override", "lacks", "decision", "conditions", "why",
                    "roster_reason", "detail"})  # fmt: skip
_NOT_THEIRS = frozenset({EntryKind.LEGAL_HOLD_SET, EntryKind.LEGAL_HOLD_ENDED})


@dataclass
class Staff:
    """Gives people who acted for the force a name that tells them apart and no more; their own where ``named``."""

    named: bool = False
    _known: dict[str, str] = field(default_factory=dict[str, str])

    def called(self, name: str | None) -> str:
        """Give what somebody is called in the pack."""
        if not name or self.named:
            return name or ""
        return self._known.setdefault(name, f"technician {len(self._known) + 1}")


@dataclass(frozen=True, slots=True)
class AboutPerson:
    """What is held. ``entries`` and ``looks`` are as the pack gives them; ``receipts`` are numbers, oldest first.

    ``erased`` are sentences; ``sealed`` how many entries this desk could not open; ``typed`` how many texts in
    somebody's own words are in it.
    """

    officer: str
    entries: tuple[Mapping[str, Json], ...]
    looks: tuple[Mapping[str, Json], ...]
    receipts: tuple[str, ...]
    signed_for_others: tuple[str, ...]
    """Receipts of others that they signed in their place."""
    erased: tuple[str, ...]
    sealed: int
    typed: int


def about_person(books: Entries, officer: str, staff: Staff, *, everything: bool = False) -> AboutPerson:
    """Gather what the ledger holds of an officer. Raises LedgerError where it was changed."""
    entries = _theirs(books, officer)
    receipts = dict.fromkeys(
        entry.receipt for entry in entries if entry.receipt and entry.kind in HANDS_CHANGED and entry.officer == officer
    )
    serials = {entry.subject for entry in entries if entry.subject and entry.officer == officer}
    looks = looks_at(books, officer, receipts, serials)
    shown = [entry for entry in entries if everything or entry.kind not in _NOT_THEIRS]
    return AboutPerson(
        officer,
        tuple(_entry(entry, officer, staff) for entry in shown),
        tuple(_look(entry, staff, everything=everything) for entry in looks),
        tuple(receipts),
        tuple(entry.receipt or "" for entry in shown if "proxy" in _named_as(entry, officer)),
        tuple(withheld_sentence(entry) for entry in shown if entry.withheld is Withheld.ERASED),
        sum(entry.withheld in {Withheld.SEALED, Withheld.LOST} for entry in shown),
        sum(_typed(entry) for entry in shown),
    )


def _theirs(books: Entries, officer: str) -> list[Entry]:
    """Give the entries about an officer, and the receipts on which they stand for somebody or had what came back."""
    own = books.entries(officer=officer)
    known = {(entry.desk, entry.number) for entry in own}
    others = [
        entry
        for entry in books.entries(kind=HANDS_CHANGED)
        if (entry.desk, entry.number) not in known and _named_as(entry, officer)
    ]
    return sorted([*own, *others], key=lambda entry: entry.time)


def _named_as(entry: Entry, officer: str) -> list[str]:
    """Say as what an officer is named on somebody else's receipt."""
    document = entry.body.get("document")
    if entry.officer == officer or not isinstance(document, Mapping):
        return []
    proxy, items = document.get("proxy"), document.get("items")
    stands = proxy.get("officer") if isinstance(proxy, Mapping) else None
    found = ["proxy"] if isinstance(stands, Mapping) and stands.get("number") == officer else []
    backs = [item.get("back") for item in items if isinstance(item, Mapping)] if isinstance(items, Sequence) else []
    held = any(isinstance(back, Mapping) and back.get("holder") == officer for back in backs)
    return [*found, "holder of what came back"] if held else found


def _entry(entry: Entry, officer: str, staff: Staff) -> dict[str, Json]:
    """Give one entry: all of it where it is about them, else no more than as what they are named there."""
    head: dict[str, Json] = {
        "desk": entry.desk, "number": entry.number, "time": entry.time, "kind": entry.kind, "subject": entry.subject,
        "by": staff.called(entry.technician),
    }  # fmt: skip
    if entry.withheld is not None:
        head["withheld"] = withheld_sentence(entry)
    if entry.officer != officer:
        named: Sequence[Json] = _named_as(entry, officer)
        return head | {"body": {"named_as": named, "receipt": entry.receipt}}
    body = {name: value for name, value in entry.body.items() if name not in {"sealed", "pictures"}}
    return head | {"body": _only_theirs(body, officer, staff)}


def _look(entry: Entry, staff: Staff, *, everything: bool) -> dict[str, Json]:
    look: dict[str, Json] = {
        "time": entry.time, "desk": entry.desk, "by": staff.called(entry.technician), "look": entry.body.get("look"),
        "receipt": entry.body.get("of_receipt"),
    }  # fmt: skip
    return look | ({"why": entry.body.get("why")} if everything else {})


def _only_theirs(value: Json, officer: str, staff: Staff) -> Json:
    if isinstance(value, Mapping):
        return {name: _member(name, one, officer, staff) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_only_theirs(one, officer, staff) for one in value]
    return value


def _member(name: str, value: Json, officer: str, staff: Staff) -> Json:
    if isinstance(value, str):
        if name in _STAFF:
            return staff.called(value)
        return "another officer" if name in {"officer", "holder"} and value not in {"", officer} else value
    if name == "technician" and isinstance(value, Mapping):
        return {"name": staff.called(cast("str", value.get("name")))}
    if name == "proxy" and isinstance(value, Mapping):
        return {"another_person": True, "authority": value.get("authority")}
    return _only_theirs(value, officer, staff)


def _typed(entry: Entry) -> int:
    """Count the texts in somebody's own words."""
    return sum(path[-1] in _TYPED for path, _ in parted(entry.kind, entry.body)[1])


def by_kind(entries: Iterable[Mapping[str, Json]]) -> dict[str, int]:
    """Count entries by kind."""
    counts: dict[str, int] = {}
    for entry in entries:
        counts[str(entry["kind"])] = counts.get(str(entry["kind"]), 0) + 1
    return counts
