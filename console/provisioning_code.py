"""The provisioning QR of this desk: put together from desk.toml, the vault and the controller, for window and commands.

What it holds may be secret (a Wi-Fi password, an enrolment token): it goes onto a screen and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from console import assembly
from console.settings import Settings
from provisioning.enrolment.provider import Provider, load_provider
from provisioning.enrolment.qr import QrOrder, Wifi, check_qr, joining, qr_text
from provisioning.enrolment.tokens import check_extras, read_enrolment_token
from provisioning.errors import UsageError
from provisioning.home.desk_secrets import ENROLMENT_TOKEN, WIFI_PASSWORD
from provisioning.home.home import Home
from provisioning.plain_text import one_line

if TYPE_CHECKING:
    from provisioning.organisation import DeviceController

_SSID = "android.app.extra.PROVISIONING_WIFI_SSID"


@dataclass(frozen=True, slots=True)
class ProvisioningCode:
    """A code that a handset can use. ``expires`` is None where nothing in it ends; ``network`` is a Wi-Fi's name."""

    provider: Provider
    text: str = field(repr=False)
    network: str = ""
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks of the code beside what the provider and the desk know."""

    download: str | None = None
    apk: Path | None = None
    component: str | None = None
    extras: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    wifi: Wifi | None = None
    flags: Mapping[str, str | int | bool] = field(default_factory=dict[str, "str | int | bool"])


def desk_code(home: Home, settings: Settings) -> ProvisioningCode:
    """Make the code of this desk as desk.toml and the vault have it. Raises UsageError with what lacks, FileError."""
    provider, said = load_provider(settings.android.provider), settings.android.qr
    kept = home.desk_secrets().all()
    wifi: Wifi | None = None
    if said.wifi_ssid:
        if said.wifi_security != "NONE" and WIFI_PASSWORD not in kept:
            raise UsageError(
                f"The password of the Wi-Fi network “{one_line(said.wifi_ssid, 40)}” is not kept here. "
                f"Run “issuing-desk enrolment secret set {WIFI_PASSWORD}”."
            )
        password = kept.get(WIFI_PASSWORD, "") if said.wifi_security != "NONE" else ""
        wifi = Wifi(said.wifi_ssid, said.wifi_security, password, said.wifi_hidden)
    if provider.checksum == "from-token":
        if ENROLMENT_TOKEN not in kept:
            raise UsageError(
                f"{provider.title} makes its code itself. Have its server make an enrolment token and run "
                f"“issuing-desk enrolment secret set {ENROLMENT_TOKEN} --file ANSWER.json”."
            )
        return served_code(provider, kept[ENROLMENT_TOKEN], wifi)
    if not said.download and "qr" in provider.methods:
        raise UsageError(
            f"From where a handset gets the controller is not set: put download under [android.qr] in "
            f"{home.settings_file}."
        )
    extras = {**settings.android.extras, **home.desk_secrets().settings()}
    wanted = Wanted(said.download, settings.android.apk, settings.android.component or None, extras, wifi)
    return own_code(provider, wanted, lambda: assembly.controller_of(home, settings))


def served_code(provider: Provider, answer: str, wifi: Wifi | None) -> ProvisioningCode:
    """Take the code that a server made, with the desk's Wi-Fi where it names none. Raises UsageError."""
    served = read_enrolment_token(provider, answer, datetime.now(UTC))
    return _code(provider, joining(served.text, wifi), served.expires)


def own_code(provider: Provider, wanted: Wanted, desks: Callable[[], DeviceController]) -> ProvisioningCode:
    """Make the code for an APK that we have or a certificate that the provider's file names.

    ``desks`` gives the desk's own controller, where neither is said. Raises UsageError, FileError.
    """
    if provider.checksum == "none":
        raise UsageError(f"{provider.title} needs no code: the handset enrols itself. See “enrolment match”.")
    if provider.checksum == "from-token":
        raise UsageError(f"{provider.title} makes its code itself; give it with --token-file.")
    if not wanted.download:
        raise UsageError("Say from where the handset gets the controller: --download https://….")
    check_extras(provider, wanted.extras)
    controller: DeviceController | None = None
    if wanted.apk is None and not provider.component:
        controller = desks()
    component = wanted.component or provider.component or (controller.component if controller else "")
    if not component:
        raise UsageError("Say which receiver becomes device owner: --component package/.Receiver.")
    apk = wanted.apk or (controller.apk if controller else None)
    checksum = assembly.checksum_of(provider, apk)
    flags = {**provider.flags, **wanted.flags}
    return _code(provider, qr_text(QrOrder(component, wanted.download, checksum, wanted.wifi, wanted.extras, flags)))


def _code(provider: Provider, text: str, expires: datetime | None = None) -> ProvisioningCode:
    return ProvisioningCode(provider, text, one_line(str(check_qr(text).get(_SSID, "")), 60), expires)
