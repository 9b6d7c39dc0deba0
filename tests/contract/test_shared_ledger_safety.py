"""The way to the shared ledger is encrypted and checked, and the doctor names what is not as it should be."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from ledger_place import a_shared_ledger
from postgres_server import server
from sqlalchemy.engine import URL

from provisioning.errors import HomeError
from provisioning.ledger.postgres import open_postgres
from provisioning.ledger.postgres_connection import postgres_url
from provisioning.ledger.postgres_health import health_of
from provisioning.ledger.store import Query


def certificate(folder: Path, name: str) -> Path:
    """Make a certificate that signs itself, and its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.crt"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = folder / f"{name}.key"
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


class Front:
    """Speaks TLS for a server whose build cannot: answers libpq's SSLRequest, and relays what it hears in clear."""

    def __init__(self, port: int, own: Path) -> None:
        self._target = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(own, own.with_suffix(".key"))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            # SSLRequest: https://www.postgresql.org/docs/current/protocol-message-formats.html
            if plain.recv(8)[4:] != (80877103).to_bytes(4, "big"):
                plain.close()
                continue
            plain.sendall(b"S")
            with suppress(OSError):
                client = self._context.wrap_socket(plain, server_side=True)
                server = socket.create_connection(("127.0.0.1", self._target))
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    @staticmethod
    def _carry(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for one in (source, sink):
            one.close()


@pytest.fixture
def front(tmp_path: Path) -> Iterator[tuple[Front, URL, Path, Path]]:
    own, other = certificate(tmp_path, "localhost"), certificate(tmp_path, "other.example")
    made = Front(server().port, own)
    yield made, postgres_url(a_shared_ledger()).set(port=made.port), own, other
    made.close()


def test_off_this_machine_the_server_must_prove_its_name() -> None:
    assert postgres_url("postgresql+psycopg://a@db.example/x").query == {
        "sslmode": "verify-full",
        "sslrootcert": "system",
    }
    assert "sslmode" not in postgres_url("postgresql://a@127.0.0.1/x").query
    assert postgres_url("postgresql://a@db.example/x?sslmode=require").query == {"sslmode": "require"}


def test_a_certificate_that_is_not_trusted_is_refused_in_a_sentence(
    front: tuple[Front, URL, Path, Path],
) -> None:
    _, address, own, other = front
    trusted = address.update_query_dict({"sslmode": "verify-full", "sslrootcert": str(own)})
    store = open_postgres(trusted, writing=False)
    assert store.find("x", Query()) == []
    store.close()
    for query in (
        {"sslmode": "verify-full", "sslrootcert": str(other)},
        {"sslmode": "verify-full", "sslrootcert": "system"},
    ):
        store = open_postgres(address.update_query_dict(query), writing=False)
        with pytest.raises(HomeError, match="not safe"):
            store.find("x", Query())
        store.close()


def test_the_doctor_names_what_is_not_as_it_should_be() -> None:
    desk = postgres_url(a_shared_ledger())
    administrator, name = desk.set(username="postgres"), str(desk.database)
    told, troubles = health_of(desk, lambda: None)
    assert "on this machine" in told
    kinds = [trouble.mend.split()[0] for trouble in troubles]
    assert kinds == ["ALTER"], "the tests' server does not sync, and that is found"
    before = len(troubles)
    _, troubles = health_of(administrator, lambda: None)
    assert [trouble.mend for trouble in troubles if "NOSUPERUSER" in trouble.mend]
    server().execute("GRANT DELETE ON issuing_desk.entries TO desk4", name)
    _, troubles = health_of(desk, lambda: None)
    assert "entries" in troubles[0].sentence
    server().execute(troubles[0].mend, name)
    assert len(health_of(desk, lambda: None)[1]) == before
    server().execute("ALTER TABLE issuing_desk.entries DISABLE TRIGGER entries_are_not_changed", name)
    assert any("switched off" in trouble.sentence for trouble in health_of(desk, lambda: None)[1])
