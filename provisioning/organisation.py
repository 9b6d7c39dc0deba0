"""The body that owns the handsets: its name, its iPhones' supervision identity, its Androids' controller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate

from provisioning.enrolment_profile import EnrolmentProfile


@dataclass(frozen=True, slots=True)
class SupervisionIdentity:
    """The certificate that a supervised iPhone obeys and its private key, held in memory only.

    One per organisation, never one per desk: losing it leaves erasing as the only way back.
    """

    certificate: Certificate
    private_key: RSAPrivateKey | EllipticCurvePrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenFile:
    """What tells a controller whose it is: a file on the handset that it reads when it becomes owner.

    ``content`` may hold secrets: it is pushed and compared, never logged.
    """

    path: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenOrder:
    """What tells a controller whose it is through its command channel, once it is owner: its own managed settings.

    ``settings`` may hold secrets: they are sent and compared, never logged.
    """

    settings: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeviceController:
    """The device policy controller (DPC) that becomes device owner of an Android.

    ``component`` is ``package/receiver class``; ``certificate_sha256`` the lower-case hex digest that its installed
    copy must carry; ``apk`` the file to install, None for one that comes onto a handset by its QR or portal alone;
    ``token`` what tells it whose it is, by the way that it understands; ``takes_orders`` is False for one that only its
    server commands.
    """

    component: str
    certificate_sha256: str
    apk: Path | None
    token: TokenFile | TokenOrder | None = None
    takes_orders: bool = True

    @property
    def package(self) -> str:
        """Give the package name of the component."""
        return self.component.split("/", 1)[0]


def no_enrolment_profile() -> EnrolmentProfile | None:
    """Stand for an organisation whose iPhones are supervised and locked down by this desk alone."""
    return None


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who owns the handsets of this desk.

    ``magic`` is Apple's OrganizationMagic, a UUID that stays the same for the organisation's life.
    ``supervision`` and ``controller`` are asked for when first needed: reading a handset needs neither.
    They raise UsageError with a sentence where the desk has none.
    """

    name: str
    magic: str
    supervision: Callable[[], SupervisionIdentity]
    controller: Callable[[], DeviceController]
    enrolment_profile: Callable[[], EnrolmentProfile | None] = no_enrolment_profile
    """Gives the profile that enrols iPhones with the organisation's device management; None where it has none."""
    automated: bool = False
    """True if iPhones get their configuration from Apple Business Manager instead of from this desk."""
