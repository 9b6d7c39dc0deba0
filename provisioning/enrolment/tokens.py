"""What a provider's server gives for an enrolment: tokens with an end, and the files that hand them to a controller."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from provisioning.enrolment.checksums import digest_of
from provisioning.enrolment.provider import Provider
from provisioning.enrolment.qr import PREFIX, check_qr
from provisioning.errors import UsageError
from provisioning.organisation import TokenOrder
from provisioning.plain_text import one_line

MOST_SETTINGS = 32
LONGEST_SETTING = 1000
"""Bytes of one value; all of them stay far below the 64 KiB that the adb server takes in one request."""
_SETTING = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class ServedQr:
    """A QR as a server made it; ``expires`` is None where it does not say."""

    text: str = field(repr=False)
    expires: datetime | None


def read_enrolment_token(provider: Provider, text: str, now: datetime) -> ServedQr:
    """Read the Android Management API's answer to ``enrollmentTokens.create`` (or its ``qrCode`` alone).

    Raises UsageError for another's QR, and for a token that has ended: a handset would be reset for nothing.
    """
    document = _object(text, "The token file")
    expires: datetime | None = None
    code: object = document
    if "qrCode" in document:
        code = document["qrCode"]
        expires = _moment(document.get("expirationTimestamp"))
    content = code if isinstance(code, str) else json.dumps(code, ensure_ascii=False, separators=(",", ":"))
    said = check_qr(content)
    component = str(said[f"{PREFIX}PROVISIONING_DEVICE_ADMIN_COMPONENT_NAME"])
    if provider.component and _full(component) != _full(provider.component):
        raise UsageError(f"That QR makes {one_line(component, 120)} the owner, not {provider.component}.")
    extras = said.get(f"{PREFIX}PROVISIONING_ADMIN_EXTRAS_BUNDLE")
    if provider.token and not (isinstance(extras, dict) and cast("dict[str, object]", extras).get(provider.token)):
        raise UsageError("That QR carries no enrolment token.")
    if expires is not None and expires <= now:
        raise UsageError(
            f"The enrolment token ended on {expires.astimezone(UTC):%d %B %Y at %H:%M} UTC. "
            "Have the server make a new one."
        )
    _check_signer(provider, said)
    return ServedQr(content, expires)


def _check_signer(provider: Provider, said: Mapping[str, object]) -> None:
    """Hold the QR's certificate against the provider's. Raises UsageError where it is another's, or cannot be told."""
    digest = digest_of(str(said.get(f"{PREFIX}PROVISIONING_DEVICE_ADMIN_SIGNATURE_CHECKSUM") or ""))
    if not provider.named or digest is None:
        raise UsageError(f"Whether that QR installs the controller of {provider.title} cannot be told; do not show it.")
    if digest.hex() != provider.certificate_sha256:
        raise UsageError(
            f"That QR installs a controller that {provider.title} did not sign (certificate {digest.hex()})."
        )


def settings_order(extras: Mapping[str, str]) -> TokenOrder:
    """Make the order that hands a controller its settings through its command channel. Raises UsageError.

    Keys and values become words of a command line on the handset: bounded, one line each, no blanks at the ends (the
    channel's frame would lose them).
    """
    if len(extras) > MOST_SETTINGS:
        raise UsageError(f"A controller is told at most {MOST_SETTINGS} settings.")
    for key, value in extras.items():
        if _SETTING.fullmatch(key) is None:
            raise UsageError(f"“{one_line(key, 40)}” is no name of a setting: letters, digits, dot, dash, underscore.")
        if not value or value != value.strip() or not value.isprintable() or len(value.encode()) > LONGEST_SETTING:
            raise UsageError(
                f"The value of “{key}” cannot be told over the cable: one line of 1 to {LONGEST_SETTING} bytes, "
                "without blanks at its ends."
            )
    return TokenOrder(dict(extras))


def check_extras(provider: Provider, extras: Mapping[str, str]) -> None:
    """Make sure that a controller is told what it needs and nothing that it does not know. Raises UsageError."""
    missing = [key for key in provider.required_extras if not extras.get(key)]
    if missing:
        raise UsageError(f"{provider.title} needs {missing[0]}; give it with --extra {missing[0]}=…, or in desk.toml.")
    strange = sorted(extras.keys() - set(provider.allowed_extras)) if provider.allowed_extras else []
    if strange:
        raise UsageError(
            f"{provider.title} does not know “{one_line(strange[0], 60)}”; "
            f"it knows {', '.join(provider.allowed_extras)}."
        )


def init_file(provider: Provider, extras: Mapping[str, str]) -> bytes:
    """Write the file that hands a controller what its QR would have told (Headwind's ``init.json``: flat JSON)."""
    check_extras(provider, extras)
    if not provider.token_file:
        raise UsageError(f"{provider.title} takes no file.")
    return json.dumps(dict(extras), ensure_ascii=False, indent=1).encode()


def _object(text: str, what: str) -> dict[str, object]:
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(f"{what} is not JSON.") from None
    if not isinstance(document, dict):
        raise UsageError(f"{what} is not a JSON object.")
    return cast("dict[str, object]", document)


def _moment(value: object) -> datetime | None:
    """Read an RFC 3339 moment; Google writes up to nine digits after the second."""
    if value is None:
        return None
    try:
        text = str(value).replace("Z", "+00:00")
        head, dot, tail = text.partition(".")
        if dot:
            digits = tail[: next((n for n, c in enumerate(tail) if not c.isdigit()), len(tail))]
            text = f"{head}.{digits[:6].ljust(6, '0')}{tail[len(digits) :]}"
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("The token file's expirationTimestamp is no moment in time.") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _full(component: str) -> str:
    package, _, name = component.partition("/")
    return f"{package}/{package}{name}" if name.startswith(".") else f"{package}/{name}"
