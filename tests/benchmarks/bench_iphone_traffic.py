"""What one iPhone costs on the cable: connections, round trips and bytes of `inspect` and `provision`, beside peers'.

    GO_IOS=path/to/ios python tests/benchmarks/bench_iphone_traffic.py [--latency none|usb]

A relay stands between each client and the rack's usbmuxd and counts what passes: sockets opened, bytes both ways, and
round trips (how often the client spoke after the hub had). Clients that are not installed are left out and said so.
Each row starts from a rack of its own, so that every client finds the same new iPhone. Then, the event loop's longest
pause while keys for a pairing are made: on the loop, as pymobiledevice3 does it, and in a thread, as this desk does.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from rack_process import served

Command = Sequence[str]


@dataclass(slots=True)
class Counted:
    """What passed the relay."""

    connections: int = 0
    round_trips: int = 0
    sent: int = 0
    received: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])


class Relay:
    """Stands in for usbmuxd and hands everything on."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._target = (host, int(port))
        self.counted = Counted()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        counted = self.counted
        counted.connections += 1
        there, back = await asyncio.open_connection(*self._target)
        heard = True

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, from_client: bool) -> None:
            nonlocal heard
            try:
                while data := await source.read(1 << 16):
                    if from_client:
                        counted.sent += len(data)
                        counted.round_trips += heard
                    else:
                        counted.received += len(data)
                    heard = not from_client
                    sink.write(data)
                    await sink.drain()
            except OSError:
                pass
            finally:
                sink.close()

        await asyncio.gather(pump(reader, back, True), pump(there, writer, False))


async def measured(
    commands: Sequence[Command], environment: dict[str, str], folder: Path
) -> tuple[Counted, float, int]:
    relay = Relay(environment["USBMUXD_SOCKET_ADDRESS"])
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    through = {**environment, "USBMUXD_SOCKET_ADDRESS": f"127.0.0.1:{port}"}
    failed = 0
    began = time.perf_counter()
    for command in commands:
        process = await asyncio.create_subprocess_exec(
            *command, env=through, cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        failed += await process.wait() > 1
    took = time.perf_counter() - began
    server.close()
    return relay.counted, took, failed


def rows(udid: str, folder: Path) -> list[tuple[str, str, list[Command], list[Command]]]:
    """Give what, who, commands before the measurement, commands that are measured."""
    desk = [sys.executable, "-m", "console", "--home", str(folder / "home"), "--json"]
    go_ios = os.environ.get("GO_IOS") or shutil.which("ios")
    found: list[tuple[str, str, list[Command], list[Command]]] = []
    init: Command = [*desk, "init", "--training"]
    policy = ["--policy", "met-police"]
    found.append(("inspect", "issuing-desk", [init], [[*desk, "inspect", *policy]]))
    if go_ios:
        asked = (["info"], ["apps", "--all"], ["profile", "list"], ["prepare", "cloudconfig"])
        found.append(("inspect", "go-ios", [], [[go_ios, *words, f"--udid={udid}"] for words in asked]))
    if shutil.which("ideviceinstaller") and shutil.which("ideviceinfo"):
        installer = ["ideviceinstaller", "-u", udid, "-l", "-o", "list_all", "-o", "xml"]
        found.append(("inspect", "libimobiledevice", [], [["ideviceinfo", "-u", udid], installer]))
    found.append(("provision", "issuing-desk", [init], [[*desk, "provision", *policy]]))
    if go_ios:
        certificate: Command = [go_ios, "prepare", "create-cert"]
        prepare = [go_ios, "prepare", "--skip-all", "--certfile=supervision-cert.der", "--orgname=Desk",
                   "--p12password=x", f"--udid={udid}"]  # fmt: skip
        found.append(("provision", "go-ios (prepare)", [certificate], [prepare]))
    return found


async def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--latency", default="none")
    latency = parser.parse_args().latency
    print(
        f"{'what':10} {'client':18} {'connections':>11} {'round trips':>11} {'sent':>9} {'received':>9} {'seconds':>8}"
    )
    for number in range(len(rows("", Path()))):
        with (
            tempfile.TemporaryDirectory() as name,
            served("--iphones", "1", "--androids", "0", "--latency", latency) as rack,
        ):
            udid = rack.of("ios")[0]["udid"]
            what, who, before, commands = rows(udid, Path(name))[number]
            for command in before:
                subprocess.run(command, env=rack.environment, cwd=name, stdout=subprocess.DEVNULL, check=True)
            counted, took, failed = await measured(commands, rack.environment, Path(name))
            note = f"   {failed} failed" if failed else ""
            print(f"{what:10} {who:18} {counted.connections:11} {counted.round_trips:11} {counted.sent:11} "
                  f"{counted.received:11} {took:11.2f}{note}")  # fmt: skip
    for name in ("ios (go-ios)", "ideviceinstaller"):
        if name.startswith("ios") and not (os.environ.get("GO_IOS") or shutil.which("ios")):
            print("go-ios is not installed (npm i go-ios, then GO_IOS=…)")
        elif name == "ideviceinstaller" and not shutil.which(name):
            print("ideviceinstaller is not installed")
    await keys()


async def keys() -> None:
    """Measure the loop's longest pause while twenty pairings' keys are made, both ways."""
    from pymobiledevice3.ca import generate_pairing_cert_chain

    public = generate_private_key(65537, 2048).public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1)

    async def on_the_loop() -> None:
        generate_pairing_cert_chain(public)

    async def in_a_thread() -> None:
        await asyncio.to_thread(generate_pairing_cert_chain, public)

    for title, make in (("on the loop", on_the_loop), ("in a thread", in_a_thread)):
        pauses: list[float] = []
        done = asyncio.Event()

        async def beat(into: list[float] = pauses, until: asyncio.Event = done) -> None:
            while not until.is_set():
                before = time.perf_counter()
                await asyncio.sleep(0.001)
                into.append(time.perf_counter() - before - 0.001)

        heart = asyncio.create_task(beat())
        began = time.perf_counter()
        for _ in range(20):
            await make()
            await asyncio.sleep(0)
        each = (time.perf_counter() - began) / 20
        done.set()
        await heart
        worst = 1000 * max(pauses)
        print(f"keys of a pairing, {title}: {1000 * each:.0f} ms each, longest pause of the loop {worst:.1f} ms")


if __name__ == "__main__":
    asyncio.run(main())
