"""Turn an effective policy into configuration profiles for iPhone and iPad, unsigned, in order of installation.

Four at most: restrictions with the lists of apps; the web filter; the organisation's own pages; and, last of all
because after it only a supervising host can pair, ``allowHostPairing``. A key is sent only where the system knows it:
one that iOS has removed is never sent, and one that it does not know yet neither (Apple, device-management schema).
"""

from __future__ import annotations

import plistlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from provisioning.errors import UsageError
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.effective import EffectivePolicy, LockedValue
from provisioning.policy.versions import older

IDENTIFIER = "uk.issuing-desk.lockdown"
"""Prefix of our profiles' identifiers; the same profile on the same handset replaces itself."""
NAMESPACE = uuid.UUID("6b0f3f0a-2a0c-5d0e-9a35-7c5d3d2c8f11")
"""Of the UUIDs that are made from contents (RFC 9562, version 5)."""
RESTRICTIONS = "com.apple.applicationaccess"
WEB_FILTER = "com.apple.webcontent-filter"
WEB_CLIP = "com.apple.webClip.managed"
WEB_CLIPS = "com.apple.webapp"
"""Stands for web clips in an allow-list; without it none can be opened (Apple, com.apple.applicationaccess)."""
LAST = "allowHostPairing"
FILTER_SINCE = "14.5"
"""First system that knows DenyListURLs by that name (Apple, com.apple.webcontent-filter)."""
EVERLASTING = ("com.apple.Preferences", "com.apple.mobilephone")
"""Apps that iOS keeps whatever an allow-list says (Apple, com.apple.applicationaccess)."""


@dataclass(frozen=True, slots=True)
class RestrictionKey:
    """One key of com.apple.applicationaccess; versions are empty where there is none."""

    name: str
    kind: str
    default: str
    introduced: str
    deprecated: str
    removed: str
    supervised_only: bool
    by_hand: bool
    source: str

    def known_to(self, os_version: str) -> bool:
        """True if that system takes the key."""
        return not older(os_version, self.introduced) and not (self.removed and not older(os_version, self.removed))


@dataclass(frozen=True, slots=True)
class ConfigurationProfile:
    """One profile. ``uuid`` follows from the contents, so it proves what was installed.

    ``restrictions`` are the values that verification must find in effect. ``content`` is an XML property list.
    """

    identifier: str
    uuid: str
    restrictions: Mapping[str, LockedValue]
    content: bytes = field(repr=False)


def compile_profiles(
    effective: EffectivePolicy, organisation_name: str, os_version: str
) -> tuple[ConfigurationProfile, ...]:
    """Compile the profiles for one system version.

    Raises UsageError for a restriction that Apple's schema does not have, or a value of another type.
    """
    wanted = _wanted(effective, os_version)
    last = {LAST: wanted.pop(LAST)} if LAST in wanted else {}
    name = one_line(organisation_name, 60) or "the organisation"
    title = one_line(effective.title, 100)
    made: list[ConfigurationProfile] = []
    if wanted:
        made.append(_profile("restrictions", title, name, [_payload(RESTRICTIONS, "restrictions", wanted)], wanted))
    if effective.orders.web_deny_urls and not older(os_version, FILTER_SINCE):
        made.append(_profile("web", f"{title}: web addresses", name, [_web_filter(effective)], {}))
    if effective.orders.web_clips:
        clips = [_web_clip(number, *clip) for number, clip in enumerate(effective.orders.web_clips)]
        made.append(_profile("clips", f"{title}: pages", name, clips, {}))
    if last:
        made.append(_profile("pairing", f"{title}: pairing", name, [_payload(RESTRICTIONS, "pairing", last)], last))
    return tuple(made)


@lru_cache(maxsize=1)
def restriction_keys() -> Mapping[str, RestrictionKey]:
    """Give all keys that there are, by name; data, not code."""
    text = files("resources").joinpath("policies", "ios_restrictions.tsv").read_text("utf-8")
    keys: dict[str, RestrictionKey] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, kind, default, introduced, deprecated, removed, supervised, by_hand, source = line.split("\t")
        keys[name] = RestrictionKey(
            name, kind, default, introduced, deprecated, removed, supervised == "yes", by_hand == "yes", source
        )
    return keys


def _wanted(effective: EffectivePolicy, os_version: str) -> dict[str, LockedValue]:
    wanted: dict[str, LockedValue] = {}
    for name, value in {**effective.orders.ios, **app_lists(effective)}.items():
        key = restriction_keys().get(name)
        if key is None or not _fits(key, value):
            shown = one_line(name, 60)
            raise UsageError(
                f"Policy {effective.reference.name}: “{shown}” is no restriction of Apple's with that value."
            )
        if key.known_to(os_version) and key.by_hand and not _is_default(key, value):
            wanted[name] = value
    return dict(sorted(wanted.items()))


def app_lists(effective: EffectivePolicy) -> dict[str, LockedValue]:
    """Give the list of what may, or may not, be started, by Apple's key.

    An allow-list hides everything else by itself; beside it a deny-list would only be a second word on it.
    """
    if effective.allow_list:
        allowed = effective.orders.allowed_ids.get(Platform.IOS, ())
        return {"allowListedAppBundleIDs": tuple(dict.fromkeys((*allowed, *EVERLASTING, WEB_CLIPS)))}
    blocked = effective.orders.blocked_ids.get(Platform.IOS, ())
    return {"blockedAppBundleIDs": blocked} if blocked else {}


def _fits(key: RestrictionKey, value: LockedValue) -> bool:
    match value:
        case bool():
            return key.kind == "boolean"
        case int():
            return key.kind == "integer"
        case str():
            return key.kind == "string"
        case _:
            return key.kind == "list"


def _is_default(key: RestrictionKey, value: LockedValue) -> bool:
    """A value that the system has by itself restricts nothing and is not reported as a restriction either."""
    return isinstance(value, bool) and key.default == str(value).lower()


def _web_filter(effective: EffectivePolicy) -> dict[str, object]:
    filtered = {
        "FilterType": "BuiltIn",
        "AutoFilterEnabled": False,
        "DenyListURLs": list(effective.orders.web_deny_urls),
    }
    return _payload(WEB_FILTER, "web", filtered)


def _web_clip(number: int, label: str, address: str) -> dict[str, object]:
    """Make a page that stays: IsRemovable is true by itself (Apple, com.apple.webClip.managed)."""
    return _payload(WEB_CLIP, f"clip{number}", {"Label": label, "URL": address, "IsRemovable": False})


def _payload(kind: str, part: str, content: Mapping[str, object]) -> dict[str, object]:
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in content.items()}  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]  # a tuple of LockedValue holds texts
    payload: dict[str, object] = {
        "PayloadType": kind,
        "PayloadIdentifier": f"{IDENTIFIER}.{part}.{kind}",
        "PayloadVersion": 1,
        **plain,
    }
    return {**payload, "PayloadUUID": _uuid(payload)}


def _profile(
    part: str,
    title: str,
    organisation: str,
    payloads: list[dict[str, object]],
    restrictions: Mapping[str, LockedValue],
) -> ConfigurationProfile:
    identifier = f"{IDENTIFIER}.{part}"
    profile: dict[str, object] = {
        "PayloadType": "Configuration",
        "PayloadIdentifier": identifier,
        "PayloadVersion": 1,
        "PayloadDisplayName": title,
        "PayloadOrganization": organisation,
        "PayloadRemovalDisallowed": True,
        "PayloadContent": payloads,
    }
    made = _uuid(profile)
    content = plistlib.dumps({**profile, "PayloadUUID": made}, fmt=plistlib.FMT_XML, sort_keys=True)
    return ConfigurationProfile(identifier, made, restrictions, content)


def _uuid(content: Mapping[str, object]) -> str:
    """Make the UUID of a content: equal contents, and only they, have equal UUIDs."""
    canonical = plistlib.dumps(dict(content), fmt=plistlib.FMT_XML, sort_keys=True)
    return str(uuid.uuid5(NAMESPACE, canonical.decode("utf-8"))).upper()
