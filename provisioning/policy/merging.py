"""Put a policy and what it inherits together: the nearest word wins, line by line, and every rule gets its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from provisioning.catalogue.genres import plain
from provisioning.catalogue.identifiers import fold
from provisioning.errors import FileError
from provisioning.platforms import Platform
from provisioning.policy.effective import BlockedSuffices, Decision, LockedValue, PolicyReference, Rule, Severity
from provisioning.policy.policy import Policy, RoleExemption, Unlisted
from provisioning.policy.schema import LockedKey, PolicyDocument, Role, RuleOrName, RuleTable
from provisioning.policy.toml_lines import line_of

Generation = tuple[Path, str, PolicyDocument]
"""A file of the line of inheritance: path, text, document."""
_WHOLE = frozenset({"rules", "classes", "families", "genres", "unlisted", "roles", "declaration", "ios", "android"})
"""Tables whose members are replaced whole and never mixed."""
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_NOT_SAID = "assumption: the policy does not say otherwise"
_UNLISTED = {
    "user": Rule("unlisted-user", Decision.REVIEW, "nobody has judged this app yet", _NOT_SAID),
    "system": Rule("unlisted-system", Decision.ALLOWED, "it is part of the handset's own system", _NOT_SAID),
    "known_other": Rule("known-other", Decision.ALLOWED, "it is known to be no social media", _NOT_SAID),
    "suspected": Rule("suspected", Decision.REVIEW, "it may be social media", _NOT_SAID),
    "sideloaded": Rule("sideloaded", Decision.REVIEW, "it did not come from the store", _NOT_SAID),
    "web": Rule("unlisted-web", Decision.REVIEW, "nobody has judged this page yet", _NOT_SAID),
    "extra_users": Rule("extra-users", Decision.REVIEW, "an issued handset has one user", _NOT_SAID),
}

_FINER = ("testflight", "developer_signed")
"""What is side-loaded where these say nothing of their own."""


def merge(lineage: Sequence[Generation], references: Sequence[PolicyReference]) -> Policy:
    """Merge a line of policies, nearest first. Raises FileError for a rule that is named and nowhere written."""
    combined: dict[str, Any] = {}
    for _, _, document in reversed(lineage):
        combined = _over(combined, document.model_dump(exclude_unset=True, mode="json"))
    return _policy(PolicyDocument.model_validate(combined), _Rules(lineage, combined), references)


def _over(older: Mapping[str, Any], newer: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Lay a newer table over an older one."""
    merged = dict(older)
    for key, value in newer.items():
        known = merged.get(key)
        if isinstance(value, dict) and isinstance(known, dict) and (depth == 0 or key in _WHOLE):
            if key == "policy":
                merged[key] = value
            elif key in _WHOLE:
                merged[key] = {**known, **value}
            else:
                merged[key] = _over(cast("dict[str, Any]", known), cast("dict[str, Any]", value), depth + 1)
        else:
            merged[key] = value
    return merged


class _Rules:
    """Finds the rule behind a name, and names the rules that are written in place."""

    def __init__(self, lineage: Sequence[Generation], combined: Mapping[str, Any]) -> None:
        self._lineage = lineage
        written = cast("Mapping[str, Any]", combined.get("rules", {}))
        self._named = {name: _rule(name, RuleTable.model_validate(table)) for name, table in written.items()}

    def of(self, value: RuleOrName, place: tuple[str, ...]) -> Rule:
        if isinstance(value, RuleTable):
            return _rule(".".join(place), value)
        if value in self._named:
            return self._named[value]
        for path, text, _ in self._lineage:
            line = line_of(text, place)
            if line is not None:
                raise FileError(path, f"{'.'.join(place)} names the rule “{value}”, which is nowhere written.", line)
        raise FileError(self._lineage[0][0], f"the rule “{value}” is nowhere written.")

    def table(self, table: Mapping[str, RuleOrName], *place: str) -> dict[str, Rule]:
        return {key: self.of(value, (*place, key)) for key, value in table.items()}


def _rule(name: str, table: RuleTable) -> Rule:
    return Rule(name, table.decision, table.reason, table.basis)


def _policy(document: PolicyDocument, rules: _Rules, references: Sequence[PolicyReference]) -> Policy:
    checks, floors = document.verification, document.floors
    tables = {Platform.IOS: document.identifiers.ios, Platform.ANDROID: document.identifiers.android}
    identifiers = {
        (platform, fold(identifier)): rule
        for platform, table in tables.items()
        for identifier, rule in rules.table(table, "identifiers", str(platform)).items()
    }
    return Policy(
        reference=references[0],
        title=document.policy.title,
        lineage=tuple(references[1:]),
        allow_list=document.policy.allow_list,
        classes=rules.table(document.classes, "classes"),
        families=rules.table(document.families, "families"),
        identifiers=identifiers,
        genres={plain(genre): rule for genre, rule in rules.table(document.genres, "genres").items()},
        spelling=_spelling(document, tables),
        unlisted=_unlisted(document, rules),
        roles={name: _role(name, role) for name, role in document.roles.items()},
        lock_down_ios={key: _locked(value) for key, value in document.lockdown.ios.items()},
        lock_down_android=tuple(document.lockdown.android.restrictions),
        revoke_adb_key=bool(document.lockdown.android.revoke_adb_key),
        seal_at_handover=bool(document.lockdown.android.seal_at_handover),
        web_filter=bool(document.lockdown.web_filter),
        web_clips=dict(document.lockdown.web_clips),
        blocking=frozenset(Severity) if checks.blocking is None else frozenset(checks.blocking),
        notes=frozenset(checks.notes or ()),
        blocked_suffices=checks.blocked_suffices or BlockedSuffices.SYSTEM,
        max_age_seconds=_seconds(checks.max_age or "10 min"),
        catalogue_max_age_seconds=_seconds(checks.catalogue_max_age or "0 d"),
        required_strength=checks.required_strength or "declared",
        required_apps={
            Platform.IOS: tuple(document.required_apps.ios),
            Platform.ANDROID: tuple(document.required_apps.android),
        },
        os_floor={p: v for p, v in ((Platform.IOS, floors.ios), (Platform.ANDROID, floors.android)) if v},
        patch_floor=floors.android_patch or "",
        remove_denied=checks.denied_apps == "remove",
        declaration=document.declaration.text if document.declaration else "",
    )


def _unlisted(document: PolicyDocument, rules: _Rules) -> Unlisted:
    said: dict[str, RuleOrName | None] = {name: getattr(document.unlisted, name) for name in (*_UNLISTED, *_FINER)}
    given = {name: rules.of(value, ("unlisted", name)) for name, value in said.items() if value is not None}
    chosen = {name: given.get(name, rule) for name, rule in _UNLISTED.items()}
    return Unlisted(**chosen, testflight=given.get("testflight"), developer_signed=given.get("developer_signed"))


def _spelling(
    document: PolicyDocument, tables: Mapping[Platform, Mapping[str, RuleOrName]]
) -> dict[tuple[Platform, str], str]:
    written = [(platform, identifier) for platform, table in tables.items() for identifier in table]
    for role in document.roles.values():
        written += [*((Platform.IOS, i) for i in role.ios), *((Platform.ANDROID, i) for i in role.android)]
    return {(platform, fold(identifier)): identifier for platform, identifier in written}


def _role(name: str, role: Role) -> RoleExemption:
    identifiers = [*((Platform.IOS, fold(i)) for i in role.ios), *((Platform.ANDROID, fold(i)) for i in role.android)]
    return RoleExemption(name, role.title, tuple(role.families), tuple(identifiers), role.reason, role.basis)


def _locked(value: LockedKey) -> LockedValue:
    return tuple(value) if isinstance(value, list) else value


def _seconds(duration: str) -> int:
    number = duration.rstrip("abcdefghijklmnopqrstuvwxyz ")
    return int(number) * _SECONDS[duration[len(number) :].strip()]
