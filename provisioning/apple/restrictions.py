"""What a restrictions payload demands, compared with what the handset says that it enforces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from provisioning.apple.answers import Answer
from provisioning.handset import Requirement, Strength
from provisioning.plain_text import one_line
from provisioning.policy.effective import LockedValue

OLD_NAMES = {
    "allowListedAppBundleIDs": "whitelistedAppBundleIDs",
    "blockedAppBundleIDs": "blacklistedAppBundleIDs",
}
"""Keys that were renamed with iOS 15 (com.apple.applicationaccess); a handset may go on reporting the old name."""
MOST_SHOWN = 3
"""Identifiers of a list that are spelled out to a person."""


def effective_requirement(key: str, wanted: LockedValue, restrictions: Answer) -> Requirement:
    """Compare one key with GlobalRestrictions. What is not reported does not hold.

    A ``union`` (deny-list) must hold at least what is wanted, an ``intersection`` (allow-list) at most.
    """
    names = (key, OLD_NAMES[key]) if key in OLD_NAMES else (key,)
    if not isinstance(wanted, tuple):
        group = "restrictedBool" if isinstance(wanted, bool) else "restrictedValue"
        found = _entry(restrictions, group, names, "value")
        holds = type(found) is type(wanted) and found == wanted
        return Requirement(key, holds, _shown(wanted), _shown(found), Strength.EFFECTIVE)
    union = _entry(restrictions, "union", names, "values")
    intersection = _entry(restrictions, "intersection", names, "values")
    if isinstance(union, list):
        listed = _texts(cast("list[object]", union))
        return Requirement(key, set(wanted) <= listed, _shown(wanted), _difference(wanted, listed), Strength.EFFECTIVE)
    if isinstance(intersection, list):
        listed = _texts(cast("list[object]", intersection))
        holds = listed <= set(wanted)
        return Requirement(key, holds, _shown(wanted), _shown(tuple(sorted(listed))), Strength.EFFECTIVE)
    return Requirement(key, False, _shown(wanted), _shown(None), Strength.EFFECTIVE)


def declared_requirement(key: str, wanted: LockedValue, profile: str | None) -> Requirement:
    """Say that a key holds because the profile with exactly this content lies there (None: it does not)."""
    found = "not installed" if profile is None else f"in profile {profile}"
    return Requirement(key, profile is not None, _shown(wanted), found, Strength.DECLARED)


def _entry(restrictions: Answer, group: str, names: tuple[str, ...], field: str) -> object:
    entries = restrictions.get(group)
    if not isinstance(entries, Mapping):
        return None
    for name in names:
        entry = cast("Mapping[object, object]", entries).get(name)
        if isinstance(entry, Mapping):
            return cast("Mapping[object, object]", entry).get(field)
    return None


def _texts(values: list[object]) -> set[str]:
    return {value for value in values if isinstance(value, str)}


def _shown(value: object) -> str:
    if value is None:
        return "not reported"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        words = [one_line(str(one), 80) for one in cast("tuple[object, ...]", value)]
        more = f" and {len(words) - MOST_SHOWN} more" if len(words) > MOST_SHOWN else ""
        return ", ".join(words[:MOST_SHOWN]) + more if words else "none"
    return one_line(str(value), 80)


def _difference(wanted: tuple[str, ...], listed: set[str]) -> str:
    missing = tuple(one for one in wanted if one not in listed)
    return f"{len(listed)} listed, missing: {_shown(missing)}" if missing else f"{len(listed)} listed"
