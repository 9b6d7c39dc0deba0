"""Findings, what was not checked, and the verdict that follows from them; the shape of every judgement."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from provisioning.inventory import Unread
from provisioning.policy.effective import Decision, PolicyReference, Severity

SEVERITY = {
    Decision.DENIED: Severity.DENIED,
    Decision.NEEDS_PERMIT: Severity.NEEDS_PERMIT,
    Decision.REVIEW: Severity.REVIEW,
}
"""How much a finding weighs, by the decision behind it; what is allowed is none."""


@unique
class Verdict(StrEnum):
    """The three answers. ``unknown`` is never green; ``clear`` needs everything read and nothing found."""

    CLEAR = "clear"
    NOT_CLEAR = "not_clear"
    UNKNOWN = "unknown"


@unique
class Social(StrEnum):
    """What the verifier believes of an app, before any policy."""

    YES = "yes"
    SUSPECTED = "suspected"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a belief.

    ``kind`` is a word of the command-line contract: identifier, certificate, store_genre, link_domain, url_scheme,
    web_clip, web_apk, name.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Classification:
    """What an app is believed to be, with the evidence for it.

    ``identified`` is True where the app itself was recognised, so that the rules of its family and class are its
    rules; False where it is only suspected or was never heard of.
    """

    social: Social
    family: str | None = None
    app_class: str | None = None
    evidence: tuple[Evidence, ...] = ()
    identified: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing on the handset that the policy has a word about. ``sentence`` is for the technician.

    ``blocks`` is False for what is only to be known: it does not keep a verdict from being clear.
    """

    rule: str
    severity: Severity
    subject: str
    family: str | None
    app_class: str | None
    where: str
    evidence: tuple[Evidence, ...]
    sentence: str
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class JudgedApp:
    """One app with what is believed of it and what the policy makes of that (``check --all``)."""

    id: str
    name: str | None
    where: str
    classification: Classification
    decision: Decision
    rule: str
    sentence: str


@dataclass(frozen=True, slots=True)
class CatalogueReference:
    """Names the catalogue that was used; ``sha256`` is hex."""

    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that was concluded about one handset at one moment.

    ``findings`` worst first. ``not_checked`` not empty means that the verdict is not clear, whatever else.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    not_checked: tuple[Unread, ...]
    apps_seen: int
    users_seen: tuple[int, ...]
    apps: tuple[JudgedApp, ...]
    policy: PolicyReference
    catalogue: CatalogueReference
    inventory_sha256: str
