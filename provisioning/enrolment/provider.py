"""An enrolment provider: whose controller becomes device owner, by which ways, and how that is confirmed and sealed.

Data, not code: ``resources/providers/NAME.toml`` describes each; what differs in kind (a QR's content, a token's file,
a portal's export) is in the small modules beside this one. Every fact in such a file has its source beside it or stands
among those that could not be found at a source; what rests on one of the latter is *uncertain*, never a yes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from provisioning.errors import UsageError
from provisioning.plain_text import one_line

Method = Literal["adb", "qr", "portal"]
Fact = Literal["component", "certificate_sha256", "token_expiry", "columns", "states"]
COMPONENT = r"^([A-Za-z0-9_.]+/[A-Za-z0-9_.$]+)?$"
_SECRET = re.compile(r"(token|secret|password|passphrase|passcode|passwd|credentials?)$")
"""Ends of a word that mean a secret, however it is run together: ``enrollmenttoken``."""
_SECRET_WORDS = frozenset({"pass", "pw", "pwd", "pin", "psk", "key", "apikey", "secretkey", "privatekey", "licensekey"})
_OPEN_KEYS = frozenset({"hot", "public", "shortcut", "short", "function", "soft", "hard", "side", "home", "volume"})
"""What a key is of that opens no lock: ``public_key``, ``side.key``."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class Provider(BaseModel):
    """What is known of a provider before any handset is seen.

    ``owner``: whose controller a handset must name as its owner: this provider's, with ``component`` and
    ``certificate_sha256`` (lower-case hex), or the organisation's own as desk.toml has it. ``checksum``: which digest
    its QR carries, of the signing certificate (``signature``), of the APK file (``package``), the one that its server
    gives (``from-token``) or none. ``channel``: the words in which it takes orders over adb, if it does.
    ``token_expiry``: whether its server says when a token ends, there is none that ends, or nobody knows. ``confirm``:
    who says that a handset is enrolled; always the handset, which names its owner. ``seal``: who closes debugging, the
    controller when the desk orders it or its server by policy. ``ready`` and ``pending`` are a portal's words for a
    handset that will enrol itself and for one that will not yet.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = ""
    title: Annotated[str, Field(min_length=1, max_length=80)]
    methods: Annotated[tuple[Method, ...], Field(min_length=1)]
    owner: Literal["provider", "organisation"]
    component: Annotated[str, Field(pattern=COMPONENT, max_length=300)] = ""
    certificate_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    checksum: Literal["signature", "package", "from-token", "none"]
    channel: Literal["testdpc", "none"] = "none"
    confirm: Literal["handset"]
    seal: Literal["controller", "server"]
    token_expiry: Literal["served", "none", "unknown"]
    token: str = ""
    token_file: str = ""
    required_extras: tuple[str, ...] = ()
    allowed_extras: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    ready: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    api: Literal["", "androiddeviceprovisioning"] = ""
    notes: str = ""
    flags: Mapping[str, bool] = Field(default_factory=dict)
    sources: Mapping[Fact, str] = Field(default_factory=dict[Fact, str])
    unsourced: tuple[Fact, ...] = ()

    @model_validator(mode="after")
    def _says_where_from(self) -> Self:
        """Make sure that every fact has a source, or is named as one that has none."""
        facts: dict[Fact, object] = {
            "component": self.component,
            "certificate_sha256": self.certificate_sha256,
            "token_expiry": self.token_expiry in {"served", "unknown"},
            "columns": self.columns,
            "states": self.ready or self.pending,
        }
        for fact, stated in facts.items():
            if bool(stated) and (fact in self.sources) == (fact in self.unsourced):
                raise ValueError(f"say where {fact} is known from, or that it is unsourced, and not both")
        if self.owner == "provider" and not (self.component and self.certificate_sha256):
            missing = set[Fact]({"component", "certificate_sha256"}) - set(self.unsourced)
            if missing:
                raise ValueError("its own controller needs component and certificate_sha256, or both as unsourced")
        if self.seal == "controller" and self.channel == "none":
            raise ValueError("a controller that seals needs a channel to be told by")
        return self

    @property
    def named(self) -> bool:
        """True if the owner that a handset must name is known from this file, and from a source."""
        known = {"component", "certificate_sha256"}.isdisjoint(self.unsourced)
        return self.owner == "provider" and known and bool(self.component and self.certificate_sha256)


def is_secret(key: str) -> bool:
    """Tell whether a setting's name says that its value is a secret: ``pw``, ``com.example.ENROLMENT_TOKEN``.

    By its last word, in camel case or between other signs. In doubt it is one: the vault keeps, and the controller is
    told, a setting of any name.
    """
    words = [word.lower() for word in _WORDS.findall(key)]
    if not words:
        return False
    if words[-1] == "key" and len(words) > 1 and words[-2] in _OPEN_KEYS:
        return False
    return words[-1] in _SECRET_WORDS or _SECRET.search(words[-1]) is not None


def provider_names() -> list[str]:
    """List the providers that ship."""
    entries = files("resources").joinpath("providers").iterdir()
    return sorted(entry.name.removesuffix(".toml") for entry in entries if entry.name.endswith(".toml"))


@lru_cache(maxsize=32)
def load_provider(name: str) -> Provider:
    """Read a provider's file. Raises UsageError naming those that there are."""
    if name not in provider_names():
        raise UsageError(f"There is no provider “{one_line(name, 40)}”; there are: {', '.join(provider_names())}.")
    text = files("resources").joinpath("providers", f"{name}.toml").read_text("utf-8")
    return read_provider(name, text)


def read_provider(name: str, text: str) -> Provider:
    """Read a provider from TOML. Raises UsageError naming what is wrong with it."""
    try:
        document = tomllib.loads(text)
        table = document.get("provider")
        if not isinstance(table, dict):
            raise UsageError(f"Provider “{one_line(name, 40)}” has no [provider] table.")
        parts = {part: document[part] for part in ("flags", "sources", "columns") if part in document}
        return Provider.model_validate({**table, "name": name, **parts})
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"Provider “{one_line(name, 40)}” is not valid TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"Provider “{one_line(name, 40)}”: {where or 'it'}: {first['msg']}.") from None
