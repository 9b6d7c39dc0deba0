"""Run iOS clients that we did not write against a rack of virtual iPhones, and print what came of it as a table.

``python tests/clients/ios_clients.py [--go-ios PATH | --npm]``: libimobiledevice's tools, ideviceinstaller and
pymobiledevice3's command line are taken from the PATH, go-ios from ``--go-ios``, else ``GO_IOS``, else ``ios`` on the
PATH, else (``--npm``) from npm into a directory that goes again; what is not installed is skipped. Exit 1 if any client
that ran did not do as it does with a phone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import PrivateFormat, load_pem_private_key, pkcs12

from provisioning.virtual.rack import Rack
from provisioning.virtual.scenario import HandsetPlan, parse_fault, plain_rack

_PASSWORD = "desk"
_PROFILE = b"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadContent</key><array><dict>
<key>PayloadIdentifier</key><string>org.example.lock.restrictions</string>
<key>PayloadType</key><string>com.apple.applicationaccess</string>
<key>PayloadUUID</key><string>6B8F4E5C-0F0B-4B52-8B5B-0E4A7C2E0A01</string>
<key>PayloadVersion</key><integer>1</integer>
<key>allowAppInstallation</key><false/>
</dict></array>
<key>PayloadDisplayName</key><string>Lock</string>
<key>PayloadIdentifier</key><string>org.example.lock</string>
<key>PayloadType</key><string>Configuration</string>
<key>PayloadUUID</key><string>6B8F4E5C-0F0B-4B52-8B5B-0E4A7C2E0A02</string>
<key>PayloadVersion</key><integer>1</integer>
</dict></plist>
"""


@dataclass(frozen=True)
class Ran:
    """One client's run."""

    client: str
    command: str
    code: int
    output: str
    seconds: float
    as_expected: bool


class Bench:
    """Runs clients against one rack and keeps what they did."""

    def __init__(self, usbmux_address: str, folder: Path) -> None:
        self._environment = {**os.environ, "USBMUXD_SOCKET_ADDRESS": usbmux_address, "HOME": str(folder)}
        self.folder = folder
        self.runs: list[Ran] = []

    async def run(
        self, program: str | None, arguments: Sequence[str], good: Callable[[int, str], bool], named: str = ""
    ) -> str:
        """Run a client; gives its output. Skips one that is not installed."""
        if program is None:
            return ""
        started = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            env=self._environment,
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(60):
                raw, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            raw = b"no end after 60 s"
        output, code = raw.decode("utf-8", "replace"), process.returncode
        code = -1 if code is None else code
        client = named or Path(program).name
        command = " ".join(_short(argument) for argument in arguments)
        took = time.monotonic() - started
        self.runs.append(Ran(client, command, code, output, took, good(code, output)))
        return output


def said(*texts: str, code: int = 0) -> Callable[[int, str], bool]:
    """Expect an exit code and some texts."""
    return lambda got, output: got == code and all(text in output for text in texts)


async def libimobiledevice(bench: Bench, serials: Sequence[str], udids: Sequence[str]) -> None:
    """Run the tools of Debian's libimobiledevice-utils and ideviceinstaller."""
    tools = {name: shutil.which(name) for name in ("idevice_id", "ideviceinfo", "idevicepair", "ideviceinstaller")}
    first, dialog, sealed = udids[0], udids[1], udids[2]
    await bench.run(tools["idevice_id"], ["-l"], said(*udids))
    await bench.run(tools["ideviceinfo"], ["-u", first, "-s"], said("ProductVersion: 26.1", "UniqueDeviceID"))
    await bench.run(tools["ideviceinfo"], ["-u", first, "-x"], said(serials[0], "InternationalMobileEquipmentIdentity"))
    await bench.run(tools["ideviceinfo"], ["-u", first, "-k", "SerialNumber"], said(serials[0]))
    setup = ["-q", "com.apple.purplebuddy", "-k", "SetupDone"]
    await bench.run(tools["ideviceinfo"], ["-u", first, *setup], said("false"))
    for domain in ("com.apple.disk_usage", "com.apple.mobile.battery", "com.apple.international", "com.apple.fmip"):
        await bench.run(tools["ideviceinfo"], ["-u", first, "-q", domain], said(": "))
    await bench.run(tools["idevicepair"], ["-u", first, "validate"], said("SUCCESS"))
    # it lists what /var/lib/lockdown of this machine holds, whatever hub it is pointed to
    await bench.run(tools["idevicepair"], ["list"], said())
    await bench.run(tools["idevicepair"], ["systembuid"], said("-"))
    await bench.run(tools["idevicepair"], ["-u", first, "unpair"], said("SUCCESS"))
    await bench.run(tools["idevicepair"], ["-u", first, "validate"], said("SUCCESS"))  # Setup Assistant: it pairs anew
    await bench.run(tools["idevicepair"], ["-u", first, "pair"], said("SUCCESS"))
    await bench.run(tools["idevicepair"], ["-u", first, "validate"], said("SUCCESS"))
    await bench.run(tools["idevicepair"], ["-u", dialog, "pair"], said("trust dialog", code=1))
    await bench.run(tools["idevicepair"], ["-u", sealed, "pair"], said("ERROR", code=1))
    await bench.run(
        tools["ideviceinstaller"],
        ["-u", first, "-l", "-o", "list_all"],
        lambda code, out: code == 0 and "com.zhiliaoapp.musically" in out and out.count("\n") > 80,
    )
    listed = ["-u", first, "-l", "-o"]
    await bench.run(
        tools["ideviceinstaller"],
        [*listed, "list_user"],
        lambda code, out: code == 0 and "musically" in out and "com.apple" not in out,
    )
    await bench.run(
        tools["ideviceinstaller"],
        [*listed, "list_system"],
        lambda code, out: code == 0 and "com.apple.mobilesafari" in out and "musically" not in out,
    )
    whole = said("<key>CFBundleIdentifier</key>", "SignerIdentity")
    await bench.run(tools["ideviceinstaller"], [*listed, "xml"], whole)


async def pymobiledevice3(bench: Bench, udid: str) -> None:
    """Run pymobiledevice3's command line: reading, supervising, restricting, pairing as supervisor, erasing."""
    beside = Path(sys.executable).with_name("pymobiledevice3")
    program = str(beside) if beside.exists() else shutil.which("pymobiledevice3")

    async def run(*arguments: str, good: Callable[[int, str], bool]) -> None:
        await bench.run(program, [*arguments, "--udid", udid], good)

    await bench.run(program, ["usbmux", "list"], said(udid))
    await run("lockdown", "info", good=said("SerialNumber", "InternationalMobileEquipmentIdentity"))
    await run("apps", "list", good=said("com.zhiliaoapp.musically", "com.apple.mobilesafari"))
    await run("springboard", "state", "get", good=said("bundleIdentifier"))
    await run("activation", "state", good=said("Activated"))
    await run("profile", "cloud-configuration", good=said("null"))
    await bench.run(program, ["profile", "create-keybag", "keybag.pem", "Desk"], said())
    await run("profile", "supervise", "Desk", "--keybag", "keybag.pem", good=said("successfully supervised"))
    await run("profile", "cloud-configuration", good=said("IsSupervised", "Desk"))
    await run("profile", "supervise", "Desk", "--keybag", "keybag.pem", good=lambda _, out: "already present" in out)
    await run("lockdown", "pair-supervised", "keybag.pem", good=said())
    await run("profile", "install-restrictions-profile", "--keybag", "keybag.pem", good=said())
    await run("profile", "list", good=said("Restrictions"))
    await run("profile", "erase-device", good=said("Erased device"))
    await asyncio.sleep(1.5)
    await run("profile", "cloud-configuration", good=said("null"))


async def go_ios(bench: Bench, program: str | None, udid: str, set_up: str) -> None:
    """Run go-ios: reading, preparing, supervised pairing and profiles, erasing."""
    if program is None:
        return

    async def run(*arguments: str, good: Callable[[int, str], bool], phone: str = udid) -> str:
        return await bench.run(program, [*arguments, f"--udid={phone}"], good, "go-ios")

    await bench.run(program, ["list"], said(udid), "go-ios")
    await run("info", good=said("SerialNumber", "InternationalMobileEquipmentIdentity"))
    await run("apps", "--all", "--list", good=said("com.zhiliaoapp.musically"))
    await run("profile", "list", good=said("[]"))
    await bench.run(program, ["prepare", "create-cert"], said("supervision-cert.der"), "go-ios")
    container = _pkcs12(bench.folder)
    skip = "--skip-all"
    supervise = ("--certfile=supervision-cert.der", "--orgname=Desk", "--p12password=x")
    await run("prepare", skip, *supervise, good=said("14002", code=1), phone=set_up)
    await run("prepare", skip, *supervise, good=lambda code, out: code == 0 and "14002" not in out)
    await run("prepare", "cloudconfig", good=said("Desk", "IsSupervised"))
    await run("profile", "list", good=said("com.apple.configurator.usbrestrictedmode"))
    p12 = (f"--p12file={container}", f"--password={_PASSWORD}")
    await run("pair", *p12, good=lambda code, out: code == 0 and "Success" in out)
    await run("profile", "add", "lock.mobileconfig", *p12, good=lambda code, out: code == 0)
    await run("profile", "list", good=said("org.example.lock"))
    await run("prepare", skip, *supervise, good=said("14002", code=1))
    await run("erase", "--force", good=lambda code, out: code == 0)
    await asyncio.sleep(1.5)
    await run("prepare", "cloudconfig", good=lambda code, out: "Desk" not in out)


async def _from_npm(folder: Path) -> str | None:
    """Fetch go-ios as npm has it; gives the binary for this machine, None where npm or the network is not there."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    process = await asyncio.create_subprocess_exec(
        npm, "install", "--prefix", str(folder / "npm"), "go-ios",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await process.wait()
    machine = "arm64" if platform.machine() in ("arm64", "aarch64") else "amd64"
    found = sorted((folder / "npm").rglob(f"go-ios-{sys.platform}-{machine}*/ios"))
    for binary in found[:1]:
        binary.chmod(0o755)
        return str(binary)
    return None


async def _main(go_ios_path: str | None, *, npm: bool) -> int:
    [plan] = plain_rack(1, 0)
    apps = ({"id": "com.zhiliaoapp.musically"}, {"id": "com.example.notes", "name": "Notes and More"})
    plans: list[HandsetPlan] = [
        replace(plan, position=0, apps=apps),
        replace(plan, position=1, state="set-up", faults=(parse_fault("trust-dialog answer=never"),)),
        replace(plan, position=2, state="foreign-sealed"),
        replace(plan, position=3, apps=apps),
        replace(plan, position=4, state="set-up"),
        replace(plan, position=5, apps=apps),
    ]
    with tempfile.TemporaryDirectory(prefix="ios-clients-") as name:
        folder = Path(name)
        (folder / "lock.mobileconfig").write_bytes(_PROFILE)
        async with Rack(plans) as rack:
            handsets = rack.announcement()["handsets"]
            serials, udids = [h["serial_number"] for h in handsets], [h["udid"] for h in handsets]
            bench = Bench(rack.usbmux_address, folder)
            await libimobiledevice(bench, serials, udids)
            if npm and go_ios_path is None:
                go_ios_path = await _from_npm(folder)
            await go_ios(bench, go_ios_path, udids[3], udids[4])
            await pymobiledevice3(bench, udids[5])
    _print(bench.runs)
    return 0 if all(run.as_expected for run in bench.runs) else 1


def _pkcs12(folder: Path) -> str:
    """Put go-ios' own certificate and key into a container, which it cannot do itself."""
    certificate = x509.load_der_x509_certificate((folder / "supervision-cert.der").read_bytes())
    key = load_pem_private_key((folder / "supervision-private-key.pem").read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    # go-ios 1.2.0 reads nothing newer than triple DES and SHA-1.
    builder = PrivateFormat.PKCS12.encryption_builder()
    builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(hashes.SHA1())
    encryption = builder.build(_PASSWORD.encode())
    container = pkcs12.serialize_key_and_certificates(b"desk", key, certificate, None, encryption)
    (folder / "desk.p12").write_bytes(container)
    return "desk.p12"


def _short(argument: str) -> str:
    return argument if len(argument) < 34 else argument[:30] + "…"


def _print(runs: Sequence[Ran]) -> None:
    width = max((len(f"{run.client} {run.command}") for run in runs), default=20)
    print(f"{'client and command':{width}}  exit  seconds  as a phone's")
    for run in runs:
        verdict = "yes" if run.as_expected else "NO"
        print(f"{f'{run.client} {run.command}':{width}}  {run.code:4}  {run.seconds:7.2f}  {verdict}")
        if not run.as_expected:
            print("    " + "\n    ".join(run.output.strip().splitlines()[-6:]))
    print(json.dumps({"ran": len(runs), "as_expected": sum(run.as_expected for run in runs)}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--go-ios", default=os.environ.get("GO_IOS") or shutil.which("ios"))
    parser.add_argument("--npm", action="store_true", help="fetch go-ios from npm where it is not installed")
    options = parser.parse_args()
    sys.exit(asyncio.run(_main(options.go_ios, npm=options.npm)))
