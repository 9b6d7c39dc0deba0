"""Foreign adb clients against every virtual Android: the wheel's adb and, where it is installed, Debian's 29.0.6.

    python tests/clients/android_clients.py [PROFILE…]

Each adb runs as server and as client on a private port. Prints a table; a failing cell says what was seen. Exit code 1
if any cell failed."""

from __future__ import annotations

import asyncio
import base64
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioning.platforms import Platform
from provisioning.virtual.android.adb_server import bundled_adb
from provisioning.virtual.android.apk.build import Manifest, build_apk
from provisioning.virtual.android.apk.signing import Signer
from provisioning.virtual.android.fleet import AndroidFleet
from provisioning.virtual.android.handset import VirtualAndroid
from provisioning.virtual.scenario import HandsetPlan, load_scenario, parse_fault, profiles

SECONDS = 30.0


@dataclass(frozen=True)
class Said:
    """What a client printed and returned."""

    code: int
    out: str
    err: str


@dataclass
class Bench:
    """One adb program against one handset."""

    program: Path
    fleet: AndroidFleet
    phone: VirtualAndroid
    folder: Path

    @property
    def serial(self) -> str:
        """The transport's serial."""
        return self.fleet.adbd_address(self.phone.serial_number)

    async def adb(self, *words: str, on_handset: bool = True) -> Said:
        """Run the client."""
        target = ["-s", self.serial] if on_handset else []
        process = await asyncio.create_subprocess_exec(
            str(self.program), "-H", "127.0.0.1", "-P", str(self.fleet.adb_server_port), *target, *words,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={"HOME": str(self.folder), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        try:
            out, err = await asyncio.wait_for(process.communicate(), SECONDS)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return Said(process.returncode or 0, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))

    async def state(self) -> str:
        """What `adb devices` says of this handset."""
        listing = await self.adb("devices", on_handset=False)
        for line in listing.out.splitlines():
            if line.startswith(self.serial + "\t"):
                return line.split("\t", 1)[1]
        return "absent"

    async def until(self, state: str) -> str:
        """Wait for a state; gives the last one seen."""
        deadline = asyncio.get_running_loop().time() + SECONDS
        seen = ""
        while asyncio.get_running_loop().time() < deadline:
            seen = await self.state()
            if seen == state:
                break
            await asyncio.sleep(0.1)
        return seen


async def devices(bench: Bench) -> str:
    """The handset is listed with its model."""
    listing = await bench.adb("devices", "-l", on_handset=False)
    model = "".join(c if c.isalnum() else "_" for c in bench.phone.model)
    lines = [line for line in listing.out.splitlines() if line.startswith(bench.serial + " ")]
    return "" if lines and f"model:{model}" in lines[0] and " device " in lines[0] else listing.out


async def exit_codes(bench: Bench) -> str:
    """Exit codes and standard error arrive apart."""
    said = await bench.adb("shell", "echo out; echo err >&2; exit 7")
    return "" if (said.code, said.out, said.err) == (7, "out\n", "err\n") else repr(said)


async def getprop(bench: Bench) -> str:
    """Properties, all and one."""
    everything, one = await bench.adb("shell", "getprop"), await bench.adb("shell", "getprop", "ro.serialno")
    good = f"[ro.product.model]: [{bench.phone.model}]" in everything.out
    return "" if good and one.out == f"{bench.phone.serial_number}\n" else one.out + everything.out[:200]


async def packages(bench: Bench) -> str:
    """The whole package list of user 0."""
    said = await bench.adb("shell", "pm", "list", "packages", "--user", "0")
    count = sum(line.startswith("package:") for line in said.out.splitlines())
    return "" if said.code == 0 and not said.err and count > 100 else f"{said.code} {count} {said.err[:200]}"


async def push_and_pull(bench: Bench) -> str:
    """A megabyte and a half there and back, and what is missing is missing."""
    there, back = bench.folder / f"{bench.phone.serial_number}.bin", bench.folder / f"{bench.phone.serial_number}.back"
    there.write_bytes(bytes(range(256)) * 6000)
    pushed = await bench.adb("push", str(there), "/data/local/tmp/probe.bin")
    pulled = await bench.adb("pull", "/data/local/tmp/probe.bin", str(back))
    missing = await bench.adb("pull", "/data/local/tmp/nothing", str(back) + ".no")
    if pushed.code or pulled.code or there.read_bytes() != back.read_bytes():
        return f"{pushed} {pulled}"
    return "" if missing.code else f"a missing file was pulled: {missing}"


async def install(bench: Bench) -> str:
    """A streamed install and one by way of a file; what the handset refuses is refused."""
    package = "org.example.probe"
    apk = bench.folder / f"{bench.phone.serial_number}.apk"
    apk.write_bytes(build_apk(Manifest(package), Signer.derived(package)))
    for words in (("install", "-r"), ("install", "--no-streaming", "-r")):
        said = await bench.adb(*words, str(apk))
        if not bench.phone.profile.quirk("install_over_usb", default=True):
            if "INSTALL_FAILED_USER_RESTRICTED" not in said.out + said.err:
                return repr(said)
            continue
        if said.code or "Success" not in said.out:
            return repr(said)
        listed = await bench.adb("shell", "pm", "path", package)
        if listed.code or "base.apk" not in listed.out:
            return repr(listed)
    return ""


async def reboot(bench: Bench) -> str:
    """It goes and comes back with a new boot id, and starts up only after adb is there."""
    before = (await bench.adb("shell", "cat", "/proc/sys/kernel/random/boot_id")).out
    said = await bench.adb("reboot")
    deadline = asyncio.get_running_loop().time() + SECONDS
    while asyncio.get_running_loop().time() < deadline:
        if bench.phone.reboots and bench.phone.reachable and await bench.state() == "device":
            break
        await asyncio.sleep(0.05)
    booted = await bench.adb("shell", 'until [ "$(getprop sys.boot_completed)" = 1 ]; do sleep 0.05; done; echo up')
    after = (await bench.adb("shell", "cat", "/proc/sys/kernel/random/boot_id")).out
    return "" if booted.out == "up\n" and before and before != after else f"{said} {booted} {before!r} {after!r}"


async def unauthorised_then_accepted(bench: Bench) -> str:
    """Nobody taps: no command runs, and the dialog shows this server's own key. Then somebody taps, and one runs."""
    phone = bench.phone
    phone.adbd.offered.clear()
    phone.mishaps.arm(parse_fault("trust-dialog answer=never"))
    phone.finger.clear()
    phone.adbd.revoke_keys()
    await bench.fleet.unplug(phone.serial_number)
    await bench.fleet.replug(phone.serial_number)
    waiting = await bench.until("unauthorized")
    refused = await bench.adb("shell", "id")
    shown = {key.blob for key in phone.adbd.offered}
    home = bench.fleet.server.home
    own = (home / ".android" / "adbkey.pub").read_bytes().split()[0] if home is not None else b""
    phone.tap_allow()
    accepted = await bench.until("device")
    phone.mishaps.end("trust-dialog")
    taken = await bench.adb("shell", "id")
    kept_out = refused.code != 0 and not refused.out and "unauthorized" in refused.err
    if (waiting, accepted) != ("unauthorized", "device") or not kept_out or "uid=2000(shell)" not in taken.out:
        return f"{waiting}: {refused}, then {accepted}: {taken}"
    return "" if shown == {base64.b64decode(own)} else "the dialog showed another key than this server's"


async def trade_in_only(bench: Bench) -> str:
    """One command answers, every other is closed."""
    status = await bench.adb("shell", "tradeinmode", "getstatus")
    other = await bench.adb("shell", "getprop")
    return "" if status.code == 0 and bench.phone.imei in status.out and other.code else f"{status} {other}"


async def waits_unauthorised(bench: Bench) -> str:
    """It stays unauthorised until a person taps, then works."""
    before = await bench.until("unauthorized")
    refused = await bench.adb("shell", "id")
    bench.phone.tap_allow()
    after = await bench.until("device")
    return "" if (before, after) == ("unauthorized", "device") and refused.code else f"{before} {refused} {after}"


_TRIES = 3
Check = Callable[[Bench], Awaitable[str]]
USUAL: Sequence[tuple[str, Check]] = (
    ("devices -l", devices), ("exit codes", exit_codes), ("getprop", getprop), ("pm list", packages),
    ("push/pull", push_and_pull), ("install", install), ("reboot", reboot), ("unauthorised",
                                                                             unauthorised_then_accepted),
)  # fmt: skip


def checks(phone: VirtualAndroid) -> Sequence[tuple[str, Check]]:
    """What can be asked of this handset."""
    if phone.state == "trade-in":
        return (("devices -l", devices), ("trade-in", trade_in_only))
    if phone.state == "unauthorized":
        return (("unauthorised", waits_unauthorised), *USUAL[:-1])
    return USUAL


async def run(program: Path, names: Sequence[str], folder: Path, beside: int = 8) -> dict[tuple[str, str], str]:
    """Run every check of every profile against one adb; gives what failed, empty where all was well.

    ``beside`` handsets are worked on at a time; Debian's 29.0.6 dies too often when several connect at once.
    """
    results: dict[tuple[str, str], str] = {}
    async with AndroidFleet(plans(names, folder), "none", program=program) as fleet:

        async def one(phone: VirtualAndroid) -> None:
            bench = Bench(program, fleet, phone, folder)
            for name, check in checks(phone):
                async with places:
                    results[phone.plan.profile, name] = await tried(check, bench)

        async def tried(check: Check, bench: Bench) -> str:
            answer = ""
            for _ in range(_TRIES):
                server = fleet.server.process_id
                answer = await said(check, bench)
                if not answer or not await died_meanwhile(server):
                    break
            return answer

        async def said(check: Check, bench: Bench) -> str:
            try:
                return await check(bench)
            except TimeoutError:
                return f"no answer in {SECONDS:g} s"

        async def died_meanwhile(server: int | None) -> bool:
            """Tell whether this server is dead; Debian's 29.0.6 dies now and then while handsets authenticate."""
            async with restarting:
                if not fleet.server.running:
                    await fleet.restart_server()
            return fleet.server.process_id != server

        restarting, places = asyncio.Lock(), asyncio.Semaphore(beside)
        await asyncio.gather(*(one(phone) for phone in fleet.handsets.values()))
    return results


def plans(names: Sequence[str], folder: Path) -> list[HandsetPlan]:
    """One handset of every named profile."""
    scenario = folder / "scenario.toml"
    scenario.write_text("".join(f'[[handset]]\nprofile = "{name}"\n' for name in names))
    return load_scenario(scenario)


def programs() -> dict[str, Path]:
    """The adb programs of this machine."""
    found = {"wheel": bundled_adb()}
    debian = Path("/usr/lib/android-sdk/platform-tools/adb")
    if debian.is_file():
        found["Debian"] = debian
    elif (on_path := shutil.which("adb")) is not None:
        found["PATH"] = Path(on_path)
    return found


def android_profiles() -> list[str]:
    """All Android profiles that ship."""
    return [name for name, platform in profiles().items() if platform is Platform.ANDROID]


def table(results: dict[str, dict[tuple[str, str], str]]) -> str:
    """Lay the results out, one line a profile and adb."""
    columns = [name for name, _ in USUAL] + ["trade-in"]
    width = max(len(name) for name in android_profiles()) + 2
    lines = ["adb".ljust(8) + "profile".ljust(width) + "".join(column.ljust(14) for column in columns)]
    for adb, cells in results.items():
        for profile in dict.fromkeys(profile for profile, _ in cells):
            marks = ["-" if (profile, c) not in cells else "FAILED" if cells[profile, c] else "ok" for c in columns]
            lines.append(adb.ljust(8) + profile.ljust(width) + "".join(mark.ljust(14) for mark in marks))
    failures = [f"{a} {p} {c}: {t}" for a, cells in results.items() for (p, c), t in cells.items() if t]
    return "\n".join([*lines, *failures])


async def main(names: Sequence[str]) -> int:
    """Run it all."""
    results: dict[str, dict[tuple[str, str], str]] = {}
    with tempfile.TemporaryDirectory(prefix="android-clients-") as folder:
        for adb, program in programs().items():
            results[adb] = await run(program, names or android_profiles(), Path(folder))
    print(table(results))
    return int(any(text for cells in results.values() for text in cells.values()))


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
