"""Androids: connections and seconds per handset for `inspect` and `provision`, beside other ways to fetch the same.

    python tests/benchmarks/bench_android.py [--androids 40] [--latency none|usb]

Rows: this console (one process for all handsets), a loop of ``adb shell`` (one process a command, one handset after the
other, and eight side by side), and a collection in the manner of MVT (``mvt-android check-adb``): properties, settings,
every list of packages with each flag, the whole dump, and one dump for each package that is not the system's.
Connections are those to the adb server, counted by a proxy in front of it in a run of their own, where no time is
taken. The rack is a process of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from rack_process import ServedRack, served

Run = Callable[[dict[str, str]], object]
DPC = "org.issuingdesk.trainingdpc"
APK = str(files("resources").joinpath("virtual", "training-dpc.apk"))
ASKED = (
    "getprop", "pm list users", "pm list packages -f -i -U -u --user 0", "dumpsys package packages",
    "dumpsys device_policy", "dumpsys user", "dumpsys package domain-preferred-apps",
)  # fmt: skip
RESTRICTIONS = (
    "no_add_managed_profile", "no_add_user", "no_config_vpn", "no_factory_reset", "no_install_apps",
    "no_install_unknown_sources_globally", "no_modify_accounts", "no_physical_media", "no_safe_boot",
    "no_usb_file_transfer",
)  # fmt: skip


class Counter:
    """A proxy in front of the adb server that counts the connections which clients make."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listening.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self.connections += 1
                server = socket.create_connection(("127.0.0.1", self._target))
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=_copy, args=(source, target), daemon=True).start()

    def close(self) -> None:
        self._listening.close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--androids", type=int, default=40)
    parser.add_argument("--latency", default="none")
    chosen = parser.parse_args()
    adb = shutil.which("adb")
    print(f"{chosen.androids} Androids, latency {chosen.latency}, {os.cpu_count()} cores, adb client {adb}")
    for title, counted in (("inspect", False), ("provision", True)):
        print(f"{title}:{'':40}seconds    per handset  connections per handset")
        for name, make in ours_and_others(adb, changing=counted):
            with rack(chosen) as served_rack, tempfile.TemporaryDirectory() as home:
                run = make(served_rack, home)
                seconds = timed(run, served_rack.environment)
            with rack(chosen, few=True) as served_rack, tempfile.TemporaryDirectory() as home:
                counter = Counter(int(served_rack.environment["ANDROID_ADB_SERVER_PORT"]))
                run = make(served_rack, home)
                counter.connections = 0
                run(served_rack.environment | {"ANDROID_ADB_SERVER_PORT": str(counter.port)})
                each = counter.connections / len(served_rack.of("android"))
                counter.close()
            print(f"  {name:44} {seconds:8.2f}   {seconds / chosen.androids:8.3f}   {each:14.1f}", flush=True)


@contextmanager
def rack(chosen: argparse.Namespace, *, few: bool = False) -> Generator[ServedRack]:
    count = min(4, chosen.androids) if few else chosen.androids
    with served("--iphones", "0", "--androids", str(count), "--latency", chosen.latency) as one:
        yield one


def timed(run: Run, environment: dict[str, str]) -> float:
    began = time.perf_counter()
    run(environment)
    return time.perf_counter() - began


def ours_and_others(adb: str | None, *, changing: bool) -> Generator[tuple[str, Callable[[ServedRack, str], Run]]]:
    command = "provision" if changing else "inspect"
    yield f"issuing-desk {command}, all side by side", lambda rack, home: ours(rack, home, command)
    if adb is None:
        print("  no adb is installed: nothing to put beside")
        return
    scripts: Scripts = provision_commands if changing else inspect_commands
    yield "adb loop, one handset after the other", lambda rack, _home: loop(rack, adb, scripts, 1)
    yield "adb loop, eight handsets side by side", lambda rack, _home: loop(rack, adb, scripts, 8)
    if not changing:
        yield "MVT-style collection, one after the other", lambda rack, _home: loop(rack, adb, mvt_commands, 1)


def ours(rack: ServedRack, home: str, command: str) -> Run:
    desk = [sys.executable, "-m", "console", "--home", str(Path(home) / "home"), "--json"]
    call([*desk, "init", "--training"], rack.environment)
    return lambda environment: call([*desk, command, "--policy", "met-police"], environment, good=(0, 1))


Scripts = Callable[[Callable[..., str], str], Sequence[list[str]]]


def loop(rack: ServedRack, adb: str, scripts: Scripts, parallel: int) -> Run:
    serials = [str(one["adbd"]) for one in rack.of("android")]

    def run(environment: dict[str, str]) -> None:
        def ask(*words: str) -> str:
            return call([adb, *words], environment)

        def one(serial: str) -> None:
            for words in scripts(ask, serial):
                ask("-s", serial, *words)

        with ThreadPoolExecutor(parallel) as pool:
            list(pool.map(one, serials))

    return run


def inspect_commands(_ask: Callable[..., str], _serial: str) -> list[list[str]]:
    return [["shell", one] for one in ASKED]


def provision_commands(_ask: Callable[..., str], _serial: str) -> list[list[str]]:
    channel = f"dumpsys activity --user 0 service {DPC}"
    return [
        ["shell", "getprop"], ["shell", "pm list users"], ["shell", "dumpsys account"], ["install", "-r", APK],
        ["shell", f"dpm set-device-owner {DPC}/.AdminReceiver"],
        *(["shell", f"{channel} set-user-restriction {key} true"] for key in RESTRICTIONS),
        *(["shell", one] for one in ASKED),
    ]  # fmt: skip


def mvt_commands(ask: Callable[..., str], serial: str) -> list[list[str]]:
    listed = ask("-s", serial, "shell", "pm list packages -3 --user 0")
    others = [line.removeprefix("package:").strip() for line in listed.splitlines() if line.startswith("package:")]
    spaces = [["shell", f"settings list {space}"] for space in ("system", "secure", "global")]
    flags = [["shell", f"pm list packages {flag} --user 0"] for flag in ("-u -i -f", "-d", "-e", "-s", "-3")]
    dumps = [["shell", f"dumpsys {name}"] for name in ("package", "account", "battery", "user", "device_policy")]
    return [["shell", "getprop"], *spaces, *flags, *dumps, *(["shell", f"dumpsys package {one}"] for one in others)]


def call(command: Sequence[str], environment: dict[str, str], good: Sequence[int] = (0,)) -> str:
    """Run a program to its end; its output. Where it could not do its work no figure is worth anything, so all ends."""
    done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=900)
    if done.returncode not in good and "account" not in " ".join(command):
        raise SystemExit(f"{' '.join(command)[:120]} ended with {done.returncode}: {done.stderr.decode()[:300]}")
    return done.stdout.decode("utf-8", "replace")


if __name__ == "__main__":
    main()
