"""What is said of items on the command line: ``--item``, and options that may name the handset that they mean."""

from __future__ import annotations

from collections.abc import Sequence

from provisioning.check_digits import is_iccid
from provisioning.errors import UsageError
from provisioning.plain_text import one_line
from provisioning.receipts.items import ItemKind, OtherItem

_LONGEST = 80
_MOST = 999
_ITEM = "Write --item 'KIND: words; number=…; quantity=…; tag=…; condition=…; terms=…'"


def other_item(text: str) -> OtherItem:
    """Read one ``--item``: its kind, what is said of it, and ``name=value`` pieces after semicolons.

    What follows the kind of a SIM card is its number (ICCID). Raises UsageError with the right way to write it.
    """
    head, *pieces = text.split(";")
    word, _, label = head.partition(":")
    kind, label = word.strip().casefold(), one_line(label.strip(), _LONGEST)
    if kind not in set(ItemKind):
        raise UsageError(f"“{one_line(word, 30)}” is no kind of item: choose {', '.join(ItemKind)}. {_ITEM}.")
    said: dict[str, str] = {}
    for piece in pieces:
        name, sign, value = (part.strip() for part in piece.partition("="))
        if not sign or not value or name not in ("number", "quantity", "tag", "condition", "terms") or name in said:
            raise UsageError(f"“{one_line(piece.strip(), 40)}” says nothing of an item that is known. {_ITEM}.")
        said[name] = one_line(value, _LONGEST)
    number = said.get("number", "")
    if kind == ItemKind.SIM:
        number, label = (number, label) if number else ("".join(label.split()), "")
        if not is_iccid(number):
            raise UsageError(
                f"“{one_line(number, 24)}” is no number of a SIM card: 18 to 20 digits that begin with 89 and end in "
                "their check digit. Scan it, or read it again."
            )
    quantity = said.get("quantity", "1")
    if not quantity.isascii() or not quantity.isdigit() or not 0 < int(quantity) <= _MOST:
        raise UsageError(f"“{one_line(quantity, 20)}” is no quantity: give a number from 1 to {_MOST}.")
    if number and int(quantity) != 1:
        raise UsageError(f"Item {number} has a number of its own, so it is one. Give each its own --item.")
    return OtherItem(
        ItemKind(kind),
        label,
        number,
        int(quantity),
        said.get("tag"),
        condition=said.get("condition", ""),
        terms=said.get("terms", ""),
    )


def said_of(option: str, texts: Sequence[str], serials: Sequence[str], *, for_all: bool) -> dict[str, tuple[str, ...]]:
    """Give what was said of each handset: ``SERIAL=words``, or only words where it is clear which is meant.

    ``for_all`` lets words without a serial number hold for every handset. Raises UsageError where it is not clear.
    """
    said: dict[str, list[str]] = {serial: [] for serial in serials}
    for text in texts:
        serial, sign, words = text.partition("=")
        if sign and serial.strip() in said:
            said[serial.strip()].append(one_line(words.strip(), _LONGEST))
        elif len(serials) == 1 or for_all:
            for one in said.values():
                one.append(one_line(text.strip(), _LONGEST))
        else:
            raise UsageError(f"Say which handset {option} “{one_line(text, 40)}” is for: {option} SERIAL=words.")
    return {serial: tuple(words) for serial, words in said.items()}
