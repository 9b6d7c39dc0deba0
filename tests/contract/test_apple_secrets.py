"""A whole run at level TRAFFIC, with things going wrong in it: no secret in log, ledger, exception or open file."""

from __future__ import annotations

import logging
import plistlib
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from walk_bench import errand, rack_of

from console import assembly
from console.logs import TRAFFIC, log_to
from provisioning.apple.usbmux import Usbmux
from provisioning.home.custody import PASSPHRASE_VARIABLE
from provisioning.home.home import open_home
from provisioning.home.supervision import export_supervision_identity, generate_supervision_identity
from provisioning.status import Phase, SessionStatus
from provisioning.virtual.mdm.server import MdmServer

PASSPHRASE = "seven wet otters sing at noon"
SCENARIO = """
[[handset]]
profile = "iphone-15"
[[handset]]
profile = "iphone-13"
faults = ["garbage at=EscalateResponse", "error at=InstallProfileSilent", "truncate at=GetCloudConfiguration"]
[[handset]]
profile = "iphone-17"
faults = ["hang-up at=Escalate", "refuse-tls at=TLS", "error at=StartService"]
"""


async def test_no_secret_leaves_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("provisioning.virtual", "asyncio"):
        caplog.set_level(logging.CRITICAL, name)
    monkeypatch.setattr(assembly, "log_to", _log_everything)
    monkeypatch.setenv(PASSPHRASE_VARIABLE, PASSPHRASE)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    assembly.make_home(tmp_path / "home", training=False, organisation="Met Police", desk_name="Desk 4")
    home = open_home(tmp_path / "home")
    identity = generate_supervision_identity("Met Police")
    home.import_supervision_identity(export_supervision_identity(identity, "p12 word"), "p12 word")
    async with MdmServer() as server, rack_of(monkeypatch, tmp_path, SCENARIO) as rack:
        async with await Usbmux.open(2.0) as mux:  # so that this desk has to pair, and not usbmuxd
            for handset in rack.announcement()["handsets"]:
                await mux.request("DeletePairRecord", PairRecordID=handset["udid"])
        enrolment = server.enrolment_profile()
        (tmp_path / "enrol.mobileconfig").write_bytes(enrolment)
        settings = home.settings_file.read_text("utf-8")
        settings = settings.replace('# enrolment_profile = "mdm/', 'enrolment_profile = "../')
        home.settings_file.write_text(settings, "utf-8")
        async with assembly.engine(home, "test") as engine:
            await engine.desk.settle()
            statuses: list[SessionStatus] = []
            for _ in range(3):
                statuses = await engine.desk.run(engine.desk.sessions, await errand(engine, patience=5.0))
            assert [status.phase for status in statuses] == [Phase.READY] * 3, [one.stages[-1] for one in statuses]
            words = [str(record.outcome) for status in statuses for record in status.stages]
    log = b"".join(file.read_bytes() for file in home.logs_folder.iterdir())
    assert b"InstallProfileSilent" in log
    container, password = next(
        (one["PayloadContent"], one["Password"])
        for one in plistlib.loads(enrolment)["PayloadContent"]
        if one["PayloadType"] == "com.apple.security.pkcs12"
    )
    records = [plistlib.loads(file.read_bytes()) for file in home.pairing_folder.glob("*.plist")]
    assert len(records) == 3
    paired = [record[key] for record in records for key in ("HostPrivateKey", "RootPrivateKey", "EscrowBag")]
    typed = [PASSPHRASE.encode(), b"p12 word", password.encode()]
    secrets = [*_key_forms(identity.private_key), *typed, container, *paired]
    _absent(log, secrets, "the log")
    _absent("\n".join(words).encode(), secrets, "outcomes")
    assert not list((tmp_path / "temporary").iterdir())
    for file in (tmp_path / "home").rglob("*"):
        if not file.is_file():
            continue
        if file.parent == home.pairing_folder:
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
            _absent(file.read_bytes(), secrets[: -len(paired)], str(file))
        else:
            _absent(file.read_bytes(), secrets, str(file))


def _log_everything(folder: Path) -> None:
    log_to(folder, TRAFFIC)


def _key_forms(key: object) -> Iterable[bytes]:
    assert isinstance(key, RSAPrivateKey)
    numbers = key.private_numbers()
    yield numbers.d.to_bytes(256, "big")
    yield numbers.p.to_bytes(128, "big")
    yield key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    yield key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def _absent(where: bytes, secrets: Iterable[bytes], named: str) -> None:
    for number, secret in enumerate(secrets):
        middle = secret if len(secret) < 48 else secret[len(secret) // 3 :][:32].replace(b"\n", b"")[:20]
        for form in (middle, middle.hex().encode(), repr(middle)[2:-1].encode()):
            assert form not in where, f"secret {number} is in {named}"
    assert b"PRIVATE KEY" not in where or "pairing" in named, named
