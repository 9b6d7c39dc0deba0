"""A judgement as the command-line contract writes it."""

from __future__ import annotations

from typing import Any

from provisioning.plain_text import one_line
from provisioning.verification.judgement import Classification, Finding, JudgedApp, Judgement


def verdict_object(judgement: Judgement) -> dict[str, Any]:
    """Give the part of the contract's verdict object that follows from a judgement."""
    return {
        "verdict": str(judgement.verdict),
        "apps_seen": judgement.apps_seen,
        "users_seen": list(judgement.users_seen),
        "findings": [_finding(finding) for finding in judgement.findings],
        "not_checked": [
            {"area": one_line(unread.area, 160), "why": one_line(unread.why, 240)} for unread in judgement.not_checked
        ],
        "policy": {
            "name": judgement.policy.name,
            "version": judgement.policy.version,
            "sha256": judgement.policy.sha256,
        },
        "catalogue": {"version": judgement.catalogue.version, "sha256": judgement.catalogue.sha256},
    }


def all_apps(judgement: Judgement) -> list[dict[str, Any]]:
    """Give ``apps`` of ``check --all``: what is believed of every app and what the policy makes of it."""
    return [_app(app) for app in judgement.apps]


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "subject": finding.subject,
        "family": finding.family,
        "class": finding.app_class,
        "where": finding.where,
        "evidence": [{"kind": one.kind, "value": one.value} for one in finding.evidence],
        "sentence": finding.sentence,
        "blocks": finding.blocks,
    }


def _app(app: JudgedApp) -> dict[str, Any]:
    believed: Classification = app.classification
    return {
        "id": app.id,
        "name": one_line(app.name, 120) if app.name is not None else None,
        "where": app.where,
        "social": str(believed.social),
        "class": believed.app_class,
        "family": believed.family,
        "decision": str(app.decision),
        "rule": app.rule,
        "sentence": app.sentence,
        "evidence": [{"kind": one.kind, "value": one.value} for one in believed.evidence],
    }
