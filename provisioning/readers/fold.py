"""What one entry adds to the sums: the rows that the table of figures gets for it. Pure; nothing in an entry raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from provisioning.canonical import Json
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.people.permits import permits_on_the_books
from provisioning.plain_text import one_line
from provisioning.readers.exception_kinds import ExceptionKind
from provisioning.receipts.parts import is_part
from provisioning.return_reasons import MISSING, reason_in
from provisioning.verification.judgement import Verdict

SEALED_MARK = "?"
NOT_KNOWN = "not known"
Statement: TypeAlias = tuple[str, Sequence[object]]
"""SQL and its values."""

TABLES = """
CREATE TABLE chains (desk TEXT PRIMARY KEY, name TEXT NOT NULL, place INTEGER NOT NULL, number INTEGER NOT NULL,
    hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE issued (place INTEGER, item INTEGER, day INTEGER, desk TEXT, serial TEXT, unit TEXT, model TEXT, body TEXT,
    policy TEXT, platform TEXT, PRIMARY KEY (place, item)) WITHOUT ROWID;
CREATE INDEX issued_day ON issued (day, unit, model, body, desk, policy, platform);
CREATE TABLE sums (what TEXT, day INTEGER, value TEXT, number INTEGER NOT NULL,
    PRIMARY KEY (what, day, value)) WITHOUT ROWID;
CREATE TABLE returned (place INTEGER PRIMARY KEY, day INTEGER, desk TEXT, serial TEXT, reason TEXT);
CREATE INDEX returned_day ON returned (day, reason);
CREATE TABLE handsets (serial TEXT PRIMARY KEY, model TEXT, platform TEXT, verdict TEXT, rule TEXT, verified INTEGER,
    day INTEGER, out INTEGER, missing TEXT, held INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX handsets_out ON handsets (out) WHERE out IS NOT NULL;
CREATE INDEX handsets_ready ON handsets (model)
    WHERE verdict = 'clear' AND out IS NULL AND missing IS NULL AND held = 0;
CREATE INDEX handsets_found ON handsets (rule) WHERE verdict <> 'clear';
CREATE TABLE permits (reference TEXT PRIMARY KEY, officer TEXT, family TEXT, since INTEGER, until INTEGER,
    revoked INTEGER NOT NULL DEFAULT 0, place INTEGER) WITHOUT ROWID;
CREATE TABLE odd (place INTEGER, kind TEXT, PRIMARY KEY (place, kind)) WITHOUT ROWID;
CREATE TABLE grants (place INTEGER, reference TEXT, family TEXT, until TEXT,
    PRIMARY KEY (place, reference)) WITHOUT ROWID;
CREATE TABLE hours (day INTEGER, desk TEXT, hour INTEGER, walked INTEGER NOT NULL DEFAULT 0,
    ready INTEGER NOT NULL DEFAULT 0, issued INTEGER NOT NULL DEFAULT 0, returned INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, desk, hour)) WITHOUT ROWID;
CREATE TABLE names (id INTEGER PRIMARY KEY, kind TEXT, normal TEXT, shown TEXT, subject TEXT, alike TEXT,
    UNIQUE (normal, kind, subject));
CREATE INDEX names_subject ON names (subject) WHERE subject <> '';
CREATE INDEX names_alike ON names (alike);
CREATE VIRTUAL TABLE names_within USING fts5(normal, content='', tokenize='trigram');
CREATE TRIGGER names_are_found AFTER INSERT ON names
    BEGIN INSERT INTO names_within (rowid, normal) VALUES (NEW.id, NEW.normal); END;
CREATE TABLE mentions (name INTEGER, place INTEGER, PRIMARY KEY (name, place)) WITHOUT ROWID;
"""
"""``day`` is a proleptic ordinal, of the day here when it happened. ``verified`` and ``out`` are places; NULL: never,
or no more true: what was verified before a handset went out, came back or was erased says nothing of it now."""

_ISSUED = "INSERT OR IGNORE INTO issued VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SUM = "INSERT INTO sums VALUES (?, ?, ?, 1) ON CONFLICT (what, day, value) DO UPDATE SET number = number + 1"
_OUT = (
    "INSERT INTO handsets (serial, model, platform, out) VALUES (?, ?, ?, ?) ON CONFLICT (serial) DO UPDATE SET "
    "model = excluded.model, platform = excluded.platform, out = excluded.out, missing = NULL"
)
_BACK = (
    "INSERT INTO handsets (serial, missing) VALUES (?, ?) ON CONFLICT (serial) DO UPDATE SET out = NULL, "
    "missing = excluded.missing, verdict = NULL, rule = NULL, verified = NULL"
)
_ERASED = "UPDATE handsets SET verdict = NULL, rule = NULL, verified = NULL WHERE serial = ?"
_SEEN = (
    "INSERT INTO handsets (serial, model, platform) VALUES (?, ?, ?) ON CONFLICT (serial) DO UPDATE SET "
    "model = excluded.model, platform = excluded.platform"
)
_VERIFIED = (
    "INSERT INTO handsets (serial, verdict, rule, verified, day) VALUES (?, ?, ?, ?, ?) ON CONFLICT (serial) DO UPDATE "
    "SET verdict = excluded.verdict, rule = excluded.rule, verified = excluded.verified, day = excluded.day"
)
_HELD = "INSERT INTO handsets (serial, held) VALUES (?, ?) ON CONFLICT (serial) DO UPDATE SET held = excluded.held"
_RETURNED = "INSERT OR IGNORE INTO returned VALUES (?, ?, ?, ?, ?)"
_PERMIT = "INSERT OR REPLACE INTO permits VALUES (?, ?, ?, ?, ?, 0, ?)"
_REVOKED = "UPDATE permits SET revoked = 1 WHERE reference = ?"
_GRANT = "INSERT OR IGNORE INTO grants VALUES (?, ?, ?, ?)"
_ODD = "INSERT OR IGNORE INTO odd VALUES (?, ?)"
_HOURS = {
    what: f"INSERT INTO hours (day, desk, hour, {what}) VALUES (?, ?, ?, 1) "
    f"ON CONFLICT (day, desk, hour) DO UPDATE SET {what} = {what} + 1"
    for what in ("walked", "ready", "issued", "returned")
}


def statements(place: int, entry: Entry) -> Iterator[Statement]:
    """Yield what an entry changes in the tables."""
    here = entry.moment.astimezone()
    day, hour = here.date().toordinal(), here.hour
    serial, body = entry.subject, entry.body
    match entry.kind:
        case EntryKind.HANDED_OVER if not is_part(entry):
            yield from _handed_over(place, entry, day, hour)
        case EntryKind.RETURNED:
            reason = reason_in(body)
            if serial:
                missing = reason if reason in {str(one) for one in MISSING} else None
                yield _RETURNED, (place, day, entry.desk, serial, reason)
                yield _BACK, (serial, missing)
                yield _HOURS["returned"], (day, entry.desk, hour)
                if missing:
                    yield _ODD, (place, missing)
        case EntryKind.IDENTIFIED if serial:
            yield _SEEN, (serial, _word(body.get("model_name") or body.get("model")), _word(body.get("platform")))
        case EntryKind.VERIFIED if serial:
            verdict = _word(body.get("verdict"))
            yield _VERIFIED, (serial, verdict, _rule(verdict, body), place, day)
        case EntryKind.ERASED if serial:
            yield _ERASED, (serial,)
        case EntryKind.WALKED:
            yield _HOURS["walked"], (day, entry.desk, hour)
            if body.get("end") == "ready":
                yield _HOURS["ready"], (day, entry.desk, hour)
        case EntryKind.PERMIT_ADDED:
            yield from _permit(place, entry)
        case EntryKind.PERMIT_REVOKED:
            yield _REVOKED, (_word(body.get("permit")),)
        case EntryKind.EVIDENCE_HELD | EntryKind.EVIDENCE_RELEASED if serial:
            held = entry.kind == EntryKind.EVIDENCE_HELD
            yield _HELD, (serial, int(held))
            if held:
                yield _ODD, (place, str(ExceptionKind.HELD))
        case EntryKind.HANDOVER_REFUSED:
            yield _ODD, (place, str(ExceptionKind.REFUSED))
        case _:
            pass


def _handed_over(place: int, entry: Entry, day: int, hour: int) -> Iterator[Statement]:
    document = _object(entry.body.get("document"))
    officer = _object(document.get("officer"))
    unit, body = _word(officer.get("unit")), _word(document.get("organisation"))
    items = _objects(document.get("items"))
    handsets = [one for one in items if one.get("serial_number")] or (
        [{"serial_number": entry.subject}] if entry.subject and not items else []
    )
    for number, item in enumerate(handsets):
        policy = _object(_object(item.get("check")).get("policy"))
        model, serial = _word(item.get("model_name") or item.get("model")), str(item["serial_number"])
        platform = _word(item.get("platform"))
        yield _ISSUED, (
            place, number, day, entry.desk, serial, unit, model, body, _word(policy.get("name")), platform,
        )  # fmt: skip
        for what, value in (("day", ""), ("unit", unit), ("model", model), ("body", body)):
            yield _SUM, (what, day, value)
        yield _OUT, (serial, model, platform, place)
        yield _HOURS["issued"], (day, entry.desk, hour)
        if (order := _object(item.get("order"))).get("override") or (order and entry.withheld is not None):
            yield _ODD, (place, _unless_sealed(ExceptionKind.OVERRIDDEN, entry))
    for grant in _objects(document.get("permits")):
        said = [_word(grant.get(member)) for member in ("reference", "family", "valid_until")]
        yield _GRANT, (place, *said)
    if _object(document.get("signature")).get("kind") == "declined":
        yield _ODD, (place, str(ExceptionKind.UNSIGNED))
    if officer.get("roster_reason") or (entry.withheld is not None and officer.get("on_roster") is not True):
        yield _ODD, (place, _unless_sealed(ExceptionKind.STRANGER, entry))


def _unless_sealed(kind: ExceptionKind, entry: Entry) -> str:
    """Give the word for a kind; with a mark where what decides it is sealed, so that whoever reads it looks again."""
    return f"{kind}{SEALED_MARK}" if entry.withheld is not None else str(kind)


def _permit(place: int, entry: Entry) -> Iterator[Statement]:
    try:
        for reference, permit in permits_on_the_books([entry]).items():
            since, until = permit.valid_from.toordinal(), permit.valid_until.toordinal()
            yield _PERMIT, (reference, permit.officer, permit.what, since, until, place)
    except Exception:  # noqa: BLE001  # an entry of another version may hold anything, and is shown where it is read
        until = date.min.toordinal()
        yield _PERMIT, (_word(entry.body.get("permit")), entry.officer or "", NOT_KNOWN, until, until, place)


def _rule(verdict: str, body: Mapping[str, Json]) -> str | None:
    if verdict == Verdict.CLEAR:
        return None
    findings = body.get("findings")
    first = findings[0] if isinstance(findings, list) and findings else None
    if verdict == Verdict.UNKNOWN or not isinstance(first, Mapping):
        return "not all of it could be read"
    return _word(first.get("rule"))


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: Json) -> list[Mapping[str, Json]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _word(value: Json) -> str:
    return one_line(value, 60) if isinstance(value, str) and value else NOT_KNOWN
