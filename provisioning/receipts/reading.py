"""Read a receipt's PDF as a stranger: is it what the desk sealed, what does it say, what does that prove and what not.

Needs the desk's public key and nothing else: no network, no list of trusted authorities, no home.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from provisioning.canonical import Json, canonical, parse_object
from provisioning.errors import FileError, LedgerError
from provisioning.files import read_file
from provisioning.plain_text import one_line
from provisioning.receipts.attachment import CODE_FILE, RECEIPT_FILE, attachment_of, record_file
from provisioning.receipts.code_reading import CodeReading
from provisioning.receipts.receipt import Declined, LedgerPlace, Receipt, Signed, Typed
from provisioning.receipts.receipt_code import FORMER_KEY, verify_code
from provisioning.receipts.seal_check import SealState, check_seal
from provisioning.signatures import AnyDeskKey
from provisioning.verification.record import verify_record

LARGEST = 16 << 20
"""Bytes; a receipt for 100 items with their records has about 3 MB."""
_MOST_FILES = 1000


@dataclass(frozen=True, slots=True)
class PdfReading:
    """What became of a PDF: genuine with what it says, or not genuine with the reason and nothing else of it."""

    genuine: bool
    sentence: str
    receipt: Receipt | None = None
    code: CodeReading | None = None
    proves: tuple[str, ...] = ()
    does_not_prove: tuple[str, ...] = ()

    def document(self) -> dict[str, Json]:
        """Give the reading as JSON; ``facts`` and ``receipt`` are null where it is not genuine.

        ``facts`` are those of the code; ``receipt`` is the whole body as the ledger keeps it.
        """
        return {
            "genuine": self.genuine,
            "sentence": self.sentence,
            "facts": self.code.facts.document() if self.code and self.code.facts else None,
            "receipt": self.receipt.to_body() if self.receipt else None,
            "proves": list(self.proves),
            "does_not_prove": list(self.does_not_prove),
        }


class _NotGenuineError(Exception):
    """Says in its text why a sealed file is no receipt; goes no further than this file."""


def read_pdf(path: Path) -> bytes:
    """Give the bytes of a file to be checked. Raises FileError where it cannot be read or is far too large."""
    if path.is_dir():
        raise FileError(path, "this is a folder. Give the PDF file of the receipt.")
    return read_file(path, LARGEST)


def verify_pdf(data: bytes, public_key: AnyDeskKey) -> PdfReading:
    """Say whether ``data`` is a receipt that this desk sealed and nobody changed. Never raises for what is in it."""
    if len(data) > LARGEST:
        return _refused("it is far larger than any receipt")
    state = check_seal(data, public_key)
    match state:
        case SealState.HOLDS:
            pass
        case SealState.NO_SEAL:
            return _refused(f"{state}. A scan or a print of a receipt has none: check its code instead")
        case SealState.ANOTHER_KEY:
            return _refused(f"{state}. Use the key of the desk that is named on it; if you did, it is forged")
        case SealState.NO_PDF | SealState.NOT_WHOLE | SealState.DAMAGED | SealState.CHANGED:
            return _refused(state)
    try:
        return _told(_attachments(data), public_key)
    except _NotGenuineError as e:
        return _refused(str(e))


def verify_json(data: bytes, public_key: AnyDeskKey) -> PdfReading:
    """Say whether the JSON of an extract is what this desk signed. Never raises for what is in it."""
    try:
        members = dict(parse_object(data).object)
        if "withheld" in members:
            # Only the seal of a whole document vouches for what was left out; the code of an extract is all of it.
            raise ValueError("no extract withholds anything")
        code = members.pop("code", "")
        return _agreeing(
            {RECEIPT_FILE: canonical(members), CODE_FILE: str(code).encode("ascii", "replace")}, public_key
        )
    except (ValueError, UnicodeDecodeError):
        return _refused("it is no extract of a receipt")
    except _NotGenuineError as e:
        return _refused(str(e))


def _told(attached: Mapping[str, bytes], public_key: AnyDeskKey) -> PdfReading:
    """Read what the desk sealed, and require that its parts tell one story."""
    reading = _agreeing(attached, public_key)
    assert reading.receipt is not None, "it is genuine"
    records = _records(reading.receipt, attached, public_key)
    return replace(
        reading,
        proves=(
            "Every byte of this file is as the desk sealed it: text, signatures as images, and the files inside.",
            *reading.proves,
            f"Verification records inside, signed by the desk and agreeing with the page: {records}.",
        ),
    )


def _agreeing(attached: Mapping[str, bytes], public_key: AnyDeskKey) -> PdfReading:
    """Require that receipt and code belong together, and that this desk signed the code."""
    receipt = _receipt(attached.get(RECEIPT_FILE))
    code = verify_code(attached.get(CODE_FILE, b"").decode("ascii", "replace"), public_key)
    if not code.genuine or code.facts is None:
        raise _NotGenuineError(f"the code inside it does not hold. {code.sentence}")
    if code.facts.digest != receipt.digest():
        raise _NotGenuineError("the receipt and the code inside it do not belong together")
    place = receipt.place
    if (code.facts.entry, code.facts.entry_hash) != (
        (place.number, place.hash[: len(code.facts.entry_hash)]) if place else (None, "")
    ):
        raise _NotGenuineError("the receipt and its code name different ledger entries")
    part = receipt.extract
    if code.facts.extract != ((part.item, part.of) if part else None):
        raise _NotGenuineError("the receipt and its code name different parts of the whole")
    what = "Training receipt" if receipt.training else "Receipt"
    what = f"Extract of {what[0].lower()}{what[1:]}" if part else what
    return PdfReading(
        genuine=True,
        sentence=f"Genuine. {what} {code.facts.receipt} of {code.facts.desk}, unchanged since the desk sealed it.",
        receipt=receipt,
        code=code,
        proves=(*code.proves, *_terms(receipt)),
        does_not_prove=(
            *_withheld(receipt),
            *_signing(receipt),
            *_UNPROVEN,
            *(_OTHER_ITEMS if part else ()),
            *((FORMER_KEY,) if FORMER_KEY in code.does_not_prove else ()),
        ),
    )


def _withheld(receipt: Receipt) -> tuple[str, ...]:
    return (f"What it said of persons when it was made: {one_line(receipt.withheld, 400)}",) if receipt.withheld else ()


def _terms(receipt: Receipt) -> tuple[str, ...]:
    clauses = [clause for made in receipt.declarations for clause in made.clauses]
    ticked = sum(clause.ticked for clause in clauses)
    return (
        f"Word for word what the desk wrote down: items {len(receipt.items)}, declarations "
        f"{len(receipt.declarations)}, of their {len(clauses)} clauses agreed to {ticked}.",
    )


def _signing(receipt: Receipt) -> tuple[str, ...]:
    """Say what the kind of signature leaves open; all of them rest on what the desk states."""
    who = "the person who collected for the officer" if receipt.proxy else "the officer"
    match receipt.signature:
        case Signed():
            said = f"That {who} drew the signature: the desk states it, and keeps the image only."
        case Typed():
            said = (
                f"That {who} typed the name: the desk states that a one-time code of the authenticator which it "
                f"enrolled on {receipt.signature.enrolled} was given."
            )
        case Declined():
            said = f"That {who} agreed to anything: nothing was signed, and the reason is the desk's note."
    seen = (
        "Who stood at the counter: no look at a document was recorded."
        if receipt.identity is None
        else "That the document that was looked at was genuine: the desk states what was seen, and by whom."
    )
    return said, seen


_UNPROVEN = (
    "That the time is right: it is the desk's own clock.",
    "What is on a handset now, or may come onto it: a verdict tells what was there when it was checked.",
)
_OTHER_ITEMS = ("What else was on the whole receipt: an extract names one item, and the digest of the whole.",)


def _receipt(data: bytes | None) -> Receipt:
    if data is None:
        raise _NotGenuineError("the desk sealed it, but it is no receipt")
    try:
        members = parse_object(data)
        place = members.members_or_none("place")
        receipt = Receipt.from_body(
            members.members("body").object,
            LedgerPlace(place.number("number"), place.text("hash"), place.text_or_none("head")) if place else None,
        )
        if members.text_or_none("withheld"):
            receipt = replace(receipt, withheld=members.text("withheld"), whole=members.text("sha256"))
        if canonical(attachment_of(receipt)) != data:
            raise ValueError("not written as this version writes it")
    except ValueError as e:
        raise _NotGenuineError("a newer version of this program wrote it. Check it with that version") from e
    return receipt


def _records(receipt: Receipt, attached: Mapping[str, bytes], public_key: AnyDeskKey) -> int:
    """Count the records inside; each must be signed by the desk and tell of an item what the receipt tells."""
    checks = {item.check.record_id: item for item in receipt.handsets if item.check and item.check.record_id}
    names = [record_file(n) for n in range(1, len(attached) + 1)]
    found = [attached[name] for name in names if name in attached]
    for data in found:
        try:
            signed = verify_record(data, public_key)
        except LedgerError as e:
            raise _NotGenuineError("a verification record inside it does not hold") from e
        item = checks.get(signed.id)
        if item is None or item.check is None:
            raise _NotGenuineError("a verification record inside it is not one that the receipt names")
        told = (signed.record.identity.serial_number, signed.record.verdict, signed.record.training)
        if told != (item.serial_number, item.check.verdict, receipt.training):
            raise _NotGenuineError("the receipt says other things than the verification record inside it")
    return len(found)


def _attachments(data: bytes) -> dict[str, bytes]:
    """Give the files inside a PDF that a desk sealed; one that cannot be read as PDF is not ours."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        root: Any = PdfFileReader(io.BytesIO(data)).root
        names: Any = root["/Names"]["/EmbeddedFiles"]["/Names"]
        pairs = [(str(names[i]), names[i + 1]["/EF"]["/F"].data) for i in range(0, min(len(names), _MOST_FILES), 2)]
    except (PdfError, KeyError, IndexError, TypeError, ValueError, AttributeError) as e:
        raise _NotGenuineError("the desk sealed it, but it is no receipt") from e
    return dict(pairs)


def _refused(reason: str) -> PdfReading:
    return PdfReading(genuine=False, sentence=f"Not genuine: {reason}. Trust nothing that it says.")
