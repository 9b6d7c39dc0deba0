"""Officers' authenticators: a name may be typed instead of signed where a one-time code (RFC 6238) confirms it.

Each secret lies sealed in the home under the officer's number. The desk that checks a code could also make one: what a
code proves rests on the desk, and the receipt says since when the officer has had the authenticator. A code is taken
once; after :data:`MOST_TRIES` wrong ones the authenticator has to be enrolled anew.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from provisioning.errors import HomeError, UsageError
from provisioning.files import make_folder, read_file, write_file
from provisioning.home.vault import Vault
from provisioning.plain_text import one_line

STEP = 30
"""Seconds for which a code holds (RFC 6238, section 5.2); one step before and after is taken too."""
MOST_TRIES = 5
_ISSUER = "Issuing Desk"


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is sealed. ``used`` is the last time step whose code was taken."""

    number: str
    secret: str = field(repr=False)
    enrolled: str
    used: int = 0
    failed: int = 0


class Authenticators:
    """The authenticators of one home."""

    def __init__(self, home: Path, vault: Callable[[], Vault], clock: Callable[[], float] = time.time) -> None:
        """Use a home. ``clock`` gives seconds since 1970."""
        self._folder = home / "authenticators"
        self._vault = vault
        self._clock = clock

    def enrol(self, number: str) -> str:
        """Make an officer's authenticator, in place of an older one; give its ``otpauth`` address to be shown once.

        The address holds the secret: show it to the officer, keep it nowhere.
        """
        from pyotp import random_base32
        from pyotp.totp import TOTP

        secret = random_base32()
        day = datetime.fromtimestamp(self._clock(), UTC).astimezone().date().isoformat()
        make_folder(self._folder)
        self._keep(_Kept(number, secret, day))
        return str(TOTP(secret, interval=STEP, name=number, issuer=_ISSUER).provisioning_uri())

    def confirm(self, number: str, code: str) -> str:
        """Give the day on which the officer's authenticator was enrolled, if ``code`` is one of it and was not used.

        Raises UsageError with a sentence where it is not; a wrong code is counted before it is told.
        """
        from pyotp.totp import TOTP

        kept = self._kept(number)
        if kept is None:
            raise UsageError(
                f"Officer {one_line(number, 40)} has no authenticator at this desk. Let the officer sign, or enrol "
                "one first: issuing-desk officers authenticator NUMBER."
            )
        if kept.failed >= MOST_TRIES:
            raise UsageError(f"{MOST_TRIES} wrong codes were given. Enrol the officer's authenticator anew.")
        given = "".join(code.split())
        totp, now = TOTP(kept.secret, interval=STEP), int(self._clock()) // STEP
        for step in (now - 1, now, now + 1):
            if step > kept.used and hmac.compare_digest(totp.at(step * STEP), given if given.isascii() else ""):
                self._keep(replace(kept, used=step, failed=0))
                return kept.enrolled
        self._keep(replace(kept, failed=kept.failed + 1))
        left = MOST_TRIES - kept.failed - 1
        raise UsageError(
            f"This is not the officer's one-time code of now, or it was used already. Wait for the next one; {left} "
            f"{'try is' if left == 1 else 'tries are'} left."
        )

    def _kept(self, number: str) -> _Kept | None:
        path = self._path(number)
        if not path.exists():
            return None
        try:
            return _Kept(**json.loads(self._vault().open(path.stem, read_file(path))))
        except (ValueError, TypeError) as error:
            raise HomeError("The officer's authenticator is damaged in the home. Enrol it anew.") from error

    def _keep(self, kept: _Kept) -> None:
        path = self._path(kept.number)
        write_file(path, self._vault().seal(path.stem, json.dumps(asdict(kept)).encode()))

    def _path(self, number: str) -> Path:
        # Numbers have slashes and spaces; and who has an authenticator need not be read from a folder.
        return self._folder / f"authenticator-{hashlib.sha256(number.encode()).hexdigest()[:32]}.sealed"
