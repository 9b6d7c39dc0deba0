"""The restrictions in force on one phone, combined from every installed restrictions payload as iOS combines them.

Known from Apple's schema (which keys, since when, for supervised devices only) and from the decompiled
ManagedConfiguration framework: keys that a version does not know are dropped, booleans take the stricter value,
lists are intersected or united, and the MDM report groups them as ``restrictedBool``, ``restrictedValue``,
``intersection`` and ``union``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

from provisioning.virtual.iphone.model import Model
from provisioning.virtual.iphone.plist import Plist

PAYLOAD_TYPE: Final = "com.apple.applicationaccess"
WEB_CLIP_APP: Final = "com.apple.webapp"
"""The bundle identifier that stands for all web clips in app lists (Apple's schema, blockedAppBundleIDs)."""

_ALIASES: Final = {
    "whitelistedAppBundleIDs": "allowListedAppBundleIDs",
    "blacklistedAppBundleIDs": "blockedAppBundleIDs",
}
_APPS_SWITCHED_OFF: Final[Mapping[str, str]] = {
    "allowAppInstallation": "com.apple.AppStore",
    "allowUIAppInstallation": "com.apple.AppStore",
    "allowSafari": "com.apple.mobilesafari",
    "allowCamera": "com.apple.camera",
    "allowChat": "com.apple.MobileSMS",
    "allowVideoConferencing": "com.apple.facetime",
    "allowiTunes": "com.apple.MobileStore",
    "allowNews": "com.apple.news",
    "allowPodcasts": "com.apple.podcasts",
}
"""Restrictions whose description in the schema says that the app's icon goes."""
_UNBLOCKABLE: Final = frozenset({"com.apple.Preferences", "com.apple.mobilephone"})
"""Settings and Phone stay whatever a list says (Apple's schema, allowListedAppBundleIDs)."""

_LARGER_IS_STRICTER: Final = frozenset({"enforcedSoftwareUpdateDelay"})
"""The default of a delay counts for nothing once a profile names one; of several profiles the longest delay holds."""


@unique
class Kind(StrEnum):
    """How values of one key are combined."""

    BOOL = "bool"
    VALUE = "value"
    INTERSECTION = "intersection"
    UNION = "union"


@dataclass(frozen=True, slots=True)
class KnownRestriction:
    """One key of the schema."""

    key: str
    kind: Kind
    default: bool | float | None
    introduced: str
    removed: str
    supervised_only: bool

    def exists_in(self, model: Model) -> bool:
        """Tell whether that operating system knows the key."""
        return model.at_least(self.introduced) and not (self.removed and model.at_least(self.removed))


class Restrictions:
    """What is in force. Made anew whenever a profile comes or goes."""

    def __init__(self, model: Model, supervised: bool, payloads: Iterable[Mapping[str, Any]] = ()) -> None:
        self._known = {r.key: r for r in known_restrictions() if r.exists_in(model)}
        self._values: dict[str, bool | float] = {
            r.key: r.default for r in self._known.values() if r.default is not None
        }
        self._lists: dict[str, tuple[str, ...]] = {}
        self._delays: dict[str, float] = {}
        for payload in payloads:
            self._combine(payload, supervised)

    def allows(self, key: str) -> bool:
        """Give a boolean; True for one that this version does not know, since nothing then forbids it."""
        return bool(self._values.get(key, True))

    def prohibits_launch(self, bundle_id: str) -> bool:
        """Tell whether an app is neither shown nor started; it stays installed all the same."""
        if bundle_id in _UNBLOCKABLE:
            return False
        if any(app == bundle_id and not self.allows(key) for key, app in _APPS_SWITCHED_OFF.items()):
            return True
        allowed = self._lists.get("allowListedAppBundleIDs")
        if allowed is not None and bundle_id not in allowed:
            return True
        return bundle_id in self._lists.get("blockedAppBundleIDs", ())

    def report(self, only_set: bool = False) -> dict[str, Plist]:
        """Give the MDM form. ``only_set`` leaves out what still has its default.

        Both spellings of the app lists are reported (ManagedConfiguration writes intersections under each of a
        feature's payload keys before it answers an MDM query; for the united list this is inferred).
        """
        bools: dict[str, Plist] = {}
        numbers: dict[str, Plist] = {}
        for key, value in self._values.items():
            known = self._known[key]
            if only_set and value == known.default:
                continue
            (bools if known.kind is Kind.BOOL else numbers)[key] = {"value": value}
        groups: dict[str, Plist] = {"restrictedBool": bools, "restrictedValue": numbers}
        for kind in (Kind.INTERSECTION, Kind.UNION):
            lists = {key: values for key, values in self._lists.items() if self._known[key].kind is kind}
            spelt = {alias: lists[key] for alias, key in _ALIASES.items() if key in lists and alias in self._known}
            both: dict[str, Plist] = {key: {"values": list(values)} for key, values in {**lists, **spelt}.items()}
            groups[str(kind)] = both
        return groups

    def _combine(self, payload: Mapping[str, Any], supervised: bool) -> None:
        for key, value in payload.items():
            known = self._known.get(key)
            if known is None or (known.supervised_only and not supervised):
                continue
            if known.kind is Kind.BOOL and isinstance(value, bool):
                self._values[key] = _stricter(key, bool(self._values[key]), value)
            elif known.kind is Kind.VALUE and isinstance(value, int | float):
                self._combine_value(key, value)
            elif known.kind in (Kind.INTERSECTION, Kind.UNION) and isinstance(value, list):
                self._combine_list(_ALIASES.get(key, key), known.kind, cast("list[Any]", value))

    def _combine_value(self, key: str, value: float) -> None:
        if key in _LARGER_IS_STRICTER:
            self._values[key] = max(self._delays.get(key, value), value)
            self._delays[key] = self._values[key]
        else:
            self._values[key] = min(self._values[key], value)

    def _combine_list(self, key: str, kind: Kind, values: list[Any]) -> None:
        texts = tuple(dict.fromkeys(value for value in values if isinstance(value, str)))
        before = self._lists.get(key)
        if before is None:
            self._lists[key] = texts
        elif kind is Kind.UNION:
            self._lists[key] = tuple(dict.fromkeys((*before, *texts)))
        else:
            self._lists[key] = tuple(text for text in before if text in texts)


@cache
def known_restrictions() -> tuple[KnownRestriction, ...]:
    """Read the table of keys that ships with the virtual handsets."""
    text = files("resources").joinpath("virtual", "ios", "restrictions.tsv").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return tuple(_known(line.split("\t")) for line in lines[1:])


def _known(columns: list[str]) -> KnownRestriction:
    key, kind, default, introduced, removed, supervised, _source = columns
    value: bool | float | None = None
    if kind == Kind.BOOL:
        value = default == "true"
    elif kind == Kind.VALUE:
        value = float(default) if "." in default else int(default)
    return KnownRestriction(key, Kind(kind), value, introduced, removed, supervised == "yes")


def _stricter(key: str, one: bool, other: bool) -> bool:
    """Of allow… the False, of force… and require… the True is stricter."""
    if key.startswith(("force", "require", "safariForce")):
        return one or other
    return one and other
