"""A desk without an APK: the code is made by a server (Android Management API), scanned, found ours, and never by adb.

Google's own certificate cannot sign here, so the provider is given one of ours; all else is as its file says.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from test_provisioning_qr import FRESH, Silent
from walk_bench import errand, rack_of, serials, walk

from console import assembly
from console.provisioning_code import desk_code
from provisioning.enrolment.provider import Provider, load_provider
from provisioning.home.desk_secrets import ENROLMENT_TOKEN
from provisioning.home.home import open_home
from provisioning.policy.android import compile_restrictions
from provisioning.stages import enrol, preflight
from provisioning.status import Phase
from provisioning.virtual.android.apk.build import Manifest, build_apk
from provisioning.virtual.android.apk.signing import Signer
from provisioning.virtual.android.handset import VirtualAndroid
from provisioning.virtual.android.setup_wizard import scan
from provisioning.walk import StageName
from ui.phrases import headline

SIGNER = Signer.derived("stands for Google")
PACKAGE = "com.google.android.apps.work.clouddpc"
KEY = "android.app.extra.PROVISIONING_"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    """Give Google's provider as its file has it, but for the certificate."""
    ours = load_provider("android-management-api").model_copy(
        update={"certificate_sha256": hashlib.sha256(SIGNER.certificate).hexdigest()}
    )

    def loaded(_: str) -> Provider:
        return ours

    for place in ("provisioning.enrolment.provider", "console.provisioning_code"):
        monkeypatch.setattr(f"{place}.load_provider", loaded)
    return ours


@contextmanager
def controller_of_google(folder: Path) -> Generator[str]:
    manifest = Manifest(PACKAGE, label="Android Device Policy", admin=".receivers.CloudDeviceAdminReceiver")
    (folder / "clouddpc.apk").write_bytes(build_apk(manifest, SIGNER))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/clouddpc.apk"
    finally:
        server.shutdown()
        server.server_close()


def answer(provider: Provider, address: str, ends: datetime) -> str:
    """Write what ``enterprises.enrollmentTokens.create`` answers: the code is a text in it."""
    digest = urlsafe_b64encode(bytes.fromhex(provider.certificate_sha256)).decode().rstrip("=")
    code = {
        f"{KEY}DEVICE_ADMIN_COMPONENT_NAME": provider.component,
        f"{KEY}DEVICE_ADMIN_SIGNATURE_CHECKSUM": digest,
        f"{KEY}DEVICE_ADMIN_PACKAGE_DOWNLOAD_LOCATION": address,
        f"{KEY}USE_MOBILE_DATA": True,
        f"{KEY}ADMIN_EXTRAS_BUNDLE": {provider.token: "TOKENTOKEN"},
    }
    return json.dumps(
        {
            "name": "enterprises/LC00/enrollmentTokens/1",
            "value": "TOKENTOKEN",
            "expirationTimestamp": ends.strftime("%Y-%m-%dT%H:%M:%S.123456789Z"),
            "qrCode": json.dumps(code),
        }
    )


async def policy_arrives(phone: VirtualAndroid, restrictions: set[str]) -> None:
    """Let the server's policy come into force; it leaves debugging allowed, and somebody switches it on."""
    admin = phone.policy.owner_admin()
    assert admin is not None
    admin.restrictions = restrictions
    phone.settings.put("global", "development_settings_enabled", "1")
    phone.settings.put("global", "adb_enabled", "1")
    await phone.plug()


async def test_a_handset_that_scanned_a_servers_code_is_ours_without_an_apk(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "home"
    assembly.make_home(folder, training=True, organisation=None, desk_name=None)
    (folder / "desk.toml").write_text('[android]\nprovider = "android-management-api"\n')
    home = open_home(folder)
    scenario = f'{FRESH}[[handset]]\nprofile = "pixel-8"\n'
    async with rack_of(monkeypatch, tmp_path, scenario) as rack:
        scanned, set_up = (rack.handset(serial) for serial in serials(rack))
        with controller_of_google(tmp_path) as address:
            ends = datetime.now(UTC) + timedelta(hours=1)
            home.desk_secrets().keep(ENROLMENT_TOKEN, answer(provider, address, ends))
            async with assembly.engine(home, "test") as engine:
                code = desk_code(home, engine.settings)
                assert code.expires is not None
                assert abs(code.expires - ends) < timedelta(seconds=2)
                await scan(scanned, code.text)
        assert scanned.owner == provider.component
        assert not scanned.reachable
        async with assembly.engine(home, "test") as engine:
            effective = (await errand(engine)).effective
            await policy_arrives(scanned, set())
            before = await walk(engine)
            wanted = compile_restrictions(effective, "14").restrictions
            await policy_arrives(scanned, set(wanted))
            after = (await walk(engine))[scanned.serial_number]
    outcomes = {one.name: one.outcome for one in before[scanned.serial_number].stages}
    assert isinstance(outcomes[StageName.PREFLIGHT], preflight.AlreadyOurs)
    enrolled = outcomes[StageName.ENROL]
    assert isinstance(enrolled, enrol.Enrolled)
    assert enrolled.already
    assert before[scanned.serial_number].phase is not Phase.READY, "nothing is in force before the server's policy is"
    assert after.phase is Phase.READY, headline(after)
    over_adb = before[set_up.serial_number]
    assert over_adb.phase is Phase.STOPPED
    assert f"{PACKAGE} is not installed over the cable" in headline(over_adb)
    assert set_up.owner is None
