"""The images on a receipt in its ledger entry: beside the document, which has only their digests, and always sealed.

``pictures`` in the body is ``{"officer": BASE64, "technician": BASE64}``; the ledger seals it with the other personal
members under the record's own key (``provisioning.privacy``), so any desk of the ledger can print the receipt again.
Older entries have ``sealed`` instead: the same JSON, encrypted by the vault of the desk that wrote it, which alone
reads it. Whoever has the ledger, an export of it or a backup without keys has no signature to copy.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from provisioning.canonical import Json
from provisioning.errors import LedgerError
from provisioning.home.vault import Vault
from provisioning.receipts.body import DIGEST, PICTURES, digest_of, pictures_of, with_picture
from provisioning.receipts.receipt import Picture, Receipt


def body_with_pictures(receipt: Receipt) -> dict[str, Json]:
    """Give the body for the ledger: that of the receipt, its digest, and its images for the ledger to seal."""
    body = receipt.to_body()
    body[DIGEST] = digest_of(body)
    pictures: dict[str, Json] = {
        name: base64.b64encode(one.content).decode("ascii") for name, one in pictures_of(receipt).items()
    }
    if pictures:
        body[PICTURES] = pictures
    return body


def with_pictures(receipt: Receipt, vault: Vault) -> Receipt:
    """Give the receipt with its images; itself where it has them already, has none, or they are withheld.

    Raises HomeError where they were sealed by another desk, LedgerError where they are not those that were signed.
    """
    missing = {name: one for name, one in pictures_of(receipt).items() if not one.content}
    if not missing or receipt.withheld:
        return receipt
    if not receipt.sealed:
        raise LedgerError(f"Receipt {receipt.number} has lost its signatures. Have the ledger verified.")
    opened = _opened(receipt, vault)
    for name, picture in missing.items():
        whole = Picture(picture.media_type, opened.get(name, b""))
        if whole.sha256 != picture.sha256:
            raise LedgerError(f"A signature kept with receipt {receipt.number} is not the one that was given. Stop.")
        receipt = with_picture(receipt, name, whole)
    return receipt


def _opened(receipt: Receipt, vault: Vault) -> Mapping[str, bytes]:
    try:
        kept = json.loads(vault.open(_name(receipt), base64.b64decode(receipt.sealed, validate=True)))
        return {str(name): base64.b64decode(data, validate=True) for name, data in kept.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise LedgerError(f"The signatures kept with receipt {receipt.number} cannot be read. Stop.") from error


def _name(receipt: Receipt) -> str:
    return f"pictures of receipt {receipt.number}"
