"""What is agreed at the counter: the texts that go with the items, what was ticked of each, how it is signed. No Qt.

Items under different terms have one signature; each text is shown once and says which items it is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from provisioning.receipts.items import ItemKind
from provisioning.receipts.signing import IdentityEvidence


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement that the officer agrees to by itself; ``id`` stays the same across languages."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class DeclarationText:
    """One text as it is shown. ``reference`` is what its items call it by, ``sha256`` (hex) is of all that is shown.

    ``covers`` names the items that it is for; empty where it is for all.
    """

    reference: str
    version: str
    title: str
    clauses: tuple[Clause, ...]
    sha256: str
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """All texts of a handover in one language (``en-GB``, ``cy-GB``).

    ``lacks`` says why there is none in this language; then there are no texts.
    """

    language: str
    texts: tuple[DeclarationText, ...]
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """The text that was shown, by its digest, and the identifiers of the clauses that were ticked, one by one."""

    reference: str
    sha256: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature as an image and nothing else: neither the times nor the pressures of the pen are kept."""

    image: bytes
    media_type: Literal["image/svg+xml", "image/png"]


@dataclass(frozen=True, slots=True)
class TypedName:
    """A name typed instead of a signature, with a one-time code of the signer's authenticator."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The officer did not sign; ``reason`` in the technician's words."""

    reason: str


Signature = Signed | TypedName | Declined


@dataclass(frozen=True, slots=True)
class Thing:
    """Something beside handsets; ``number`` is its own, such as that of a SIM card, empty where it has none."""

    kind: ItemKind
    label: str = ""
    number: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class HandsetWish:
    """A handset by its session, in what condition it goes, and why to this officer where an order means another."""

    key: str
    condition: str = ""
    override: str = ""


@dataclass(frozen=True, slots=True)
class CollectedBy:
    """Who stands at the counter in the officer's place, by officer number, and what allows that."""

    number: str
    authority: str


@dataclass(frozen=True, slots=True)
class HandoverRequest:
    """Handsets and what goes along for one officer under one signature, as it was agreed on the glass.

    ``identity`` is how whoever stands there was known, None where nobody noted it.
    """

    handsets: tuple[HandsetWish, ...]
    officer_number: str
    officer_name: str | None
    things: tuple[Thing, ...]
    language: str
    agreed: tuple[Agreed, ...]
    signature: Signature
    countersignature: Signed | None = None
    """The technician's; None leaves a line for it on the paper."""
    roster_reason: str = ""
    """Why somebody who is not on the roster receives it all the same."""
    identity: IdentityEvidence | None = None
    proxy: CollectedBy | None = None
    exchange: str = ""
    """The receipt by which the handset came back that these stand in for."""
    once: str = ""
    """Names this handover, so that it is not done twice."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Give the sessions of the handsets."""
        return tuple(one.key for one in self.handsets)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What the orders say of a handset for an officer.

    ``otherwise``: they mean another officer or another handset, so somebody has to say why it goes all the same.
    """

    sentence: str = ""
    otherwise: bool = False
