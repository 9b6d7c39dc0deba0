"""PINs of technicians: which are good enough, and what is kept of one, from which it cannot be had back.

Kept is scrypt (RFC 7914) of the PIN with N=2^17, r=8, p=1 and a salt of its own (OWASP's first choice for scrypt, 2023;
128 MiB and about half a second a try). A PIN of six digits cannot withstand a search by that alone: what is kept lies
sealed under the home's vault, and tries at the desk are counted (see ``provisioning.people.sign_in``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import unicodedata
from dataclasses import dataclass, field
from itertools import pairwise

from provisioning.errors import UsageError

SHORTEST, LONGEST = 6, 64
"""Characters; NIST SP 800-63B asks for six where tries are limited."""
COST = 1 << 17
_BLOCK, _PARALLEL = 8, 1
_SALT_BYTES, _KEY_BYTES = 16, 32
_LARGEST_COST = 1 << 20
_WELL_KNOWN = frozenset({"112233", "123321", "147258", "147852", "159753", "258369", "456789", "789456", "password"})


@dataclass(frozen=True, slots=True)
class PinHash:
    """What is kept of a PIN: the parameters it was made with, the salt and the result."""

    cost: int
    salt: bytes = field(repr=False)
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, pin: str, cost: int = COST) -> PinHash:
        """Make one for a PIN, with a new salt. Takes about half a second."""
        salt = os.urandom(_SALT_BYTES)
        return cls(cost, salt, _derived(pin, salt, cost))

    def matches(self, pin: str) -> bool:
        """Tell whether this was made of ``pin``. Takes about half a second, whatever the answer."""
        return hmac.compare_digest(self.key, _derived(pin, self.salt, self.cost))

    def text(self) -> str:
        """Give it as one word: ``scrypt$N$salt$key``, Base64."""
        salt, key = base64.b64encode(self.salt).decode(), base64.b64encode(self.key).decode()
        return f"scrypt${self.cost}${salt}${key}"


def read_pin_hash(text: str) -> PinHash:
    """Read what :meth:`PinHash.text` gave. Raises ValueError for anything else."""
    name, cost, salt, key = text.split("$")
    found = PinHash(int(cost), base64.b64decode(salt, validate=True), base64.b64decode(key, validate=True))
    sound = name == "scrypt" and 2 <= found.cost <= _LARGEST_COST and not found.cost & (found.cost - 1)
    if not sound or len(found.salt) < _SALT_BYTES or len(found.key) != _KEY_BYTES:
        raise ValueError("not a PIN's hash")
    return found


def require_good(pin: str, name: str) -> None:
    """Make sure that a PIN is not among the first that anybody would try. Raises UsageError; never shows the PIN."""
    text = _plain(pin)
    if not SHORTEST <= len(text) <= LONGEST or not text.isprintable():
        raise UsageError(f"A PIN has {SHORTEST} to {LONGEST} characters, digits or letters. Choose another.")
    if text.isdigit() and (_is_run(text) or _repeats(text)):
        raise UsageError("That PIN is a row or a repetition of digits, which is tried first. Choose another.")
    folded = text.casefold()
    if len(set(folded)) < 3 or folded in _WELL_KNOWN or folded in name.casefold():
        raise UsageError("That PIN is among the first that anybody would try. Choose another.")


def _derived(pin: str, salt: bytes, cost: int) -> bytes:
    # 128 * N * r bytes are needed (RFC 7914, section 2), and a little more than that must be allowed.
    memory = 128 * _BLOCK * (cost + _PARALLEL + 2)
    return hashlib.scrypt(
        _plain(pin).encode("utf-8", "surrogatepass"),
        salt=salt,
        n=cost,
        r=_BLOCK,
        p=_PARALLEL,
        maxmem=memory + (1 << 20),
        dklen=_KEY_BYTES,
    )


def _plain(pin: str) -> str:
    """Fold what keyboards type differently for the same PIN."""
    return unicodedata.normalize("NFKC", pin)


def _is_run(digits: str) -> bool:
    """Tell rows such as 123456, 987654, 024680: every step is the same."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return len(steps) == 1


def _repeats(digits: str) -> bool:
    """Tell 121212 and 123123: a group of up to three, again and again."""
    return any((digits[:size] * len(digits))[: len(digits)] == digits for size in (1, 2, 3))
