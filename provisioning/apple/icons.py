"""Web clips: pages on the home screen, which no list of apps knows and SpringBoard's icon state does.

The icon state is never a list of apps: what lies only in the App Library is not in it, and an app may be twice.
Shapes by pymobiledevice3's users and libimobiledevice#396; a dump of iOS 18 or later is still wanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from provisioning.apple import answers
from provisioning.apple.answers import Answer, Malformed
from provisioning.apple.deadlines import Deadlines
from provisioning.errors import HandsetGarbled, HandsetRefused
from provisioning.inventory import Unread, WebClip

if TYPE_CHECKING:
    from provisioning.apple.wire import Wire

SERVICE = "com.apple.springboardservices"
DOING = "reading the home screen"
AREA = "web clips on the home screen"

DEEPEST = 12
"""Pages hold folders, which hold pages; twelve lists within one another are no home screen."""
MOST_ICONS = 20_000


@dataclass(slots=True)
class Walk:
    """What has been found, and how many more icons will be looked at."""

    clips: list[WebClip] = field(default_factory=list[WebClip])
    strange: int = 0
    left: int = MOST_ICONS


async def read(wire: Wire, deadlines: Deadlines) -> tuple[tuple[WebClip, ...], tuple[Unread, ...]]:
    """Read the web clips, and what of the home screen was not understood. Raises HandsetError."""
    from provisioning.apple.wire import decoded  # comes with the library, which is loaded by the time of a wire

    # SpringBoard takes the version as text; without it some leave web clips out (pymobiledevice3 sends "2")
    await wire.say(DOING, {"command": "getIconState", "formatVersion": "2"})
    payload = await wire.hear_bytes(DOING, deadlines.icons)
    if not payload:
        raise HandsetRefused(DOING, "it gives an empty answer.")
    try:
        return clips_of(await decoded(payload))
    except Malformed as error:
        await wire.cut()
        raise HandsetGarbled(DOING, str(error)) from error


def clips_of(state: object) -> tuple[tuple[WebClip, ...], tuple[Unread, ...]]:
    """Find the web clips in an icon state. Raises Malformed for one that is endless or no icon state."""
    walk = Walk()
    _pages(answers.sequence(state, MOST_ICONS), walk, 0)
    unread = (Unread(AREA, f"{walk.strange} icons of an unknown kind"),) if walk.strange else ()
    return tuple(walk.clips), unread


def _pages(items: Sequence[object], walk: Walk, depth: int) -> None:
    if depth > DEEPEST:
        raise Malformed("folders within folders without end")
    for item in items:
        walk.left -= 1
        if walk.left < 0:
            raise Malformed("more icons than are plausible")
        if isinstance(item, list):
            _pages(cast("list[object]", item), walk, depth + 1)
        elif isinstance(item, Mapping):
            _icon(answers.mapping(cast("object", item)), walk, depth)
        elif item:  # 0, false and "" are empty places on the page
            walk.strange += 1


def _icon(icon: Answer, walk: Walk, depth: int) -> None:
    for key in ("iconLists", "elements"):
        inside = icon.get(key)
        if isinstance(inside, list):
            _pages(cast("list[object]", inside), walk, depth + 1)
    url = answers.text(icon, "webClipURL")
    title = answers.text(icon, "displayName") or answers.text(icon, "displayIdentifier")
    if url is not None:
        walk.clips.append(WebClip(title or "", url))
    elif _is_no_page(icon):
        return
    elif title is not None:
        # newer systems name a web clip or a pinned app clip without saying where it leads
        walk.clips.append(WebClip(title, ""))
    else:
        walk.strange += 1


def _is_no_page(icon: Answer) -> bool:
    """Say that it is an app, a folder, a widget or a stack of widgets."""
    return bool(
        answers.text(icon, "bundleIdentifier")
        or answers.text(icon, "containerBundleIdentifier")
        or "iconLists" in icon
        or "elements" in icon
        or answers.text(icon, "listType") == "folder"
        or answers.text(icon, "iconType") == "custom"
        or answers.text(icon, "elementType") == "widget"
    )
