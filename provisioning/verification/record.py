"""The signed verification record: what was read from one handset and what was concluded, checkable by a stranger.

An in-toto Statement v1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md) in a DSSE envelope,
signed with the desk's Ed25519 key. Its *subject* is the handset: name = serial number, digest = SHA-256 of the RFC
8785 bytes of ``{"imei": …, "serial_number": …}`` (imei null where it has none). Its predicate has the members::

    verifier {id, version} · timeVerified · desk {id, name, training} · technician
    handset {platform, serialNumber, imei, udid, model, modelName, osVersion, build, securityPatch}
    policy {name, version, digest{sha256}} · effectivePolicy {digest{sha256}} · catalogue {version, digest{sha256}}
    inventory {digest{sha256}} · verdict · appsSeen · usersSeen · findings [...] · notChecked [{area, why}]
    lockDown {inForce, requirements [{name, holds, wanted, found, strength}], strangers [...]} or null

The record's identifier is the SHA-256 (hex) of the payload: the bytes of the Statement as they are in the envelope,
before base64, signatures left out. Text that came from the handset stands in it as it was read: treat it as hostile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from provisioning.errors import LedgerError
from provisioning.handset import Identity, LockDown
from provisioning.home.identity import DeskIdentity
from provisioning.policy.effective import EffectivePolicy
from provisioning.signatures import AnyDeskKey, Signer
from provisioning.verification.envelope import Envelope, parse_envelope, sign_envelope
from provisioning.verification.judgement import Judgement, Verdict
from provisioning.verification.statement import VerificationRecord, parse_statement, statement_of

PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class SignedRecord:
    """A record, and the envelope that proves it. ``id`` is what entries and receipts name it by."""

    id: str
    record: VerificationRecord
    envelope: Envelope


def sign_record(
    signer: Signer,
    desk: DeskIdentity,
    *,
    technician: str | None,
    identity: Identity,
    judgement: Judgement,
    effective: EffectivePolicy,
    lock_down: LockDown | None,
    moment: datetime | None = None,
) -> SignedRecord:
    """Make the record of a judgement and sign it. ``moment`` is when the handset had been read; None means now.

    Raises LedgerError for a judgement that contradicts itself: clear although something was not checked.
    """
    time = (moment or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    record = VerificationRecord(
        identity=identity,
        verdict=judgement.verdict,
        findings=judgement.findings,
        not_checked=judgement.not_checked,
        apps_seen=judgement.apps_seen,
        users_seen=judgement.users_seen,
        inventory_sha256=judgement.inventory_sha256,
        policy=judgement.policy,
        effective_sha256=effective.sha256,
        catalogue=judgement.catalogue,
        lock_down=lock_down,
        desk=desk.desk,
        desk_name=desk.desk_name,
        training=desk.training,
        technician=technician,
        time=time,
        verifier_version=version("issuing-desk"),
    )
    _require_consistent(record)
    payload = statement_of(record)
    envelope = sign_envelope(PAYLOAD_TYPE, payload, signer)
    return SignedRecord(envelope.id, parse_statement(payload), envelope)


def verify_record(envelope: Envelope | bytes | str, public_key: AnyDeskKey) -> SignedRecord:
    """Give the record if the desk with this key signed it, all of it. Raises LedgerError with what is wrong."""
    try:
        opened = envelope if isinstance(envelope, Envelope) else parse_envelope(envelope)
        if opened.payload_type != PAYLOAD_TYPE:
            raise LedgerError("This envelope holds something else than a verification record.")
        if not opened.signed_by(public_key):
            raise LedgerError("The verification record was not signed by this desk, or was changed since.")
        record = parse_statement(opened.payload)
    except ValueError as e:
        raise LedgerError("This is no verification record of a handset, or it is damaged.") from e
    _require_consistent(record)
    return SignedRecord(opened.id, record, opened)


def _require_consistent(record: VerificationRecord) -> None:
    if record.verdict is Verdict.CLEAR and record.not_checked:
        raise LedgerError(
            "The verification contradicts itself: it says clear although something was not checked. "
            "Verify the handset again."
        )
