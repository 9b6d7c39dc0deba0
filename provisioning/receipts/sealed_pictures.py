"""The images on a receipt, encrypted: the ledger keeps them beside the document, which has only their digests.

``sealed`` is the Base64 of one piece of the home's vault, named after the receipt's number: AES-256-GCM over the JSON
``{"officer": …, "technician": …}`` of the images in Base64. Whoever has the ledger, an export of it or a backup without
the vault's key has the words of a receipt and no signature to copy.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace

from provisioning.canonical import Json
from provisioning.errors import LedgerError
from provisioning.home.vault import Vault
from provisioning.receipts.body import SEALED
from provisioning.receipts.receipt import Picture, Receipt, Signed

_OFFICER, _TECHNICIAN = "officer", "technician"


def sealed_body(receipt: Receipt, vault: Vault) -> dict[str, Json]:
    """Give the body for the ledger: that of the receipt, and its images encrypted."""
    pictures = {name: base64.b64encode(one.content).decode("ascii") for name, one in _pictures(receipt).items()}
    body = receipt.to_body()
    if pictures and receipt.written_as > 1:
        sealed = vault.seal(_name(receipt), json.dumps(pictures).encode("ascii"))
        body[SEALED] = base64.b64encode(sealed).decode("ascii")
    return body


def with_pictures(receipt: Receipt, vault: Vault) -> Receipt:
    """Give the receipt with its images; itself where it has them already or has none.

    Raises HomeError where they were sealed by another desk, LedgerError where they are not those that were signed.
    """
    missing = {name: one for name, one in _pictures(receipt).items() if not one.content}
    if not missing:
        return receipt
    if not receipt.sealed:
        raise LedgerError(f"Receipt {receipt.number} has lost its signatures. Have the ledger verified.")
    opened = _opened(receipt, vault)
    for name, picture in missing.items():
        whole = Picture(picture.media_type, opened.get(name, b""))
        if whole.sha256 != picture.sha256:
            raise LedgerError(f"A signature kept with receipt {receipt.number} is not the one that was given. Stop.")
        if name == _OFFICER:
            receipt = replace(receipt, signature=Signed(whole))
        else:
            receipt = replace(receipt, technician=replace(receipt.technician, signature=whole))
    return receipt


def _opened(receipt: Receipt, vault: Vault) -> Mapping[str, bytes]:
    try:
        kept = json.loads(vault.open(_name(receipt), base64.b64decode(receipt.sealed, validate=True)))
        return {str(name): base64.b64decode(data, validate=True) for name, data in kept.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise LedgerError(f"The signatures kept with receipt {receipt.number} cannot be read. Stop.") from error


def _pictures(receipt: Receipt) -> dict[str, Picture]:
    officer = receipt.signature.image if isinstance(receipt.signature, Signed) else None
    both = {_OFFICER: officer, _TECHNICIAN: receipt.technician.signature}
    return {name: picture for name, picture in both.items() if picture is not None}


def _name(receipt: Receipt) -> str:
    return f"pictures of receipt {receipt.number}"
