"""Build ``resources/catalogue/`` from the judged lists beside this file and local copies of public sources.

    python -m tests.tools.build_catalogue [--sources COPIES] --reference DATA [--out resources/catalogue]

Without copies, what the catalogue in ``--out`` holds is taken for what its sources said, and the judged lists are built
upon it: to add to the lists it is not necessary to have every source at hand again.

People judged what an identifier is (``catalogue/judged.tsv``); the sources prove that it exists. An identifier that no
source names and that carries no source of its own stops the build: none is invented.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.tools.catalogue_domains import domains
from tests.tools.catalogue_innocents import innocents
from tests.tools.catalogue_shipped import Shipped, tsv
from tests.tools.catalogue_sources import TITLES, Fact, Facts, read
from tests.tools.catalogue_witnesses import TITLES as WITNESSES

JUDGED = Path(__file__).parent / "catalogue"
ON_ONE_LINE = 12
Row = tuple[str, ...]
_SHORT = {title: code for code, title in TITLES.items()}
"""Sources that have a code of their own, by title."""


def main() -> int:
    """Build; 1 where an identifier has no source."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sources", type=Path)
    parser.add_argument("--reference", type=Path, required=True)
    parser.add_argument("--sections", type=Path, help="What catalogue_sections.py gives, to be added to the innocents.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "resources" / "catalogue")
    arguments = parser.parse_args()
    out: Path = arguments.out
    shipped = Shipped(out)
    facts = read(arguments.sources, arguments.reference) if arguments.sources else shipped.facts()
    families: dict[str, str] = {}
    for family, app_class in tsv(JUDGED / "families.tsv", 2):
        families[family] = app_class
    codes = _Codes()
    judged, unsourced = _identifiers(facts, families, codes)
    for platform, identifier in unsourced:
        print(f"no source: {platform} {identifier}", file=sys.stderr)
    ids = list(_item_ids(facts, judged))
    if not arguments.sources:
        shipping = list(shipped.item_ids())
        ids = [*shipping, *(row for row in ids if row[1] not in {old[1] for old in shipping})]
    signals = [*tsv(JUDGED / "signals.tsv", 5), *_certificates(arguments.reference), *ids, *_makers()]
    signals = [(kind, value, family, strength, codes.of(source)) for kind, value, family, strength, source in signals]
    sites = [(*site[:4], codes.of(site[4])) for site in domains(JUDGED / "domains.tsv", arguments.reference, families)]
    known = {(row[0], row[1].casefold()) for row in judged}
    listed = list(_listed(codes, known))
    known |= {(platform, identifier.casefold()) for platform, _, _, identifier in listed}
    found = innocents(JUDGED, facts, known) if arguments.sources else shipped.innocents(JUDGED, known)
    good: list[Row] = [
        (platform, identifier, what, codes.of_all(_best(fact.sources)) if fact else codes.of("catalogue notes"))
        for platform, identifier, what, fact in found
    ]
    if arguments.sections:
        known |= {(platform, identifier.casefold()) for platform, identifier, *_ in good}
        good += _sections(arguments.sections, codes, known)
    out.mkdir(parents=True, exist_ok=True)
    (out / "classes.toml").write_bytes((JUDGED / "classes.toml").read_bytes())
    for family in (
        {row[2] for row in judged}
        | {row[2].split("|")[0] for row in signals if row[2]}
        | {row[1] for row in sites if row[1]}
    ):
        families.setdefault(family, _class_of_signal_family(family))
    _write(out / "families.tsv", sorted(families.items(), key=lambda f: (f[0].casefold(), f[0])))
    _write(out / "identifiers.tsv", sorted(judged, key=lambda r: (r[0], r[1].casefold(), r[1])))
    _write(out / "signals.tsv", sorted(set(signals)))
    _write(out / "domains.tsv", sorted(set(sites)))
    _write(out / "innocents.tsv", list(_together(good)))
    _write(out / "listed.tsv", [(p, c, s, i) for p, c, s, i in _together((p, i, c, s) for p, c, s, i in listed)])
    _write(out / "sources.tsv", codes.rows())
    print(f"{len(families)} families, {len(judged)} identifiers, {len(listed)} listed, {len(good)} innocents")
    print(f"{len(sites)} domains, {len(signals)} signals")
    return 1 if unsourced else 0


def _listed(codes: _Codes, known: set[tuple[str, str]]) -> Iterator[Row]:
    """Give platform, class, sources and identifier of what stands on a shelf and is not known by itself."""
    for platform, app_class, sources, identifiers in tsv(JUDGED / "listed.tsv", 4):
        for identifier in identifiers.split():
            if (platform, identifier.casefold()) not in known:
                yield platform, app_class, codes.of_all(sources.split(" ; ")), identifier


def _sections(path: Path, codes: _Codes, known: set[tuple[str, str]]) -> Iterator[Row]:
    """Give the innocents by the store's section: platform, identifier, what it is, sources."""
    for platform, section, sources, identifiers in tsv(path, 4):
        for identifier in identifiers.split():
            if (platform, identifier.casefold()) not in known:
                yield platform, identifier, section, codes.of_all(sources.split(" ; "))


def _makers() -> Iterator[Row]:
    source = "catalogue notes: labels of identifiers of social apps, borne by none of 144,663 others"
    for family, labels in tsv(JUDGED / "makers.tsv", 2):
        yield "maker", labels, family, "suspected", source


def _together(good: Iterable[Row]) -> Iterator[Row]:
    """Put identifiers that are innocent for the same reason on one line, a dozen at most to keep diffs short."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for platform, identifier, what, codes in good:
        groups.setdefault((platform, what, codes), []).append(identifier)
    for (platform, what, codes), identifiers in sorted(groups.items()):
        ordered = sorted(set(identifiers), key=lambda one: (one.casefold(), one))
        for start in range(0, len(ordered), ON_ONE_LINE):
            yield platform, what, codes, " ".join(ordered[start : start + ON_ONE_LINE])


def _identifiers(facts: Facts, families: dict[str, str], codes: _Codes) -> tuple[list[Row], list[Row]]:
    rows: list[Row] = []
    unsourced: list[Row] = []
    for platform, identifier, family, app_class, kind, source in tsv(JUDGED / "judged.tsv", 6):
        fact = facts.get((platform, identifier.casefold()))
        if family not in families:
            raise SystemExit(f"judged.tsv: family {family!r} is not in families.tsv")
        if fact is None and not source:
            unsourced.append((platform, identifier))
            continue
        said = _best(fact.sources - {source}) if fact else set[str]()
        own = codes.of(source) if source else ""
        rows.append((platform, identifier, family, app_class, kind, ",".join(filter(None, (codes.of_all(said), own)))))
    return rows, unsourced


def _best(sources: set[str]) -> set[str]:
    """Give the sources that name the app; where there is none, those that bear witness that it exists."""
    witnesses = {*WITNESSES, *WITNESSES.values()}
    return sources - witnesses or sources


def _certificates(reference: Path) -> Iterator[Row]:
    """Give signing certificates. Facebook's keys sign many kinds of apps: they name the owner, not the class."""
    names = {"X/Twitter": "X", "Voyager": "Lemmy", "Element X": "Element", "Molly": "Signal", "Pixelix": "Fediverse",
             "Fread": "Fediverse", "Seqular": "Fediverse", "Moshidon": "Fediverse", "Bookwyrm": "Fediverse",
             "Skylib": "Bluesky", "Eternity": "Lemmy", "Geddit": "Reddit", "V2compose": "V2EX", "e1547": "e621",
             "Materialistic Nouveau": "Hacker News", "Dashchan": "Imageboards"}  # fmt: skip
    path = reference / "catalogue/signing_certs.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            family = names.get(row["family"], row["family"])
            if not family:
                continue
            owner = family == "Facebook family"
            family = "Instagram" if "IGR_HASH" in row["source"] else "Facebook" if owner else family
            for digest in filter(None, (row["sha256"], row["sha1"])):
                yield "certificate", digest.lower(), family, "suspected" if owner else "yes", row["source"]
                if len(digest) == 64 and " " not in row["package"]:
                    yield "certificate_of", f"{row['package']} {digest.lower()}", family, "yes", row["source"]
    for inventory in sorted((reference / "android/firmware").glob("*.inventory.json")):
        text = inventory.read_text("utf-8")
        for package, digest in re.findall(
            r'"package": "(com\.facebook\.\w+)".*?"certSha256": "([0-9a-f]{64})"', text, re.DOTALL
        ):
            yield "certificate", digest, "Facebook", "suspected", f"firmware {inventory.name.split('_A')[0]}: {package}"


def _item_ids(facts: Facts, judged: Iterable[Row]) -> Iterator[Row]:
    extra = {(p, i): (item, source) for p, i, item, source in tsv(JUDGED / "item_ids.tsv", 4)}
    for platform, identifier, family, app_class, *_ in judged:
        fact = facts.get((platform, identifier.casefold()))
        item, source = extra.get((platform, identifier), ("", ""))
        item = item or (str(fact.item_id) if fact and fact.item_id else "")
        if item:
            yield "item_id", item, f"{family}|{app_class}" if app_class else family, "yes", source or _who(fact)


def _who(fact: Fact | None) -> str:
    named = [s for s in ("itunes-no", "ios-app-info") if fact and s in fact.sources]
    return TITLES[named[0]] if named else "iTunes lookups of public lists"


def _class_of_signal_family(family: str) -> str:
    return {"Speakap": "corporate_social", "Disciple": "fan_community", "Graduway": "interest_network"}.get(
        family, "social_network"
    )


class _Codes:
    """Short names for sources, made from their titles, so that a new source leaves the lines of the others alone."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}

    def of(self, source: str) -> str:
        title = TITLES.get(source, source)
        code = _SHORT.get(title) or f"s{hashlib.sha256(title.encode()).hexdigest()[:5]}"
        if code in self._codes.values() and title not in self._codes:
            raise SystemExit(f"two sources have the code {code}: change the wording of {title!r}")
        return self._codes.setdefault(title, code)

    def of_all(self, sources: Iterable[str]) -> str:
        return ",".join(sorted({self.of(source) for source in sources}))

    def rows(self) -> list[Row]:
        return sorted((code, title) for title, code in self._codes.items())


def _write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    path.write_text("".join("\t".join(row) + "\n" for row in rows), "utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
