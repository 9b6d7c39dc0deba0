"""One-time codes that confirm a typed name."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pyotp.totp import TOTP

from provisioning.errors import UsageError
from provisioning.home.vault import Vault, new_master_key
from provisioning.people.authenticators import MOST_TRIES, Authenticators

NOW = 1_790_000_000.0


def desk(home: Path) -> tuple[Authenticators, TOTP, list[float]]:
    vault, clock = Vault("desk", new_master_key()), [NOW]
    book = Authenticators(home, lambda: vault, lambda: clock[0])
    return book, TOTP(parse_qs(urlsplit(book.enrol("P 1")).query)["secret"][0]), clock


def test_a_code_is_taken_once_and_a_neighbouring_one_too(tmp_path: Path) -> None:
    book, app, clock = desk(tmp_path)
    assert book.confirm("P 1", app.at(int(NOW))) == "2026-09-21"
    with pytest.raises(UsageError, match="used already"):
        book.confirm("P 1", app.at(int(NOW)))
    clock[0] += 30
    assert book.confirm("P 1", app.at(int(NOW) + 60)), "a clock that is a step ahead"
    with pytest.raises(UsageError, match="used already"):
        book.confirm("P 1", app.at(int(NOW) + 30))


def test_wrong_codes_end_it_and_the_secret_does_not_lie_in_clear(tmp_path: Path) -> None:
    book, app, _ = desk(tmp_path)
    for _ in range(MOST_TRIES):
        with pytest.raises(UsageError, match="not the officer's one-time code"):
            book.confirm("P 1", "12345é")
    with pytest.raises(UsageError, match="anew"):
        book.confirm("P 1", app.at(int(NOW)))
    with pytest.raises(UsageError, match="has no authenticator"):
        book.confirm("P 2", "000000")
    assert all(app.secret.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
