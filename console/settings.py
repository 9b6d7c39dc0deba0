"""desk.toml, read once into a frozen dataclass; every mistake in it is named with its line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from provisioning.enrolment.provider import is_secret
from provisioning.errors import FileError
from provisioning.plain_text import one_line
from provisioning.policy.toml_lines import line_of
from provisioning.privacy.retention import YEARS

TEMPLATE = """\
# The settings of this desk. Every line may be left out; what stands here is the default.

[desk]
name = "{name}"
policy = "met-police"        # the policy that the window starts with
# parallel = 128             # handsets worked on at the same moment
start = "plug-in"            # "plug-in": work begins when a handset is plugged in; "button": when R is pressed
# ledger = "postgresql+psycopg://desk4@db.example/issuing"  # shared with other desks; its password: “ledger login”
# alone = "any"              # while that does not answer; "reserved": only what “ledger reserve” has is handed over
lock_after_minutes = 10      # without a key or touch: the technician signs in again; 0 = never

[records]
keep_inventories = 365       # days; then what was read of a handset is removed and the signed record stays; 0: never

[retention]                  # years after a matter ended; then personal details are erased by “privacy erase”; 0: never
# receipts = 7               # after the last item came back; also: permits, recalls, evidence, holds, views, other

[bays]                       # labels by hand; they win over those of “issuing-desk bays learn”
# "1-1.3" = "Hub 1 · 3"

[scanner]                    # a barcode scanner types; it is told by its pace, or by a prefix
# prefix = "~"               # one sign that it is set to send before each scan; needed where it is slow (radio)

[ios]                        # how iPhones and iPads are enrolled, beside being supervised by this desk
# enrolment_profile = "mdm/enrol.mobileconfig"   # of the organisation's device management; relative to this file
# automated = false          # true: they are assigned in Apple Business Manager and fetch their configuration there

[android]                    # the device policy controller that becomes device owner of an Android
# component = "com.example.dpc/.AdminReceiver"
# apk = "dpc/example.apk"    # relative to this file
# provider = "generic"       # whose it is, see “issuing-desk enrolment providers”
# extras = {{}}                # what it is told; secrets never here: “issuing-desk enrolment secret set NAME”

[android.qr]                 # the code that factory-fresh Androids scan (Ctrl+E in the window)
# download = "https://mdm.example/dpc.apk"
# wifi_ssid = "Issuing desk" # its password: “issuing-desk enrolment secret set wifi-password”
# wifi_security = "WPA"      # NONE, WPA or WEP
# wifi_hidden = false
"""


@dataclass(frozen=True, slots=True)
class QrSettings:
    """What the provisioning QR says beside the controller; empty: it does not say it."""

    download: str = ""
    wifi_ssid: str = ""
    wifi_security: str = "WPA"
    wifi_hidden: bool = False


@dataclass(frozen=True, slots=True)
class AndroidSettings:
    """The organisation's device policy controller; empty component: none is configured."""

    component: str = ""
    apk: Path | None = None
    provider: str = "generic"
    extras: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    qr: QrSettings = field(default_factory=QrSettings)


@dataclass(frozen=True, slots=True)
class IosSettings:
    """How iPhones are enrolled; None: no device management but this desk's supervision."""

    enrolment_profile: Path | None = None
    automated: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a desk can be told in desk.toml."""

    name: str = "Desk 1"
    policy: str = "met-police"
    parallel: int | None = None
    """Handsets worked on at the same moment; None: as many as ``provisioning.turns`` says."""
    start_at_plug_in: bool = True
    keep_inventories: int = 365
    """Days that raw inventories are kept; 0: for ever."""
    retention: Mapping[str, int] = field(default_factory=dict[str, int])
    """Years that personal details are kept, by class of record (``provisioning.privacy.retention``); 0: for ever."""
    lock_after_minutes: int = 10
    scanner_prefix: str = ""
    bays: Mapping[str, str] = field(default_factory=dict[str, str])
    android: AndroidSettings = field(default_factory=AndroidSettings)
    ios: IosSettings = field(default_factory=IosSettings)


class _Desk(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    name: Annotated[str, Field(min_length=1, max_length=60)] = "Desk 1"
    policy: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,80}$")] = "met-police"
    parallel: Annotated[int, Field(ge=1, le=256)] | None = None
    start: Annotated[str, Field(pattern="^(plug-in|button)$")] = "plug-in"
    lock_after_minutes: Annotated[int, Field(ge=0, le=480)] = 10
    ledger: Annotated[str, Field(max_length=500)] = ""  # read by provisioning.home.shared, which checks it
    alone: Literal["any", "reserved"] = "any"  # read there as well


class _Scanner(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    prefix: Annotated[str, Field(pattern=r"^[!-~]?$")] = ""


class _Records(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    keep_inventories: Annotated[int, Field(ge=0, le=36_500)] = 365


_Years = Annotated[int, Field(ge=0, le=100)]


class _Retention(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    receipts: _Years = YEARS
    permits: _Years = YEARS
    recalls: _Years = YEARS
    evidence: _Years = YEARS
    holds: _Years = YEARS
    views: _Years = YEARS
    other: _Years = YEARS


class _Qr(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    download: Annotated[str, Field(max_length=1000)] = ""
    wifi_ssid: Annotated[str, Field(max_length=32)] = ""
    wifi_security: Annotated[str, Field(pattern="^(NONE|WPA|WEP)$")] = "WPA"
    wifi_hidden: bool = False


class _Android(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    component: Annotated[str, Field(pattern=r"^([A-Za-z0-9_.]+/[A-Za-z0-9_.$]+)?$", max_length=300)] = ""
    apk: Annotated[str, Field(max_length=1000)] = ""
    provider: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] = "generic"
    extras: dict[str, Annotated[str, Field(max_length=2000)]] = Field(default_factory=dict)
    qr: _Qr = Field(default_factory=_Qr)


class _Ios(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    enrolment_profile: Annotated[str, Field(max_length=1000)] = ""
    automated: bool = False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    desk: _Desk = Field(default_factory=_Desk)
    records: _Records = Field(default_factory=_Records)
    retention: _Retention = Field(default_factory=_Retention)
    scanner: _Scanner = Field(default_factory=_Scanner)
    bays: dict[str, Annotated[str, Field(min_length=1, max_length=40)]] = Field(default_factory=dict)
    android: _Android = Field(default_factory=_Android)
    ios: _Ios = Field(default_factory=_Ios)


def load_settings(path: Path) -> Settings:
    """Read desk.toml; a file that is not there gives the defaults. Raises FileError with line and reason."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError:
        raise FileError(path, "is not UTF-8 text.") from None
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}.") from None
    try:
        read = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise FileError(path, f"is not valid TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        keys = tuple(str(part) for part in first["loc"])
        what = "is no setting" if first["type"] == "extra_forbidden" else first["msg"]
        raise FileError(path, f"{'.'.join(keys)}: {what}.", line_of(text, keys)) from None
    for key in read.android.extras:
        if is_secret(key):
            said = (
                f"android.extras.{one_line(key, 60)} is a secret by its name, and this file is plain text. "
                f"Remove it here and keep it in the vault: issuing-desk enrolment secret set {one_line(key, 60)}"
            )
            raise FileError(path, said, line_of(text, ("android", "extras", key)))
    return Settings(
        name=read.desk.name,
        policy=read.desk.policy,
        parallel=read.desk.parallel,
        start_at_plug_in=read.desk.start == "plug-in",
        keep_inventories=read.records.keep_inventories,
        retention=read.retention.model_dump(),
        lock_after_minutes=read.desk.lock_after_minutes,
        scanner_prefix=read.scanner.prefix,
        bays=read.bays,
        android=AndroidSettings(
            read.android.component,
            path.parent / read.android.apk if read.android.apk else None,
            read.android.provider,
            read.android.extras,
            QrSettings(**read.android.qr.model_dump()),
        ),
        ios=IosSettings(
            path.parent / read.ios.enrolment_profile if read.ios.enrolment_profile else None, read.ios.automated
        ),
    )
