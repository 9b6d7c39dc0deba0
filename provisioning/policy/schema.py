"""The shape of a policy file: what may stand in it, and the JSON Schema of that for editors.

A rule is written once under ``[rules.NAME]`` and named wherever it applies, or written out in place.
Kept with pydantic: it finds all that is wrong at once, says where, and exports JSON Schema.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, StringConstraints

from provisioning.policy.effective import BlockedSuffices, Decision, Severity

Name = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
ClipLabel = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=60)]
ClipAddress = Annotated[str, StringConstraints(strict=True, pattern=r"^https://[!-~]{1,2000}$")]
Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=600)]
Duration = Annotated[str, StringConstraints(strict=True, pattern=r"^\d{1,4} ?(s|min|h|d)$")]
Version = Annotated[str, StringConstraints(strict=True, pattern=r"^\d{1,3}(\.\d{1,4}){0,3}$")]
Day = Annotated[str, StringConstraints(strict=True, pattern=r"^\d{4}-\d{2}-\d{2}$")]
LockedKey = StrictBool | StrictInt | StrictStr | list[StrictStr]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RuleTable(_Table):
    """What a rule decides, why, and on what basis: a quoted source or a stated assumption."""

    decision: Decision
    reason: Text
    basis: Text


RuleOrName = RuleTable | Name


class Head(_Table):
    """Which policy this is. ``inherits`` names another; what stands here wins over what it says."""

    name: Name
    version: Text
    title: Text
    inherits: Name | None = None
    allow_list: StrictBool = False


class Identifiers(_Table):
    """Rules for single apps, by the identifier of their platform."""

    ios: dict[str, RuleOrName] = Field(default_factory=dict)
    android: dict[str, RuleOrName] = Field(default_factory=dict)


class UnlistedTable(_Table):
    """What becomes of all that no rule names. Every line may be left out where it is inherited.

    ``testflight`` and ``developer_signed`` are for iPhones: builds of TestFlight, and what a developer or an enterprise
    signed; without them ``sideloaded`` holds for both.
    """

    user: RuleOrName | None = None
    system: RuleOrName | None = None
    known_other: RuleOrName | None = None
    suspected: RuleOrName | None = None
    sideloaded: RuleOrName | None = None
    testflight: RuleOrName | None = None
    developer_signed: RuleOrName | None = None
    web: RuleOrName | None = None
    extra_users: RuleOrName | None = None


class AndroidLockDown(_Table):
    """User restrictions that the device owner sets (AOSP UserManager.DISALLOW_*, by their keys).

    Those that end adb (``no_debugging_features``) come into force with the seal, after everything was verified and
    recorded. ``seal_at_handover``: the handover seals, unless it is told not to; left out, somebody has to order it.
    ``revoke_adb_key``: computers that were allowed to debug the handset are forgotten when it is sealed.
    """

    restrictions: list[StrictStr] = Field(default_factory=list)
    revoke_adb_key: StrictBool | None = None
    seal_at_handover: StrictBool | None = None


class LockDownTable(_Table):
    """What the handset itself must enforce. ``web_filter``: deny the addresses of what is not allowed.

    ``web_clips``: pages that are put on an iPhone's home screen and stay there, label -> https address.
    """

    ios: dict[str, LockedKey] = Field(default_factory=dict)
    android: AndroidLockDown = Field(default_factory=AndroidLockDown)
    web_filter: StrictBool | None = None
    web_clips: dict[ClipLabel, ClipAddress] = Field(default_factory=dict)


class Role(_Table):
    """What people of a role may have beyond the rest."""

    title: Text
    families: list[StrictStr] = Field(default_factory=list)
    ios: list[StrictStr] = Field(default_factory=list)
    android: list[StrictStr] = Field(default_factory=list)
    reason: Text
    basis: Text


class Verification(_Table):
    """When a verdict is clear, how long it holds, and how well things must be known."""

    blocking: list[Severity] | None = None
    notes: list[StrictStr] | None = None
    blocked_suffices: BlockedSuffices | None = None
    max_age: Duration | None = None
    catalogue_max_age: Duration | None = None
    required_strength: Literal["declared", "effective"] | None = None
    denied_apps: Literal["report", "remove"] | None = None


class PerPlatform(_Table):
    """Identifiers of apps that must be there."""

    ios: list[StrictStr] = Field(default_factory=list)
    android: list[StrictStr] = Field(default_factory=list)


class Floors(_Table):
    """The oldest systems that will do; ``android_patch`` is the oldest security patch."""

    ios: Version | None = None
    android: Version | None = None
    android_patch: Day | None = None


class Declaration(_Table):
    """What the officer declares at handover."""

    text: Annotated[str, StringConstraints(strict=True, strip_whitespace=True, max_length=4000)]


class PolicyDocument(_Table):
    """A whole policy file.

    ``genres`` are the store's shelves, by English name or the App Store's number: for what no rule names more closely.
    A developer chooses the shelf, so a rule that allows one acquits nobody of a suspicion.
    """

    policy: Head
    rules: dict[Name, RuleTable] = Field(default_factory=dict)
    classes: dict[str, RuleOrName] = Field(default_factory=dict)
    families: dict[str, RuleOrName] = Field(default_factory=dict)
    identifiers: Identifiers = Field(default_factory=Identifiers)
    genres: dict[str, RuleOrName] = Field(default_factory=dict)
    unlisted: UnlistedTable = Field(default_factory=UnlistedTable)
    lockdown: LockDownTable = Field(default_factory=LockDownTable)
    roles: dict[Name, Role] = Field(default_factory=dict)
    verification: Verification = Field(default_factory=Verification)
    required_apps: PerPlatform = Field(default_factory=PerPlatform)
    floors: Floors = Field(default_factory=Floors)
    declaration: Declaration | None = None


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a policy file."""
    schema = PolicyDocument.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Issuing Desk policy", **schema}
