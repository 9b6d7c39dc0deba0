"""Read property lists of apps, XML or binary: ``ideviceinstaller -o xml``, Browse and Lookup answers."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator, Mapping, Sequence
from typing import cast
from xml.parsers.expat import ExpatError

from provisioning.inventory import Inventory, Unread
from provisioning.plain_text import one_line
from provisioning.verification.exported_ios import inventory_of
from provisioning.verification.exported_text import NotThisFormat


class _Table(dict[str, object]):
    """A dictionary that refuses a key that is said twice: readers differ in which one counts."""

    def __setitem__(self, key: str, value: object) -> None:
        if key in self:
            raise ValueError(f"the key {one_line(str(key), 40)} stands twice in one dictionary")
        super().__setitem__(key, value)


def read(data: bytes) -> Inventory:
    """Read a property list of apps. Raises NotThisFormat."""
    try:
        document: object = plistlib.loads(data.lstrip(), dict_type=_Table)
    except ExpatError as e:
        raise NotThisFormat(f"is not a whole property list ({one_line(str(e), 80)}).", e.lineno) from e
    except (plistlib.InvalidFileException, ValueError, RecursionError, OverflowError, AttributeError, TypeError) as e:
        raise NotThisFormat(f"is not a property list that can be read ({one_line(str(e), 80) or 'damaged'}).") from e
    return of_document(document)


def of_document(document: object) -> Inventory:
    """Find the apps in what was read: a list, an answer or several of them, or a table by identifier."""
    if isinstance(document, list):
        entries = cast("list[object]", document)
        if any(isinstance(entry, Mapping) and "CurrentList" in entry for entry in entries):
            return _answers(entries)
        return inventory_of(entries)
    if not isinstance(document, Mapping):
        raise NotThisFormat("holds no list of apps.")
    table = cast("Mapping[object, object]", document)
    if "CurrentList" in table or "Error" in table:
        return _answers([table])
    by_identifier = _mapping(table.get("LookupResult")) or table
    if not any("CFBundleIdentifier" in _mapping(entry) for entry in by_identifier.values()):
        raise NotThisFormat("holds no list of apps.")
    return inventory_of([named for key, entry in by_identifier.items() for named in _keyed(key, entry)])


def _keyed(key: object, entry: object) -> Iterator[object]:
    """Give an entry of a table by identifier; where key and entry name two apps, both are there."""
    fields = _mapping(entry)
    if not isinstance(entry, Mapping) or fields.get("CFBundleIdentifier", key) != key:
        yield entry
    if isinstance(entry, Mapping):
        yield {**fields, "CFBundleIdentifier": key}


def _answers(answers: Sequence[object]) -> Inventory:
    """Put the messages of a Browse together; one that ends with an error or without an end is not whole."""
    entries: list[object] = []
    unread: list[Unread] = []
    complete = False
    for answer in answers:
        message = _mapping(answer)
        listed = message.get("CurrentList")
        entries += cast("list[object]", listed) if isinstance(listed, list) else []
        complete = complete or message.get("Status") == "Complete"
        if "Error" in message:
            unread.append(Unread("apps", f"the handset answered {one_line(str(message['Error']), 80)}"))
    if not complete and not unread:
        unread.append(Unread("apps (the list looks cut or partial)", "the answer does not say that it is complete"))
    found = inventory_of(entries)
    return Inventory(found.platform, found.apps, found.users, unread=(*found.unread, *unread))


def _mapping(value: object) -> Mapping[object, object]:
    return cast("Mapping[object, object]", value) if isinstance(value, Mapping) else {}
