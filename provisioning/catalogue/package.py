"""A catalogue in one signed file, so that a desk can take a newer one without a new release of the program.

The file is a DSSE envelope (see ``provisioning.verification.envelope``) around JSON with the very texts of the
catalogue's files. Any public tool that checks DSSE checks it; the key decides, and there is none in the file to trust.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from provisioning.canonical import canonical, parse_object
from provisioning.catalogue.catalogue import Catalogue
from provisioning.catalogue.load import FILES, catalogue_of, read_folder
from provisioning.errors import FileError
from provisioning.files import read_file
from provisioning.signatures import AnyDeskKey, Signer
from provisioning.verification.envelope import LARGEST, Envelope, parse_envelope, sign_envelope

PAYLOAD_TYPE = "application/vnd.issuing-desk.catalogue+json"
ADDED = frozenset({"listed.tsv"})
"""Files that catalogues of the same format did not have at first; a package without them has nothing in them."""
FORMAT = "issuing-desk/catalogue/1"


def pack(folder: Path, signer: Signer) -> bytes:
    """Give the signed file of the catalogue in ``folder``. Raises FileError where that is none."""
    files = read_folder(folder)
    catalogue_of(files, folder)
    texts = {name: data.decode("utf-8") for name, data in files.items()}
    return sign_envelope(PAYLOAD_TYPE, canonical({"files": texts, "format": FORMAT}), signer).text()


def open_package(path: Path, key: AnyDeskKey | None) -> tuple[Catalogue, bytes]:
    """Give the catalogue in a signed file, and the file's bytes.

    Raises FileError where it is none, is damaged, or was not signed with ``key``. None looks inside without believing:
    for checking a file before its key is known.
    """
    data = read_file(path, LARGEST)
    try:
        envelope = parse_envelope(data)
        files = _files(envelope)
    except (ValueError, KeyError, TypeError) as e:
        raise FileError(path, "is no signed catalogue, or it is damaged.") from e
    if key is not None and not envelope.signed_by(key):
        raise FileError(path, "was not signed with the key that this desk trusts for catalogues, or was changed since.")
    return catalogue_of(files, path), data


def _files(envelope: Envelope) -> Mapping[str, bytes]:
    if envelope.payload_type != PAYLOAD_TYPE:
        raise ValueError("another payload")
    document = parse_object(envelope.payload)
    if document.text("format") != FORMAT:
        raise ValueError("another format")
    files = document.members("files")
    return {name: ((files.text_or_none(name) or "") if name in ADDED else files.text(name)).encode() for name in FILES}
