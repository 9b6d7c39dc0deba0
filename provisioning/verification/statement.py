"""What a verification record says, as facts, and the in-toto Statement that says it (``record`` has its members)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from provisioning.canonical import Json, Members, canonical, parse_object
from provisioning.handset import Identity, LockDown, Requirement, Strength
from provisioning.inventory import Unread
from provisioning.platforms import Platform
from provisioning.policy.effective import PolicyReference, Severity
from provisioning.verification.judgement import CatalogueReference, Evidence, Finding, Verdict

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://issuing-desk.example/attestation/handset-verification/v1"
"""A name and no address: .example (RFC 2606) will never belong to anybody."""
VERIFIER = "https://issuing-desk.example/verifier"


@dataclass(frozen=True, slots=True)
class VerificationRecord:
    """One reading of one handset and the conclusion. ``time`` is ISO 8601 in UTC; digests are hex.

    ``lock_down`` is None where it was not read.
    """

    identity: Identity
    verdict: Verdict
    findings: tuple[Finding, ...]
    not_checked: tuple[Unread, ...]
    apps_seen: int
    users_seen: tuple[int, ...]
    inventory_sha256: str
    policy: PolicyReference
    effective_sha256: str
    catalogue: CatalogueReference
    lock_down: LockDown | None
    desk: str
    desk_name: str
    training: bool
    technician: str | None
    time: str
    verifier_version: str


def subject_digest(serial_number: str, imei: str | None) -> str:
    """Give the SHA-256 (hex) that names a handset beyond doubt without being its IMEI."""
    return hashlib.sha256(canonical({"imei": imei, "serial_number": serial_number})).hexdigest()


def statement_of(record: VerificationRecord) -> bytes:
    """Give the Statement's canonical bytes."""
    identity = record.identity
    subject = {"sha256": subject_digest(identity.serial_number, identity.imei)}
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "predicate": _predicate(record),
            "predicateType": PREDICATE_TYPE,
            "subject": [{"digest": subject, "name": identity.serial_number}],
        }
    )


def parse_statement(payload: bytes) -> VerificationRecord:
    """Read a Statement. Raises ValueError where it is none, is of another type, or names two handsets."""
    members = parse_object(payload)
    if (members.text("_type"), members.text("predicateType")) != (STATEMENT_TYPE, PREDICATE_TYPE):
        raise ValueError("not a verification of a handset")
    record = _record(members.members("predicate"))
    identity = record.identity
    (subject,) = members.list("subject")
    named = (subject.text("name"), subject.members("digest").text("sha256"))
    if named != (identity.serial_number, subject_digest(identity.serial_number, identity.imei)):
        raise ValueError("its subject is another handset than the one described")
    return record


def _predicate(record: VerificationRecord) -> dict[str, Json]:
    identity = record.identity
    return {
        "appsSeen": record.apps_seen,
        "catalogue": {"digest": {"sha256": record.catalogue.sha256}, "version": record.catalogue.version},
        "desk": {"id": record.desk, "name": record.desk_name, "training": record.training},
        "effectivePolicy": {"digest": {"sha256": record.effective_sha256}},
        "findings": [_finding(finding) for finding in record.findings],
        "handset": {
            "build": identity.build,
            "imei": identity.imei,
            "model": identity.model,
            "modelName": identity.model_name,
            "osVersion": identity.os_version,
            "platform": identity.platform,
            "securityPatch": identity.security_patch,
            "serialNumber": identity.serial_number,
            "udid": identity.udid,
        },
        "inventory": {"digest": {"sha256": record.inventory_sha256}},
        "lockDown": _lock_down(record.lock_down) if record.lock_down else None,
        "notChecked": _unread(record.not_checked),
        "policy": {
            "digest": {"sha256": record.policy.sha256},
            "name": record.policy.name,
            "version": record.policy.version,
        },
        "technician": record.technician,
        "timeVerified": record.time,
        "usersSeen": record.users_seen,
        "verdict": record.verdict,
        "verifier": {"id": VERIFIER, "version": record.verifier_version},
    }


def _finding(finding: Finding) -> dict[str, Json]:
    return {
        "class": finding.app_class,
        "evidence": [{"kind": evidence.kind, "value": evidence.value} for evidence in finding.evidence],
        "family": finding.family,
        "rule": finding.rule,
        "sentence": finding.sentence,
        "severity": finding.severity,
        "subject": finding.subject,
        "where": finding.where,
    }


def _lock_down(lock_down: LockDown) -> dict[str, Json]:
    return {
        "inForce": lock_down.in_force,
        "requirements": [
            {
                "found": requirement.found,
                "holds": requirement.holds,
                "name": requirement.name,
                "strength": requirement.strength,
                "wanted": requirement.wanted,
            }
            for requirement in lock_down.requirements
        ],
        "strangers": lock_down.strangers,
        "unread": _unread(lock_down.unread),
    }


def _unread(areas: Sequence[Unread]) -> list[Json]:
    return [{"area": area.area, "why": area.why} for area in areas]


def _record(members: Members) -> VerificationRecord:
    desk, policy, catalogue = members.members("desk"), members.members("policy"), members.members("catalogue")
    lock_down = members.members_or_none("lockDown")
    return VerificationRecord(
        identity=_read_identity(members.members("handset")),
        verdict=Verdict(members.text("verdict")),
        findings=tuple(_read_finding(finding) for finding in members.list("findings")),
        not_checked=_read_unread(members.list("notChecked")),
        apps_seen=members.number("appsSeen"),
        users_seen=members.numbers("usersSeen"),
        inventory_sha256=_digest(members.members("inventory")),
        policy=PolicyReference(policy.text("name"), policy.text("version"), _digest(policy)),
        effective_sha256=_digest(members.members("effectivePolicy")),
        catalogue=CatalogueReference(catalogue.text("version"), _digest(catalogue)),
        lock_down=_read_lock_down(lock_down) if lock_down else None,
        desk=desk.text("id"),
        desk_name=desk.text("name"),
        training=desk.flag("training"),
        technician=members.text_or_none("technician"),
        time=members.text("timeVerified"),
        verifier_version=members.members("verifier").text("version"),
    )


def _read_identity(members: Members) -> Identity:
    return Identity(
        platform=Platform(members.text("platform")),
        serial_number=members.text("serialNumber"),
        model=members.text("model"),
        model_name=members.text("modelName"),
        os_version=members.text("osVersion"),
        build=members.text("build"),
        udid=members.text_or_none("udid"),
        imei=members.text_or_none("imei"),
        security_patch=members.text_or_none("securityPatch"),
    )


def _read_finding(members: Members) -> Finding:
    return Finding(
        rule=members.text("rule"),
        severity=Severity(members.text("severity")),
        subject=members.text("subject"),
        family=members.text_or_none("family"),
        app_class=members.text_or_none("class"),
        where=members.text("where"),
        evidence=tuple(Evidence(one.text("kind"), one.text("value")) for one in members.list("evidence")),
        sentence=members.text("sentence"),
    )


def _read_lock_down(members: Members) -> LockDown:
    lock_down = LockDown(
        requirements=tuple(
            Requirement(
                name=one.text("name"),
                holds=one.flag("holds"),
                wanted=one.text("wanted"),
                found=one.text("found"),
                strength=Strength(one.text("strength")),
            )
            for one in members.list("requirements")
        ),
        strangers=members.texts("strangers"),
        unread=_read_unread(members.list("unread")),
    )
    if members.flag("inForce") is not lock_down.in_force:
        raise ValueError("the lock-down contradicts itself")
    return lock_down


def _read_unread(areas: Sequence[Members]) -> tuple[Unread, ...]:
    return tuple(Unread(area.text("area"), area.text("why")) for area in areas)


def _digest(members: Members) -> str:
    return members.members("digest").text("sha256")
