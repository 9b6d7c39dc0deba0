"""Check a short code that was read down a telephone: find the receipt that it names among signed entries.

Needs the desk's public key and the entries, of its ledger or of a file that ``ledger export`` wrote; no network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from provisioning.canonical import canonical, parse_object
from provisioning.errors import FileError
from provisioning.ledger.entry import HANDS_CHANGED, Entry, parse_entry
from provisioning.receipts.body import digest_of
from provisioning.receipts.receipt import LedgerPlace, Receipt
from provisioning.receipts.short_code import heard_code, short_code
from provisioning.signatures import AnyDeskKey

_LONGEST_LINE = 4 << 20
"""Characters; the ledger keeps no entry of more than 1 MiB."""


@dataclass(frozen=True, slots=True)
class ShortReading:
    """What became of a short code: genuine with the receipt that it names, or not, with the reason."""

    genuine: bool
    sentence: str
    receipt: Receipt | None = None
    proves: tuple[str, ...] = ()
    does_not_prove: tuple[str, ...] = ()


def check_short_code(text: str, entries: Iterable[Entry], key: AnyDeskKey) -> ShortReading:
    """Say which receipt of these entries a short code names, and whether the desk of this key signed it."""
    code = heard_code(text)
    if code is None:
        return _refused(
            "This short code was misheard or mistyped: its signs do not fit together. It has four groups of four; have "
            "it read once more."
        )
    for entry in entries:
        if entry.kind not in HANDS_CHANGED or short_code(digest_of(entry.body)) != code:
            continue
        if not key.verifies(entry.signature, bytes.fromhex(entry.hash)):
            return _refused("A receipt with this code is there, but another key signed its entry. Trust nothing of it.")
        receipt = Receipt.from_body(entry.body, LedgerPlace(entry.number, entry.hash))
        kind = "training receipt" if receipt.training else "receipt"
        return ShortReading(
            genuine=True,
            sentence=f"Genuine. The code names {kind} {receipt.number} of {receipt.desk}, which the desk signed.",
            receipt=receipt,
            proves=(
                "A receipt with exactly this content stands in the ledger, signed by the desk of this key.",
                "Whoever read the code aloud has, or has seen, that receipt.",
            ),
            does_not_prove=(
                "That the rest of the paper from which it was read says what the ledger says: compare it, or check "
                "the QR code or the PDF.",
                "What is on a handset now: a verdict tells what was there when it was checked.",
            ),
        )
    return _refused("No receipt here has this code. It is another desk's, or newer than this file, or forged.")


def entries_in_file(path: Path) -> Iterator[Entry]:
    """Yield the entries of a file that ``ledger export --format jsonl`` wrote. Raises FileError where it is none."""
    try:
        with path.open("r", encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if len(line) > _LONGEST_LINE:
                    raise FileError(path, "is no exported ledger.", number)
                members = parse_object(line.encode("utf-8"))
                if "entry" not in members.object:
                    continue  # the head, at the end
                data = canonical(members.members("entry").object)
                if hashlib.sha256(data).hexdigest() != members.text("hash"):
                    raise FileError(path, "was changed: an entry and its hash do not belong together.", number)
                yield parse_entry(data, bytes.fromhex(members.text("signature")))
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise FileError(path, f"is no exported ledger ({type(error).__name__}).") from error


def _refused(sentence: str) -> ShortReading:
    return ShortReading(genuine=False, sentence=sentence)
