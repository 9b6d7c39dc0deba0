"""An enrolment provider: whose controller becomes device owner, by which ways, and how that is confirmed and sealed.

Data, not code: ``resources/providers/NAME.toml`` describes each; what differs in kind (a QR's content, a token's file,
a portal's export) is in the small modules beside this one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from provisioning.errors import UsageError
from provisioning.plain_text import one_line

Method = Literal["adb", "qr", "portal"]
COMPONENT = r"^([A-Za-z0-9_.]+/[A-Za-z0-9_.$]+)?$"


class Provider(BaseModel):
    """What is known of a provider before any handset is seen.

    ``component`` and ``certificate_sha256`` (lower-case hex) are those of the owner that a handset must name; empty
    ones are the organisation's own. ``checksum`` says which digest its QR carries: of the signing certificate
    (``signature``), of the APK file (``package``), the one that its server gives (``from-token``) or none.
    ``confirm``: who says that a handset is enrolled. ``seal``: who closes debugging, the controller when the desk
    orders it, or its server by policy.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = ""
    title: Annotated[str, Field(min_length=1, max_length=80)]
    methods: tuple[Method, ...]
    component: Annotated[str, Field(pattern=COMPONENT, max_length=300)] = ""
    certificate_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    checksum: Literal["signature", "package", "from-token", "none"]
    confirm: Literal["handset"]
    seal: Literal["controller", "server"]
    token: str = ""
    token_file: str = ""
    required_extras: tuple[str, ...] = ()
    allowed_extras: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    ready: tuple[str, ...] = ()
    notes: str = ""
    flags: Mapping[str, bool] = Field(default_factory=dict)


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
        return Provider.model_validate({**table, "name": name, "flags": document.get("flags", {})})
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"Provider “{one_line(name, 40)}” is not valid TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"Provider “{one_line(name, 40)}”: {where}: {first['msg']}.") from None
