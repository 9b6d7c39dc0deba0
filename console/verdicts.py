"""The verdict object of the contract, from what a session shows; one shape for every way that a walk can end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from console.call import Exit
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.policy.android import in_force_after_seal
from provisioning.policy.effective import EffectivePolicy
from provisioning.stages import seal
from provisioning.status import SessionStatus
from provisioning.verification.judgement import CatalogueReference, Verdict
from provisioning.verification.verdict import verdict_object
from ui.phrases import STAGE_TITLE, headline, name_of, notices_member, sentence

_EXIT = {Verdict.CLEAR: Exit.CLEAR, Verdict.NOT_CLEAR: Exit.NOT_CLEAR, Verdict.UNKNOWN: Exit.UNKNOWN}


def verdict_of(
    status: SessionStatus, effective: EffectivePolicy, catalogue: CatalogueReference, *, stages: bool
) -> dict[str, Any]:
    """Give the verdict object of one handset; ``stages`` adds the walk."""
    identity, glimpse = status.identity, status.glimpse
    document: dict[str, Any] = {
        "serial_number": identity.serial_number if identity else None,
        "platform": str(status.attachment.platform),
        "model": identity.model if identity else glimpse.model if glimpse else None,
        "os_version": identity.os_version if identity else glimpse.os_version if glimpse else None,
        "bay": status.attachment.bay,
        "udid": identity.udid if identity else status.attachment.udid,
        "officer": effective.person.officer_number if effective.person else None,
    } | notices_member(status)
    if identity is None:
        document["connection"] = one_line(status.attachment.connection, 128)
    if status.judgement is not None:
        document |= verdict_object(status.judgement)
    else:
        document |= _unknown(_not_reached(status), effective, catalogue)
    later = _after_seal(status, effective)
    if later:
        document["after_seal"] = list(later)
    document["record"] = status.record or None
    document["seconds"] = round(status.seconds, 3)
    if stages:
        who = name_of(status)
        document["stages"] = [
            {
                "name": str(one.name),
                "outcome": type(one.outcome).__name__,
                "sentence": sentence(one.outcome, who),
                "seconds": round(one.seconds, 3),
            }
            for one in status.stages
        ]
    return document


def absent_verdict(serial: str, why: str, effective: EffectivePolicy, catalogue: CatalogueReference) -> dict[str, Any]:
    """Give the verdict object for a handset that was asked for and is not attached."""
    return {
        "serial_number": serial,
        "platform": None,
        "model": None,
        "os_version": None,
        "bay": None,
        "officer": effective.person.officer_number if effective.person else None,
        **_unknown([{"area": "the handset", "why": why}], effective, catalogue),
        "record": None,
        "seconds": 0.0,
    }


def worst(documents: Iterable[dict[str, Any]]) -> Exit:
    """Give the exit code for several verdicts; nothing checked is not all clear."""
    codes = [_EXIT[Verdict(document["verdict"])] for document in documents]
    return max(codes, default=Exit.UNKNOWN)


def lines_of(document: dict[str, Any]) -> str:
    """Set a verdict for people: one line, then what was found and what was not read."""
    connection = f"unnamed handset {document.get('connection', '')}".rstrip()
    who = f"{document['serial_number'] or document.get('udid') or connection}"
    model = f"{document['model'] or 'unknown model'} {document['os_version'] or ''}".strip()
    word = document["verdict"].replace("_", " ").upper()
    lines = [f"{word:9}  {one_line(who, 40)}  {one_line(model, 40)}  bay {one_line(str(document['bay'] or '–'), 40)}"]
    lines += [f"           ! {one_line(notice['sentence'], 400)}" for notice in document.get("notices", [])]
    lines += [f"           ◆ {one_line(finding['sentence'], 400)}" for finding in document["findings"][:20]]
    if len(document["findings"]) > 20:
        lines.append(f"           … and {len(document['findings']) - 20} more findings")
    lines += [
        f"           ? not checked: {one_line(one['area'], 120)}: {one_line(one['why'], 400)}"
        for one in document["not_checked"][:20]
    ]
    if document.get("after_seal"):
        later = ", ".join(one_line(one, 60) for one in document["after_seal"])
        lines.append(f"           · in force only once it is sealed: {later}")
    return "\n".join(lines)


def _after_seal(status: SessionStatus, effective: EffectivePolicy) -> tuple[str, ...]:
    """Name what the policy forbids on an Android and what only its seal puts in force; it is not in the verdict."""
    identity = status.identity
    if identity is None or identity.platform is not Platform.ANDROID or status.judgement is None:
        return ()
    sealed = any(isinstance(one.outcome, seal.Sealed) for one in status.stages)
    return () if sealed else in_force_after_seal(effective, identity.os_version)


def _unknown(
    not_checked: list[dict[str, str]], effective: EffectivePolicy, catalogue: CatalogueReference
) -> dict[str, Any]:
    policy = effective.reference
    return {
        "verdict": str(Verdict.UNKNOWN),
        "apps_seen": 0,
        "users_seen": [],
        "findings": [],
        "not_checked": not_checked,
        "policy": {"name": policy.name, "version": policy.version, "sha256": policy.sha256},
        "catalogue": {"version": catalogue.version, "sha256": catalogue.sha256},
    }


def _not_reached(status: SessionStatus) -> list[dict[str, str]]:
    """Name the stages that a walk did not come to, and the one at which it ended with its reason."""
    why = headline(status) if status.stages else "The walk did not begin."
    reached = {one.name for one in status.stages}
    ended_at = status.stage
    areas = [stage for stage in status.walk if stage not in reached or stage is ended_at]
    named = [stage for stage in status.walk if stage in areas]
    return [
        {"area": f"{stage}: {STAGE_TITLE[stage].lower()}", "why": why if stage is ended_at else f"Not reached. {why}"}
        for stage in named
    ] or [{"area": "apps and lock-down", "why": why}]
