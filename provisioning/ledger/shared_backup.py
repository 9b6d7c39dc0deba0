"""A shared ledger in one file that any machine can check, and put into an empty database again.

No program of PostgreSQL is needed, and none of its versions: the file is a ZIP archive with one member for each table
and one for each desk's entries, JSON lines whose first names the columns, and ``manifest.json`` with their digests.
Entries prove themselves by the desks' signatures: :func:`check_backup` walks each chain with public keys alone.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from provisioning.archives import opened_archive, write_archive
from provisioning.canonical import canonical, parse_object
from provisioning.errors import FileError, UsageError
from provisioning.ledger.check_shared import SharedCheck, check_shared
from provisioning.ledger.entry import SearchColumns
from provisioning.ledger.postgres_connection import READING, connecting_engine, told, where_is
from provisioning.ledger.postgres_guards import SCHEMA
from provisioning.ledger.store import RawRow, StoredEntry, StoredHead, stored
from provisioning.signatures import AnyDeskKey, DeskKeys, DeskPublicKey

FORMAT = "issuing-desk/shared-backup/1"
TABLES = ("desks", "logins", "heads", "in_hands", "record_keys", "erased", "seal_keys", "granted_keys")
"""All but the entries, which are kept desk by desk."""
_LIST = "manifest.json"
_LARGEST_LINE = 4 << 20
_BATCH = 2000
_ROW = ("canonical", "hash", "signature", *SearchColumns._fields)


@dataclass(frozen=True, slots=True)
class SharedBackup:
    """What a backup holds and how its check went; ``rows`` counts the rows of each member."""

    made: str
    rows: Mapping[str, int]
    check: SharedCheck


def back_up_shared(url: URL, file: Path, password: Callable[[], str | None] = lambda: None) -> SharedBackup:
    """Write the shared ledger to ``file``, which must not be there, in one picture; check what was written.

    Raises FileError, LedgerUnreachable, HomeError. What does not hold is a result: it is kept as it is.
    """
    engine = connecting_engine(url, "REPEATABLE READ", READING, password).execution_options(postgresql_readonly=True)

    def write(archive: zipfile.ZipFile) -> None:
        with told(url), engine.connect() as connection, connection.begin():
            driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
            members = [_table(archive, driver, name) for name in TABLES]
            desks = [str(desk) for (desk,) in driver.execute(_DESKS)]
            members += [_entries(archive, driver, place, desk) for place, desk in enumerate(desks)]
        archive.writestr(_LIST, canonical({
            "format": FORMAT, "made": datetime.now(UTC).isoformat(timespec="seconds"), "members": members,
        }))  # fmt: skip

    try:
        return write_archive(file, write, check_backup)
    finally:
        engine.dispose()


def check_backup(file: Path, keys: Sequence[AnyDeskKey] = (), heads: Mapping[str, str] | None = None) -> SharedBackup:
    """Read all of a backup and check every chain in it, by ``keys`` or, without any, by those that desks had there.

    Raises FileError where it is no whole backup; a chain that does not hold is a result.
    """
    with _opened(file) as (archive, members, made):
        rows = {name: sum(1 for _ in _lines(file, archive, name, digest)) for name, digest in members.items()}
        book = _Book(file, archive, members)
        check = check_shared(book, list(keys) or book.keys(), heads)  # pyright: ignore[reportArgumentType]  # it only reads
    return SharedBackup(made, rows, check)


def restore_shared(file: Path, url: URL, keys: Sequence[AnyDeskKey] = ()) -> SharedBackup:
    """Put a backup into the empty tables at ``url``, whose login owns them; nothing unless all of it holds.

    Raises FileError, UsageError where the tables are not empty, HomeError.
    """
    found = check_backup(file, keys)
    if not found.check.ok:
        raise FileError(file, f"holds a ledger that is in doubt, and was not put back. {found.check.why()}")
    engine = connecting_engine(url, "SERIALIZABLE", READING, lambda: None)
    try:
        with (
            _opened(file) as (archive, members, _),
            told(url), engine.connect() as connection, connection.begin(),
        ):  # fmt: skip
            driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
            for table in (*TABLES, "entries"):
                if driver.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(_named(table))).fetchone():
                    raise UsageError(f"The shared ledger at {where_is(url)} is not empty. Restore into a new database.")
            for table in (*TABLES, "entries"):
                driver.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(_named(table)))
            for name, digest in members.items():
                _fill(driver, name.partition("/")[0].removesuffix(".jsonl"), _lines(file, archive, name, digest))
            driver.execute(_GO_ON)
            for table in (*TABLES, "entries"):
                driver.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(_named(table)))
    finally:
        engine.dispose()
    return found


_DESKS = sql.SQL("SELECT DISTINCT desk FROM {} ORDER BY desk").format(sql.Identifier(SCHEMA, "entries"))
_GO_ON = sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'place'), (SELECT max(place) FROM {}))").format(
    sql.Literal(f"{SCHEMA}.entries"), sql.Identifier(SCHEMA, "entries")
)


def _named(table: str) -> sql.Identifier:
    return sql.Identifier(SCHEMA, table)


def _table(archive: zipfile.ZipFile, driver: psycopg.Connection[Any], name: str) -> dict[str, str]:
    return _write(archive, driver, f"{name}.jsonl", sql.SQL("SELECT * FROM {}").format(_named(name)))


def _entries(archive: zipfile.ZipFile, driver: psycopg.Connection[Any], place: int, desk: str) -> dict[str, str]:
    wanted = sql.SQL("SELECT * FROM {} WHERE desk = {} ORDER BY number").format(_named("entries"), sql.Literal(desk))
    return _write(archive, driver, f"entries/{place:04d}.jsonl", wanted)


def _write(
    archive: zipfile.ZipFile, driver: psycopg.Connection[Any], name: str, wanted: sql.Composed
) -> dict[str, str]:
    digest = hashlib.sha256()
    with driver.cursor("backup", binary=True) as cursor, archive.open(name, "w", force_zip64=True) as member:
        cursor.execute(wanted)

        def put(document: object) -> None:
            line = json.dumps(document, ensure_ascii=False, default=_plain).encode() + b"\n"
            digest.update(line)
            member.write(line)

        put([column.name for column in cursor.description or ()])
        while some := cursor.fetchmany(_BATCH):
            for row in some:
                put(row)
    return {"name": name, "sha256": digest.hexdigest()}


def _plain(value: object) -> object:
    """Give what JSON does not know: bytes as an object of their own kind, a moment as text."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a column of type {type(value).__name__}")


@contextmanager
def _opened(file: Path) -> Generator[tuple[zipfile.ZipFile, Mapping[str, str], str]]:
    with opened_archive(file) as archive:
        with archive.open(_LIST) as member:
            manifest = parse_object(member.read(_LARGEST_LINE))
        if manifest.text("format") != FORMAT:
            raise ValueError("of another format")
        members = {one.text("name"): one.text("sha256") for one in manifest.list("members")}
        wanted = {f"{name}.jsonl" for name in TABLES}
        if missing := sorted((wanted | set(members)) - set(archive.namelist())):
            raise FileError(file, f"is no whole backup: “{missing[0]}” is missing.")
        if not wanted <= set(members) or set(archive.namelist()) != {*members, _LIST}:
            raise FileError(file, "is no backup of this program’s making: there is more in it than its list names.")
        yield archive, members, manifest.text("made")


def _lines(file: Path, archive: zipfile.ZipFile, name: str, digest: str) -> Iterator[list[Any]]:
    """Yield what a member holds, columns first; raise FileError at its end where it was changed."""
    seen = hashlib.sha256()
    with archive.open(name) as member:
        while line := member.readline(_LARGEST_LINE):
            seen.update(line)
            yield json.loads(line, object_hook=_bytes)
    if seen.hexdigest() != digest:
        raise FileError(file, f"is no whole backup: “{name}” in it was changed.")


def _bytes(found: dict[str, Any]) -> Any:
    return bytes.fromhex(found["hex"]) if found.keys() == {"hex"} else found


def _fill(driver: psycopg.Connection[Any], table: str, lines: Iterator[list[Any]]) -> None:
    columns = sql.SQL(", ").join(sql.Identifier(str(name)) for name in next(lines))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(_named(table), columns)
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in lines:
            copy.write_row(row)


class _Book:
    """A backup, to be read as a store is."""

    def __init__(self, file: Path, archive: zipfile.ZipFile, members: Mapping[str, str]) -> None:
        self._file, self._archive, self._members = file, archive, members
        self._heads = {str(row["desk"]): row for row in self._rows_of("heads.jsonl")}
        self._of: dict[str, str] = {}
        for name in members:
            if name.startswith("entries/") and (first := next(self._rows_of(name), None)) is not None:
                self._of[str(first["desk"])] = name

    @contextmanager
    def snapshot(self) -> Generator[_Book]:
        yield self

    def keys(self) -> list[DeskKeys]:
        """Give the keys that desks were admitted with, those of one desk together."""
        found: dict[str, list[DeskPublicKey]] = {}
        for row in self._rows_of("desks.jsonl"):
            found.setdefault(str(row["desk"]), []).append(DeskPublicKey.from_pem(str(row["public_key"])))
        return [DeskKeys(tuple(keys)) for keys in found.values()]

    def head(self, desk: str) -> StoredHead | None:
        row = self._heads.get(desk)
        return None if row is None else StoredHead(row["number"], row["canonical"], row["signature"])

    def rows(self, desk: str) -> Iterator[Sequence[RawRow]]:
        some: list[RawRow] = []
        for row in self._rows_of(self._of[desk]) if desk in self._of else ():
            some.append([row[name] for name in _ROW])
            if len(some) == _BATCH:
                yield some
                some = []
        yield some

    def walk(self, desk: str) -> Iterator[StoredEntry]:
        for some in self.rows(desk):
            yield from map(stored, some)

    def desks(self) -> frozenset[str]:
        return frozenset({*self._heads, *self._of})

    def faults(self) -> tuple[str, ...]:
        return ()

    def _rows_of(self, name: str) -> Iterator[dict[str, Any]]:
        lines = _lines(self._file, self._archive, name, self._members[name])
        columns = next(lines)
        return (dict(zip(columns, row, strict=True)) for row in lines)
