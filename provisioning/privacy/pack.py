"""The subject-access pack: a ZIP with all that is held about one officer, to read, to print and for other programs.

``record.html`` and ``record.pdf`` say it in words, ``record.json`` in full; ``receipts/`` are the sealed papers as the
person got them, ``signatures/`` the images of theirs; ``manifest.json`` names every file with its SHA-256. The digest
of the manifest stands in the ledger, in the entry that says who made the pack and why, so that it can be shown later
what was given.
"""

from __future__ import annotations

import hashlib
import html
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from provisioning.canonical import Json, canonical
from provisioning.errors import IssuingDeskError, UsageError
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.plain_text import one_line
from provisioning.privacy.about_person import AboutPerson, Staff, about_person, by_kind
from provisioning.privacy.viewing import Look
from provisioning.readers.sheet import Part, Sheet, sheet_pdf
from provisioning.receipts.parts import receipt_in_ledger
from provisioning.receipts.receipt import Receipt, Signed
from provisioning.receipts.sealed_pictures import with_pictures

if TYPE_CHECKING:
    from provisioning.home.home import Home

_LEFT_OUT = (
    "Left out: the names of people who acted for the force, the data of other persons, legal holds, and the reasons "
    "for which somebody looked (UK GDPR Art. 15(4); Data Protection Act 2018, Schedule 2)."
)
_WHOLE = "Nothing was left out but the data of other persons on receipts of others."
_BEGAN = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP can say; when the pack was made stands in the manifest."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack and what is to be said of it: ``typed`` texts that may name others, ``sealed`` entries not opened."""

    data: bytes
    about: AboutPerson
    manifest_sha256: str
    files: tuple[str, ...]


def make_pack(
    home: Home,
    ledger: Ledger,
    officer: str,
    technician: str,
    why: str,
    *,
    named: bool = False,
    everything: bool = False,
) -> Pack:
    """Make the pack and record it. ``named`` leaves people who acted for the force by name in it.

    Raises UsageError where nothing is held about the officer, or no reason is said; HomeError where the ledger takes
    no entry: then there is no pack.
    """
    reason = one_line(why.strip(), 300)
    if not reason:
        raise UsageError("Say what for: the reference of the request.")
    staff = Staff(named)
    about = about_person(ledger, officer, staff, everything=everything)
    listed = home.roster().load().officers.get(officer)
    orders = _orders(home, officer)
    if not about.entries and listed is None and not orders:
        raise UsageError(f"Nothing is held about officer {officer} here.")
    made = ledger.now().astimezone()
    roster: Json = {name: str(value) for name, value in asdict(listed).items()} if listed is not None else None
    record: dict[str, Json] = {
        "officer": officer, "roster": roster, "orders": orders, "entries": list(about.entries),
        "looks": list(about.looks), "erased": list(about.erased), "not_opened": about.sealed,
        "left_out": _WHOLE if everything and named else _LEFT_OUT,
    }  # fmt: skip
    sheet = _sheet(home, about, roster, orders, record, made)
    files = {
        "record.json": json.dumps(record, ensure_ascii=False, indent=1).encode() + b"\n",
        "record.html": _page(sheet).encode(),
        "record.pdf": sheet_pdf(sheet),
        **_papers(home, ledger, about),
    }
    manifest: dict[str, Json] = {
        "format": "issuing-desk/subject-access-pack/1", "officer": officer, "desk": home.identity.desk_name,
        "organisation": home.identity.organisation_name, "made": made.isoformat(timespec="seconds"),
        "training": home.training,
        "files": [{"name": name, "sha256": hashlib.sha256(data).hexdigest()} for name, data in sorted(files.items())],
    }  # fmt: skip
    statement = canonical(manifest)
    digest = hashlib.sha256(statement).hexdigest()
    data = _zipped({**files, "manifest.json": statement + b"\n"})
    body: dict[str, Json] = {"look": str(Look.PACK), "of_officer": officer, "why": reason, "manifest_sha256": digest}
    ledger.append(EntryKind.VIEWED, None, body, technician=technician)
    return Pack(data, about, digest, (*sorted(files), "manifest.json"))


def _papers(home: Home, ledger: Ledger, about: AboutPerson) -> dict[str, bytes]:
    """Give the papers of receipts and the person's signatures; where one cannot be made, a text that says why."""
    from provisioning.paper import file_name, receipt_pdf

    files: dict[str, bytes] = {}
    for number in about.receipts:
        receipt = receipt_in_ledger(ledger, number)
        name = file_name(receipt)
        try:
            receipt = with_pictures(receipt, home.vault())
            files[f"receipts/{name}"] = receipt_pdf(home, receipt)
        except IssuingDeskError as error:
            files[f"receipts/{name}.txt"] = f"This paper cannot be made again here: {error}\n".encode()
        files |= _signature(receipt, about.officer)
    for number in about.signed_for_others:
        files |= _signature(receipt_in_ledger(ledger, number), about.officer)
    return files


def _signature(receipt: Receipt, officer: str) -> dict[str, bytes]:
    """Give the image of the officer's own signature, also where they signed in somebody's place."""
    signer = receipt.proxy.officer if receipt.proxy else receipt.officer
    if not isinstance(receipt.signature, Signed) or signer.number != officer or not receipt.signature.image.content:
        return {}
    ending = "svg" if receipt.signature.image.media_type == "image/svg+xml" else "png"
    return {f"signatures/receipt-{one_line(receipt.number, 40)}.{ending}": receipt.signature.image.content}


def _orders(home: Home, officer: str) -> list[Json]:
    from provisioning.batches.order_book import OrderFolder

    found = [one for one in OrderFolder(home.path).all() if one.officer == officer]
    return [{name: str(value) for name, value in asdict(one).items() if value not in ("", None)} for one in found]


def _sheet(
    home: Home, about: AboutPerson, roster: Json, orders: Sequence[Json], record: Mapping[str, Json], made: datetime
) -> Sheet:
    listed = tuple((name, str(value)) for name, value in roster.items()) if isinstance(roster, Mapping) else ()
    counts = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in by_kind(about.entries).items())
    said = [f"Entries: {counts}." if counts else "The ledger has no entries.", str(record["left_out"])]
    if about.sealed:
        said.append(f"Of {about.sealed} entries the personal details could not be opened at this desk.")
    parts = (
        Part("What this is", (f"All that this force's issuing desks hold about officer {about.officer}.", *said)),
        Part("On the roster", () if listed else ("Not on this desk's roster.",), listed),
        Part("Ordered for them", (), (), ("Order",), tuple((_words(one),) for one in orders), "Nothing."),
        Part("What happened", (), (), ("No.", "When (UTC)", "What", "Handset or item", "By"),
             tuple(_row(one) for one in about.entries), "Nothing."),
        *(_details(one) for one in about.entries),
        Part("What was lawfully erased", about.erased or ("Nothing.",)),
        Part("Who looked at it", (), (), ("When (UTC)", "By", "What was opened"),
             tuple((str(one["time"])[:16].replace("T", " "), str(one["by"]), _looked(one)) for one in about.looks),
             "Nobody."),
    )  # fmt: skip
    return Sheet(
        "Subject-access pack", f"Officer {about.officer}", f"Made {made:%d %b %Y, %H:%M}.", parts,
        home.identity.organisation_name, home.identity.desk_name, made, training=home.training, personal=True,
    )  # fmt: skip


def _details(entry: Mapping[str, Json]) -> Part:
    """Give what one entry says, without what only programs read and what the papers have word for word."""
    kind = str(entry["kind"]).replace("_", " ")
    facts = tuple(_facts(entry.get("body"), ()))
    said = (str(entry["withheld"]),) if entry.get("withheld") else ()
    return Part(f"{entry['number']}: {kind}, {str(entry['time'])[:10]}", said, facts)


def _facts(value: Json, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            if name not in _FOR_PROGRAMS and one not in ("", None):
                yield from _facts(one, path if name == "document" else (*path, name.replace("_", " ")))
    elif isinstance(value, Sequence) and not isinstance(value, str) and any(isinstance(one, Mapping) for one in value):
        for number, one in enumerate(value, 1):
            yield from _facts(one, (*path, str(number)) if len(value) > 1 else path)
    else:
        yield ", ".join(path).capitalize(), _words(value)


_FOR_PROGRAMS = frozenset(
    {"format", "sha256", "effective_sha256", "inventory_sha256", "manifest_sha256", "record", "record_id", "salt",
     "declarations", "language", "kind", "users_seen", "limits", "media_type"}
)  # fmt: skip


def _row(entry: Mapping[str, Json]) -> tuple[str, ...]:
    when, kind = str(entry["time"])[:16].replace("T", " "), str(entry["kind"]).replace("_", " ")
    return str(entry["number"]), when, kind, str(entry["subject"] or ""), str(entry["by"])


def _looked(look: Mapping[str, Json]) -> str:
    return f"{look['look']} {look['receipt'] or ''}".strip()


def _words(value: Json) -> str:
    """Say JSON on one line as people read it."""
    if isinstance(value, Mapping):
        return "; ".join(
            f"{name.replace('_', ' ')}: {_words(one)}" for name, one in value.items() if one not in ("", None)
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_words(one) for one in value)
    return one_line(str(value), 400)


def _page(sheet: Sheet) -> str:
    """Give the sheet as one HTML page that loads nothing and runs nothing."""
    body: list[str] = [f"<h1>{_text(sheet.title)}: {_text(sheet.about)}</h1>", f"<p>{_text(sheet.organisation)}</p>"]
    body.append(f"<p>{_text(sheet.as_of)}{' Training: no real person.' if sheet.training else ''}</p>")
    for part in sheet.parts:
        body.append(f"<h2>{_text(part.title)}</h2>")
        body += [f"<p>{_text(said)}</p>" for said in part.said]
        if part.facts:
            rows = "".join(
                f"<tr><th scope=row>{_text(name)}</th><td>{_text(one)}</td></tr>" for name, one in part.facts
            )
            body.append(f"<table>{rows}</table>")
        if part.heading and part.rows:
            heads = "".join(f"<th scope=col>{_text(name)}</th>" for name in part.heading)
            lines = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in part.rows)
            body.append(f"<table><tr>{heads}</tr>{lines}</table>")
        elif part.heading:
            body.append(f"<p>{_text(part.empty)}</p>")
    return (
        "<!doctype html><html lang=en-GB><meta charset=utf-8>"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{_text(sheet.title)}</title><style>{_STYLE}</style><body>{''.join(body)}</body></html>\n"
    )


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{text-align:left;"
    "vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #ccc;overflow-wrap:anywhere}h2{margin-top:2rem}"
)


def _text(text: str) -> str:
    return html.escape(text)


def _zipped(files: Mapping[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _BEGAN), data, zipfile.ZIP_DEFLATED)
    return kept.getvalue()
