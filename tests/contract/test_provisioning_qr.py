"""From the console's QR to an owned handset: made by a command, read as a camera does, scanned by a virtual one."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from walk_bench import rack_of, serials

from provisioning.virtual.android.setup_wizard import ProvisioningFailed, scan

WORK = Path(__file__).with_name("enrolment_on_the_rack.py")
FRESH = '[[handset]]\nprofile = "pixel-8"\nstate = "factory-fresh"\n'


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the standard library
        pass


@contextmanager
def controller_for_download() -> Generator[str]:
    """Serve the rack's controller as an organisation's web server would."""
    folder = str(files("resources").joinpath("virtual"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/training-dpc.apk"
    finally:
        server.shutdown()
        server.server_close()


async def console(*arguments: str, ready: asyncio.Event | None = None) -> tuple[int, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    if ready is not None:
        while line := await process.stderr.readline():
            if b"tap six times" in line:
                ready.set()
                break
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, json.loads(out)


async def test_a_scanned_handset_comes_back_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import zxingcpp
    from PIL import Image

    home = ("--home", str(tmp_path / "home"), "--json")
    monkeypatch.setenv("ISSUING_DESK_WIFI_PASSWORD", "sesame99")
    async with rack_of(monkeypatch, tmp_path, FRESH) as rack:
        assert (await console(*home, "init", "--training"))[0] == 0
        phone = rack.handset(serials(rack)[0])
        assert not phone.reachable
        with controller_for_download() as address:
            image = tmp_path / "code.png"
            ready = asyncio.Event()
            following = asyncio.create_task(
                console(
                    *home, "enrolment", "qr", "--download", address, "--wifi-ssid", "Desk", "--extra",
                    "leave_debugging_on=true", "--image", str(image), "--follow", "30", ready=ready,
                )
            )  # fmt: skip
            await asyncio.wait_for(ready.wait(), 20)
            with Image.open(image) as picture:
                (read,) = zxingcpp.read_barcodes(picture)
            await scan(phone, read.text)
            code, said = await following
        assert (code, said["returned"]["ours"]) == (0, True)
        assert said["returned"]["serial_number"] == phone.serial_number
        code, verdicts = await console(*home, "provision", "--policy", "met-police")
        assert (code, verdicts[0]["verdict"]) == (0, "clear"), verdicts
        outcomes = {stage["name"]: stage["outcome"] for stage in verdicts[0]["stages"]}
        assert outcomes["preflight"] == "AlreadyOurs"


async def test_the_windows_own_code_enrols_a_handset_that_the_window_then_seals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By Ctrl+E, off the screen, through the wizard, back onto the wall; then by Ctrl+Shift+S, gone from adb."""
    import zxingcpp
    from PIL import Image

    home, picture = tmp_path / "home", tmp_path / "code.png"
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setenv("PYTHONPATH", str(WORK.parents[2]))
    async with rack_of(monkeypatch, tmp_path, FRESH + '[[handset]]\nprofile = "pixel-8"\n') as rack:
        fresh, beside = (rack.handset(serial) for serial in serials(rack))
        assert (await console("--home", str(home), "--json", "init", "--training"))[0] == 0
        (tmp_path / "password").write_text("sesame99")
        keep = ("enrolment", "secret", "set", "wifi-password", "--file", str(tmp_path / "password"))
        assert (await console("--home", str(home), "--json", *keep))[0] == 0
        with controller_for_download() as address:
            settings = f'[android.qr]\ndownload = "{address}"\nwifi_ssid = "Desk"\n'
            (home / "desk.toml").write_text(f'{settings}[android.extras]\nleave_debugging_on = "true"\n')
            window = await asyncio.create_subprocess_exec(
                sys.executable, str(WORK), str(home), str(picture), stdout=asyncio.subprocess.PIPE
            )
            async with asyncio.timeout(60):
                while not picture.exists():
                    assert window.returncode is None
                    await asyncio.sleep(0.1)
            with Image.open(picture) as drawn:
                (read,) = zxingcpp.read_barcodes(drawn.convert("L"))
            assert json.loads(read.text)["android.app.extra.PROVISIONING_WIFI_PASSWORD"] == "sesame99"
            await scan(fresh, read.text)
            out, _ = await window.communicate()
        assert window.returncode == 0
        said = json.loads(out)
        assert said["serial_number"] == fresh.serial_number
        assert (said["stages"]["seal"], said["beside"]) == ("Sealed", "ready")
        assert any("no computer reaches it any more" in text for text in said["seal"])
        assert (fresh.reachable, beside.reachable) == (False, True)
        _, entries = await console("--home", str(home), "--json", "ledger", "show", "--serial", fresh.serial_number)
        assert "sealed" in [entry["kind"] for entry in entries]


@pytest.mark.parametrize(
    ("change", "screen"),
    [
        ({"SIGNATURE": None, "PACKAGE": "the other"}, "missing components or corrupted"),
        ({"SIGNATURE": "A" * 43}, "missing components or corrupted"),
        ({"WIFI": None}, "Connect to Wi-Fi"),
        ({"LOCATION": "http://127.0.0.1:9/none.apk"}, "download the admin app"),
    ],
)  # fmt: skip
async def test_a_code_that_does_not_fit_ends_at_the_reset_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, str | None], screen: str
) -> None:
    """A certificate's checksum under the file's name is what people confuse; the handset then owns nobody."""
    async with rack_of(monkeypatch, tmp_path, FRESH) as rack:
        phone = rack.handset(serials(rack)[0])
        with controller_for_download() as address:
            code, said = await console(
                "--home", str(tmp_path / "home"), "--json", "enrolment", "qr", "--provider", "generic", "--apk",
                str(files("resources").joinpath("virtual", "training-dpc.apk")), "--component",
                "org.issuingdesk.trainingdpc/.AdminReceiver", "--download", address, "--wifi-ssid", "Desk",
                "--wifi-security", "NONE",
            )  # fmt: skip
            assert code == 0, said
            payload = json.loads(said["payload"])
            names = {
                "SIGNATURE": "DEVICE_ADMIN_SIGNATURE_CHECKSUM", "PACKAGE": "DEVICE_ADMIN_PACKAGE_CHECKSUM",
                "WIFI": "WIFI_SSID", "LOCATION": "DEVICE_ADMIN_PACKAGE_DOWNLOAD_LOCATION",
            }  # fmt: skip
            keys = {short: f"android.app.extra.PROVISIONING_{name}" for short, name in names.items()}
            signature = payload[keys["SIGNATURE"]]
            for short, value in change.items():
                payload.pop(keys[short], None)
                if value is not None:
                    payload[keys[short]] = signature if value == "the other" else value
            with pytest.raises(ProvisioningFailed, match=screen):
                await scan(phone, json.dumps(payload))
        assert phone.owner is None
        assert not phone.reachable
