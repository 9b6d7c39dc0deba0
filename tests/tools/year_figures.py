"""Keep the figures of a made-up year as JSON, for pictures and tests of the window: ``year_figures.py LEDGER FILE``.

LEDGER is a folder that ``made_up_year.py`` wrote. The window then shows what that year came to without reading it.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from made_up_year import owner_of

from provisioning.ledger.ledger import Ledger
from provisioning.ledger.sqlite import open_sqlite
from provisioning.readers.counts import AsOf, Count, DeskRate, Figures
from provisioning.readers.figures import figures
from provisioning.readers.projection import Projection

DAYS = 365


def kept(found: Figures) -> str:
    """Give figures as JSON."""
    return json.dumps(dataclasses.asdict(found), default=date.isoformat, ensure_ascii=False, indent=0)


def read(text: str) -> Figures:
    """Read figures."""
    said: dict[str, Any] = json.loads(text)
    heads: dict[str, list[Any]] = said["as_of"].pop("heads")
    as_of = AsOf(heads={desk: (int(one[0]), str(one[1])) for desk, one in heads.items()}, **said["as_of"])
    counts = ("reasons", "by_day", "by_unit", "by_model", "by_body", "ready_stock", "findings", "permits")
    members: dict[str, Any] = {name: tuple(Count(**one) for one in said.pop(name)) for name in counts}
    members |= {"as_of": as_of, "desks": tuple(DeskRate(**one) for one in said.pop("desks"))}
    members |= {name: date.fromisoformat(said.pop(name)) for name in ("first", "last")}
    del said["as_of"]
    return Figures(**members, **said)


def main() -> None:
    """Count a year and keep it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--until", type=date.fromisoformat, default=date(2026, 11, 20))
    options = parser.parse_args()
    ledger = Ledger(open_sqlite(options.folder / "ledger.sqlite", writing=False), owner_of(0), shared=True)
    with ledger:
        table = Projection(ledger, None)
        as_of = table.follow()
        found = figures(table, options.until - timedelta(days=DAYS - 1), options.until, options.until, as_of)
        options.file.write_text(kept(found) + "\n", "utf-8")


if __name__ == "__main__":
    main()
