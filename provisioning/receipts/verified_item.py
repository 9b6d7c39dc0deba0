"""Put a handset onto a receipt from its signed verification record, so that both can only say the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from provisioning.receipts.receipt import Check, HandsetItem, Ordered
from provisioning.receipts.wording import standing_limits
from provisioning.verification.record import SignedRecord


def verified_item(
    signed: SignedRecord,
    *,
    language: str = "en-GB",
    bay: str | None = None,
    asset_tag: str | None = None,
    condition: str = "",
    accessories: Sequence[str] = (),
    terms: str = "",
    order: Ordered | None = None,
) -> HandsetItem:
    """Give the item for the handset that ``signed`` is about; ``language`` is that of the standing limits."""
    record, identity = signed.record, signed.record.identity
    check = Check(
        verdict=record.verdict,
        time=datetime.fromisoformat(record.time),
        apps_seen=record.apps_seen,
        users_seen=record.users_seen,
        policy=record.policy,
        effective_sha256=record.effective_sha256,
        catalogue=record.catalogue,
        findings=tuple(finding.sentence for finding in record.findings),
        not_checked=record.not_checked,
        limits=standing_limits(identity.platform, language),
        record_id=signed.id,
    )
    return HandsetItem(
        serial_number=identity.serial_number,
        platform=identity.platform,
        model=identity.model,
        model_name=identity.model_name,
        os_version=identity.os_version,
        imei=identity.imei,
        udid=identity.udid,
        asset_tag=asset_tag,
        bay=bay,
        check=check,
        condition=condition,
        accessories=tuple(accessories),
        terms=terms,
        order=order,
    )
