"""Read inventories that other tools exported; the format is told from the content, never from the name.

``pm list packages`` (any flags), one identifier a line, ideviceinstaller's text and property lists, Browse and Lookup
answers, go-ios and pymobiledevice3 JSON, androidqf and MVT ``packages.json``, and the neutral JSON of the command-line
contract. Everything is bounded, and what does not look whole is said in ``unread``, never left out in silence.
"""

from __future__ import annotations

import re
from pathlib import Path

from provisioning.errors import FileError
from provisioning.inventory import Inventory
from provisioning.platforms import Platform
from provisioning.verification import exported_json, exported_plist, exported_text
from provisioning.verification.exported_text import NotThisFormat

LARGEST = 64 << 20
"""Bytes. The whole Browse of a phone with a thousand apps is a tenth of that."""
MOST_APPS = 20_000
_LOOKED_AT = 400
"""Bytes that tell an encoding."""
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
"""It names an encoding that the text, once read, no longer has."""
_UTF_8 = '<?xml version="1.0" encoding="UTF-8"?>\n'
_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


def read_inventory(data: bytes, platform: Platform, path: Path) -> Inventory:
    """Read an exported inventory. ``path`` is only for messages.

    Raises FileError with line and reason where the content is of no known format, of the other platform, or too much.
    """
    if len(data) > LARGEST:
        raise FileError(path, f"is longer than {LARGEST >> 20} MB, which no list of apps is.")
    try:
        inventory = _read(data, platform, path)
    except NotThisFormat as e:
        raise FileError(path, str(e), e.line) from e
    if len(inventory.apps) > MOST_APPS:
        raise FileError(path, f"names {len(inventory.apps)} apps, and no handset has more than {MOST_APPS}.")
    if not inventory.apps and not inventory.unread:
        raise FileError(path, "names no app at all.")
    return inventory


def scope_of_file(inventory: Inventory) -> tuple[str, ...]:
    """Say what a file cannot show, one sentence each; it stands beside every verdict on a file."""
    users = ", ".join(str(user.id) for user in inventory.users)
    sentences = [
        "Judged is what the file says; the handset itself was not read.",
        "The lock-down cannot be seen from a file, so it was not judged.",
    ]
    if inventory.platform is Platform.ANDROID:
        sentences.append(f"The file speaks of user {users}; other users and profiles of the handset cannot be seen.")
    if not inventory.web_clips:
        sentences.append("Pages on the home screen cannot be seen from this file.")
    sentences.append("Use of a network in the browser cannot be seen in any list of apps.")
    return tuple(sentences)


def _read(data: bytes, platform: Platform, path: Path) -> Inventory:
    start = data.lstrip()[:64]
    if start.startswith(b"bplist") or start.startswith((b"<?xml", b"<plist", b"<!DOCTYPE plist", b"\xef\xbb\xbf<?xml")):
        if platform is not Platform.IOS:
            raise NotThisFormat("is a property list, which iPhones write. Say --platform ios.")
        return exported_plist.read(data)
    text = _text(data, path)
    if text.lstrip().startswith(("<?xml", "<plist", "<!DOCTYPE plist")):
        return _read((_UTF_8 + _DECLARATION.sub("", text).lstrip()).encode(), platform, path)
    if text.lstrip()[:1] in {"{", "["}:
        return exported_json.read(text, platform)
    return exported_text.read(text, platform)


def _text(data: bytes, path: Path) -> str:
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), None) or _unmarked(data)
    try:
        return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as e:
        line = data.count(b"\n", 0, e.start) + 1
        raise FileError(path, "is neither UTF-8 text nor a property list.", line) from e


def _unmarked(data: bytes) -> str:
    """Tell UTF-16 without a mark by its zeros: identifiers are ASCII, so every other byte is one."""
    start = data[: len(data) // 2 * 2][:_LOOKED_AT]
    half = len(start) // 2
    if half and start[1::2].count(0) * 10 > half * 9 and start[::2].count(0) * 10 < half:
        return "utf-16-le"
    if half and start[::2].count(0) * 10 > half * 9 and start[1::2].count(0) * 10 < half:
        return "utf-16-be"
    return "utf-8"
