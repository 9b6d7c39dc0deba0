"""Whether what a database notes as lawfully erased is what entries say, no more and no less.

The notes make reading quick, and readers believe them; so a note that no entry stands for would hide that somebody
removed a key without a word.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from provisioning.ledger.entry import parse_entry
from provisioning.ledger.erasure import parse_erasure
from provisioning.ledger.schema import entries, erased, record_keys

_NOTED = sa.select(erased.c.desk, erased.c.number, erased.c.by_desk, erased.c.by_number)
_LEFT = sa.select(record_keys.c.number).join(
    erased, sa.and_(erased.c.desk == record_keys.c.desk, erased.c.number == record_keys.c.number)
)


def erasure_faults(connection: Connection, kinds: Collection[str]) -> tuple[str, ...]:
    """Give what does not fit, in words; ``kinds`` are those of entries that take effect in this database."""
    columns = (entries.c.desk, entries.c.number, entries.c.canonical, entries.c.signature)
    said: dict[tuple[str, int], set[tuple[str, int]]] = {}
    for desk, number, canonical, signature in connection.execute(sa.select(*columns).where(entries.c.kind.in_(kinds))):
        try:
            records = parse_erasure(parse_entry(canonical, signature)).records
        except (ValueError, TypeError, AttributeError):
            continue  # whoever follows the chain names it
        for record in records:
            said.setdefault(record, set()).add((desk, number))
    noted = {(desk, number): (by, at) for desk, number, by, at in connection.execute(_NOTED)}
    found = [
        f"entry {number} is noted as erased, and no entry says so"
        for (desk, number), by in noted.items()
        if by not in said.get((desk, number), ())
    ]
    found += [f"entry {number} was erased, and that is not noted" for _, number in said.keys() - noted.keys()]
    found += [f"the key of entry {number} is there, which was erased" for (number,) in connection.execute(_LEFT)]
    return tuple(found[:_MOST])


_MOST = 5
