"""What Apple's enrolment server would tell a phone whose serial number is in an organisation's Business Manager.

A phone fetches it in Setup Assistant, or when a host asks it to (DownloadAndApplyCloudConfiguration). That automated
enrolment is supervised, mandatory and carries the organisation's name is Apple's documentation of automated device
enrolment; ``SupervisorHostCertificates`` comes from the profile that the organisation's MDM server defined
(``supervising_host_certs``). A phone that was added by hand may be released by its user for 30 days (Apple Business
Manager guide); that the date lies under ``ProvisionalEnrollmentExpirationDate`` is inferred from the name of the
system's own method for it.
"""

from __future__ import annotations

import ssl
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provisioning.virtual.iphone.plist import Plist

_SOURCE_AUTOMATED: Final = 1
_NAMESPACE: Final = uuid.UUID("9f1f36f0-8e0a-4b62-9f0d-2f6e3b1f4f2a")


def assigned_configuration(
    *, organisation: str, magic: str, certificates: Sequence[bytes], provisional_days: int
) -> dict[str, Plist]:
    """Give the cloud configuration that the server holds for this phone."""
    configuration: dict[str, Plist] = {
        "AllowPairing": True,
        "ConfigurationSource": _SOURCE_AUTOMATED,
        "CloudConfigurationUIComplete": False,
        "ConfigurationWasApplied": True,
        "IsMandatory": True,
        "IsMDMUnremovable": provisional_days == 0,
        "IsMultiUser": False,
        "IsSupervised": True,
        "OrganizationMagic": (magic or str(uuid.uuid5(_NAMESPACE, organisation))).upper(),
        "OrganizationName": organisation,
        "SupervisorHostCertificates": list(certificates),
    }
    if provisional_days:
        ends = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(days=provisional_days)
        configuration["ProvisionalEnrollmentExpirationDate"] = ends
    return configuration


def certificate_of(path: Path) -> bytes:
    """Read a certificate file, PEM or DER. Raises OSError, ValueError."""
    data = path.read_bytes()
    if data.lstrip().startswith(b"-----BEGIN"):
        data = ssl.PEM_cert_to_DER_cert(data.decode("ascii").strip() + "\n")
    return x509.load_der_x509_certificate(data).public_bytes(Encoding.DER)
