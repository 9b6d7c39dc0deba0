"""What never changes about a home: which desk it is, whose, and whether it is a training home. ``identity.json``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from provisioning.canonical import Json, canonical, parse_object
from provisioning.errors import FileError, HomeError, UsageError
from provisioning.files import read_file, write_file
from provisioning.plain_text import one_line

FORMAT = 1
LONGEST_NAME = 120
FILE_NAME = "identity.json"


@dataclass(frozen=True, slots=True)
class DeskIdentity:
    """Who a home is. ``key`` is the identifier of the desk's public key, ``created`` ISO 8601 in UTC.

    ``desk_name`` is what it was called when it was made; ``receipt_prefix`` begins its receipt numbers.
    """

    desk: str
    desk_name: str
    training: bool
    organisation_name: str
    organisation_magic: str
    receipt_prefix: str
    created: str
    key: str


def new_identity(
    *,
    training: bool,
    organisation_name: str,
    organisation_magic: str | None,
    desk_name: str,
    receipt_prefix: str | None,
    key: str,
) -> DeskIdentity:
    """Make up a desk. Raises UsageError for names that cannot stand on a receipt."""
    desk = str(uuid4())
    return DeskIdentity(
        desk=desk,
        desk_name=_name(desk_name, "desk"),
        training=training,
        organisation_name=_name(organisation_name, "organisation"),
        organisation_magic=_magic(organisation_magic),
        receipt_prefix=_prefix(receipt_prefix, desk_name, desk, training=training),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        key=key,
    )


def write_identity(folder: Path, identity: DeskIdentity) -> None:
    """Write ``identity.json``. Raises HomeError."""
    document: dict[str, Json] = {
        "created": identity.created,
        "desk": identity.desk,
        "desk_name": identity.desk_name,
        "format": FORMAT,
        "key": identity.key,
        "organisation": {"magic": identity.organisation_magic, "name": identity.organisation_name},
        "receipt_prefix": identity.receipt_prefix,
        "training": identity.training,
    }
    write_file(folder / FILE_NAME, canonical(document) + b"\n")


def read_identity(folder: Path) -> DeskIdentity:
    """Read ``identity.json``. Raises HomeError where it cannot be read or is of a newer program."""
    try:
        members = parse_object(read_file(folder / FILE_NAME, 1 << 14))
        if members.number("format") != FORMAT:
            raise HomeError(f"The home {folder} was made by another version of this program. Install that version.")
        organisation = members.members("organisation")
        return DeskIdentity(
            desk=str(UUID(members.text("desk"))),
            desk_name=members.text("desk_name"),
            training=members.flag("training"),
            organisation_name=organisation.text("name"),
            organisation_magic=organisation.text("magic"),
            receipt_prefix=members.text("receipt_prefix"),
            created=members.text("created"),
            key=members.text("key"),
        )
    except FileError as e:
        raise HomeError(f"The home {folder} cannot be read: {e.reason}") from e
    except ValueError as e:
        raise HomeError(f"{FILE_NAME} of the home {folder} is damaged. Restore it from a backup.") from e


def _name(text: str, what: str) -> str:
    name = text.strip()
    if not name or len(name) > LONGEST_NAME or one_line(name, LONGEST_NAME) != name:
        raise UsageError(f"The name of the {what} must be one line of 1 to {LONGEST_NAME} printable characters.")
    return name


def _magic(text: str | None) -> str:
    try:
        return str(UUID(text) if text is not None else uuid4()).upper()
    except ValueError as e:
        raise UsageError("The organisation's identifier must be a UUID (Apple's OrganizationMagic).") from e


def _prefix(wanted: str | None, desk_name: str, desk: str, *, training: bool) -> str:
    """Give ``D4`` for “Desk 4”, else letters of the desk's UUID, so that two desks seldom meet; ``T`` for training."""
    if wanted is None:
        number = re.search(r"\d{1,4}", desk_name)
        wanted = f"D{number.group()}" if number else f"D{desk[:4].upper()}"
    if not re.fullmatch(r"[A-Z0-9]{1,8}", wanted):
        raise UsageError("The prefix of receipt numbers must be 1 to 8 of the characters A-Z and 0-9.")
    return f"T{wanted}" if training else wanted
