"""The supervision identity: one per organisation, made for training, brought from PKCS#12, never lost by accident."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, pkcs12

from provisioning.errors import UsageError
from provisioning.home.creation import create_home
from provisioning.home.home import Home, open_home
from provisioning.home.supervision import generate_supervision_identity
from provisioning.organisation import SupervisionIdentity


class Keyring:
    """A keyring in memory."""

    kept: str | None = None

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept = password


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv("ISSUING_DESK_PASSPHRASE", raising=False)
    keyring = Keyring()
    return create_home(
        tmp_path / "home", training=False, organisation_name="Met", desk_name="D", keyring=lambda: keyring
    )


@pytest.fixture(scope="module")
def identity() -> SupervisionIdentity:
    return generate_supervision_identity("Metropolitan Police Service")


def pack(identity: SupervisionIdentity, passphrase: str | None = "secret") -> bytes:
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"x", identity.private_key, identity.certificate, None, encryption)


def test_a_made_identity_lasts_and_signs_itself(identity: SupervisionIdentity) -> None:
    certificate = identity.certificate
    assert isinstance(identity.private_key, rsa.RSAPrivateKey)
    assert identity.private_key.key_size == 2048
    assert certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=3650)
    assert certificate.subject.rfc4514_string() == "CN=Metropolitan Police Service"
    certificate.verify_directly_issued_by(certificate)


def test_a_real_home_has_none_until_one_is_imported(home: Home, identity: SupervisionIdentity) -> None:
    assert not home.has_supervision()
    with pytest.raises(UsageError, match="no supervision identity"):
        home.supervision()
    home.import_supervision_identity(pack(identity), "secret")
    assert home.supervision().certificate == identity.certificate
    again = open_home(home.path, keyring=home._custody.keyring)  # pyright: ignore[reportPrivateUsage]  # the same keyring
    assert again.supervision().certificate == identity.certificate
    assert again.supervision().private_key.private_numbers() == identity.private_key.private_numbers()
    assert (home.path / "keys" / "supervision.crt").read_bytes() == identity.certificate.public_bytes(Encoding.PEM)


def test_an_identity_is_replaced_only_on_purpose_and_kept_even_then(home: Home, identity: SupervisionIdentity) -> None:
    home.import_supervision_identity(pack(identity, None), None)
    with pytest.raises(UsageError, match="already has"):
        home.create_supervision_identity()
    assert home.supervision().certificate == identity.certificate
    home.create_supervision_identity(replace=True)
    assert home.supervision().certificate != identity.certificate
    assert len(list((home.path / "keys").glob("supervision-until-*.p12.sealed"))) == 1


def test_an_exported_identity_can_be_imported_at_another_desk(home: Home, tmp_path: Path) -> None:
    training = create_home(tmp_path / "training", training=True, organisation_name="Met", desk_name="T")
    with pytest.raises(UsageError, match="empty"):
        training.export_supervision_identity("")
    home.import_supervision_identity(training.export_supervision_identity("secret"), "secret")
    assert home.supervision().certificate == training.supervision().certificate


def test_files_that_are_no_identity_are_refused(home: Home, identity: SupervisionIdentity) -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    weak = pkcs12.serialize_key_and_certificates(b"x", small, None, None, NoEncryption())
    for data, passphrase, reason in (
        (pack(identity), "wrong", "passphrase is wrong"),
        (pack(identity), None, "passphrase is wrong"),
        (b"", None, "no PKCS#12"),
        (b"garbage" * 100, "x", "no PKCS#12"),
        (b"x" * (1 << 19), None, "far too long"),
        (weak, None, "lacks"),
    ):
        with pytest.raises(UsageError, match=reason):
            home.import_supervision_identity(data, passphrase)
    assert not home.has_supervision()


def test_an_identity_in_the_old_encryption_of_apple_configurator_is_read(
    home: Home, identity: SupervisionIdentity, tmp_path: Path
) -> None:
    """Apple Configurator exports with RC2 and 3DES, which OpenSSL 3 calls legacy."""
    from cryptography.hazmat.primitives.serialization import PrivateFormat

    key = identity.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "both.pem").write_bytes(key + identity.certificate.public_bytes(Encoding.PEM))
    made = subprocess.run(
        ["openssl", "pkcs12", "-export", "-legacy", "-in", str(tmp_path / "both.pem"), "-passout", "pass:secret"],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("this system's openssl cannot write the old encryption")
    home.import_supervision_identity(made.stdout, "secret")
    assert home.supervision().certificate == identity.certificate
